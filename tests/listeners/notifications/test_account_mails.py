"""What opens an account: shown to nobody, of no use too late, and never at the end of a line."""

import json
from datetime import timedelta

import pytest
from allauth.account.models import EmailAddress
from django.test import Client
from django.utils import timezone

from accounts.models import User
from blog.services import publish
from listeners.notifications import outbox, urgent
from listeners.notifications.models import Message, Subscription
from listeners.notifications.server import server
from signalflow.models import Delivery, Trace
from signalflow.testing import assert_nothing_left, run_deliveries
from tests.cast import person
from tests.listeners.notifications.mailing import link_in, send_to

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def rested() -> None:
    server.rests_until = 0.0


def ask(email: str = "rita@example.org") -> None:
    assert Client().post("/accounts/password/reset/", {"email": email}).status_code == 302


def readers(count: int) -> None:
    Subscription.objects.bulk_create(
        Subscription(
            email=f"r{n}@example.org", target="site", label="x", confirmed_at=timezone.now()
        )
        for n in range(count)
    )


def told_to_operators() -> str:
    """Everything the engine keeps and shows: deliveries with their reports, and traces."""
    rows = [*Delivery.objects.values("payload", "report", "error", "key")]
    rows += [*Trace.objects.values("tree", "targets", "name")]
    rows += [*Message.objects.values("data", "error", "event", "reasons")]
    return json.dumps(rows, default=str)


def test_what_opens_an_account_is_shown_to_nobody(rita, client, mailoutbox) -> None:
    ask()
    waiting = Message.objects.get()
    key = link_in(waiting.secret["text"]).strip("/").rpartition("/")[2]
    client.force_login(User.objects.create_superuser("root", "root@example.org"))
    shown = ""
    for at in ("waiting", "sent"):
        for path in ("", f"{waiting.pk}/change/"):
            shown += client.get(f"/admin/notifications/message/{path}").content.decode()
        for row in Delivery.objects.all():
            shown += client.get(f"/studio/signals/deliveries/?q={row.pk}").content.decode()
            shown += client.get(f"/studio/signals/traces/{row.trace}/").content.decode()
        shown += told_to_operators()
        if at == "waiting":
            run_deliveries()
    assert "rita@example.org" in shown
    assert key not in shown
    assert key in mailoutbox[0].body
    assert Message.objects.get().secret == {}, "kept no longer than it waits"


def test_a_refused_mail_is_not_kept_either(rita, settings, sink) -> None:
    send_to(settings, sink)
    sink.refuse = lambda address: "550 No such user"
    ask()
    run_deliveries()
    message = Message.objects.get()
    assert (message.state, message.secret) == ("failed", {})
    assert_nothing_left()


def change_password(user: User) -> None:
    user.set_password("another horse")
    user.save()


def a_day_passes(user: User) -> None:
    Message.objects.update(expires_at=timezone.now() - timedelta(seconds=1))


@pytest.mark.parametrize(
    "meanwhile",
    [change_password, a_day_passes, User.delete],
    ids=["another password", "a day", "no account"],
)
def test_a_dead_link_is_not_sent(rita, meanwhile, mailoutbox) -> None:
    ask()
    meanwhile(User.objects.get(pk=rita.pk))
    run_deliveries()
    assert not [mail for mail in mailoutbox if "Password Reset" in mail.subject]
    message = Message.objects.get(kind="account")
    assert (message.state, message.secret) == ("cancelled", {})
    assert_nothing_left()


def test_who_confirmed_by_another_mail_gets_no_second(mailoutbox) -> None:
    User.objects.create_user("ute", "ute@example.org", "correct horse")
    Client().post("/accounts/login/", {"login": "ute", "password": "correct horse"})
    assert Message.objects.get().kind == "account"
    EmailAddress.objects.update(verified=True)
    run_deliveries()
    assert mailoutbox == []


@pytest.mark.expects_errors
def test_a_busy_server_is_asked_until_the_link_dies(rita, settings, sink) -> None:
    """A server that greylists takes a mail after an hour; eight tries end sooner."""
    send_to(settings, sink)
    busy = True
    sink.refuse = lambda address: "451 Later" if busy else None
    ask()
    for _ in range(20):
        run_deliveries(even_later=True)
    assert Message.objects.get().state == "queued"
    busy = False
    run_deliveries(even_later=True)
    assert sink.recipients == ["rita@example.org"]


# -- not behind others ------------------------------------------------------------------------


def test_it_passes_a_fan_out_that_was_there_before(
    write, ada, rita, mailoutbox, monkeypatch
) -> None:
    monkeypatch.setattr(outbox, "BATCH", 10)
    monkeypatch.setattr(urgent, "SECONDS", 0.0)
    readers(60)
    publish(write(), by=ada)
    run_only_the_fan_out()
    assert Delivery.objects.filter(state="pending").count() >= 6
    ask()
    run_deliveries()
    order = [mail.to[0] for mail in mailoutbox]
    assert len(order) == 61
    assert order.index("rita@example.org") <= 1
    assert_nothing_left()


def run_only_the_fan_out() -> None:
    from signalflow.deliveries import run_one

    run_one(Delivery.objects.get(receiver__endswith="queue_subscriber_mail").pk)


def test_who_asks_in_the_middle_of_a_batch_waits_for_one_mail(
    write, ada, mailoutbox, monkeypatch
) -> None:
    monkeypatch.setattr(urgent, "SECONDS", 0.0)
    person("rita")
    readers(20)
    publish(write(), by=ada)
    run_only_the_fan_out()
    asked = []

    def meanwhile(name: str) -> None:
        if name == "mail accepted" and not asked:
            asked.append(name)
            ask()

    monkeypatch.setattr("listeners.notifications.sending.failpoints.reach", meanwhile)
    run_deliveries()
    assert [mail.to[0] for mail in mailoutbox].index("rita@example.org") == 1
    assert len(mailoutbox) == 21


@pytest.mark.expects_errors
def test_a_server_that_hangs_is_waited_for_once(
    write,
    ada,
    rita,
    silent,
    settings,
    sink,
    monkeypatch,
) -> None:
    """One worker does everything durable: what else is due must have its turn."""
    monkeypatch.setattr("listeners.notifications.server.PATIENCE_SECONDS", 0.3)
    monkeypatch.setattr(outbox, "BATCH", 5)
    readers(30)
    publish(write(), by=ada)
    run_only_the_fan_out()
    ask()
    run_deliveries()
    assert silent.connections() == 1
    assert set(Message.objects.values_list("state", "attempts")) == {("queued", 0)}
    assert not Delivery.objects.exclude(receiver__startswith="notifications").filter(
        state="pending"
    )
    server.rests_until = 0.0
    send_to(settings, sink)
    run_deliveries(even_later=True)
    assert len(sink.recipients) == len(set(sink.recipients)) == 31
    assert_nothing_left()
