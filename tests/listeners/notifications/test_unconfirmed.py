"""An address nobody confirmed may be a stranger's: it is asked to confirm, and told nothing."""

import pytest
from django.contrib.auth.models import Group
from django.test import Client

from accounts.models import User
from blog.services import hand_over, publish
from comments.services import approve_comment, submit_comment
from listeners.notifications import kinds
from listeners.notifications.kinds import TO_ANY_ADDRESS, Content
from listeners.notifications.models import Message, Subscription
from signalflow.testing import assert_nothing_left, run_deliveries
from tests.cast import person
from tests.listeners.notifications.mailing import link_in

pytestmark = pytest.mark.django_db(transaction=True)

STRANGER = "stranger@example.org"
FORM = {
    "username": "nina",
    "email": STRANGER,
    "password1": "correct horse battery",
    "password2": "correct horse battery",
}


def to(address: str, mailoutbox) -> list[str]:
    return [mail.subject for mail in mailoutbox if address in mail.recipients()]


def sign_up() -> User:
    assert Client().post("/accounts/signup/", FORM).status_code == 302
    return User.objects.get(username="nina")


@pytest.mark.parametrize("kind", [*kinds.KINDS, "one of tomorrow"])
@pytest.mark.parametrize("confirmed", [True, False])
def test_every_kind_of_mail_asks_first(kind, confirmed, monkeypatch, db) -> None:
    """Whatever a kind decides for itself: the rule stands behind all of them."""
    monkeypatch.setitem(kinds.KINDS, kind, lambda message: Content({"said": "yes"}))
    user = person("nina")
    user.emailaddress_set.update(verified=confirmed)
    message = Message(kind=kind, recipient=user.email.upper(), data={"user": user.pk})
    written = kinds.content_of(message)
    assert (written is not None) is (confirmed or kind in TO_ANY_ADDRESS)


def test_only_what_asks_or_answers_is_exempt() -> None:
    """Longer lists want a reason: each entry mails strangers."""
    assert {"account", "confirm_subscription"} == TO_ANY_ADDRESS


def test_whatever_happens_a_stranger_reads_one_question(write, ada, mailoutbox) -> None:
    nina = sign_up()
    run_deliveries()
    asked = "[Heliograph] Please Confirm Your Email Address"
    assert to(STRANGER, mailoutbox) == [asked]
    nina.groups.add(Group.objects.get(name="Author"))
    theirs = write("Theirs", public=True)
    hand_over(theirs, to=nina, by=None)
    other = write("Another", public=True)
    mine = submit_comment(other, author=nina, body="Mine.")
    approve_comment(mine, by=None)
    approve_comment(submit_comment(other, author=ada, body="An answer.", parent=mine), by=None)
    approve_comment(submit_comment(theirs, author=ada, body="On their post."), by=None)
    Subscription.objects.create(email=STRANGER, target="site", label="all new posts")
    publish(write("New"), by=ada)
    nina.email = "another@example.org"
    nina.save()
    run_deliveries()
    run_deliveries(even_later=True)
    assert to(STRANGER, mailoutbox) == [asked]
    assert to("another@example.org", mailoutbox) == []
    assert to("ada@example.org", mailoutbox), "who confirmed is told as ever"
    assert_nothing_left()


def test_who_subscribed_is_told_though_the_account_is_not_confirmed(write, mailoutbox) -> None:
    """Two yeses are two yeses: the address is proved, if not by the account."""
    nina = sign_up()
    post = write(public=True)
    Subscription.objects.create(
        email=STRANGER, target=f"thread:{post.pk}", label="x", confirmed_at=nina.date_joined
    )
    approve_comment(submit_comment(post, author=nina, body="Mine."), by=None)
    run_deliveries()
    assert len(to(STRANGER, mailoutbox)) == 2


# -- the welcome ------------------------------------------------------------------------------


def confirm(mailoutbox) -> None:
    path = link_in(next(mail.body for mail in reversed(mailoutbox) if "confirm-email" in mail.body))
    assert Client().post(path).status_code == 302


def welcomes(mailoutbox) -> list[list[str]]:
    return [mail.to for mail in mailoutbox if "Welcome" in mail.subject]


def test_the_welcome_follows_the_confirmation_once(mailoutbox) -> None:
    nina = sign_up()
    run_deliveries()
    run_deliveries(even_later=True)
    assert welcomes(mailoutbox) == []
    confirm(mailoutbox)
    assert welcomes(mailoutbox) == [], "no request mails"
    run_deliveries()
    assert welcomes(mailoutbox) == [[STRANGER]]
    client = Client()
    client.force_login(nina)
    client.post("/accounts/reauthenticate/", {"password": FORM["password1"]})
    client.post("/accounts/email/", {"action_add": "", "email": "second@example.org"})
    run_deliveries()
    confirm(mailoutbox)
    run_deliveries(even_later=True)
    assert welcomes(mailoutbox) == [[STRANGER]], "one welcome in the life of an account"


def test_who_is_quicker_than_the_worker_is_welcomed_too(mailoutbox) -> None:
    nina = sign_up()
    text = Message.objects.get(kind="account").secret["text"]
    assert Client().post(link_in(text)).status_code == 302
    assert nina.emailaddress_set.get().verified
    run_deliveries()
    run_deliveries(even_later=True)
    assert welcomes(mailoutbox) == [[STRANGER]]
    assert len(mailoutbox) == 1, "nothing is asked that was answered"


def test_a_mail_that_is_being_decided_is_waited_for(mailoutbox, rita) -> None:
    """The sender found the address unconfirmed, and notes so a moment after the confirmation."""
    sign_up()
    run_deliveries()
    Message.objects.filter(kind="welcome").update(state="sending")
    confirm(mailoutbox)
    run_deliveries()
    assert welcomes(mailoutbox) == []
    Message.objects.filter(kind="welcome").update(state="cancelled")
    run_deliveries(even_later=True)
    assert welcomes(mailoutbox) == [[STRANGER]]


def test_the_notice_reaches_an_old_address_that_was_taken_away(rita, mailoutbox) -> None:
    """Who took an account over removes what its owner could be told at, before a worker looks."""
    rita.email = "thief@example.org"
    rita.save()
    rita.emailaddress_set.all().delete()
    run_deliveries()
    assert to("rita@example.org", mailoutbox)
