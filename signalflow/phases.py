"""What is really connected to a signal: one small closure per receiver and phase."""

import inspect
import itertools
import logging
from collections.abc import Callable
from typing import Any

from django.db import DEFAULT_DB_ALIAS, connections, transaction
from django.dispatch import Signal

from signalflow import outbox, tracing
from signalflow.domain import isolating
from signalflow.muting import any_silence, silenced
from signalflow.payload import capture
from signalflow.rehearsal import postpone
from signalflow.spans import Inside, here
from signalflow.spec import AFTER_COMMIT, DURABLE, Phase, Receiver

logger = logging.getLogger("signalflow")

Runner = Callable[..., Any]


def runner(signal: Signal, spec: Receiver) -> Runner:
    """The callable Django gets in place of the function: muting first, then its phase."""
    react = _REACTIONS[spec.phase](spec) if spec.phase in _REACTIONS else spec.function
    uid, phase = spec.uid, spec.phase.value

    def quiet(named: dict[str, Any]) -> bool:
        return (bool(named.get("raw")) and not spec.fixtures) or silenced(spec, signal)

    async def run_async(**named: Any) -> Any:
        if quiet(named):
            return None
        place = here()
        if place is None:
            return await react(**named)
        recorder, parent = tracing.emission(place, signal, uid, named)
        with Inside(recorder, recorder.add(parent, "receiver", uid, phase)):
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
        recorder, parent = tracing.emission(place, signal, uid, named)
        with Inside(recorder, recorder.add(parent, "receiver", uid, phase)):
            return call(**named)

    return run_async if inspect.iscoroutinefunction(react) else run


def _durably(spec: Receiver) -> Runner:
    def react(signal: Signal, sender: Any, **named: Any) -> None:
        if not postpone(spec, {"signal": signal, "sender": sender, **named}):
            outbox.put(spec, signal, sender, named)

    return react


_emissions = itertools.count()


class _Scope:
    """What one transaction's after-commit receivers know of each other."""

    def __init__(self) -> None:
        self.served: dict[tuple[str, str], int] = {}


class _AfterCommit:
    """One emission waiting for the commit.

    Coalescing happens here, at execution: which emissions survive is known only once every
    savepoint has been kept or rolled back.  A run serves every emission made before it.
    """

    __qualname__ = "after_commit"  # robust on_commit callbacks are logged by this name

    def __init__(self, spec: Receiver, named: dict[str, Any], scope: _Scope) -> None:
        self.spec, self.scope = spec, scope
        self.key = spec.key_of(named)
        self.named = {name: capture(value) for name, value in named.items()}
        self.number = next(_emissions)
        self.place = tracing.wait_here()

    def __call__(self) -> None:
        spec, served = self.spec, self.scope.served
        if self.key and served.get((spec.uid, self.key), -1) > self.number:
            tracing.end(self.place, "coalesced")
            return
        served[spec.uid, self.key] = next(_emissions)
        try:
            with tracing.resumed(self.place):
                spec.function(**self.named)
        except Exception:
            logger.exception("after-commit receiver %s failed", spec.uid)


def _after_commit(spec: Receiver) -> Runner:
    def react(**named: Any) -> None:
        if postpone(spec, named):
            return
        using = named.get("using") or DEFAULT_DB_ALIAS
        waiting = connections[using].run_on_commit
        scope = next(
            (entry[1].scope for entry in reversed(waiting) if isinstance(entry[1], _AfterCommit)),
            None,
        )
        transaction.on_commit(_AfterCommit(spec, named, scope or _Scope()), using=using)

    return react


_REACTIONS: dict[Phase, Callable[[Receiver], Runner]] = {
    AFTER_COMMIT: _after_commit,
    DURABLE: _durably,
}
