"""The link in a mail ends all that this mail was sent for, and says what goes on."""

import pytest
from django.test import Client
from django.utils import timezone

from accounts.models import User
from blog.services import publish
from comments.services import approve_comment, submit_comment
from listeners.notifications import audience
from listeners.notifications.models import Message, Subscription
from signalflow.testing import run_deliveries
from tests.listeners.notifications.mailing import send_to, text_of

pytestmark = pytest.mark.django_db(transaction=True)

READER = "s@example.org"
HOST = "http://127.0.0.1:8000"
SILENCE = "Nothing else goes on."


@pytest.fixture(autouse=True)
def server(settings, sink):
    send_to(settings, sink)
    return sink


@pytest.fixture
def program() -> Client:
    """A mail program: no cookies, no tokens, and the site checks both."""
    return Client(enforce_csrf_checks=True)


def follow(target: str, label: str, email: str = READER) -> Subscription:
    return Subscription.objects.create(
        email=email, target=target, label=label, confirmed_at=timezone.now()
    )


def publish_next(write, title: str, **fields) -> None:
    publish(write(title, tags=["sun"], **fields), by=None)
    run_deliveries()


@pytest.fixture
def three(write, ada) -> None:
    """A reader with three reasons for one post, and one for others."""
    first = write("First", tags=["sun"])
    labels = ["all new posts", "the posts of ada", "the tag sun"]
    for target, label in zip(audience.targets_of(first), labels, strict=True):
        follow(target, label)
    follow("tag:999", "the tag moon")
    follow("site", "all new posts", "other@example.org")
    publish(first, by=ada)
    run_deliveries()


def mails(server, address: str = READER) -> list:
    return [mail for to, mail in server.mails if to == address]


def link(mail) -> str:
    found = mail["List-Unsubscribe"].strip().strip("<>")  # the line may be folded
    assert f"Unsubscribe: {found}" in text_of(mail), "header and footer lead to one place"
    return found.removeprefix(HOST)


def going_on() -> set[str]:
    return set(Subscription.objects.active().filter(email=READER).values_list("label", flat=True))


def test_one_click_in_the_header_ends_every_reason(three, server, program, write) -> None:
    (mail,) = mails(server)
    assert mail["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    answer = program.post(link(mail), {"List-Unsubscribe": "One-Click"})
    assert answer.status_code == 200
    assert going_on() == {"the tag moon"}
    publish_next(write, "Second")
    assert len(mails(server)) == 1, "the next post does not mail"
    assert len(mails(server, "other@example.org")) == 2


def test_the_page_says_what_ended_and_what_goes_on(three, server, write) -> None:
    path, browser = link(mails(server)[0]), Client()
    page = browser.get(path).content.decode()
    for label in ("all new posts", "the posts of ada", "the tag sun"):
        assert f"{label}</li>" in page
    assert "the tag moon" not in page, "whoever was sent the mail on reads nothing else here"
    assert len(going_on()) == 4, "looking ends nothing"
    ended, _, rest = browser.post(path).content.decode().partition("This goes on")
    for label in ("all new posts", "the posts of ada", "the tag sun"):
        assert f"{label}</li>" in ended
    assert "the tag moon</li>" in rest
    assert SILENCE not in rest
    last = browser.post(path, {"everything": "1"}).content.decode()
    assert SILENCE in last
    assert "This goes on" not in last
    assert going_on() == set()
    assert Subscription.objects.active().get().email == "other@example.org"


def test_the_link_of_an_older_mail_still_works_and_tells_the_rest(
    three, server, program, write
) -> None:
    row = Subscription.objects.get(email=READER, label="the tag sun")
    page = program.post(f"/unsubscribe/{row.token}/").content.decode()
    ended, _, rest = page.partition("This goes on")
    assert "the tag sun</li>" in ended
    assert "all new posts</li>" in rest
    publish_next(write, "Second")
    assert len(mails(server)) == 2, "as the page said"
    Client().post(f"/unsubscribe/{row.token}/", {"everything": "1"})
    publish_next(write, "Third")
    assert len(mails(server)) == 2


def test_what_an_account_is_told_ends_by_the_same_link(server, program, write, ada, rita) -> None:
    """Two reasons of an account and one of a subscription, in one mail."""
    post = write(public=True)
    follow(f"thread:{post.pk}", "the conversation", "rita@example.org")
    approve_comment(submit_comment(post, author=rita, body="Mine."), by=None)
    run_deliveries()
    (mail,) = mails(server, "rita@example.org")
    answer = program.post(link(mail), {"List-Unsubscribe": "One-Click"})
    page = answer.content.decode()
    assert "your own posts and comments</li>" in page
    assert SILENCE in page
    approve_comment(submit_comment(post, author=rita, body="Again."), by=None)
    run_deliveries()
    assert len(mails(server, "rita@example.org")) == 1
    assert not User.objects.get(pk=rita.pk).preferences.email_notifications
    assert len(mails(server, "ada@example.org")) == 2, "everybody else is told"


def test_a_personal_mail_can_be_ended_too(server, program, write, ada, rita) -> None:
    post = write(public=True)
    approve_comment(submit_comment(post, author=rita, body="Mine."), by=None)
    run_deliveries()
    (mail,) = mails(server, "rita@example.org")
    assert "List-Unsubscribe" not in mail, "no list"
    path = text_of(mail).partition(f"Unsubscribe: {HOST}")[2].split()[0]
    assert "your own posts and comments</li>" in program.get(path).content.decode()
    assert SILENCE in program.post(path).content.decode()
    approve_comment(submit_comment(post, author=rita, body="Again."), by=None)
    run_deliveries()
    assert len(mails(server, "rita@example.org")) == 1


@pytest.mark.expects_errors
def test_nobody_ends_the_mails_of_somebody_else(three, server, program) -> None:
    first, second = Message.objects.order_by("pk")
    assert first.token != second.token
    for token in (f"{first.pk}.{second.token}", f"{first.pk}.", f"{first.pk}.{'x' * 22}"):
        assert program.post(f"/unsubscribe/{token}/", {"everything": "1"}).status_code == 404
    Message.objects.update(token="")
    assert program.post(f"/unsubscribe/{first.pk}./").status_code == 404
    assert len(going_on()) == 4


def test_any_number_of_clicks_leave_the_first_moment(three, server, program) -> None:
    path = link(mails(server)[0])
    program.post(path)
    ended = list(Subscription.objects.values_list("ended_at", flat=True))
    for _ in range(2):
        assert program.post(path).status_code == 200
    assert list(Subscription.objects.values_list("ended_at", flat=True)) == ended
