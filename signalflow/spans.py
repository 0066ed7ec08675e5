"""One tree of what runs, while it grows: spans, their recorder, and where we are in it.

Names, keys, counts and times are recorded; never addresses, texts or payloads.
"""

import time
from collections.abc import Callable, Iterator
from contextlib import nullcontext
from contextvars import ContextVar, Token
from threading import get_ident
from typing import Any

from django.db import DEFAULT_DB_ALIAS, connections

SPANS_MAX = 500  # of one tree; a bulk act of thousands is told by its first ones and a number

NOWHERE = nullcontext()  # entered in place of a `SpanScope` where nothing is traced


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
        tree = {name: getattr(self, name) for name in self.__slots__ if name != "emission"}
        tree["children"] = [child.dump() for child in self.children if not child.is_empty()]
        return {name: value for name, value in tree.items() if value not in ("", [], {})}

    def every(self) -> Iterator["Span"]:
        """This span and all below it, parents first."""
        yield self
        for child in self.children:
            yield from child.every()

    def is_empty(self) -> bool:
        """An act inside which nothing was sent."""
        return all(span.kind == "act" for span in self.every())


class Recorder:
    """One tree while it grows."""

    def __init__(self, kind: str, name: str) -> None:
        self.root = Span(kind, name)
        self.begun = time.perf_counter_ns()
        self.spans = self.queries = 0
        self.thread = 0  # where its queries are being counted

    def add(self, parent: Span, kind: str, name: str, phase: str = "") -> Span:
        """A new span below `parent`; past the bound it is counted, not kept."""
        child = Span(kind, name, phase, (time.perf_counter_ns() - self.begun) // 1000)
        self.spans += 1
        if self.spans > SPANS_MAX:
            self.root.data["left_out"] = self.spans - SPANS_MAX
        else:
            parent.children.append(child)
        return child

    def count_query(self, execute: Callable[..., Any], *arguments: Any) -> Any:
        self.queries += 1
        return execute(*arguments)


class SpanScope:
    """A span of a tree; while it is entered, that is where things happen.

    Its time, queries and outcome are taken.  No generator: it stands around every receiver that
    is traced.
    """

    __slots__ = ("began", "listening", "queries", "recorder", "span", "token")
    token: Token["SpanScope | None"]

    def __init__(self, recorder: Recorder, span: Span | None = None) -> None:
        self.recorder, self.span = recorder, span or recorder.root
        self.listening: list[Any] | None = None

    def resumed(self) -> "SpanScope":
        """This scope once more, for what waited there: it begins and takes its time only now."""
        self.span.outcome, self.span.took = "done", 0
        self.span.began = (time.perf_counter_ns() - self.recorder.begun) // 1000
        return SpanScope(self.recorder, self.span)

    def __enter__(self) -> None:
        recorder, outer, thread = self.recorder, current_scope(), get_ident()
        # Below a span of the same tree its queries are heard already; a connection is looked up
        # only where that may be another one: at the top, after the commit, in another thread.
        if outer is None or outer.recorder is not recorder or recorder.thread != thread:
            recorder.thread = thread
            wrappers = connections[DEFAULT_DB_ALIAS].execute_wrappers
            if recorder.count_query not in wrappers:
                wrappers.append(recorder.count_query)
                self.listening = wrappers
        self.token, self.queries = _current.set(self), recorder.queries
        self.began = time.perf_counter_ns()

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        span, recorder = self.span, self.recorder
        span.took += (time.perf_counter_ns() - self.began) // 1000
        span.queries += recorder.queries - self.queries
        if kind is not None:
            span.outcome = kind.__name__
        _current.reset(self.token)
        if self.listening is not None:
            self.listening.remove(recorder.count_query)


_current: ContextVar[SpanScope | None] = ContextVar("scope", default=None)

current_scope = _current.get


def note(kind: str, **data: Any) -> None:
    """Tell what happened here, such as `note("mails queued", count=42)`; no-op when not traced."""
    scope = current_scope()
    if scope is not None:
        scope.span.notes.append([kind, data])
