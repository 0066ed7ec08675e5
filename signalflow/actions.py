"""Who is doing what: the action that everything in this context belongs to."""

import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Any

from signalflow import tracing

_current: ContextVar["Action | None"] = ContextVar("action", default=None)


@dataclass(frozen=True, slots=True)
class Action:
    """One request, command or worker run.

    `trace` is the id its audit entries and deliveries share, also when they run later in
    another process.  `actor` may be a lazy user: it is looked at only when somebody asks.
    """

    name: str
    actor: Any = None
    target: Any = None
    address: str = ""
    trace: str = ""


@contextmanager
def action(
    name: str, *, actor: Any = None, target: Any = None, address: str = "", trace: str = ""
) -> Iterator[Action]:
    """Name what happens in this block.  Opens no transaction.

    `actor` is the user who acts (None: the system), `target` what is acted upon, `address`
    the client's network address, `trace` the id of an earlier action this one continues.  An
    action inside another one belongs to its trace.
    """
    trace = trace or current_trace() or uuid.uuid4().hex
    begun = Action(name, actor, target, address or _current_address(), trace)
    token = _current.set(begun)
    try:
        with tracing.act(name, target, actor, trace):
            yield begun
    finally:
        _current.reset(token)


@contextmanager
def continued(trace: str) -> Iterator[None]:
    """Let what happens in this block belong to an earlier action, done by nobody in person."""
    token = _current.set(Action("delivery", trace=trace))
    try:
        yield
    finally:
        _current.reset(token)


def current_action() -> Action | None:
    """The innermost action of this context, if any."""
    return _current.get()


def current_trace() -> str:
    """The current action's trace id, "" outside any."""
    begun = _current.get()
    return begun.trace if begun else ""


def _current_address() -> str:
    begun = _current.get()
    return begun.address if begun else ""


def current_actor() -> Any:
    """The signed-in user who acts, or None for visitors, commands and workers."""
    begun = _current.get()
    actor = begun.actor if begun else None
    return actor if actor is not None and actor.is_authenticated else None
