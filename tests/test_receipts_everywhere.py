"""Whoever acts sees what came of it: authors, editors, moderators, and the clock's authors."""

import re
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import AbstractUser
from django.core.management import CommandError, call_command
from django.test import Client
from django.utils import timezone
from django.utils.html import strip_tags

from accounts.models import User
from blog.models import Post
from blog.services import publish, schedule
from comments.services import submit_comment
from listeners.audit.models import AuditEntry
from listeners.notifications.models import Subscription
from signalflow.models import Delivery, Trace
from signalflow.testing import run_deliveries
from tests.lamp import UID

pytestmark = pytest.mark.django_db(transaction=True)


def client_of(user: AbstractUser) -> Client:
    client = Client()
    client.force_login(user)
    return client


def words(page: str) -> str:
    return " ".join(strip_tags(page).split())


def read(client: Client, path: str, **headers: Any) -> str:
    answer = client.get(path, **headers)
    assert answer.status_code == 200, path
    return answer.content.decode()


def after(client: Client, path: str, data: dict[str, Any] | None = None) -> str:
    """The receipt that the message after an act leads to, as a page."""
    landed = client.post(path, data or {}, follow=True).content.decode()
    receipt = re.search(r'href="(/studio/receipts/\w+/)"', landed)
    assert receipt, words(landed)
    run_deliveries()
    return read(client, receipt[1])


def test_after_scheduling(write, ada) -> None:
    post = write()
    later = (timezone.now() + timedelta(days=1)).strftime("%Y-%m-%dT%H:%M")
    told = {"do": "schedule", "title": post.title, "body": post.body, "publish_at": later}
    page = after(client_of(ada), f"/studio/posts/{post.pk}/edit/", {**told, "version": 1})
    assert "The audit trail has it" in words(page)


def test_after_featuring(write, edith) -> None:
    post = write(public=True)
    page = after(client_of(edith), f"/studio/posts/{post.pk}/feature/")
    assert "Fresh for the next reader" in words(page)


def test_after_approving_a_comment_and_from_the_list_later(write, rita, moss) -> None:
    comment = submit_comment(write(public=True), author=rita, body="Yes.")
    client = client_of(moss)
    page = words(after(client, f"/studio/comments/{comment.pk}/approve/"))
    assert "The post now has 1 comment" in page
    assert "2 readers will be told" in page
    desk = read(client, "/studio/comments/?status=approved")
    link = re.search(r'href="(/studio/receipts/about/[^"]+)"', desk)[1]
    assert "The post now has 1 comment" in words(client.get(link, follow=True).content.decode())


def test_after_a_bulk_act_each_post_has_its_chapter(write, ada) -> None:
    posts = [write(f"On {name}", tags=[name]) for name in ("mirrors", "shade")]
    page = after(client_of(ada), "/studio/posts/publish/", {"post": [post.pk for post in posts]})
    chapters = re.split(r'class="receipt-of"[^>]*>', page)[1:]
    told = {chapter.partition("<")[0]: words(chapter) for chapter in chapters}
    assert told.keys() == {"On mirrors", "On shade"}
    assert "Tag mirrors now has 1 post" in told["On mirrors"]
    assert "Tag shade now has 1 post" in told["On shade"]


def test_a_receipt_is_a_fragment_that_asks_again_while_something_is_open(write, ada) -> None:
    client, post = client_of(ada), write()
    client.post(f"/studio/posts/{post.pk}/publish/")
    path = f"/studio/posts/{post.pk}/receipts/{Trace.objects.first().pk}/"
    fragment = read(client, path, headers={"HX-Request": "true"})
    assert "<html" not in fragment
    assert f'hx-get="{path}"' in fragment
    assert "Look again" in read(client, path), "without JavaScript"
    run_deliveries()
    assert "hx-get" not in read(client, path, headers={"HX-Request": "true"})


def test_a_number_that_changed_twice_is_told_once(write, ada) -> None:
    client = client_of(ada)
    page = after(
        client,
        "/studio/posts/new/",
        {"do": "publish", "title": "On light", "body": "x", "tags": "sun", "new_tags": "on"},
    )
    assert words(page).count("Tag sun now has") == 1
    assert "Tag sun now has 1 post" in words(page)


# -- the clock -----------------------------------------------------------------------------------


def overdue(post: Post, by: AbstractUser) -> None:
    schedule(post, by=by, at=timezone.now() + timedelta(hours=1))
    past = timezone.now() - timedelta(minutes=1)
    Post._base_manager.filter(pk=post.pk).update(publish_at=past)


