"""What is really connected to a signal: one small closure per receiver and phase."""

import inspect
from collections.abc import Callable
from functools import partial
from typing import Any

from django.db import DEFAULT_DB_ALIAS, transaction
from django.dispatch import Signal

from signalflow import outbox, tracing
from signalflow.commits import wait
from signalflow.domain import isolating
from signalflow.muting import any_silence, silenced
from signalflow.rehearsal import rehearsing
from signalflow.spans import here
from signalflow.spec import AFTER_COMMIT, DURABLE, NOW, Receiver

Runner = Callable[..., Any]


def runner(signal: Signal, spec: Receiver) -> Runner:
    """The callable Django gets in place of the function: muting first, then its phase."""
    react = spec.function if spec.phase is NOW else partial(_REACTIONS[spec.phase], spec)
    uid, phase = spec.uid, spec.phase.value

    def quiet(named: dict[str, Any]) -> bool:
        return (bool(named.get("raw")) and not spec.fixtures) or silenced(spec, signal)

    async def run_async(**named: Any) -> Any:
        if quiet(named):
            return None
        place = here()
        if place is None:
            return await react(**named)
        with tracing.receiving(place, signal, uid, phase, named):
            return await react(**named)

    def isolated(**named: Any) -> Any:
        with transaction.atomic():
            return react(**named)

    def run(**named: Any) -> Any:
        if (any_silence() or "raw" in named) and quiet(named):
            return None
        call = isolated if isolating.get() else react
        place = here()
        if place is None:
            return call(**named)
        with tracing.receiving(place, signal, uid, phase, named):
            return call(**named)

    return run_async if inspect.iscoroutinefunction(react) else run


def _after_commit(spec: Receiver, /, **named: Any) -> None:
    # A rehearsal is one transaction: no other database may take an effect for committed.
    wait(spec, named, DEFAULT_DB_ALIAS if rehearsing() else named.get("using") or DEFAULT_DB_ALIAS)


def _durably(spec: Receiver, /, signal: Signal, sender: Any, **named: Any) -> None:
    if rehearsing():
        wait(spec, {"signal": signal, "sender": sender, **named})
    else:
        outbox.put(spec, signal, sender, named)


_REACTIONS: dict[Any, Runner] = {AFTER_COMMIT: _after_commit, DURABLE: _durably}
