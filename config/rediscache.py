"""Django's Redis cache, with short timeouts."""

from typing import Any, ClassVar

from django.core.cache.backends.redis import RedisCache as DjangoRedisCache
from redis import ConnectionError as Disconnected
from redis import RedisError
from redis.backoff import NoBackoff
from redis.retry import Retry

from config.caching import BestEffort
from pagecache.generations.breaker import CircuitBreaker

TIMEOUT_SECONDS = 1.0


class RedisCache(BestEffort, DjangoRedisCache):
    """Tried once more where the connection was closed, and not where Redis is silent."""

    errors = (RedisError, OSError)
    breaker: ClassVar[CircuitBreaker] = CircuitBreaker()

    def __init__(self, server: str, params: dict[str, Any]) -> None:
        bounds = {
            "socket_timeout": TIMEOUT_SECONDS,
            "socket_connect_timeout": TIMEOUT_SECONDS,
            "retry": Retry(NoBackoff(), 1, supported_errors=(Disconnected,)),
        }
        super().__init__(server, params | {"OPTIONS": bounds | params.get("OPTIONS", {})})
