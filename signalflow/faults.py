"""What makes a receiver unable to work: told at its registration, and by `manage.py check`."""

import inspect
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

from django.db.models.signals import ModelSignal
from django.dispatch import Signal

from signalflow import payload
from signalflow.domain import DomainSignal
from signalflow.names import signal_name
from signalflow.spec import AFTER_COMMIT, DURABLE, NOW, Receiver, uid_of


class Fault(NamedTuple):
    """One problem, with the id of its system check."""

    id: str
    text: str


def faults_of(spec: Receiver, signal: Signal, sender: Any) -> Iterator[Fault]:
    """Everything that keeps a receiver from working on this signal."""
    yield from argument_faults(spec.function, signal)
    arguments = signal.arguments if isinstance(signal, DomainSignal) else None
    if isinstance(sender, str) and not isinstance(signal, ModelSignal):
        yield Fault("E002", "a sender's name in quotes works for model signals only")
    if arguments is not None and isinstance(spec.key, str) and spec.key not in arguments:
        yield Fault("E002", f"{signal_name(signal)} has no argument {spec.key} to use as key")
    if spec.phase is not NOW and inspect.iscoroutinefunction(spec.function):
        yield Fault("E005", "async functions can be served only in phase NOW")
    if spec.phase is NOW and spec.key is not None:
        yield Fault("E002", "a key coalesces runs after the commit; phase NOW has none")
    if spec.phase is not DURABLE and (spec.eager or not spec.atomic):
        yield Fault("E002", "eager and atomic belong to phase DURABLE")
    if spec.phase is not AFTER_COMMIT and spec.backstop:
        yield Fault("E002", "a backstop belongs to phase AFTER_COMMIT")
    stored = spec.phase is DURABLE or spec.backstop
    if stored and "<" in spec.uid and spec.uid == uid_of(spec.function):
        yield Fault("E003", "a worker cannot find a local function or lambda by name; give a uid")
    for name, declared in (arguments or {}).items() if stored else ():
        if isinstance(declared, type) and not issubclass(declared, payload.STORABLE):
            yield Fault("E003", f"no delivery can carry {name}: {declared!r}")


def argument_faults(function: Callable[..., Any], signal: Signal) -> Iterator[Fault]:
    """Whether a function can take what a signal sends, now and after it has grown."""
    parameters = inspect.signature(function).parameters.values()
    if not any(parameter.kind is parameter.VAR_KEYWORD for parameter in parameters):
        yield Fault("E002", "needs **kwargs: signals grow arguments")
    if isinstance(signal, DomainSignal):
        names = {p.name for p in parameters if p.kind not in (p.VAR_KEYWORD, p.VAR_POSITIONAL)}
        if unknown := sorted(names - signal.arguments.keys() - {"sender", "signal"}):
            yield Fault("E002", f"{signal_name(signal)} has no argument {', '.join(unknown)}")
