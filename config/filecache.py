"""A cache directory in which counting is exact, for limits that all processes share."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from fcntl import LOCK_EX, LOCK_NB, flock
from pathlib import Path
from pickle import load
from typing import IO, Any, ClassVar

from django.core.cache.backends.base import DEFAULT_TIMEOUT
from django.core.cache.backends.filebased import FileBasedCache

from config.caching import BestEffort
from pagecache.generations.breaker import CircuitBreaker

LOCK_TIMEOUT_SECONDS = 1.0  # each holds it for a moment


class CountingFileCache(FileBasedCache):
    """Django's own, but for two things.

    There, two that add or count at once may both be the first, or be counted as one; and a
    number that is counted on lives for the cache's default time instead of its own.
    """

    def add(
        self, key: str, value: Any, timeout: Any = DEFAULT_TIMEOUT, version: int | None = None
    ) -> bool:
        with self._alone():
            return bool(super().add(key, value, timeout, version))

    def incr(self, key: str, delta: int = 1, version: int | None = None) -> int:
        """Add to a number; raises ValueError where there is none (any more)."""
        with self._alone():
            value = self.get(key, version=version)
            if value is None:
                raise ValueError(f"no number is kept as {key!r}")
            path: str = self._key_to_file(key, version)  # type: ignore[attr-defined]
            with Path(path).open("rb") as file:
                until = load(file)  # noqa: S301 - written by this class, in our own directory
            left = None if until is None else until - time.time()
            self.set(key, value + delta, left, version)
            return int(value + delta)

    @contextmanager
    def _alone(self) -> Iterator[None]:
        """Inside, no other thread or process adds or counts here."""
        self._createdir()  # type: ignore[attr-defined]  # in no stub
        with Path(self._dir, ".lock").open("w") as file:  # type: ignore[attr-defined]
            _lock(file)  # given back when the file is closed, by a crash too
            yield


class FileCache(BestEffort, CountingFileCache):
    """The one that is used: a disk that is full, read-only or away is an empty cache."""

    errors = (OSError,)
    breaker: ClassVar[CircuitBreaker] = CircuitBreaker()


def _lock(file: IO[str]) -> None:
    """Take the lock of an open file; raises TimeoutError where another process sits on it."""
    until = time.monotonic() + LOCK_TIMEOUT_SECONDS
    while True:
        try:
            return flock(file, LOCK_EX | LOCK_NB)
        except BlockingIOError:
            if time.monotonic() > until:
                raise TimeoutError("the cache is locked") from None
            time.sleep(0.001)
