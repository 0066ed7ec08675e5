"""One bad mail, one refusing server, one dead server: everybody else's mail arrives, once."""

from collections import Counter

import pytest
from django.utils import timezone

from blog.services import publish, unpublish
from listeners.notifications import kinds, sending
from listeners.notifications.models import Message, Subscription
from signalflow.deliveries import run_one
from signalflow.models import Delivery
from signalflow.operating.operations import retry
from signalflow.testing import Crash, assert_nothing_left, failpoint, run_deliveries

pytestmark = pytest.mark.django_db(transaction=True)

READERS = 6


@pytest.fixture
def server(settings, sink):
    """A real peer behind the real backend."""
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, port = sink.url.removeprefix("smtp://").split(":")
    settings.EMAIL_PORT = int(port)
    settings.EMAIL_TIMEOUT = 5
    return sink


@pytest.fixture
def published(write, ada):
    Subscription.objects.bulk_create(
        Subscription(
            email=f"r{n}@example.org", target="site", label="x", confirmed_at=timezone.now()
        )
        for n in range(READERS)
    )
    post = write("On mirrors")
    publish(post, by=ada)
    return post


def everybody(*but: int) -> list[str]:
    return [f"r{n}@example.org" for n in range(READERS) if n not in but]


def states() -> dict[str, str]:
    return dict(Message.objects.values_list("recipient", "state"))


def test_each_mail_goes_to_one_mailbox(server, published) -> None:
    run_deliveries()
    assert sorted(server.recipients) == everybody()
    for address, mail in server.mails:
        assert mail.get_all("To") == [address]
        assert "Bcc" not in mail
    assert_nothing_left()


def test_a_refusal_for_good_is_not_tried_again(server, published) -> None:
    asked = Counter()

    def refuse(address: str) -> str | None:
        asked[address] += 1
        return "550 No such user here" if address == "r2@example.org" else None

    server.refuse = refuse
    run_deliveries()
    run_deliveries(even_later=True)
    assert sorted(server.recipients) == everybody(2)
    assert asked["r2@example.org"] == 1
    message = Message.objects.get(recipient="r2@example.org")
    assert message.state == "failed"
    assert "550" in message.error
    assert_nothing_left()


def test_a_refusal_for_now_is_tried_again_under_the_same_id(server, published) -> None:
    busy = True
    server.refuse = lambda address: "451 Later" if busy and address.startswith("r1") else None
    run_deliveries()
    assert sorted(server.recipients) == everybody(1)
    waiting = Message.objects.get(recipient="r1@example.org")
    assert (waiting.state, waiting.uncertain) == ("queued", 0)
    busy = False
    run_deliveries()
    assert sorted(server.recipients) == everybody(1), "not at once"
    run_deliveries(even_later=True)
    assert sorted(server.recipients) == everybody()
    (mail,) = [mail for address, mail in server.mails if address == "r1@example.org"]
    assert waiting.message_id.hex in mail["Message-ID"]
    assert set(states().values()) == {"sent"}
    assert_nothing_left()


def test_a_server_that_never_has_time_is_given_up_visibly(server, published) -> None:
    server.refuse = lambda address: "451 Later" if address.startswith("r1") else None
    for _ in range(12):
        run_deliveries(even_later=True)
    assert sorted(server.recipients) == everybody(1)
    message = Message.objects.get(recipient="r1@example.org")
    assert message.state == "failed"
    assert "451" in message.error


@pytest.mark.parametrize("outage", [1, 14, 20])
def test_after_an_outage_all_are_told_once(server, published, settings, outage) -> None:
    """However long: what nobody could send is not the fault of a mail."""
    port, settings.EMAIL_PORT = settings.EMAIL_PORT, 1
    for _ in range(outage):
        run_deliveries(even_later=True)
    assert set(states().values()) == {"queued"}, "nobody is given up"
    settings.EMAIL_PORT = port
    failed = Delivery.objects.filter(state="failed")
    assert failed.exists() is (outage > 16)
    retry(*failed.values_list("pk", flat=True))  # an operator, where it took too long
    run_deliveries(even_later=True)
    assert sorted(server.recipients) == everybody()
    assert not Message.objects.filter(uncertain__gt=0).exists()
    assert_nothing_left()


def test_a_mail_that_cannot_be_written_stops_no_other(server, published, monkeypatch) -> None:
    """A template, a row or a name that breaks the rendering of one mail."""
    good = kinds.content_of

    def poisoned(message: Message):
        if message.recipient == "r3@example.org":
            raise RuntimeError("the template broke")
        return good(message)

    monkeypatch.setattr(sending, "content_of", poisoned)
    for _ in range(9):
        run_deliveries(even_later=True)
    assert sorted(server.recipients) == everybody(3)
    message = Message.objects.get(recipient="r3@example.org")
    assert message.state == "failed"
    assert "the template broke" in message.error


@pytest.mark.parametrize(
    "address", ["no address", "a@b@c", "ä@example.org", "x\n@example.org", "@", "r@exa mple.org"]
)
def test_an_address_that_is_none_stops_no_other(server, published, address) -> None:
    run_queue_only()
    Message.objects.filter(recipient="r0@example.org").update(recipient=address)
    for _ in range(9):
        run_deliveries(even_later=True)
    assert sorted(
        a for a in server.recipients if a.startswith("r") and "exa " not in a
    ) == everybody(0)
    assert states()[address] in {"failed", "sent"}
    assert_nothing_left()


def run_queue_only() -> None:
    run_one(Delivery.objects.get(receiver__endswith="queue_subscriber_mail").pk)


def test_a_hostile_row_stops_no_other(server, published) -> None:
    run_queue_only()
    rows = Message.objects.order_by("pk")
    rows.filter(pk=rows[0].pk).update(data={})
    rows.filter(pk=rows[1].pk).update(kind="unknown")
    rows.filter(pk=rows[2].pk).update(data={"post": "x", "subscriptions": "y"})
    bad = [row.recipient for row in rows[:3]]
    for _ in range(9):
        run_deliveries(even_later=True)
    assert sorted(server.recipients) == [a for a in everybody() if a not in bad]
    assert {states()[address] for address in bad} <= {"failed", "cancelled"}
    assert_nothing_left()


def test_the_mail_nobody_can_know_of_is_marked(server, published) -> None:
    """The server took it, and we died before noting it."""
    with failpoint("mail accepted"), pytest.raises(Crash):
        run_deliveries()
    assert len(server.mails) == 1
    Delivery.objects.filter(state="running").update(available_at=timezone.now())
    run_deliveries(even_later=True)
    copies = Counter(server.recipients)
    assert sorted(copies) == everybody()
    ((twice, count),) = [item for item in copies.items() if item[1] > 1]
    assert count == 2
    ids = {mail["Message-ID"] for address, mail in server.mails if address == twice}
    assert len(ids) == 1, "a mail program can tell it is the same"
    assert dict(Message.objects.filter(uncertain=1).values_list("recipient", "state")) == {
        twice: "sent"
    }


def test_withdrawn_in_the_middle_of_a_batch_ends_it(server, published) -> None:
    def withdraw() -> None:
        if len(server.mails) == 3:
            unpublish(published, by=None)

    with failpoint("mail accepted", withdraw):
        run_deliveries()
    assert len(server.mails) == 3
    assert Counter(states().values()) == {"sent": 3, "cancelled": READERS - 3}
    assert_nothing_left()
