"""Generations of one process: for tests, and for a site that has no other process."""

import threading
import time
from collections.abc import Collection

from pagecache.generations import MEMORY_SECONDS
from pagecache.tags import SITE


class MemoryBackend:
    """See `pagecache.generations.Backend`."""

    errors: tuple[type[Exception], ...] = ()

    def __init__(self, location: str = "") -> None:
        self._lock = threading.Lock()
        self._at: dict[str, int] = {}
        self._current = 0

    def current(self) -> int:
        return self._current

    def look(self) -> None:
        """Nobody else can have begun new ones."""

    def since(self, generation: int) -> dict[str, int]:
        with self._lock:
            return {tag: at for tag, at in self._at.items() if at > generation}

    def invalidate(self, tags: Collection[str]) -> bool:
        with self._lock:
            is_first = not self._current
            at = max(self._current + 1, time.time_ns() // 1000)
            old = at - MEMORY_SECONDS * 1_000_000
            kept = {tag: then for tag, then in self._at.items() if then >= old or tag == SITE}
            self._at = {**kept, **dict.fromkeys([*tags, *[SITE][: int(is_first)]], at)}
            self._current = at
            return is_first
