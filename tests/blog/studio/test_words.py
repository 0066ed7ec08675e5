"""What the studio says is true where it stands, for whoever reads it."""

import pytest
from django.core.management import call_command
from django.test import Client
from django.utils import timezone

from blog import cache_tags
from blog.models import Post
from blog.services import unpublish
from comments.services import approve_comment, submit_comment
from pagecache import SITE, all_of
from signalflow.models import Delivery
from signalflow.staff.receipt_text import sentence
from signalflow.testing import run_deliveries

pytestmark = pytest.mark.django_db(transaction=True)


def client_of(user) -> Client:
    client = Client()
    client.force_login(user)
    return client


def read(client: Client, path: str) -> str:
    return " ".join(client.get(path).content.decode().split())


def test_no_message_leads_to_a_receipt_that_is_not_there(write, ada) -> None:
    studio, public, draft = client_of(ada), write(public=True), write("Draft")
    same = {"title": public.title, "body": public.body, "version": "1", "comments_open": "on"}
    acts = [
        ("/studio/posts/publish/", {}, "No post is chosen"),
        ("/studio/posts/publish/", {"post": public.pk}, "1 public already"),
        (f"/studio/posts/{public.pk}/edit/", {**same, "do": "save"}, "Saved."),
        (f"/studio/posts/{public.pk}/edit/", {**same, "do": "publish"}, "public already"),
        (f"/studio/posts/{public.pk}/publish/", {}, "was public already"),
    ]
    for path, typed, said in acts:
        page = studio.post(path, typed, follow=True).content.decode()
        assert said in page
        assert ">What happened<" not in page, path
    page = studio.post("/studio/posts/publish/", {"post": draft.pk}, follow=True)
    assert ">What happened<" in page.content.decode()


def test_a_colleagues_act_is_not_called_ones_own(write, rita, moss, olga) -> None:
    comment = submit_comment(write(public=True), author=rita, body="Yes.")
    approve_comment(comment, by=olga)
    moderator, path = client_of(moss), "/studio/comments/?status=approved"
    assert "decided by olga" in read(moderator, path)
    assert "What happened" not in read(moderator, path)
    assert "What happened" in read(client_of(olga), path)
    about = read(moderator, f"/studio/receipts/about/comments.comment:{comment.pk}/")
    assert "what you did" not in about
    assert "shown to the person who acted" in about


def test_only_what_can_be_chosen_can_be_published(write, ada) -> None:
    studio = client_of(ada)
    post = write(public=True)
    assert "Publish the chosen" not in read(studio, "/studio/")
    write("Draft")
    assert "Publish the chosen posts now" in read(studio, "/studio/")
    assert "Write the first one" not in read(studio, "/studio/?status=withdrawn")
    assert "This is how readers see it now." in read(studio, f"/studio/posts/{post.pk}/preview/")
    unpublish(post, by=ada)
    assert "would see it" in read(studio, f"/studio/posts/{post.pk}/preview/")
    assert "last changed" in read(studio, f"/studio/posts/{post.pk}/edit/")


def test_nothing_is_fresh_where_no_page_is_named() -> None:
    assert sentence("pages dropped", {"topics": [cache_tags.SCHEDULE]}) == ""
    named = [cache_tags.link(1), all_of("tag"), cache_tags.period(2026), SITE]
    for topic in named:
        assert sentence("pages dropped", {"topics": [topic]}).partition(": ")[2]


def test_rows_that_ran_together_are_not_called_lost(write, rita, moss, capsys) -> None:
    post = write(public=True)
    for _ in range(3):
        approve_comment(submit_comment(post, author=rita, body="Yes."), by=moss)
    run_deliveries()
    counts = Delivery.objects.filter(receiver__endswith="recount_comments_of_post")
    fresh = {"state": "pending", "attempts": 0, "claim": "", "finished_at": None}
    assert counts.update(available_at=timezone.now(), **fresh) == 3
    call_command("signals", "work", "--until-empty")
    said = capsys.readouterr().out
    assert "1 done, 2 run by another worker, or together with another of its key" in said
    assert Post.objects.get(pk=post.pk).comment_count == 3
