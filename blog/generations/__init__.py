"""When each topic changed last, on one clock that all processes of the site share.

The clock is a number that grows with each change; a topic's generation is the clock's reading at
its last change.  Whoever builds a page reads the clock *before* the database: the page is current
as long as none of its topics has a younger generation.  Readings are microseconds of the time of
day, moved on where that stands still, so those older than any kept page may be forgotten.
"""

import threading
from collections.abc import Collection
from functools import lru_cache
from importlib import import_module
from pathlib import Path
from typing import Protocol

from django.conf import settings

from blog.topics import SITE

# Seconds after which a topic's generation may be forgotten; no page is kept for nearly as long.
MEMORY = 3600


__all__ = ["MEMORY", "SITE", "Books", "Generations", "generations"]

MANY = 10_000  # topics a process remembers before it forgets the old ones


class Books(Protocol):
    """The clock and the topics as all processes share them."""

    def now(self) -> int:
        """The clock: the youngest generation there is, of every change that has ended."""

    def since(self, reading: int) -> dict[str, int]:
        """The generations of the topics that have changed after this reading."""

    def bump(self, topics: Collection[str]) -> None:
        """Give all these topics a new generation at once, and move the clock there."""


class Generations:
    """The books as one process knows them: it reads only what has changed since it looked last.

    After a change the kept pages are compared with it one by one, and the books are asked once.
    """

    def __init__(self, books: Books) -> None:
        self.books = books
        self._known: dict[str, int] = {}
        self._reading = 0
        self._catching_up = threading.Lock()

    def now(self) -> int:
        """See `Books`."""
        return self.books.now()

    def bump(self, topics: Collection[str]) -> None:
        """See `Books`."""
        self.books.bump(topics)

    def youngest(self, topics: Collection[str], now: int) -> int:
        """The youngest generation among these topics and the whole site, as of this reading."""
        if self._reading < now:
            with self._catching_up:
                if self._reading < now:
                    self._catch_up()
        known = self._known
        return max(known.get(SITE, 0), max((known.get(topic, 0) for topic in topics), default=0))

    def _catch_up(self) -> None:
        changed = self.books.since(self._reading)
        known = {**self._known, **changed}
        reading = max(self._reading, *changed.values())
        if len(known) > MANY:
            old = reading - MEMORY * 1_000_000
            known = {name: at for name, at in known.items() if at >= old or name == SITE}
        self._known, self._reading = known, reading


@lru_cache(maxsize=4)
def _at(backend: str, location: str) -> Generations:
    # The package redis is installed only where Redis is used.
    if backend.endswith("RedisCache"):
        return Generations(import_module("blog.generations.redis").InRedis(location))
    return Generations(import_module("blog.generations.sqlite").InSQLite(Path(location)))


def generations() -> Generations:
    """Those of this site: beside its cache, which all its processes share."""
    cache = settings.CACHES["default"]
    return _at(cache["BACKEND"], str(cache["LOCATION"]))
