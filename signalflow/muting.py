"""Receivers switched off for a while, for this thread or task alone.

A process-wide `disconnect` would silence other requests too, and lose track when two
silences overlap.  Here a silence is an entry in a context variable: it ends with its owner,
whatever else was muted or unmuted meanwhile.
"""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from contextvars import ContextVar
from typing import Any

from django.dispatch import Signal

from signalflow.spec import Receiver

Target = Callable[..., Any] | Signal

FIXTURES = object()  # the target of a silence for all who did not ask for fixtures

# Who silences what: an owner, and a receiver's function, a signal, or FIXTURES.
_silences: ContextVar[frozenset[tuple[object, object]]] = ContextVar(
    "silences", default=frozenset()
)

any_silence = _silences.get


def silenced(receiver: Receiver, signal: Signal, *, raw: bool) -> bool:
    """Whether this receiver must keep still for this signal, here and now."""
    targets = [target for _, target in any_silence()]
    if (raw or FIXTURES in targets) and not receiver.fixtures:
        return True
    return receiver.mutable and (receiver.function in targets or signal in targets)


def _mutable(target: Target) -> Target:
    receivers: list[Receiver] = getattr(target, "signalflow_receivers", [])
    if not isinstance(target, Signal) and not receivers:
        raise TypeError(f"{target!r} is neither a signal nor a signalflow receiver")
    if fixed := [receiver.uid for receiver in receivers if not receiver.mutable]:
        raise TypeError(f"{fixed[0]} is declared mutable=False and cannot be muted")
    return target


class Mutes:
    """Silences without a block, for code that begins and ends in different places."""

    def disable(self, target: Target) -> None:
        """Silence a receiver or a signal; once more has no further effect."""
        self._begin(_mutable(target))

    def enable(self, target: Target) -> None:
        """End what `disable` began; silences of other owners stay."""
        _silences.set(any_silence() - {(self, target)})

    def enable_all(self) -> None:
        """End every silence this object began."""
        _silences.set(frozenset(each for each in any_silence() if each[0] is not self))

    def _begin(self, *targets: object) -> None:
        _silences.set(any_silence() | {(self, target) for target in targets})


@contextmanager
def _silent(*targets: object) -> Iterator[None]:
    owner = Mutes()
    owner._begin(*targets)
    try:
        yield
    finally:
        owner.enable_all()


def muted(*targets: Target, reason: str) -> AbstractContextManager[None]:
    """Silence receivers, or whole signals, until the block ends.

    Nests, survives exceptions, never reaches another thread, task or request.  `reason` says
    why, for whoever reads the code next.  Raises TypeError for what cannot be muted.
    """
    if not reason:
        raise ValueError("say why: muted(..., reason='…')")
    return _silent(*map(_mutable, targets))


def loading_fixtures() -> AbstractContextManager[None]:
    """Silence every receiver that did not ask for fixtures, even m2m_changed (no `raw` there)."""
    return _silent(FIXTURES)
