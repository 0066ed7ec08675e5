"""Who hears of an approval: each person once, for every reason, and nobody before it."""

import pytest
from django.utils import timezone

from accounts.models import User, UserPreferences
from accounts.services import update_preferences
from blog.models import Post
from blog.services import unpublish
from comments.models import Comment
from comments.services import approve_comment, reject_comment, submit_comment
from listeners.notifications.models import Message, Subscription
from listeners.notifications.subscribing import unsubscribe
from signalflow.deliveries import run_one
from signalflow.models import Delivery
from signalflow.testing import run_deliveries
from tests.cast import person

pytestmark = pytest.mark.django_db(transaction=True)

WROTE, POST, ANSWER = "You wrote this comment.", "You wrote the post.", "It answers your comment."
FOLLOW = "You follow the conversation."


@pytest.fixture
def post(write) -> Post:
    return write("On mirrors", public=True)


def said(post: Post, author: User, body: str = "Bright indeed", parent=None) -> Comment:
    return submit_comment(post, author=author, body=body, parent=parent)


def told(mailoutbox) -> dict[str, list[str]]:
    """Everybody who got a mail, with the reasons it names; fails on a second one to somebody."""
    found: dict[str, list[str]] = {}
    for mail in mailoutbox:
        (address,) = mail.recipients()
        assert address not in found, f"a second mail to {address}"
        found[address] = [r for r in (WROTE, POST, ANSWER, FOLLOW) if r in mail.body]
    mailoutbox.clear()
    return found


def follow(post: Post, email: str) -> Subscription:
    return Subscription.objects.create(
        email=email,
        target=f"thread:{post.pk}",
        label="the conversation",
        confirmed_at=timezone.now(),
    )


def test_nobody_is_told_before_the_approval(post, rita, mailoutbox) -> None:
    comment = said(post, rita)
    follow(post, "follower@example.org")
    run_deliveries()
    assert mailoutbox == []
    reject_comment(comment, by=None, verdict="spam")
    run_deliveries()
    assert mailoutbox == []
    approve_comment(comment, by=None)
    assert mailoutbox == [], "and not in the moderator's request"
    run_deliveries()
    assert set(told(mailoutbox)) == {"ada@example.org", "rita@example.org", "follower@example.org"}


def test_each_person_gets_one_mail_with_their_reasons(post, ada, rita, mailoutbox) -> None:
    first = said(post, rita)
    approve_comment(first, by=None)
    run_deliveries()
    assert told(mailoutbox) == {"rita@example.org": [WROTE], "ada@example.org": [POST]}
    bella = person("bella")
    answer = said(post, bella, parent=first)
    follow(post, "follower@example.org")
    approve_comment(answer, by=None)
    run_deliveries()
    assert told(mailoutbox) == {
        "bella@example.org": [WROTE],
        "ada@example.org": [POST],
        "rita@example.org": [ANSWER],
        "follower@example.org": [FOLLOW],
    }


def test_one_person_in_every_role_gets_one_mail(post, ada, mailoutbox) -> None:
    first = said(post, ada)
    approve_comment(first, by=None)
    run_deliveries()
    assert told(mailoutbox) == {"ada@example.org": [WROTE, POST]}
    follow(post, "ada@example.org")
    approve_comment(said(post, ada, parent=first), by=None)
    run_deliveries()
    assert told(mailoutbox) == {"ada@example.org": [WROTE, POST, ANSWER, FOLLOW]}


def test_an_address_in_other_letters_is_the_same_person(post, rita, mailoutbox) -> None:
    User.objects.filter(pk=rita.pk).update(email="Rita@Example.org")
    follow(post, "rita@example.org")
    approve_comment(said(post, User.objects.get(pk=rita.pk)), by=None)
    run_deliveries()
    assert told(mailoutbox)["rita@example.org"] == [WROTE, FOLLOW]


def test_who_wants_no_mail_gets_none(post, ada, rita, mailoutbox) -> None:
    update_preferences(rita, email_notifications=False)
    comment = said(post, rita)
    approve_comment(comment, by=None)
    run_deliveries()
    assert set(told(mailoutbox)) == {"ada@example.org"}
    update_preferences(ada, email_notifications=False)
    approve_comment(said(post, rita, parent=comment), by=None)
    run_deliveries()
    assert mailoutbox == []
    assert set(Message.objects.values_list("state", flat=True)) == {"sent", "cancelled"}


