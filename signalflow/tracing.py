"""What ran, in which order, how long and with which result: one tree for each action.

The tree lives in a context variable, so parallel requests cannot mix.  It is written once, when
the action and everything that followed its commit are over.  A delivery keeps a tree of its own
in its row and joins by the trace id, so the whole goes on growing while workers run.

Names, keys, counts and times are recorded; never addresses, texts or payloads.
"""

import logging
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from functools import partial
from threading import get_ident
from typing import Any

from django.apps import apps
from django.db import DEFAULT_DB_ALIAS, connections, transaction
from django.db.models import Model
from django.dispatch import Signal

from signalflow import conf
from signalflow.names import reference, sender_name, signal_name

logger = logging.getLogger("signalflow")

NO_ERROR = {"done", "queued", "waiting", "coalesced"}
SPANS_MAX = 500  # of one tree; a bulk act of thousands is told by its first ones and a number


class Span:
    """One signal, receiver, delivery or act.  `began` and `took` are microseconds."""

    __slots__ = (
        *("kind", "name", "phase", "began", "took", "queries", "outcome"),
        *("data", "notes", "children", "emission"),
    )

    def __init__(self, kind: str, name: str, phase: str = "", began: int = 0) -> None:
        self.kind, self.name, self.phase, self.began = kind, name, phase, began
        self.took = self.queries = 0
        self.outcome = "done"
        self.data: dict[str, Any] = {}
        self.notes: list[list[Any]] = []
        self.children: list[Span] = []
        self.emission: object = None

    def dump(self) -> dict[str, Any]:
        """This tree as JSON; what is empty is left out."""
        fields = {
            name: getattr(self, name)
            for name in ("kind", "name", "phase", "began", "took", "queries", "outcome", "data")
        }
        children = [child.dump() for child in self.children if not child.is_empty()]
        tree = {**fields, "notes": self.notes, "children": children}
        return {name: value for name, value in tree.items() if value not in ("", [], {})}

    def has_child(self, name: str) -> bool:
        for child in self.children:  # noqa: SIM110 - `any` costs a microsecond at every receiver
            if child.name == name:
                return True
        return False

    def is_empty(self) -> bool:
        """An act inside which nothing was sent."""
        return self.kind == "act" and all(child.is_empty() for child in self.children)


class Recorder:
    """One tree while it grows."""

    def __init__(self, kind: str, name: str, **data: Any) -> None:
        self.root = Span(kind, name)
        self.root.data = data
        self.begun = time.perf_counter_ns()
        self.spans = 0
        self.queries = 0
        self.thread = 0  # where its queries are being counted

    def now(self) -> int:
        return (time.perf_counter_ns() - self.begun) // 1000

    def add(self, parent: Span, kind: str, name: str, phase: str = "") -> Span:
        """A new span below `parent`; past the bound it is counted, not kept."""
        child = Span(kind, name, phase, (time.perf_counter_ns() - self.begun) // 1000)
        self.spans += 1
        if self.spans > SPANS_MAX:
            self.root.data["left_out"] = self.spans - SPANS_MAX
        else:
            parent.children.append(child)
        return child

    def _count_query(self, execute: Callable[..., Any], *arguments: Any) -> Any:
        self.queries += 1
        return execute(*arguments)

    def inside(self, span: Span) -> "Inside":
        """Let `span` be where things happen; its time, queries and outcome are taken."""
        return Inside(self, span)


class Inside:
    """See `Recorder.inside`.  No generator: it stands around every receiver that is traced."""

    __slots__ = ("began", "listening", "queries", "recorder", "span", "token")

    def __init__(self, recorder: Recorder, span: Span) -> None:
        self.recorder, self.span = recorder, span
        self.listening: list[Any] | None = None

    def __enter__(self) -> None:
        recorder, here, thread = self.recorder, _here.get(), get_ident()
        # Below a span of the same tree its queries are heard already; a connection is looked up
        # only where that may be another one: at the top, after the commit, in another thread.
        if here is None or here[0] is not recorder or recorder.thread != thread:
            recorder.thread = thread
            wrappers = connections[DEFAULT_DB_ALIAS].execute_wrappers
            if recorder._count_query not in wrappers:
                wrappers.append(recorder._count_query)
                self.listening = wrappers
        self.token, self.queries = _here.set((recorder, self.span)), recorder.queries
        self.began = time.perf_counter_ns()

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        span, recorder = self.span, self.recorder
        span.took += (time.perf_counter_ns() - self.began) // 1000
        span.queries += recorder.queries - self.queries
        if kind is not None:
            span.outcome = kind.__name__
        _here.reset(self.token)
        if self.listening is not None:
            self.listening.remove(recorder._count_query)


Place = tuple[Recorder, Span]

_here: ContextVar[Place | None] = ContextVar("span", default=None)
_finished: ContextVar[list[Callable[[], None]] | None] = ContextVar("finished", default=None)

here = _here.get


def note(kind: str, **data: Any) -> None:
    """Tell what happened here, such as `note("mails queued", count=42)`; no-op when not traced."""
    place = _here.get()
    if place is not None:
        place[1].notes.append([kind, data])


@contextmanager
def act(name: str, target: Any, actor: Any, trace: str) -> Iterator[None]:
    """One action: the root of a tree, or a branch where a tree is growing already."""
    place, reference = _here.get(), _reference(target)
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
    place = _here.get()
    if place is not None:
        place[1].outcome = "waiting"
    return place


def queued(delivery: int) -> None:
    """Mark the receiver here as handed to a worker; its own tree is in the delivery."""
    place = _here.get()
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
    place = _here.get()
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
