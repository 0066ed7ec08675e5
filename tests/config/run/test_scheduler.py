"""The clock goes on, whatever the commands do."""

import logging
import threading

import pytest
from django.core.management import CommandError
from django.core.management.base import SystemCheckError

from config.run import scheduler


def test_it_wakes_just_after_the_full_minute() -> None:
    assert scheduler.until_next_minute(1_200.0) == pytest.approx(60.1)
    assert scheduler.until_next_minute(1_259.5) == pytest.approx(0.6)


def test_publishing_is_due_each_minute_and_housekeeping_more_rarely() -> None:
    def due(minute: int) -> list[str]:
        return [job.command[0] for job in scheduler.JOBS if job.is_due(minute)]

    assert due(1) == ["publish_scheduled_posts"]
    assert due(60) == ["publish_scheduled_posts", "signals"]
    assert due(1440)[2:] == ["media_gc", "reconcile", "clearsessions"]


def test_a_long_job_of_the_day_does_not_hold_up_the_clock(monkeypatch: pytest.MonkeyPatch) -> None:
    working, go_on = threading.Event(), threading.Event()

    def take_long(name: str, *_: str) -> None:
        if name == "reconcile":
            working.set()
            assert go_on.wait(10)

    monkeypatch.setattr(scheduler, "call_command", take_long)
    scheduler.tick(1440, threading.Event())
    assert working.wait(10), "it runs, and the tick is over"
    go_on.set()


@pytest.mark.parametrize("error", [CommandError("no"), RuntimeError("no"), SystemCheckError("no")])
def test_a_failing_command_is_logged_and_the_next_one_runs(
    monkeypatch: pytest.MonkeyPatch,
    logged_errors: list[logging.LogRecord],
    error: Exception,
) -> None:
    called: list[str] = []

    def fail_once(name: str, *_: str) -> None:
        called.append(name)
        if len(called) == 1:
            raise error

    monkeypatch.setattr(scheduler, "call_command", fail_once)
    scheduler.tick(60, threading.Event())
    assert called == ["publish_scheduled_posts", "signals"]
    assert [record.getMessage() for record in logged_errors] == ["publish_scheduled_posts failed"]
    logged_errors.clear()


def test_an_exit_code_does_not_end_the_clock(monkeypatch: pytest.MonkeyPatch) -> None:
    def leave(*_: str) -> None:
        raise SystemExit(1)

    monkeypatch.setattr(scheduler, "call_command", leave)
    scheduler.tick(1, threading.Event())


def test_after_a_stop_no_further_command_begins(monkeypatch: pytest.MonkeyPatch) -> None:
    stop, called = threading.Event(), []

    def stop_during(name: str, *_: str) -> None:
        called.append(name)
        stop.set()

    monkeypatch.setattr(scheduler, "call_command", stop_during)
    scheduler.tick(60, stop)
    assert called == ["publish_scheduled_posts"]
