"""The caches of the site, which nothing stands or falls with: an outage is a miss.

Limits are counted in them (accounts/limits.py), so `incr` alone raises: who counts has to know.
"""

import logging
from collections.abc import Callable
from typing import Any, ClassVar

from django.core.cache.backends.base import DEFAULT_TIMEOUT, BaseCache

from pagecache.generations.breaker import CircuitBreaker

logger = logging.getLogger("heliograph")


class BestEffort(BaseCache):
    """Comes before a backend: what fails there is as if nothing were kept.

    After a failure nobody asks for some seconds, so a cache that hangs costs one request one
    timeout.  `errors` are what the backend raises, `breaker` is of the process.
    """

    errors: ClassVar[tuple[type[Exception], ...]]
    breaker: ClassVar[CircuitBreaker]

    def get(self, key: Any, default: Any = None, version: int | None = None) -> Any:
        return self._ask(default, super().get, key, default, version)

    def set(
        self,
        key: Any,
        value: Any,
        timeout: float | None = DEFAULT_TIMEOUT,
        version: int | None = None,
    ) -> None:
        self._ask(None, super().set, key, value, timeout, version)

    def add(
        self,
        key: Any,
        value: Any,
        timeout: float | None = DEFAULT_TIMEOUT,
        version: int | None = None,
    ) -> bool:
        return bool(self._ask(False, super().add, key, value, timeout, version))

    def touch(
        self,
        key: Any,
        timeout: float | None = DEFAULT_TIMEOUT,
        version: int | None = None,
    ) -> bool:
        return bool(self._ask(False, super().touch, key, timeout, version))

    def delete(self, key: Any, version: int | None = None) -> bool:
        return bool(self._ask(False, super().delete, key, version))

    def incr(self, key: Any, delta: int = 1, version: int | None = None) -> int:
        """Add to a number; raises ValueError where there is none, OSError in an outage."""
        if self.breaker.is_open():
            raise OSError("the cache did not answer lately")
        try:
            count: int = super().incr(key, delta, version)
        except self.errors as error:
            self.breaker.open()
            raise OSError("the cache does not answer") from error
        self.breaker.close()
        return count

    def _ask(self, otherwise: Any, ask: Callable[..., Any], *arguments: Any) -> Any:
        if self.breaker.is_open():
            return otherwise
        try:
            answer = ask(*arguments)
        except self.errors:
            logger.exception("the cache does not answer")
            self.breaker.open()
            return otherwise
        self.breaker.close()
        return answer
