import pytest
from django.core.management import CommandError, call_command

from signalflow import DURABLE, DomainSignal, Retry
from signalflow.models import Delivery
from signalflow.testing import captured

happened = DomainSignal("Something happened.", what=str)

pytestmark = pytest.mark.django_db(transaction=True)


def signals(capsys, *arguments: str) -> str:
    call_command("signals", *arguments)
    return capsys.readouterr().out


def fail(**kwargs) -> None:
    raise ValueError("no light")


def test_list_shows_who_hears_what_and_when(hear, capsys) -> None:
    hear(happened, fail, when=DURABLE, eager=True, uid="keepers.light_up")
    out = signals(capsys, "list", "--app", "keepers")
    assert "test_command.happened  from any  → keepers.light_up  (durable eager)" in out
    assert "1 connections." in out
    assert "keepers" not in signals(capsys, "list", "--signal", "post_published")


def test_a_failed_delivery_is_shown_and_then_retried(hear, capsys) -> None:
    hear(happened, fail, when=DURABLE, uid="keepers.fail", retry=Retry(attempts=1))
    happened.send(sender=None, what="")
    with pytest.raises(CommandError, match="1 need attention"):
        call_command("signals", "work", "--until-empty")
    capsys.readouterr()
    out = signals(capsys, "failed")
    assert "Need a person" in out
    assert "keepers.fail  failed, 1 attempts" in out
    assert "ValueError: no light" in out
    pk = str(Delivery.objects.get().pk)
    assert "1 deliveries will be tried again." in signals(capsys, "retry", pk)
    assert "1 deliveries will not run." in signals(capsys, "skip", pk)
    with pytest.raises(CommandError, match="1 of these"):
        call_command("signals", "retry", "999999")


def test_one_that_waits_for_its_next_try_is_shown_too(hear, capsys) -> None:
    hear(happened, fail, when=DURABLE, uid="keepers.fail")
    happened.send(sender=None, what="")
    assert "1 to be tried again" in signals(capsys, "work", "--until-empty")
    assert "will be tried again" in signals(capsys, "failed")


def test_work_stops_at_its_limit(hear, capsys) -> None:
    hear(happened, lambda **kwargs: None, when=DURABLE)
    for _ in range(3):
        happened.send(sender=None, what="")
    assert "2 done" in signals(capsys, "work", "--until-empty", "--limit", "2")
    assert Delivery.objects.filter(state="pending").count() == 1
    assert "0 deliveries deleted." in signals(capsys, "prune")
    assert "2 deliveries deleted." in signals(capsys, "prune", "--days", "0")


def test_captured_sees_what_is_sent_and_is_gone_afterwards() -> None:
    with captured(happened) as emissions:
        happened.send(sender="me", what="light")
    assert [(e.sender, e.arguments) for e in emissions] == [("me", {"what": "light"})]
    assert not happened.has_listeners()
