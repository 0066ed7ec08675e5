"""When each cache tag was invalidated last, as all processes of the site know it.

The site's generation is a number that grows with each change; a tag's generation is what it was
at the tag's last change.  Whoever builds a page reads the site's generation *before* the
database: the page is fresh as long as none of its tags has a younger one.  Generations are
microseconds of the time of day, moved on where that stands still, so those older than any stored
page may be forgotten.

A change that the backend did not take may have ended any page: who meets that leaves a mark for
all processes of the machine, and until everything was ended at once nobody trusts what he has.
"""

import threading
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from functools import lru_cache
from pathlib import Path
from typing import Protocol

from django.utils.module_loading import import_string

from pagecache.conf import options
from pagecache.generations.breaker import CircuitBreaker
from pagecache.generations.shared_numbers import LossMark
from pagecache.tags import SITE

# After these a tag's generation may be forgotten; no page is stored for nearly as long.
MEMORY_SECONDS = 3600

__all__ = ["MEMORY_SECONDS", "Backend", "Generations", "Unreachable", "generations"]

MANY = 10_000  # tags a process remembers before it forgets the old ones


class Unreachable(Exception):  # noqa: N818 - says what the backend is
    """The backend did not answer lately, and are not asked again yet."""


class Backend(Protocol):
    """The generations as all processes share them."""

    errors: tuple[type[Exception], ...]  # what its methods raise where they cannot do their work

    def current(self) -> int:
        """The site's: the youngest there is, of every change that has ended; 0 if there is none."""

    def since(self, generation: int) -> dict[str, int]:
        """The generations of the tags that were invalidated after this one."""

    def invalidate(self, tags: Collection[str]) -> bool:
        """Give all these tags, and the site, a new generation at once.

        True if there were no generations yet, or none any more; every page is ended then.
        """

    def look(self) -> None:
        """Look anew where they are: others may have begun new ones."""


class Generations:
    """The generations as one process knows them: it reads only what has changed since it looked.

    After a change the stored pages are compared with it one by one, and the backend is asked
    once.  Every method raises Unreachable, or what the backend raises.
    """

    def __init__(self, backend: Backend, loss: LossMark) -> None:
        self.backend, self.loss = backend, loss
        self.breaker = CircuitBreaker()
        self._known: dict[str, int] = {}
        self._reading = 0
        self._catching_up = threading.Lock()
        # Whether this process could not ask the backend: what it missed, nobody may know.
        self._missed = False

    def current(self) -> int:
        """See `Backend`; never 0."""
        if self._missed or self.loss.is_set():
            with self._asking():
                self._make_good()
        try:  # no `_asking`: every answer with a stored page comes through here
            generation = self.backend.current()
        except self.backend.errors:
            self._give_up()
            raise
        return generation or self._begin()

    def invalidate(self, tags: Collection[str]) -> None:
        """See `Backend`; where it raises, every process of this machine distrusts what it has."""
        try:
            with self._asking():
                self._invalidate(tags)
        except BaseException:  # whatever it was: nobody knows how far it came
            self.loss.set()
            raise

    def youngest(self, tags: Collection[str], now: int) -> int:
        """The youngest generation among these tags and the whole site, as of generation `now`."""
        if self._reading < now:
            with self._catching_up, self._asking():
                if self._reading < now:
                    self._catch_up()
        known = self._known
        return max(known.get(SITE, 0), max((known.get(tag, 0) for tag in tags), default=0))

    @contextmanager
    def _asking(self) -> Iterator[None]:
        """Inside, the backend is asked; whoever has just waited for them in vain asks no more."""
        if self.breaker.is_open():
            raise Unreachable
        try:
            yield
        except self.backend.errors:
            self._give_up()
            raise
        self.breaker.close()

    def _give_up(self) -> None:
        self._missed = True
        self.breaker.open()

    def _begin(self) -> int:
        with self._asking():
            self._invalidate([SITE])
        return self.current()

    def _invalidate(self, tags: Collection[str]) -> None:
        if self.backend.invalidate(tags):
            self.loss.set()  # others may still look at those that were lost

    def _make_good(self) -> None:
        """End every page, because nobody knows which of them a lost change has ended."""
        loss = self.loss.last()
        self.backend.look()
        self._invalidate([SITE])
        self.loss.clear(loss)
        self._missed = False

    def _catch_up(self) -> None:
        changed = self.backend.since(self._reading)
        known = {**self._known, **changed}
        reading = max(self._reading, *changed.values())
        if len(known) > MANY:
            old = reading - MEMORY_SECONDS * 1_000_000
            known = {name: at for name, at in known.items() if at >= old or name == SITE}
        self._known, self._reading = known, reading


@lru_cache(maxsize=4)
def _at(backend: str, location: str, directory: Path | None) -> Generations:
    loss = LossMark(directory and directory / "generations.loss")
    return Generations(import_string(backend)(location), loss)


@lru_cache(maxsize=1)
def generations() -> Generations:
    """Those of this site; see `pagecache.conf.Options`."""
    chosen = options()
    return _at(chosen.backend, chosen.location, chosen.directory)
