"""Pages kept for anonymous readers, exact by generations.

Whoever builds a page reads the clock of `blog.generations` before the database and notes what it
reads (`blog.topics`).  The page is current as long as none of these topics has changed since; a
change gives its topics a new generation after its commit.  A reader that was slow keeps a page
under a reading of the clock that is too old already, and nobody is ever shown it.
"""

import logging
import time
from collections.abc import Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from math import inf
from typing import Protocol, TypeVar

from django.conf import settings

from blog import surrogates
from blog.generations import generations
from blog.representations import Representation
from blog.signals import pages_ended
from blog.store import Sized, Store
from blog.topics import SITE, Noted, gathered, with_kinds
from signalflow import note, rehearsing

logger = logging.getLogger("heliograph")

# The longest a page is shown should the site's books be wrong: a change whose process died
# between the commit and `bump` is seen by readers after this many seconds.
PAGE_SECONDS = 600


class Dependent(Sized, Protocol):
    """Something rendered, with what it depends on."""

    topics: frozenset[str]
    built: int  # the clock before the database was read
    compared: int  # the clock at which it was last found current
    until: float  # when time alone changes it, in seconds since the epoch
    born: float


Thing = TypeVar("Thing", bound=Dependent)


@dataclass(slots=True)
class Kept:
    """A page as it is sent; see `Dependent`."""

    page: Representation
    topics: frozenset[str]
    built: int
    compared: int
    parameters: Sequence[str]  # what in a query makes another page of the same path
    until: float = inf
    # What a cache in front of the site is told with it (blog/surrogates.py).
    said: dict[str, str] = field(default_factory=dict)
    # What the site says with every page; known once a whole answer has left (config/kept.py).
    headers: list[tuple[str, str]] | None = None
    born: float = field(default_factory=time.monotonic)

    @property
    def size(self) -> int:
        said = sum(map(len, self.said.values()))
        return self.page.size + sum(map(len, self.topics)) + said + 1000


pages: Store[Kept] = Store(settings.PAGE_STORE_BYTES)


def clock() -> int | None:
    """The site's clock; None when it does not answer, and then nothing may be kept."""
    try:
        return generations().now()
    except Exception:  # the boundary to Redis or a file: readers use the database instead
        logger.exception("the clock of the kept pages does not answer")
        return None


def load(path: str, now: int) -> Kept | None:
    """The page kept for `path`, if nothing that it shows has changed until `now`."""
    return current(pages, path, now)


def current(store: Store[Thing], name: str, now: int) -> Thing | None:
    """What a store keeps under a name, if nothing that it shows has changed until `now`."""
    kept = store.get(name)
    if kept is None:
        return None
    is_new = time.monotonic() - kept.born <= PAGE_SECONDS and time.time() < kept.until
    if not is_new or not (kept.compared == now or _is_current(kept.topics, kept.built)):
        store.drop(name, kept)
        return None
    kept.compared = now
    return kept


def keep(
    path: str, built: int, noted: Noted, page: Representation, parameters: Sequence[str]
) -> Kept:
    """Keep a page; `built` is what the clock said before the database was read."""
    depends = gathered(noted.topics)
    left = noted.until - time.time()
    said = surrogates.headers(depends, left, lambda: _is_current(depends, built))
    kept = Kept(page, depends, built, built, parameters, noted.until, said)
    pages.put(path, kept)
    return kept


def _is_current(topics: AbstractSet[str], built: int) -> bool:
    """Whether a page that was built then shows what is the case now; False if nobody knows."""
    try:
        return generations().youngest(topics) <= built
    except Exception:  # as in `clock`
        logger.exception("the clock of the kept pages does not answer")
        return False


def bump(*topics: str) -> None:
    """End every page that depends on one of these topics.  Call it after the commit."""
    if not topics:
        return
    note("pages dropped", topics=sorted(topics))
    if not rehearsing():
        generations().bump(with_kinds(topics))
        # Only now: what a cache in front asks for anew must be the page after the change.
        pages_ended.send(sender=Kept, topics=sorted(topics))


def clear() -> None:
    """End every page, in every process."""
    pages.clear()
    generations().bump([SITE])
