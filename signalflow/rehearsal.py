"""What would happen: an act and its effects, run in a transaction that is always rolled back.

Receivers that reach outside the database are not called; they are listed as "later", or stand
in by a function of their own (`receiver(..., rehearse=…)`) that only counts and notes.
"""

from collections.abc import Callable
from contextlib import suppress
from typing import Any

from django.db import connection, transaction

from signalflow.commits import Hook
from signalflow.context import bound
from signalflow.phases import PendingReceiver, Served, in_rehearsal
from signalflow.spans import Recorder, Span, SpanScope


def rehearsing() -> bool:
    """Whether what happens here will be undone: leave caches, files and servers alone."""
    return in_rehearsal.get()


def rehearse(act: Callable[[], Any]) -> Span:
    """Run `act` and everything it would set in motion, then undo it all.

    Returns the tree of what happened.  Raises what `act` raises: a refusal is an answer too.
    Nothing leaves: no row, no delivery, no mail, no dropped page, no file.
    """
    recorder = Recorder("act", "rehearsal")
    with bound(in_rehearsal, True), transaction.atomic():
        with SpanScope(recorder):
            before = len(connection.run_on_commit)
            act()
            _perform_from(before)
        transaction.set_rollback(True)
    return recorder.root


def _perform_from(position: int) -> None:
    """Run what now waits for a commit that will not come, and what that sets in motion in turn."""
    served: Served = {}
    while position < len(connection.run_on_commit):
        hook = connection.run_on_commit[position][1]
        position += 1
        if isinstance(hook, Hook) and isinstance(waiting := hook.call, PendingReceiver):
            spec = waiting.spec
            stand_in = spec.rehearse or (spec.function if spec.atomic else None)
            # An effect that would fail is a forecast too: its span tells of it.
            with suppress(Exception), transaction.atomic():
                waiting.run(stand_in, served)
