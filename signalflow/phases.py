"""What is really connected to a signal: one small closure per receiver, and what phases do."""

import inspect
import itertools
import logging
from collections.abc import Callable
from contextvars import ContextVar
from functools import partial
from typing import Any

from django.apps import apps
from django.db import DEFAULT_DB_ALIAS, connections, transaction
from django.dispatch import Signal
from django.utils import timezone

from signalflow import conf, payload, tracing
from signalflow.actions import current_trace
from signalflow.commits import Hook, after_commit
from signalflow.domain import isolating
from signalflow.muting import any_silence, silenced
from signalflow.names import signal_name
from signalflow.spans import NOWHERE, current_scope
from signalflow.spec import AFTER_COMMIT, DURABLE, NOW, Phase, Receiver

logger = logging.getLogger("signalflow")

Handler = Callable[..., Any]
Served = dict[tuple[str, str], int]  # by uid and key: the number of its last run

# True where the transaction will be rolled back, and nothing may leave it.
in_rehearsal: ContextVar[bool] = ContextVar("in_rehearsal", default=False)

_numbers = itertools.count()  # of emissions and of runs, in one row


def build_handler(signal: Signal, spec: Receiver) -> Handler:
    """The callable Django gets in place of the function: muting first, then its phase."""
    react = spec.function if spec.phase is NOW else partial(_REACTIONS[spec.phase], spec)
    uid, phase = spec.uid, spec.phase.value

    async def run_async(**named: Any) -> Any:
        if silenced(spec, signal, raw=named.get("raw", False)):
            return None
        scope = current_scope()
        with tracing.receiving(scope, signal, uid, phase, named) if scope else NOWHERE:
            return await react(**named)

    def isolated(**named: Any) -> Any:
        with transaction.atomic():
            return react(**named)

    def run(**named: Any) -> Any:
        raw = named.get("raw", False)
        if (raw or any_silence()) and silenced(spec, signal, raw=raw):
            return None
        call = isolated if isolating.get() else react
        scope = current_scope()
        if scope is None:
            return call(**named)
        with tracing.receiving(scope, signal, uid, phase, named):
            return call(**named)

    return run_async if inspect.iscoroutinefunction(react) else run


class PendingReceiver:
    """One receiver of one emission, waiting for the commit.

    Coalescing happens here, at execution: which emissions survive is known only once every
    savepoint has been kept or rolled back.  A run that succeeds serves every emission made
    before it.  `backstop` is the delivery that a worker runs should this one not come to its end.
    """

    def __init__(
        self, spec: Receiver, named: dict[str, Any], served: Served, backstop: int | None = None
    ) -> None:
        self.spec, self.served, self.backstop = spec, served, backstop
        self.key = spec.uid, spec.key_of(named)
        self.named = {name: payload.capture(value) for name, value in named.items()}
        self.number = next(_numbers)
        self.scope = current_scope()
        self._tell("waiting")

    def __call__(self) -> None:
        try:
            self.run(self.spec.function, self.served)
            self._settle_backstop()
        except Exception:
            logger.exception("after-commit receiver %s failed", self.spec.uid)

    def run(self, function: Handler | None, served: Served) -> None:
        """Call `function`, unless one of those `served` stood for this emission too."""
        if self.key[1] and served.get(self.key, -1) > self.number:
            return self._tell("coalesced")
        if function is None:
            return self._tell("later")
        number = next(_numbers)
        with self.scope.resumed() if self.scope else NOWHERE:
            function(**self.named)
        served[self.key] = number

    def _settle_backstop(self) -> None:
        """Tell the workers that it is done.  One that was quicker has done it once more."""
        if self.backstop is not None:
            waiting = apps.get_model("signalflow", "Delivery").objects.waiting(self.backstop)
            waiting.update(state="done", finished_at=timezone.now())

    def _tell(self, outcome: str) -> None:
        if self.scope is not None:
            self.scope.span.outcome = outcome


def _after_commit(spec: Receiver, /, **named: Any) -> None:
    # A rehearsal is one transaction: no other database may take an effect for committed.
    using = DEFAULT_DB_ALIAS if in_rehearsal.get() else named.get("using") or DEFAULT_DB_ALIAS
    hooks = (entry[1] for entry in reversed(connections[using].run_on_commit))
    others = (hook.call for hook in hooks if isinstance(hook, Hook))
    served = next((other.served for other in others if isinstance(other, PendingReceiver)), {})
    backstop = _store(spec, **named) if spec.backstop and not in_rehearsal.get() else None
    after_commit(PendingReceiver(spec, named, served, backstop), using=using)


def _durably(spec: Receiver, /, **named: Any) -> None:
    if in_rehearsal.get():
        return _after_commit(spec, **named)
    pk = _store(spec, **named)
    if scope := current_scope():
        scope.span.outcome = "queued"
    if follow := _try_once if spec.eager else conf.options().dispatch:
        after_commit(partial(follow, pk), name=f"the first try of {spec.uid}")


def _store(spec: Receiver, /, signal: Signal, sender: Any, **named: Any) -> int:
    """Store a delivery in the sender's transaction, so that it shares its fate.

    Raises payload.NotSerializable when an argument cannot be carried; the act is then rolled back
    by whoever sent the signal, rather than its effect being lost in silence.
    """
    pk: int = (
        apps.get_model("signalflow", "Delivery")
        .objects.create(
            receiver=spec.uid,
            signal=signal_name(signal),
            payload=payload.dump({"sender": sender, **named}),
            key=spec.key_of(named),
            trace=current_trace(),
        )
        .pk
    )
    if scope := current_scope():
        scope.span.data["delivery"] = pk
    return pk


def _try_once(pk: int) -> None:
    from signalflow.deliveries import run_one  # noqa: PLC0415 - needs loaded models

    run_one(pk)


_REACTIONS: dict[Phase, Handler] = {AFTER_COMMIT: _after_commit, DURABLE: _durably}
