"""Deleting for good asks first, names what goes along, and offers less."""

from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from blog.models import Post
from blog.services import edit_post, feature, schedule, unpublish
from comments.services import approve_comment, submit_comment
from listeners.notifications.models import Message, Subscription
from listeners.notifications.subscribing import confirm, subscribe
from signalflow.testing import run_deliveries
from tests.photos import photo

pytestmark = pytest.mark.django_db(transaction=True)


def client_of(user) -> Client:
    client = Client()
    client.force_login(user)
    return client


def page(client: Client, path: str) -> str:
    answer = client.get(path)
    assert answer.status_code == 200
    return " ".join(answer.content.decode().split())


def test_it_names_all_that_goes_along(edith, rita, moss, write) -> None:
    for address, target in (("nina@example.org", "site"), ("otto@example.org", "site")):
        subscribe(address, target, "all new posts")
    for row in Subscription.objects.all():
        confirm(row.token)
    post = write("Noon", public=True, image=photo(), image_alt="Blue", tags=["sun"])
    approve_comment(submit_comment(post, author=rita, body="Yes."), by=moss)
    submit_comment(post, author=rita, body="Waits.")
    edit_post(post, by=None, version=1, slug="midday")
    feature(post, by=edith)
    run_deliveries()
    Message.objects.filter(kind="post_published").update(state="queued")
    editor = client_of(edith)

    said = page(editor, f"/studio/posts/{post.pk}/delete/")
    for loss in ("2 comments", "1 earlier version", "its picture", "its place in all lists",
                 "the top of the front page", "its 2 addresses", "2 mails about it"):  # fmt: skip
        assert loss in said, loss
    assert "Withdraw it instead" in said
    assert Post.objects.exists(), "looking changes nothing"
    assert "Delete for good</button>" not in page(editor, f"/studio/posts/{post.pk}/edit/")

    answer = editor.post(f"/studio/posts/{post.pk}/delete/", follow=True)
    assert "“Noon” is deleted." in answer.content.decode()
    assert not Post.objects.exists()


def test_a_draft_has_little_to_lose(ada, write) -> None:
    post = write()
    said = page(client_of(ada), f"/studio/posts/{post.pk}/delete/")
    assert "With it would go" not in said
    assert "Withdraw" not in said
    assert "It is not public" in said
    schedule(post, by=None, at=timezone.now() + timedelta(days=1))
    assert "it will not be published" in page(client_of(ada), f"/studio/posts/{post.pk}/delete/")


@pytest.mark.expects_errors
def test_it_is_not_for_everybody(ada, bruno, rita, write) -> None:
    post = write(public=True)
    path = f"/studio/posts/{post.pk}/delete/"
    for user, status in ((bruno, 404), (rita, 403), (ada, 403)):
        assert client_of(user).get(path).status_code == status
    assert path not in page(client_of(ada), f"/studio/posts/{post.pk}/edit/")
    unpublish(post, by=None)
    assert path in page(client_of(ada), f"/studio/posts/{post.pk}/edit/")
