"""Pages stored for anonymous readers, exact by generations.

Whoever builds a page reads the site's generation before the database and records what it reads
(`pagecache.recording`).  The page is fresh as long as none of these tags was invalidated since; a
change gives its tags a new generation after its commit.  A reader that was slow stores a page
under a generation that is too old already, and nobody is ever shown it.
"""

import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from math import inf
from re import Pattern

from pagecache import response_headers
from pagecache.conf import options
from pagecache.freshness import current_generation, fresh, is_unchanged
from pagecache.recording import Dependencies
from pagecache.responses import Ready, Representation
from pagecache.store import Store
from pagecache.tags import collapse_tags

# What in a query makes another page of the same path, and how its value is written.
Parameters = Mapping[str, Pattern[str]]

# What a page takes beside its bytes and the names of its tags, which pages share: the objects
# that hold it, its place in the store, and the headers of one coding.
OVERHEAD_BYTES = 2000


@dataclass(slots=True)
class StoredPage:
    """A page as it is sent; see `pagecache.freshness.Dependent`."""

    page: Representation
    tags: Sequence[str]
    generation: int
    compared_at: int
    parameters: Parameters
    expires_at: float = inf
    # For a cache in front of the site (pagecache/response_headers.py).
    headers: dict[str, str] = field(default_factory=dict)
    # The answers that need no Django, by coding (pagecache/wsgi.py).
    ready: dict[str, Ready] = field(default_factory=dict)
    stored_at: float = field(default_factory=time.monotonic)
    build_seconds: float = 0.0

    @property
    def size(self) -> int:
        bodies = sum(map(len, self.page.codings.values()))
        headers = sum(map(len, self.headers.values()))
        return bodies + headers + 8 * len(self.tags) + OVERHEAD_BYTES


pages: Store[StoredPage] = Store(options().page_bytes)

# A change meets many readers of one page: the first builds it, the others wait.  A few locks do
# for all pages: there are fewer threads.
_building = [threading.Lock() for _ in range(64)]
LOCK_TIMEOUT_SECONDS = 5


def load(key: str, generation: int) -> StoredPage | None:
    """The page stored under `key`, if nothing that it shows has changed until `generation`."""
    return fresh(pages, key, generation)


def store(
    key: str,
    generation: int,
    recorded: Dependencies,
    page: Representation,
    parameters: Parameters,
    build_seconds: float = 0.0,
) -> StoredPage:
    """Store a page; `generation` is what the site's was before the database was read."""
    tags = collapse_tags(recorded.tags)
    left = recorded.expires_at - time.time()
    headers = response_headers.headers(
        tags, left, lambda: is_unchanged(tags, generation, current_generation())
    )
    stored = StoredPage(
        page, tags, generation, generation, parameters, recorded.expires_at, headers
    )
    stored.build_seconds = build_seconds
    pages.put(key, stored)
    return stored


def pack(key: str, stored: StoredPage, coding: str) -> None:
    """Have the bytes of a stored page in a coding, and find room for them."""
    if coding not in stored.page.codings:
        stored.page.body(coding)
        pages.put(key, stored)


@contextmanager
def building(key: str) -> Iterator[None]:
    """Inside, nobody else in this process builds this page; whoever waited may find it stored.

    After LOCK_TIMEOUT_SECONDS a visitor builds it in any case.
    """
    lock = _building[hash(key) % len(_building)]
    is_held = lock.acquire(timeout=LOCK_TIMEOUT_SECONDS)
    try:
        yield
    finally:
        if is_held:
            lock.release()
