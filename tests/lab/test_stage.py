"""Nobody notices a run: no row, no page, no mail, no receiver, no log is left of it."""

import logging
import threading
from pathlib import Path
from typing import Any

import pytest
from django.apps import apps
from django.conf import settings
from django.core import mail
from django.core.cache import cache
from django.db import connection, transaction
from django.db.models.signals import ModelSignal, post_save

from lab import stage
from lab.models import Mirror
from lab.scratch import flashed
from lab.traps import traps
from signalflow import action, receiver, registry
from tests.threads import together

pytestmark = pytest.mark.django_db(transaction=True)


def rows() -> dict[str, int]:
    """How many there are of every model, links included."""
    models = apps.get_models(include_auto_created=True)
    return {model._meta.label: model._base_manager.count() for model in models}


def wiring() -> list[Any]:
    signals = [*stage.MODEL_SIGNALS, flashed]
    connected = [(str(signal), key[0]) for signal in signals for key in signal.receivers]
    return [connected, registry.wires()]


def files() -> set[str]:
    return {str(path) for path in Path(settings.DATA_DIR).rglob("*") if path.is_file()}


def test_nothing_is_left_behind(write, client, django_assert_num_queries) -> None:
    write("On mirrors", public=True)
    cache.set("kept", "as it was")
    assert client.get("/").status_code == 200  # now there is a page to be dropped
    before = rows(), wiring(), files(), len(mail.outbox)
    for trap in traps():
        assert [outcome.as_described for outcome in trap.run()] == [True, True]
        assert connection.run_on_commit == []
    assert (rows(), wiring(), files(), len(mail.outbox)) == before
    assert cache.get("kept") == "as it was"
    with django_assert_num_queries(0):  # the page is still a kept one
        assert client.get("/").status_code == 200


def test_a_run_inside_an_action_leaves_no_trace_of_it() -> None:
    before = rows()
    with action("a lesson"):
        for trap in traps():
            trap.run()
    assert rows() == before


def test_model_signals_are_heard_from_the_labs_models_alone(monkeypatch) -> None:
    senders: list[Any] = []
    connect = ModelSignal.connect

    def spy(self, function, sender=None, **options: Any) -> None:
        senders.append(sender)
        connect(self, function, sender=sender, **options)

    monkeypatch.setattr(ModelSignal, "connect", spy)
    for trap in traps():
        senders.clear()
        trap.run()
        assert set(senders) <= set(stage.SENDERS), trap.slug


def break_everything() -> None:
    post_save.connect(forget_me, sender=Mirror, weak=False, dispatch_uid="lab.left")
    receiver(flashed, uid="lab.left")(forget_me)
    Mirror.objects.create(name="first")
    transaction.on_commit(lambda: pytest.fail("nothing was committed"))
    Mirror.objects.create(name="first")


def forget_me(**kwargs: Any) -> None: ...


forget_me.__module__ = "lab.traps.of_a_test"


def test_an_error_is_shown_and_still_undone() -> None:
    before = rows(), wiring()
    seen = stage.perform(break_everything)
    assert seen.error.startswith("It ended with IntegrityError: ")
    assert (rows(), wiring()) == before


def test_even_an_exit_is_undone() -> None:
    def leave() -> None:
        Mirror.objects.create(name="first")
        raise SystemExit

    before = rows(), wiring()
    with pytest.raises(SystemExit):
        stage.perform(leave)
    assert (rows(), wiring()) == before
    assert stage.perform(Mirror.objects.count).value == 0, "the stage is free again"


def test_runs_at_once_do_not_disturb_each_other() -> None:
    def lesson() -> list[bool]:
        return [outcome.as_described for trap in traps() for outcome in trap.run()]

    before = rows(), wiring()
    assert all(all(seen) for seen in together(lesson, lesson))
    assert (rows(), wiring()) == before


def test_the_stage_is_not_waited_for_for_ever(monkeypatch) -> None:
    monkeypatch.setattr(stage, "LOCK_TIMEOUT_SECONDS", 0.01)
    entered, leave = threading.Event(), threading.Event()

    def stay() -> None:
        entered.set()
        leave.wait(10)

    def knock() -> None:
        assert entered.wait(10)
        with pytest.raises(stage.Busy):
            stage.perform(Mirror.objects.count)
        leave.set()

    together(lambda: stage.perform(stay), knock)


def test_only_the_runs_own_errors_are_kept_from_the_log(logged_errors) -> None:
    logger = logging.getLogger("signalflow")

    def provoke() -> None:
        logger.error("mine")
        other = threading.Thread(target=logger.error, args=["somebody else's"])
        other.start()
        other.join()

    stage.perform(provoke)
    logger.error("afterwards")
    assert [record.getMessage() for record in logged_errors] == ["somebody else's", "afterwards"]
    logged_errors.clear()


def test_commit_runs_what_callbacks_add_and_stops_at_an_error() -> None:
    heard: list[str] = []

    def first() -> None:
        heard.append("first")
        transaction.on_commit(lambda: heard.append("added"))

    def form() -> None:
        for callback in (first, broken, first):
            transaction.on_commit(callback)
        with pytest.raises(RuntimeError):
            stage.commit()
        assert heard == ["first", "added"]
        transaction.on_commit(first)
        stage.commit()

    def broken() -> None:
        raise RuntimeError("broken")

    assert stage.perform(form).error == ""
    assert heard == ["first", "added"] * 2