def test_what_the_clock_did_is_told_to_each_author_alone(write, ada, bruno, lamp) -> None:
    mine, other = write("On mirrors", tags=["sun"]), write("On shade", author=bruno, tags=["umbra"])
    overdue(mine, ada)
    overdue(other, bruno)
    call_command("publish_scheduled_posts")
    with pytest.raises(CommandError):
        call_command("signals", "work", "--until-empty")
    client = client_of(ada)
    edit = read(client, f"/studio/posts/{mine.pk}/edit/")
    path = re.search(rf'href="(/studio/posts/{mine.pk}/receipts/\w+/)"', edit)[1]
    page = read(client, path)
    assert "Tag sun now has 1 post" in words(page)
    assert "RuntimeError: no oil" in words(page)
    assert "umbra" not in page
    assert f"blog.post:{other.pk}" not in page

    retries = re.findall(r'action="([^"]+/retry/\d+/)"', page)
    assert len(retries) == 1
    theirs = Delivery.objects.filter(state="failed").exclude(pk=retries[0].split("/")[-2]).get()
    assert client.post(f"{path}retry/{theirs.pk}/").status_code == 404
    assert client_of(bruno).get(path).status_code == 404

    lamp.append(True)
    assert client.post(retries[0]).url == path
    call_command("signals", "work", "--until-empty")
    assert "no oil" not in read(client, path)
    theirs.refresh_from_db()
    assert theirs.state == "failed", "a retry touches one effect"
    entry = AuditEntry.objects.get(verb="retried")
    assert (entry.actor_name, entry.details["receivers"]) == ("ada", [UID])


# -- what no trace tells -------------------------------------------------------------------------


def test_no_trace_holds_a_token_an_address_or_a_text(write, ada, rita) -> None:
    post = write(public=True, title="SECRET title", body="SECRET body")
    visitor, member = Client(), client_of(rita)
    visitor.post("/subscribe/", {"email": "secret@example.org", "target": "site"})
    token = Subscription.objects.get().token
    visitor.post(f"/subscribe/confirm/{token}/")
    member.post(f"{post.get_absolute_url()}comments/", {"body": "SECRET comment"})
    visitor.post(f"/unsubscribe/{token}/")
    run_deliveries()
    assert Trace.objects.filter(name="POST /subscribe/").exists()
    assert Subscription.objects.get().ended_at
    kept = [*Trace.objects.values_list(), *Delivery.objects.values_list("report", "error", "key")]
    assert kept
    for row in kept:
        for secret in (token, "secret@", "SECRET", post.slug):
            assert secret not in str(row)


# -- ways in -------------------------------------------------------------------------------------


def test_the_audit_trail_leads_to_the_receipt(write, ada) -> None:
    publish(write(), by=ada)
    trace = AuditEntry.objects.get(verb="published").trace
    client = client_of(User.objects.create_superuser("admin", "admin@example.org", "correct horse"))
    assert f"/studio/receipts/{trace}/" in read(client, "/admin/audit/auditentry/")
    assert "Everything that ran" in read(client, f"/studio/receipts/{trace}/")


@pytest.mark.expects_errors
def test_where_nothing_is_kept_the_page_says_so(write, ada, moss) -> None:
    post = write()
    Trace.objects.all().delete()
    answer = client_of(ada).get(f"/studio/receipts/about/blog.post:{post.pk}/")
    assert answer.status_code == 404
    assert "nothing to show you" in answer.content.decode()
    assert client_of(moss).get("/studio/receipts/about/nonsense/").status_code == 404


@pytest.mark.expects_errors
def test_a_receipt_takes_no_other_method(write, ada) -> None:
    """TRACE too, which a view would serve by an attribute of that name."""
    client, post = client_of(ada), write(public=True)
    trace = Trace.objects.filter(name="publish").get()
    for path in (f"/studio/receipts/{trace.pk}/", f"/studio/posts/{post.pk}/receipts/{trace.pk}/"):
        for method in ("post", "put", "delete", "trace"):
            assert getattr(client, method)(path).status_code == 405, (method, path)


def test_a_receipt_outlives_what_it_tells_of(write, ada) -> None:
    post, client = write(tags=["sun"]), client_of(ada)
    publish(post, by=ada)
    trace = Trace.objects.filter(name="publish").get()
    Post.objects.all().delete()
    assert "The audit trail has it" in words(read(client, f"/studio/receipts/{trace.pk}/"))
