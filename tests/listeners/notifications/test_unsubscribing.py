"""The link of a subscription, as mails had it once, ends that one: any number of times."""

import pytest
from django.core import mail
from django.test import Client
from django.utils import timezone

from blog.models import Post
from blog.services import publish
from listeners.notifications.models import Subscription
from listeners.notifications.subscribing import unsubscribe
from signalflow.testing import run_deliveries
from tests.threads import together

pytestmark = pytest.mark.django_db(transaction=True)


def follow(target: str, email: str = "s@example.org") -> Subscription:
    return Subscription.objects.create(
        email=email, target=target, label=f"about {target}", confirmed_at=timezone.now()
    )


@pytest.fixture
def program() -> Client:
    """A mail program: no cookies, no tokens, and the site checks both."""
    return Client(enforce_csrf_checks=True)


def test_one_click_as_mail_programs_do_it(program) -> None:
    row = follow("site")
    path = f"/unsubscribe/{row.token}/"
    for _ in range(3):
        answer = program.post(path, {"List-Unsubscribe": "One-Click"})
        assert answer.status_code == 200
        assert not answer.cookies
        assert "no-store" in answer.headers["Cache-Control"]
    ended = Subscription.objects.get().ended_at
    assert ended is not None
    program.post(path, "List-Unsubscribe=One-Click", content_type="text/plain")
    program.post(path)
    assert Subscription.objects.get().ended_at == ended, "the first moment stays"


def test_looking_ends_nothing(program) -> None:
    row = follow("site")
    path = f"/unsubscribe/{row.token}/"
    for method in (program.get, program.head, program.options):
        assert method(path).status_code == 200
    page = program.get(path).content.decode()
    assert "End the mails to s@example.org about:" in page
    assert "about site</li>" in page
    for method in (program.put, program.delete, program.patch):
        assert method(path).status_code == 405
    assert Subscription.objects.get().is_active


def test_only_this_one_is_ended(program, write) -> None:
    mine = [follow(target) for target in ("site", "tag:1", "author:1", "thread:1")]
    theirs = follow("site", "other@example.org")
    program.post(f"/unsubscribe/{mine[1].token}/")
    active = set(Subscription.objects.active().values_list("target", "email"))
    assert active == {
        ("site", mine[0].email),
        ("author:1", mine[0].email),
        ("thread:1", mine[0].email),
        ("site", theirs.email),
    }


@pytest.mark.expects_errors
@pytest.mark.parametrize(
    "token",
    [
        "none",
        "x" * 5_000,
        "%00",
        "..",
        "%27%20OR%201=1",
        "1.",
        ".x",
        "1.x",
        "²." + "x" * 22,
        "9" * 40 + ".x",
    ],
)
def test_a_guess_ends_nothing(program, token) -> None:
    follow("site")
    for path in (f"/unsubscribe/{token}/", f"/subscribe/confirm/{token}/"):
        assert program.get(path).status_code == 404
        assert program.post(path).status_code in {403, 404}
    assert Subscription.objects.get().is_active


def test_tokens_cannot_be_guessed_and_differ() -> None:
    tokens = {follow("site", f"{n}@example.org").token for n in range(50)}
    assert len(tokens) == 50
    assert min(map(len, tokens)) >= 22, "128 bits in base 64"


def test_the_link_in_the_mail_is_the_one_that_works(program, write, ada) -> None:
    follow("site")
    publish(write(), by=ada)
    run_deliveries()
    (sent,) = mail.outbox
    url = sent.extra_headers["List-Unsubscribe"].strip("<>")
    assert url.startswith("http://127.0.0.1:8000/unsubscribe/")
    assert url in sent.body
    assert url in sent.alternatives[0].content
    program.post(url.removeprefix("http://127.0.0.1:8000"), {"List-Unsubscribe": "One-Click"})
    publish(write("Another"), by=ada)
    run_deliveries()
    assert len(mail.outbox) == 1


def test_who_ends_it_between_publication_and_sending_gets_nothing(write, ada, mailoutbox) -> None:
    row = follow("site")
    publish(write(), by=ada)
    unsubscribe(row.token)
    run_deliveries()
    assert mailoutbox == []


def test_clicks_at_the_same_moment_are_harmless() -> None:
    row = follow("site")
    together(*[lambda: Client().post(f"/unsubscribe/{row.token}/").status_code] * 4)
    assert Subscription.objects.get().ended_at is not None


def test_the_link_outlives_what_was_followed(program, write) -> None:
    post = write(public=True)
    row = follow(f"thread:{post.pk}")
    Post.objects.all().delete()
    assert program.get(f"/unsubscribe/{row.token}/").status_code == 200
    assert program.post(f"/unsubscribe/{row.token}/").status_code == 200
