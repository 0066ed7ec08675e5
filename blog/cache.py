"""Pages kept for anonymous readers, exact by generations.

Whoever builds a page reads the clock of `blog.generations` before the database and notes what it
reads (`blog.topics`).  The page is current as long as none of these topics has changed since; a
change gives its topics a new generation after its commit.  A reader that was slow keeps a page
under a reading of the clock that is too old already, and nobody is ever shown it.
"""

import logging
import threading
import time
from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from math import inf
from typing import Protocol, TypeVar

from django.conf import settings

from blog import surrogates
from blog.generations import Unreachable, generations
from blog.representations import Ready, Representation
from blog.signals import pages_ended, pages_outdated
from blog.store import Sized, Store
from blog.topics import SITE, Noted, gathered, with_kinds
from signalflow import note, rehearsing

logger = logging.getLogger("heliograph")

# The longest a page is shown should the site's books be wrong: a change whose process died
# between the commit and `bump` is seen by readers after this many seconds.
PAGE_SECONDS = 600


class Dependent(Sized, Protocol):
    """Something rendered, with what it depends on."""

    topics: Sequence[str]
    built: int  # the clock before the database was read
    compared: int  # the clock at which it was last found current
    until: float  # when time alone changes it, in seconds since the epoch
    born: float


Thing = TypeVar("Thing", bound=Dependent)


# What a page takes beside its bytes and the names of its topics, which pages share: the objects
# that hold it, its place in the store, and the headers of one coding.
PAGE_BYTES = 2000


@dataclass(slots=True)
class Kept:
    """A page as it is sent; see `Dependent`."""

    page: Representation
    topics: Sequence[str]
    built: int
    compared: int
    parameters: Sequence[str]  # what in a query makes another page of the same path
    until: float = inf
    # What a cache in front of the site is told with it (blog/surrogates.py).
    said: dict[str, str] = field(default_factory=dict)
    # The answers that need no Django, by coding (config/kept.py).
    ready: dict[str, Ready] = field(default_factory=dict)
    born: float = field(default_factory=time.monotonic)

    @property
    def size(self) -> int:
        bodies = sum(map(len, self.page.codings.values()))
        said = sum(map(len, self.said.values()))
        return bodies + said + 8 * len(self.topics) + PAGE_BYTES


pages: Store[Kept] = Store(settings.PAGE_STORE_BYTES)


# A change meets many readers of one page: the first builds it, the others wait.  A few locks do
# for all pages: there are fewer threads.
_building = [threading.Lock() for _ in range(64)]
PATIENCE = 5  # seconds


def clock() -> int | None:
    """The site's clock; None when it does not answer, and then nothing may be kept."""
    try:
        return generations().now()
    except Unreachable:
        return None
    except Exception:  # the boundary to Redis or a file: readers use the database instead
        logger.exception("the clock of the kept pages does not answer")
        return None


def load(path: str, now: int) -> Kept | None:
    """The page kept for `path`, if nothing that it shows has changed until `now`."""
    return current(pages, path, now)


def current(store: Store[Thing], name: str, now: int) -> Thing | None:
    """What a store keeps under a name, if nothing that it shows has changed until `now`."""
    kept = store.get(name)
    if kept is not None and not still_shows(kept, now):
        store.drop(name, kept)
        return None
    return kept


def still_shows(kept: Dependent, now: int) -> bool:
    """Whether nothing that it shows has changed until `now`."""
    if time.monotonic() - kept.born > PAGE_SECONDS or time.time() >= kept.until:
        return False
    if kept.compared != now:
        if not is_current(kept.topics, kept.built, now):
            return False
        kept.compared = now
    return True


def keep(
    path: str, built: int, noted: Noted, page: Representation, parameters: Sequence[str]
) -> Kept:
    """Keep a page; `built` is what the clock said before the database was read."""
    depends = gathered(noted.topics)
    left = noted.until - time.time()
    said = surrogates.headers(depends, left, lambda: is_current(depends, built, clock()))
    kept = Kept(page, depends, built, built, parameters, noted.until, said)
    pages.put(path, kept)
    return kept


def pack(path: str, kept: Kept, coding: str) -> None:
    """Have the bytes of a kept page in a coding, and find room for them."""
    if coding not in kept.page.codings:
        kept.page.body(coding)
        pages.put(path, kept)


@contextmanager
def building(path: str) -> Iterator[None]:
    """Inside, nobody else in this process builds this page; whoever waited may find it kept.

    After PATIENCE seconds a visitor builds it in any case.
    """
    lock = _building[hash(path) % len(_building)]
    held = lock.acquire(timeout=PATIENCE)
    try:
        yield
    finally:
        if held:
            lock.release()


def is_current(topics: Sequence[str], built: int, now: int | None) -> bool:
    """Whether what was read of these topics at a reading of the clock is so at a later one.

    False if nobody knows.
    """
    try:
        return now is not None and generations().youngest(topics, now) <= built
    except Unreachable:
        return False
    except Exception:  # as in `clock`
        logger.exception("the clock of the kept pages does not answer")
        return False


def outdate(*topics: str) -> None:
    """End every page that depends on one of these topics, once the transaction is committed.

    It is noted here already: a delivery has written its report by then.
    """
    if topics:
        note("pages dropped", topics=sorted(topics))
        pages_outdated.send(sender=None, topics=sorted(topics))


def bump(*topics: str) -> None:
    """End every page that depends on one of these topics, at once: after the commit."""
    if topics:
        note("pages dropped", topics=sorted(topics))
        end(topics)


def end(topics: Collection[str]) -> None:
    """As `bump`, for what has been noted already.

    Raises what the books raise; every process then distrusts what it keeps, so that no reader is
    shown it, and whoever calls has to try again (see `outdate`).
    """
    if not rehearsing():
        generations().bump(with_kinds(topics))
        # Only now: what a cache in front asks for anew must be the page after the change.
        pages_ended.send(sender=Kept, topics=sorted(topics))


def distrust() -> None:
    """A change may have ended any page: no process shows what it keeps until that is made good."""
    try:
        generations().loss.set()
    except OSError:
        logger.exception("nobody can be told that kept pages may be old")


def clear() -> None:
    """End every page, in every process."""
    pages.clear()
    generations().bump([SITE])
