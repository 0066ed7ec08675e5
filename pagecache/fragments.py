"""Fragments of public pages, stored for pages that are put together from them.

A list shows posts as it did before a change, and the one that is new; the page of somebody signed
in has a menu, form tokens and a time zone of its own, and says what it says to everybody.  A
fragment is built as for nobody in particular, once in each time zone, and as exact as the stored
page of an anonymous reader (`pagecache.pages`).
"""

import sys
import time
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from math import inf
from typing import Any

from django.utils import timezone

from pagecache.conf import options
from pagecache.freshness import fresh
from pagecache.recording import Dependencies, inherit, recording
from pagecache.store import Store
from pagecache.tags import collapse_tags

# What a fragment takes beside its text: the objects that hold it, and its place in the store.
OVERHEAD_BYTES = 1500

Blocks = Mapping[str, Any]  # rendered HTML by name, or what else pages are put together from
Built = tuple[Blocks, Dependencies]  # and what it was seen to read


@dataclass(slots=True)
class Fragment:
    """Rendered blocks; see `pagecache.freshness.Dependent`."""

    blocks: Blocks
    tags: Sequence[str]
    generation: int
    compared_at: int
    expires_at: float = inf
    stored_at: float = field(default_factory=time.monotonic)

    @property
    def size(self) -> int:
        texts = sum(map(sys.getsizeof, self.blocks.values()))
        return texts + 8 * len(self.tags) + OVERHEAD_BYTES


fragments: Store[Fragment] = Store(options().fragment_bytes)

_generation: ContextVar[int | None] = ContextVar("pagecache_fragments", default=None)


@contextmanager
def at_generation(generation: int | None) -> Iterator[None]:
    """Inside, fragments are stored; `generation` is what the site's was before the database was
    read, None stores nothing.
    """
    token = _generation.set(generation)
    try:
        yield
    finally:
        _generation.reset(token)


def cached_fragment(name: str, build: Callable[[], Blocks]) -> Blocks:
    """The blocks of this name as they are now, in the present time zone: stored, or built.

    `build` must show nobody in particular; what it reads is recorded, what it raises passes.
    """

    def alone(names: Collection[str]) -> dict[str, Built]:
        with recording() as recorded:
            return {name: (build(), recorded)}

    return cached_fragments([name], alone)[name]


def cached_fragments(
    names: Collection[str], build: Callable[[Collection[str]], Mapping[str, Built]]
) -> dict[str, Blocks]:
    """As `cached_fragment`, for many: `build` is asked once for those that are not stored, and
    may leave some out.
    """
    now, zone = _generation.get(), timezone.get_current_timezone_name()
    found = {}
    for name in names:
        stored = fresh(fragments, f"{name} {zone}", now) if now is not None else None
        if stored is not None:
            found[name] = stored
    if missing := [name for name in names if name not in found]:
        for name, (blocks, recorded) in build(missing).items():
            tags = collapse_tags(recorded.tags)
            found[name] = Fragment(blocks, tags, now or 0, now or 0, recorded.expires_at)
            if now is not None:
                fragments.put(f"{name} {zone}", found[name])
    for fragment in found.values():
        inherit(fragment.tags, fragment.expires_at)
    return {name: fragment.blocks for name, fragment in found.items()}
