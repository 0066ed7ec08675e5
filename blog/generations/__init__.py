"""When each topic changed last, on one clock that all processes of the site share.

The clock is a number that grows with each change; a topic's generation is the clock's reading at
its last change.  Whoever builds a page reads the clock *before* the database: the page is current
as long as none of its topics has a younger generation.  Readings are microseconds of the time of
day, moved on where that stands still, so those older than any kept page may be forgotten.

A change that the books did not take may have ended any page: who meets that leaves a mark for all
processes of the machine, and until everything was ended at once nobody trusts what he keeps.
"""

import threading
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from functools import lru_cache
from importlib import import_module
from pathlib import Path
from typing import Protocol

from django.conf import settings

from blog.generations.breaker import CircuitBreaker
from blog.generations.number import LossMark
from blog.topics import SITE

# Seconds after which a topic's generation may be forgotten; no page is kept for nearly as long.
MEMORY = 3600


__all__ = ["MEMORY", "SITE", "Books", "Generations", "Unreachable", "generations"]

MANY = 10_000  # topics a process remembers before it forgets the old ones


class Unreachable(Exception):  # noqa: N818 - says what the books are
    """The books did not answer lately, and are not asked again yet."""


class Books(Protocol):
    """The clock and the topics as all processes share them."""

    errors: tuple[type[Exception], ...]  # what its methods raise where they cannot do their work

    def now(self) -> int:
        """The clock: the youngest generation there is, of every change that has ended; 0 while
        there is none.
        """

    def since(self, reading: int) -> dict[str, int]:
        """The generations of the topics that have changed after this reading."""

    def bump(self, topics: Collection[str]) -> bool:
        """Give all these topics a new generation at once, and move the clock there.

        True if there were no generations yet, or none any more; every page is ended then.
        """

    def look(self) -> None:
        """Look anew where the books are: others may have begun new ones."""


class Generations:
    """The books as one process knows them: it reads only what has changed since it looked last.

    After a change the kept pages are compared with it one by one, and the books are asked once.
    Every method raises Unreachable, or what the books raise.
    """

    def __init__(self, books: Books, loss: LossMark) -> None:
        self.books, self.loss = books, loss
        self.breaker = CircuitBreaker()
        self._known: dict[str, int] = {}
        self._reading = 0
        self._catching_up = threading.Lock()
        # Whether this process could not ask the books: what it missed, nobody may know.
        self._missed = False

    def now(self) -> int:
        """See `Books`; never 0."""
        if self._missed or self.loss.is_set():
            with self._asking():
                self._make_good()
        try:  # no `_asking`: every answer with a kept page comes through here
            reading = self.books.now()
        except self.books.errors:
            self._give_up()
            raise
        return reading or self._begin()

    def bump(self, topics: Collection[str]) -> None:
        """See `Books`; where it raises, every process of this machine distrusts what it keeps."""
        try:
            with self._asking():
                self._bump(topics)
        except BaseException:  # whatever it was: nobody knows how far it came
            self.loss.set()
            raise

    def youngest(self, topics: Collection[str], now: int) -> int:
        """The youngest generation among these topics and the whole site, as of this reading."""
        if self._reading < now:
            with self._catching_up, self._asking():
                if self._reading < now:
                    self._catch_up()
        known = self._known
        return max(known.get(SITE, 0), max((known.get(topic, 0) for topic in topics), default=0))

    @contextmanager
    def _asking(self) -> Iterator[None]:
        """Inside, the books are asked; whoever has just waited for them in vain asks no more."""
        if self.breaker.is_open():
            raise Unreachable
        try:
            yield
        except self.books.errors:
            self._give_up()
            raise
        self.breaker.close()

    def _give_up(self) -> None:
        self._missed = True
        self.breaker.open()

    def _begin(self) -> int:
        with self._asking():
            self._bump([SITE])
        return self.now()

    def _bump(self, topics: Collection[str]) -> None:
        if self.books.bump(topics):
            self.loss.set()  # others may still look at the books that were lost

    def _make_good(self) -> None:
        """End every page, because nobody knows which of them a lost change has ended."""
        loss = self.loss.last()
        self.books.look()
        self._bump([SITE])
        self.loss.clear(loss)
        self._missed = False

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
    # In the data directory: the disk of the cache may be the one that is full.
    loss = LossMark(settings.DATA_DIR / "generations.loss")
    # The package redis is installed only where Redis is used.
    if backend.endswith("RedisCache"):
        return Generations(import_module("blog.generations.redis").InRedis(location), loss)
    return Generations(import_module("blog.generations.sqlite").InSQLite(Path(location)), loss)


def generations() -> Generations:
    """Those of this site: beside its cache, which all its processes share."""
    cache = settings.CACHES["default"]
    return _at(cache["BACKEND"], str(cache["LOCATION"]))
