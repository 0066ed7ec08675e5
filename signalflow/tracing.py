"""What ran, in which order, how long and with which result: one tree for each action.

The tree lives in a context variable, so parallel requests cannot mix.  It is written once, when
the action and everything that followed its commit are over.  A delivery keeps a tree of its own
in its row and joins by the trace id, so the whole goes on growing while workers run.
"""

import logging
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from contextvars import ContextVar
from functools import partial
from operator import attrgetter
from typing import Any

from django.apps import apps
from django.db.models import Model
from django.dispatch import Signal

from signalflow import conf
from signalflow.commits import after_commit
from signalflow.names import reference, sender_name, signal_name
from signalflow.spans import NOWHERE, Recorder, Span, SpanScope, current_scope

logger = logging.getLogger("signalflow")

_name = attrgetter("name")  # a comprehension costs more, at every receiver

NO_ERROR = {"done", "queued", "waiting", "coalesced"}

# Who is given the writing of a finished tree.  Inside somebody's transaction the rest of the
# tree grows after its commit; a request's is written when the response has been sent.
writing: ContextVar[Callable[[Callable[[], None]], None]] = ContextVar(
    "writing", default=after_commit
)


@contextmanager
def act(name: str, target: Any, actor: Any, trace: str) -> Iterator[None]:
    """One action: the root of a tree, or a branch where a tree is growing already."""
    scope = current_scope()
    if scope is None and not conf.options().trace:
        yield
        return
    recorder = scope.recorder if scope else Recorder("act", name)
    span = recorder.add(scope.span, "act", name) if scope else recorder.root
    if isinstance(target, Model):
        span.data["target"] = reference(target)
    try:
        with SpanScope(recorder, span):
            yield
    finally:
        if scope is None:
            writing.get()(partial(_write, recorder, trace, actor))


def receiving(
    scope: SpanScope, signal: Signal, uid: str, phase: str, named: dict[str, Any]
) -> SpanScope:
    """The span of a receiver, below that of its signal.

    A domain signal opens that span itself.  A plain one is met at its first receiver; those
    that follow find it as the last one here, unless they were called already: then the signal
    was sent once more.
    """
    recorder, span = scope.recorder, scope.span
    if span.emission is not signal:
        identity = (signal, id(named.get("instance")), named.get("action"))
        last = span.children[-1] if span.children else None
        if last is None or last.emission != identity or uid in map(_name, last.children):
            last = _sent(scope, signal, named.get("sender"), identity)
        span = last
    return SpanScope(recorder, recorder.add(span, "receiver", uid, phase))


def sending(signal: Signal, sender: Any) -> AbstractContextManager[None]:
    """The span of a domain signal while it is sent."""
    scope = current_scope()
    return (
        NOWHERE
        if scope is None
        else SpanScope(scope.recorder, _sent(scope, signal, sender, signal))
    )


def _sent(scope: SpanScope, signal: Signal, sender: Any, identity: object) -> Span:
    span = scope.recorder.add(scope.span, "signal", signal_name(signal))
    span.data["sender"] = sender_name(sender)
    span.emission = identity
    return span


def _write(recorder: Recorder, trace: str, actor: Any) -> None:
    """Store a finished tree; never at the cost of the action it tells of."""
    root = recorder.root
    if root.is_empty():
        return
    spans = list(root.every())
    targets = dict.fromkeys(span.data["target"] for span in spans if "target" in span.data)
    try:
        apps.get_model("signalflow", "Trace").objects.create(
            id=trace,
            name=root.name[:200],
            actor_id=str(actor.pk) if actor is not None and actor.is_authenticated else "",
            targets=" ".join(targets),
            took=root.took,
            errors=sum(s.kind == "receiver" and s.outcome not in NO_ERROR for s in spans),
            tree=root.dump(),
        )
    except Exception:
        logger.exception("a trace could not be written")
