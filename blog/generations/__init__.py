"""When each topic changed last, on one clock that all processes of the site share.

The clock is a number that grows with each change; a topic's generation is the clock's reading at
its last change.  Whoever builds a page reads the clock *before* the database: the page is current
as long as none of its topics has a younger generation.  Readings are microseconds of the time of
day, moved on where that stands still, so those older than any kept page may be forgotten.
"""

from collections.abc import Collection
from functools import lru_cache
from importlib import import_module
from pathlib import Path
from typing import Protocol

from django.conf import settings

from blog.topics import SITE

# Seconds after which a topic's generation may be forgotten; no page is kept for nearly as long.
MEMORY = 3600


__all__ = ["MEMORY", "SITE", "Generations", "generations"]


class Generations(Protocol):
    """The clock and the topics; both methods of reading see every change that has ended."""

    def now(self) -> int:
        """The clock: the youngest generation there is."""

    def youngest(self, topics: Collection[str]) -> int:
        """The youngest generation among these topics and the whole site."""

    def bump(self, topics: Collection[str]) -> None:
        """Give all these topics a new generation at once, and move the clock there."""


@lru_cache(maxsize=4)
def _at(backend: str, location: str) -> Generations:
    # The package redis is installed only where Redis is used.
    if backend.endswith("RedisCache"):
        found: Generations = import_module("blog.generations.redis").InRedis(location)
        return found
    found = import_module("blog.generations.sqlite").InSQLite(Path(location))
    return found


def generations() -> Generations:
    """Those of this site: beside its cache, which all its processes share."""
    cache = settings.CACHES["default"]
    return _at(cache["BACKEND"], str(cache["LOCATION"]))
