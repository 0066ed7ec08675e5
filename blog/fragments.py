"""Fragments of public pages, kept for pages that are put together from them.

A list shows posts as it did before a change, and the one that is new; the page of somebody signed
in has a menu, form tokens and a time zone of its own, and says what it says to everybody.  A
fragment is built as for nobody in particular, once in each time zone, and as exact as the kept
page of an anonymous reader (`blog.cache`).
"""

import sys
import time
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from math import inf
from typing import Any

from django.conf import settings
from django.utils import timezone

from blog import cache, topics
from blog.store import Store

# What a fragment takes beside its text: the objects that hold it, and its place in the store.
FRAGMENT_BYTES = 1500

Blocks = Mapping[str, Any]  # rendered HTML by name, or what else pages are put together from
Built = tuple[Blocks, topics.Noted]  # and what it was seen to read


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

    def alone(names: Collection[str]) -> dict[str, Built]:
        with topics.recording() as noted:
            return {name: (build(), noted)}

    return kept_together([name], alone)[name]


def kept_together(
    names: Collection[str], build: Callable[[Collection[str]], Mapping[str, Built]]
) -> dict[str, Blocks]:
    """As `kept`, for many: `build` is asked once for those not kept, and may leave some out."""
    now, zone = _reading.get(), timezone.get_current_timezone_name()
    found = {}
    for name in names:
        known = cache.current(fragments, f"{name} {zone}", now) if now is not None else None
        if known is not None:
            found[name] = known
    if missing := [name for name in names if name not in found]:
        for name, (blocks, noted) in build(missing).items():
            depends = topics.gathered(noted.topics)
            found[name] = Fragment(blocks, depends, now or 0, now or 0, noted.until)
            if now is not None:
                fragments.put(f"{name} {zone}", found[name])
    for fragment in found.values():
        topics.inherit(fragment.topics, fragment.until)
    return {name: fragment.blocks for name, fragment in found.items()}
