"""What a page depends on, recorded while the page reads it; no list of pages is kept by hand."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from datetime import datetime
from enum import IntEnum
from math import inf


@dataclass(slots=True)
class Dependencies:
    """The tags of what a page was seen to read, and when time alone changes it.

    `expires_at` is in seconds since the epoch.
    """

    tags: set[str] = field(default_factory=set)
    expires_at: float = inf


_recorded: ContextVar[Dependencies | None] = ContextVar("pagecache_dependencies", default=None)


class Declared(IntEnum):
    """Of which tables the code that reads says by itself what the page depends on."""

    NONE = 0
    TRACKED = 1  # of those of tracked models
    ALL = 2


_declared: ContextVar[Declared] = ContextVar("pagecache_declared", default=Declared.NONE)


def depends_on(*tags: str) -> None:
    """Record what is being read, if a page is being built."""
    if (recorded := _recorded.get()) is not None:
        recorded.tags.update(tags)


def expires_at(moment: datetime) -> None:
    """Record that what is being read will be otherwise from `moment` on, without any change."""
    if (recorded := _recorded.get()) is not None:
        recorded.expires_at = min(recorded.expires_at, moment.timestamp())


def inherit(tags: Iterable[str], moment: float) -> None:
    """Record what something that is shown here depends on, and until when it is so.

    `moment` is in seconds since the epoch.
    """
    if (recorded := _recorded.get()) is not None:
        recorded.tags.update(tags)
        recorded.expires_at = min(recorded.expires_at, moment)


def is_recording() -> bool:
    """Whether a page is being built: what `depends_on` is told would be recorded."""
    return _recorded.get() is not None


@contextmanager
def recording() -> Iterator[Dependencies]:
    """What is read inside is recorded in what is given; nested, the inner one has its own."""
    recorded = Dependencies()
    token, declared = _recorded.set(recorded), _declared.set(Declared.NONE)
    try:
        yield recorded
    finally:
        _declared.reset(declared)
        _recorded.reset(token)


def current() -> Dependencies | None:
    """What the page that is being built was seen to read so far."""
    return _recorded.get()


def declared_by() -> Declared:
    return _declared.get()


@contextmanager
def declared_reads(declared: Declared = Declared.ALL) -> Iterator[None]:
    """Inside, tables are no dependencies: who reads says by `depends_on` what the page shows."""
    token = _declared.set(max(declared, _declared.get()))
    try:
        yield
    finally:
        _declared.reset(token)
