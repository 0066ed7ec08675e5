"""Who did it: the signed-in person on the web, nobody for cron, and one trace for one act."""

from datetime import timedelta

import pytest
from django.core.management import call_command
from django.test import Client
from django.utils import timezone

from accounts.models import User
from blog.models import Post
from comments.models import Comment
from comments.services import submit_comment
from listeners.audit.models import AuditEntry
from signalflow.models import Delivery
from tests.cast import person

pytestmark = pytest.mark.django_db(transaction=True)


def client_of(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def newest() -> AuditEntry:
    return AuditEntry.objects.order_by("-pk")[0]


def test_on_the_web_it_is_who_is_signed_in(ada, edith, moss, rita) -> None:
    author = client_of(ada)
    author.post("/studio/posts/new/", {"title": "On mirrors", "body": "Light."})
    post = Post.objects.get()
    assert (newest().verb, newest().actor_name) == ("created", "ada")
    editor = client_of(edith)
    form = {"title": "On mirrors", "body": "More light.", "version": "1", "comments_open": "on"}
    editor.post(f"/studio/posts/{post.pk}/edit/", form)
    assert (newest().verb, newest().actor_name) == ("edited", "edith")
    for act, verb in [("publish", "published"), ("feature", "featured")]:
        editor.post(f"/studio/posts/{post.pk}/{act}/")
        assert (newest().verb, newest().actor_name) == (verb, "edith"), "not the post's author"
    client_of(rita).post(f"/posts/{post.slug}/comments/", {"body": "Bright"})
    assert (newest().verb, newest().actor_name) == ("submitted", "rita")
    comment = Comment.objects.get()
    client_of(moss).post(f"/studio/comments/{comment.pk}/approve/")
    assert (newest().verb, newest().actor_name) == ("approved", "moss")
    editor.post(f"/studio/posts/{post.pk}/delete/")
    gone = AuditEntry.objects.filter(verb="deleted")
    assert {entry.actor_name for entry in gone} == {"edith"}
    assert gone.count() == 2


def test_one_request_is_one_trace_and_its_deliveries_carry_it(ada) -> None:
    author = client_of(ada)
    form = {"title": "On mirrors", "body": "x", "tags": "sun, moon", "new_tags": "on"}
    author.post("/studio/posts/new/", {**form, "do": "publish"})
    entries = AuditEntry.objects.exclude(verb="signed in")
    assert [(e.verb, e.target_label) for e in entries.order_by("pk")] == [
        ("created", "sun"),
        ("created", "moon"),
        ("created", "On mirrors"),
        ("published", "On mirrors"),
    ]
    (trace,) = set(entries.values_list("trace", flat=True))
    assert len(trace) == 32
    fan_out = Delivery.objects.get(receiver__endswith="queue_subscriber_mail")
    assert str(fan_out.trace) == trace
    author.post("/studio/posts/new/", {**form, "title": "Another"})
    assert newest().trace != trace


def test_the_web_of_one_person_leaves_nothing_for_the_next(ada, write) -> None:
    client_of(ada).get("/studio/")
    write("By the shell").delete()
    assert (newest().verb, newest().actor_name) == ("deleted", "")


def test_cron_is_nobody_and_has_a_trace(write) -> None:
    post = write()
    Post._base_manager.filter(pk=post.pk).update(
        status="scheduled", publish_at=timezone.now() - timedelta(minutes=1)
    )
    call_command("publish_scheduled_posts")
    entry = newest()
    assert (entry.verb, entry.actor_name, entry.actor_id) == ("published", "", None)
    assert len(entry.trace) == 32


def test_the_admin_is_named_in_what_it_deletes(write, rita) -> None:
    post = write(public=True)
    submit_comment(post, author=rita, body="Bright")
    boss = client_of(User.objects.create_superuser("root", "root@example.org"))
    comment = Comment.objects.get()
    boss.post(f"/admin/comments/comment/{comment.pk}/delete/", {"post": "yes"})
    assert (newest().verb, newest().actor_name) == ("deleted", "root")
    assert newest().details == {}
    boss.post(
        "/admin/accounts/user/",
        {"action": "delete_selected", "_selected_action": rita.pk, "post": "yes"},
    )
    assert (newest().verb, newest().target_label, newest().actor_name) == (
        "deleted",
        "rita",
        "root",
    )


def test_somebody_who_deletes_themselves_is_still_named(rita) -> None:
    boss = person("boss", is_staff=True, is_superuser=True)
    client = client_of(boss)
    client.post("/accounts/reauthenticate/", {"password": "correct horse"})
    client.post(f"/admin/accounts/user/{boss.pk}/delete/", {"post": "yes"})
    assert not User.objects.filter(username="boss").exists()
    entry = AuditEntry.objects.get(verb="deleted")
    assert (entry.actor_name, entry.target_label) == ("boss", "boss")


@pytest.mark.expects_errors
def test_a_refused_request_leaves_no_entry(ada, bruno, rita, write) -> None:
    post = write()
    people = [client_of(user) for user in (bruno, rita)]
    before = AuditEntry.objects.count()
    for client in [*people, Client()]:
        for act in ("publish", "delete", "withdraw", "feature", "edit"):
            client.post(f"/studio/posts/{post.pk}/{act}/", {"title": "x", "version": "1"})
    assert AuditEntry.objects.count() == before
    assert Post.objects.get().title == "On mirrors"
