"""What would happen: an act and its effects, run in a transaction that is always rolled back.

Receivers that reach outside the database are not called; they are listed as "later", or stand
in by a function of their own (`receiver(..., rehearse=…)`) that only counts and notes.
"""

from collections.abc import Callable
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import Any

from django.db import transaction

from signalflow.payload import capture
from signalflow.spans import Recorder, Span, here
from signalflow.spec import Receiver


@dataclass(slots=True)
class _Waiting:
    spec: Receiver
    named: dict[str, Any]
    place: tuple[Recorder, Span]


@dataclass(slots=True)
class _Stage:
    waiting: list[_Waiting] = field(default_factory=list)
    served: set[tuple[str, str]] = field(default_factory=set)


_stage: ContextVar[_Stage | None] = ContextVar("stage", default=None)


def rehearsing() -> bool:
    """Whether what happens here will be undone: leave caches, files and servers alone."""
    return _stage.get() is not None


def postpone(spec: Receiver, named: dict[str, Any]) -> bool:
    """Take note of a receiver that would run after the commit; False outside a rehearsal."""
    stage, place = _stage.get(), here()
    if stage is None or place is None:
        return False
    place[1].outcome = "waiting"
    stage.waiting.append(_Waiting(spec, {n: capture(v) for n, v in named.items()}, place))
    return True


def rehearse(act: Callable[[], Any]) -> Span:
    """Run `act` and everything it would set in motion, then undo it all.

    Returns the tree of what happened.  Raises what `act` raises: a refusal is an answer too.
    Nothing leaves: no row, no delivery, no mail, no dropped page, no file.
    """
    recorder = Recorder("act", "rehearsal")
    stage = _Stage()
    token = _stage.set(stage)
    try:
        with transaction.atomic():
            with recorder.inside(recorder.root):
                act()
                while stage.waiting:
                    _perform(stage, stage.waiting.pop(0))
            transaction.set_rollback(True)
    finally:
        _stage.reset(token)
    return recorder.root


def _perform(stage: _Stage, waiting: _Waiting) -> None:
    spec, (recorder, span) = waiting.spec, waiting.place
    key = (spec.uid, spec.key_of(waiting.named))
    if key[1] and key in stage.served:
        span.outcome = "coalesced"
        return
    stage.served.add(key)
    function = spec.rehearsal
    if function is None:
        span.outcome = "later"
        return
    span.outcome = "done"
    try:
        with recorder.inside(span), transaction.atomic():
            function(**waiting.named)
    except Exception as error:  # noqa: BLE001 - the boundary: an effect that would fail is a forecast
        span.outcome = type(error).__name__
