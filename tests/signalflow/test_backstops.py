"""An after-commit receiver with a backstop: at once if it can, by a worker if it must."""

import pytest
from django.db import connection, transaction

from signalflow import AFTER_COMMIT, DURABLE, DomainSignal, RegistrationError, action, rehearse
from signalflow.models import Delivery, Trace
from signalflow.operating import trees
from signalflow.testing import Crash, run_deliveries

happened = DomainSignal("Something happened.", what=str)

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def heard(hear) -> list[str]:
    """What was received, with whether a transaction was open."""
    seen: list[str] = []

    def listen(what: str, **kwargs: object) -> None:
        assert not connection.in_atomic_block
        seen.append(what)

    hear(happened, listen, when=AFTER_COMMIT, backstop=True)
    return seen


def send(what: str) -> None:
    with transaction.atomic():
        happened.send(sender=None, what=what)


def test_it_runs_once_and_the_worker_finds_nothing_to_do(heard) -> None:
    send("light")
    assert heard == ["light"]
    assert [row.state for row in Delivery.objects.all()] == ["done"]
    run_deliveries()
    assert heard == ["light"]


def test_it_shares_the_fate_of_the_transaction(heard) -> None:
    with pytest.raises(ZeroDivisionError), transaction.atomic():
        happened.send(sender=None, what="undone")
        raise ZeroDivisionError
    with transaction.atomic():
        with pytest.raises(ZeroDivisionError), transaction.atomic():
            happened.send(sender=None, what="undone too")
            raise ZeroDivisionError
        happened.send(sender=None, what="kept")
    run_deliveries()
    assert heard == ["kept"]
    assert Delivery.objects.count() == 1


def test_a_process_that_died_after_the_commit_is_stood_for(heard, monkeypatch) -> None:
    def die(self) -> None:
        raise Crash

    monkeypatch.setattr("signalflow.commits.Hook.__call__", die)
    with pytest.raises(Crash):
        send("light")
    assert heard == []
    monkeypatch.undo()
    run_deliveries()
    assert heard == ["light"]
    assert [row.state for row in Delivery.objects.all()] == ["done"]


@pytest.mark.expects_errors
def test_a_run_that_failed_is_tried_again_by_a_worker(hear) -> None:
    seen, broken = [], [True]

    def listen(what: str, **kwargs: object) -> None:
        if broken:
            broken.pop()
            raise OSError("no room")
        seen.append(what)

    hear(happened, listen, when=AFTER_COMMIT, backstop=True)
    with action("try"):
        send("light")
    tree = trees.joined(Trace.objects.get())
    assert "pending" in "\n".join(trees.lines(tree)), "the receipt says that it waits"
    run_deliveries()
    assert seen == ["light"]
    assert "pending" not in "\n".join(trees.lines(trees.joined(Trace.objects.get())))


@pytest.mark.expects_errors
def test_what_stood_for_others_and_failed_has_served_nobody(hear) -> None:
    """Emissions of one key are served by one run, if that succeeds."""
    seen, broken = [], [True]

    def listen(what: str, **kwargs: object) -> None:
        if broken:
            broken.pop()
            raise OSError("no room")
        seen.append(what)

    hear(happened, listen, when=AFTER_COMMIT, key=lambda **_: "all")
    with transaction.atomic():
        happened.send(sender=None, what="first")
        happened.send(sender=None, what="second")
    assert seen == ["second"]


def test_a_rehearsal_leaves_no_delivery(heard) -> None:
    rehearse(lambda: happened.send(sender=None, what="light"))
    assert not Delivery.objects.exists()


def test_it_belongs_to_after_commit(hear) -> None:
    with pytest.raises(RegistrationError, match="backstop belongs to phase AFTER_COMMIT"):
        hear(happened, lambda **kwargs: None, when=DURABLE, backstop=True)


def test_what_no_delivery_can_carry_is_refused_at_registration(hear) -> None:
    odd = DomainSignal("Odd.", thing=object)
    with pytest.raises(RegistrationError, match="no delivery can carry"):
        hear(odd, lambda **kwargs: None, when=AFTER_COMMIT, backstop=True)
