"""What a page depends on, recorded while the page reads it; no list of pages is kept by hand."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from datetime import datetime
from math import inf


@dataclass(slots=True)
class Dependencies:
    """The tags of what a page was seen to read, and when time alone changes it.

    `expires_at` is in seconds since the epoch.
    """

    tags: set[str] = field(default_factory=set)
    expires_at: float = inf


_recorded: ContextVar[Dependencies | None] = ContextVar("pagecache_dependencies", default=None)


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
    token = _recorded.set(recorded)
    try:
        yield recorded
    finally:
        _recorded.reset(token)