def test_the_wish_of_the_last_moment_counts(post, rita, mailoutbox) -> None:
    approve_comment(said(post, rita), by=None)
    queue_only()
    update_preferences(rita, email_notifications=False)
    run_deliveries()
    assert set(told(mailoutbox)) == {"ada@example.org"}


def queue_only() -> None:
    """Let the mails be queued, and the sending wait."""
    row = Delivery.objects.get(receiver__endswith="queue_approval_mail", state="pending")
    run_one(row.pk)
    assert Message.objects.filter(state="queued").exists()


def test_a_subscriber_is_told_though_their_account_wants_no_mail(post, rita, mailoutbox) -> None:
    """They asked for it, and can end it with one click."""
    update_preferences(rita, email_notifications=False)
    subscription = follow(post, "rita@example.org")
    approve_comment(said(post, rita), by=None)
    run_deliveries()
    assert FOLLOW in told(mailoutbox)["rita@example.org"]
    unsubscribe(subscription.token)
    approve_comment(said(post, rita), by=None)
    run_deliveries()
    assert set(told(mailoutbox)) == {"ada@example.org"}


@pytest.mark.parametrize("when", ["before the approval", "before the sending"])
def test_who_was_banned_hears_nothing(post, rita, mailoutbox, when) -> None:
    comment = said(post, rita)
    if when == "before the approval":
        User.objects.filter(pk=rita.pk).update(is_active=False)
    approve_comment(comment, by=None)
    if when == "before the sending":
        queue_only()
        User.objects.filter(pk=rita.pk).update(is_active=False)
    run_deliveries()
    assert set(told(mailoutbox)) == {"ada@example.org"}


def test_a_user_made_in_bulk_is_told_too(post, mailoutbox) -> None:
    """Such a user has no preferences yet, which is no reason to fail."""
    User.objects.bulk_create([User(username="bulk", email="bulk@example.org")])
    bulk = User.objects.get(username="bulk")
    bulk.emailaddress_set.create(email=bulk.email, verified=True, primary=True)
    comment = said(post, bulk)
    UserPreferences.objects.filter(user__username="bulk").delete()
    approve_comment(comment, by=None)
    run_deliveries()
    assert set(told(mailoutbox)) == {"ada@example.org", "bulk@example.org"}
    assert not Message.objects.exclude(state="sent").exists()


def test_a_person_without_an_address_stops_nobody(post, mailoutbox) -> None:
    silent = person("silent")
    User.objects.filter(pk=silent.pk).update(email="")
    approve_comment(said(post, User.objects.get(pk=silent.pk)), by=None)
    run_deliveries()
    assert set(told(mailoutbox)) == {"ada@example.org"}


def test_approved_twice_is_told_once(post, rita, mailoutbox) -> None:
    comment = said(post, rita)
    for _ in range(3):
        approve_comment(comment, by=None)
        run_deliveries()
        reject_comment(comment, by=None, verdict="spam")
        run_deliveries()
    assert set(told(mailoutbox)) == {"ada@example.org", "rita@example.org"}


@pytest.mark.parametrize("undo", ["reject", "withdraw", "delete", "delete author"])
def test_what_was_taken_back_is_not_told(post, rita, ada, mailoutbox, undo) -> None:
    comment = said(post, rita)
    approve_comment(comment, by=None)
    queue_only()
    {
        "reject": lambda: reject_comment(comment, by=None, verdict="trash"),
        "withdraw": lambda: unpublish(post, by=ada),
        "delete": comment.delete,
        "delete author": rita.delete,
    }[undo]()
    run_deliveries()
    expected = {"ada@example.org"} if undo == "delete author" else set()
    assert set(told(mailoutbox)) == expected


def test_the_mail_links_to_the_comment_and_shows_its_words(post, rita, mailoutbox) -> None:
    comment = said(post, rita, "<b>Bright</b> & [link](javascript:alert(1))")
    approve_comment(comment, by=None)
    run_deliveries()
    link = f"http://127.0.0.1:8000/comments/{comment.pk}/"
    for mail in mailoutbox:
        html = mail.alternatives[0].content
        assert link in mail.body
        assert link in html
        assert "<b>Bright</b> & [link]" in mail.body, "text is text"
        assert "<b>Bright" not in html
        assert 'href="javascript' not in html
