"""Who is doing what: the action that everything in this context belongs to."""

import uuid
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Any

from signalflow import tracing
from signalflow.context import bound


@dataclass(frozen=True, slots=True)
class Action:
    """One request, command or worker run.

    `trace` is the id its audit entries and deliveries share, also when they run later in
    another process.  `actor` may be a lazy user: it is looked at only when somebody asks.
    """

    name: str
    actor: Any = None
    target: Any = None
    trace: str = ""


_NONE = Action("")
_current: ContextVar[Action] = ContextVar("action", default=_NONE)


@contextmanager
def action(name: str, *, actor: Any = None, target: Any = None) -> Iterator[Action]:
    """Name what happens in this block.  Opens no transaction.

    `actor` is the user who acts (None: the system), `target` what is acted upon.  An action
    inside another one belongs to its trace.
    """
    begun = Action(name, actor, target, current_trace() or uuid.uuid4().hex)
    with bound(_current, begun), tracing.act(name, target, actor, begun.trace):
        yield begun


def continued(trace: str) -> AbstractContextManager[Action]:
    """Let what happens in a block belong to an earlier action, done by nobody in person."""
    return bound(_current, Action("delivery", trace=trace))


def current_action() -> Action | None:
    """The innermost action of this context, if any."""
    begun = _current.get()
    return None if begun is _NONE else begun


def current_trace() -> str:
    """The current action's trace id, "" outside any."""
    return _current.get().trace


def current_actor() -> Any:
    """The signed-in user who acts, or None for visitors, commands and workers."""
    actor = _current.get().actor
    return actor if actor is not None and actor.is_authenticated else None
