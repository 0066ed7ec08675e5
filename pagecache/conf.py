"""The page cache's options, read once from `settings.PAGECACHE`."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache, lru_cache
from pathlib import Path
from typing import Any

from django.conf import settings
from django.utils.module_loading import import_string

SQLITE = "pagecache.generations.sqlite.SQLiteBackend"
REDIS = "pagecache.generations.redis.RedisBackend"
MEMORY = "pagecache.generations.memory.MemoryBackend"


@dataclass(frozen=True, slots=True)
class Options:
    """How pages are stored, and how processes hear of changes.

    `page_bytes` and `fragment_bytes` bound what one process stores; 0 stores nothing.
    `max_age_seconds` is the longest that a page is shown, should an invalidation have been lost.

    `backend` and `location` say where the generations are: a class of `pagecache.generations`,
    and its directory or address.  Without them they are beside the default cache, in Redis or in
    a directory; a cache of one process gives generations of one process.  `key` is theirs in
    Redis, `pragmas` is SQL for their file in SQLite.  `directory` holds the mark of a lost
    invalidation: a place that all processes of this machine share, None where there is one.
    `processes` says how many serve the site.

    `private` are the beginnings of tables that are written when an invalidation is scheduled or
    announced: writes to them end nothing, and a page that reads them is not stored.

    Two hooks, dotted paths of functions: `schedule` is called inside the transaction of a change
    with its tags, and has `invalidate_now` called after the commit; `before_serving` is called
    with the site's generation before a stored page is sent, and answers whether it may be.
    """

    page_bytes: int = 18_000_000
    fragment_bytes: int = 6_000_000
    max_age_seconds: float = 600.0
    backend: str = ""
    location: str = ""
    key: str = "pagecache:generations"
    pragmas: str = "PRAGMA journal_mode = wal; PRAGMA synchronous = normal;"
    directory: Path | None = None
    processes: int = 1
    schedule: str = "pagecache.invalidation.on_commit"
    before_serving: str = ""
    private: tuple[str, ...] = ()


@lru_cache(maxsize=1)
def options() -> Options:
    """The current options; reread when a test overrides the setting."""
    given = {name.lower(): value for name, value in getattr(settings, "PAGECACHE", {}).items()}
    if "backend" not in given:
        given |= _beside_the_cache()
    if given["backend"] == SQLITE:
        given.setdefault("directory", Path(given["location"]))
    return Options(**given)


@cache
def hook(path: str) -> Callable[..., Any]:
    """The function of this dotted path."""
    found: Callable[..., Any] = import_string(path)
    return found


def _beside_the_cache() -> dict[str, str]:
    """Where the generations are if nothing is said of them."""
    default = settings.CACHES["default"]
    name, location = default["BACKEND"], str(default.get("LOCATION", ""))
    if name.endswith("RedisCache"):
        return {"backend": REDIS, "location": location}
    if name.endswith(("FileCache", "FileBasedCache")):
        return {"backend": SQLITE, "location": location}
    return {"backend": MEMORY, "location": ""}
