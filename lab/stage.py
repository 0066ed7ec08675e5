"""Where a trap is tried: a transaction that never commits, receivers that are always taken down.

Nobody else may notice a run.  Receivers hear the lab's own models and signals alone, one run at a
time is on the stage, and what it logs as an error is no error of the site.
"""

import logging
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import Context, ContextVar
from dataclasses import dataclass
from typing import Any

from django.db import connection, transaction
from django.db.models import signals

from lab.models import Label, Mirror, PolishedMirror
from signalflow import registry

SENDERS = (Mirror, PolishedMirror, Label, Label.mirrors.through)
MODEL_SIGNALS = (
    signals.pre_save,
    signals.post_save,
    signals.pre_delete,
    signals.post_delete,
    signals.m2m_changed,
)
LOCK_TIMEOUT_SECONDS = 20  # seconds; a run takes milliseconds

_one_at_a_time = threading.Lock()
_waiting_before: ContextVar[int] = ContextVar("waiting_before")


class Busy(Exception):  # noqa: N818 - says what the stage is
    """Somebody else's run does not end."""


@dataclass(frozen=True, slots=True)
class Seen:
    """What a form did: the value it returned, or the error it ended with."""

    value: Any = None
    error: str = ""


def perform(form: Callable[[], Any]) -> Seen:
    """Run one form of a trap and undo it.

    It gets a context of its own: no trace, actor or mute of the request reaches it, and nothing
    it does grows the request's trace.  Raises Busy when the stage does not become free.
    """
    if not _one_at_a_time.acquire(timeout=LOCK_TIMEOUT_SECONDS):
        raise Busy
    try:
        with _quiet_logs(), _receivers_taken_down():
            return Context().run(_undone, form)
    finally:
        _one_at_a_time.release()


def _undone(form: Callable[[], Any]) -> Seen:
    with transaction.atomic():
        _keep_other_processes_waiting()
        _waiting_before.set(len(connection.run_on_commit))
        try:
            return Seen(form())
        except Exception as error:  # noqa: BLE001 - the boundary: whatever a trap does is shown
            return Seen(error=f"It ended with {type(error).__name__}: {error}")
        finally:
            transaction.set_rollback(True)


def _keep_other_processes_waiting() -> None:
    """Their rows have the same names as these.  On SQLite a transaction has done it already."""
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("LOCK TABLE lab_mirror IN EXCLUSIVE MODE")


def commit() -> None:
    """Stand in for the commit: run the callbacks that wait for it, in order, as Django would.

    As there, one that raises takes those behind it along, and what a callback adds runs at once.
    """
    before = _waiting_before.get()
    waiting = connection.run_on_commit[before:]
    del connection.run_on_commit[before:]
    for _, callback, *_ in waiting:
        callback()
        commit()


@contextmanager
def _receivers_taken_down() -> Iterator[None]:
    try:
        yield
    finally:
        for wire in registry.wires():
            if wire.receiver.function.__module__.startswith("lab."):
                registry.forget(wire.receiver.uid)
        for signal in MODEL_SIGNALS:
            ours = {id(sender): sender for sender in SENDERS}
            for (uid, sender), *_ in list(signal.receivers):
                if sender in ours:  # Django keeps either the uid or the function's id there
                    signal.disconnect(sender=ours[sender], dispatch_uid=uid)


@contextmanager
def _quiet_logs() -> Iterator[None]:
    """Keep provoked errors from whoever watches the site's logs."""
    mine = threading.get_ident()
    loggers = [logging.getLogger(name) for name in ("signalflow", "django.dispatch")]

    def others_only(record: logging.LogRecord) -> bool:
        return record.thread != mine

    for logger in loggers:
        logger.addFilter(others_only)
    try:
        yield
    finally:
        for logger in loggers:
            logger.removeFilter(others_only)
