"""Fragments of public pages, kept for people who are signed in.

The page of somebody signed in is their own: menu, form tokens, time zone.  What it says to
everybody is a fragment, built as for nobody in particular, once in each time zone, and as exact
as the kept page of an anonymous reader (`blog.cache`).
"""

import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from math import inf

from django.conf import settings
from django.utils import timezone

from blog import cache, topics
from blog.store import Store

# What a fragment takes beside its text: the objects that hold it, and its place in the store.
FRAGMENT_BYTES = 1500

Blocks = Mapping[str, str]  # rendered HTML by name


@dataclass(slots=True)
class Fragment:
    """Rendered blocks; see `blog.cache.Dependent`."""

    blocks: Blocks
    topics: Sequence[str]
    built: int
    compared: int
    until: float = inf
    born: float = field(default_factory=time.monotonic)

    @property
    def size(self) -> int:
        texts = sum(map(sys.getsizeof, self.blocks.values()))
        return texts + 8 * len(self.topics) + FRAGMENT_BYTES


fragments: Store[Fragment] = Store(settings.FRAGMENT_STORE_BYTES)

_reading: ContextVar[int | None] = ContextVar("fragments_reading", default=None)


@contextmanager
def reading(clock: int | None) -> Iterator[None]:
    """Inside, fragments are kept; `clock` was read before the database, None keeps nothing."""
    token = _reading.set(clock)
    try:
        yield
    finally:
        _reading.reset(token)


def kept(name: str, build: Callable[[], Blocks]) -> Blocks:
    """The blocks of this name as they are now, in the present time zone: kept, or built.

    `build` must show nobody in particular; what it reads is noted, and what it raises passes.
    """
    now = _reading.get()
    if now is None:
        return build()
    name = f"{name} {timezone.get_current_timezone_name()}"
    fragment = cache.current(fragments, name, now)
    if fragment is None:
        with topics.recording() as noted:
            blocks = build()
        fragment = Fragment(blocks, topics.gathered(noted.topics), now, now, noted.until)
        fragments.put(name, fragment)
    return fragment.blocks
