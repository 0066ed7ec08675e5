"""What ran, in which order, how long and with which result: one tree for each action.

The tree lives in a context variable, so parallel requests cannot mix.  It is written once, when
the action and everything that followed its commit are over.  A delivery keeps a tree of its own
in its row and joins by the trace id, so the whole goes on growing while workers run.
"""

import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from functools import partial
from typing import Any

from django.apps import apps
from django.db import transaction
from django.db.models import Model
from django.dispatch import Signal

from signalflow import conf
from signalflow.names import reference, sender_name, signal_name
from signalflow.spans import Place, Recorder, Span, here

logger = logging.getLogger("signalflow")

NO_ERROR = {"done", "queued", "waiting", "coalesced"}

_finished: ContextVar[list[Callable[[], None]] | None] = ContextVar("finished", default=None)


@contextmanager
def act(name: str, target: Any, actor: Any, trace: str) -> Iterator[None]:
    """One action: the root of a tree, or a branch where a tree is growing already."""
    place, reference = here(), _reference(target)
    if place is not None:
        recorder, parent = place
        span = recorder.add(parent, "act", name)
        span.data.update(reference)
        with recorder.inside(span):
            yield
        return
    if not conf.options().trace:
        yield
        return
    recorder = Recorder("act", name, **reference)
    try:
        with recorder.inside(recorder.root):
            yield
    finally:
        # Inside somebody's transaction the rest of the tree grows after its commit.
        write = partial(_write, recorder, trace, actor)
        later = _finished.get()
        if later is None:
            transaction.on_commit(write)
        else:
            later.append(write)


@contextmanager
def written_afterwards() -> Iterator[Callable[[], None]]:
    """Put the writing of a request's tree off; the yielded function does it."""
    pending: list[Callable[[], None]] = []
    token = _finished.set(pending)

    def write() -> None:
        while pending:
            pending.pop(0)()

    try:
        yield write
    finally:
        _finished.reset(token)


def _reference(target: Any) -> dict[str, str]:
    return {"target": reference(target)} if isinstance(target, Model) else {}


def emission(place: Place, signal: Signal, uid: str, named: dict[str, Any]) -> Place:
    """Where a receiver belongs: below the span of its signal.

    A domain signal opens that span itself.  A plain one is met at its first receiver; those
    that follow find it as the last one here, unless they were called already: then the signal
    was sent once more.
    """
    recorder, span = place
    if span.emission is signal:
        return place
    identity = (signal, id(named.get("instance")), named.get("action"))
    last = span.children[-1] if span.children else None
    if last is None or last.emission != identity or last.has_child(uid):
        last = recorder.add(span, "signal", signal_name(signal))
        last.data["sender"] = sender_name(named.get("sender"))
        last.emission = identity
    return recorder, last


def wait_here() -> Place | None:
    """Mark the receiver that is being scheduled as waiting for the commit."""
    place = here()
    if place is not None:
        place[1].outcome = "waiting"
    return place


def queued(delivery: int) -> None:
    """Mark the receiver here as handed to a worker; its own tree is in the delivery."""
    place = here()
    if place is not None:
        place[1].outcome = "queued"
        place[1].data["delivery"] = delivery


def end(place: Place | None, outcome: str) -> None:
    """Close a waiting span that will not run."""
    if place is not None:
        place[1].outcome = outcome


@contextmanager
def resumed(place: Place | None) -> Iterator[None]:
    """Run a waiting receiver where its emission was, now that the commit has come."""
    if place is None:
        yield
        return
    recorder, span = place
    span.outcome, span.began, span.took = "done", recorder.now(), 0
    with recorder.inside(span):
        yield


def sending(signal: Signal, sender: Any) -> Any:
    """The span of a domain signal while it is sent."""
    place = here()
    if place is None:
        return _NOTHING
    recorder, parent = place
    span = recorder.add(parent, "signal", signal_name(signal))
    span.data["sender"] = sender_name(sender)
    span.emission = signal
    return recorder.inside(span)


class _Nothing:
    def __enter__(self) -> None: ...
    def __exit__(self, *_: object) -> None: ...


_NOTHING = _Nothing()


def _write(recorder: Recorder, trace: str, actor: Any) -> None:
    """Store a finished tree; never at the cost of the action it tells of."""
    if recorder.root.is_empty():
        return
    user = actor if actor is not None and actor.is_authenticated else None
    try:
        apps.get_model("signalflow", "Trace").objects.create(
            id=trace,
            name=recorder.root.name[:200],
            actor_id=str(user.pk) if user else "",
            targets=" ".join(_targets(recorder.root))[:1000],
            took=recorder.root.took,
            errors=_errors(recorder.root),
            tree=recorder.root.dump(),
        )
    except Exception:
        logger.exception("a trace could not be written")


def _targets(span: Span) -> list[str]:
    own = [span.data["target"]] if "target" in span.data else []
    below = [target for child in span.children for target in _targets(child)]
    return list(dict.fromkeys(own + below))


def _errors(span: Span) -> int:
    failed = span.kind == "receiver" and span.outcome not in NO_ERROR
    return failed + sum(_errors(child) for child in span.children)
