"""Generations in Redis, for sites on several machines."""

import os
import threading
import time
from collections.abc import Collection
from typing import Any

from redis import ConnectionError as Disconnected
from redis import Redis, RedisError
from redis import TimeoutError as TimedOut
from redis.backoff import NoBackoff
from redis.retry import Retry

from pagecache.conf import options
from pagecache.generations import MEMORY_SECONDS
from pagecache.tags import SITE

TIMEOUT_SECONDS = 1  # a silent Redis must not hold readers up for long
LOOK_SECONDS = 1.0  # between two looks whether Redis takes changes

# Scores are doubles, exact up to 2^53; microseconds of the time of day reach that in 2255.
_INVALIDATE = f"""
local last = redis.call('ZSCORE', KEYS[1], '')
local clock = tonumber(ARGV[1])
if last then clock = math.max(clock, tonumber(last) + 1)
else redis.call('ZADD', KEYS[1], string.format('%.0f', clock), '{SITE}') end
local at = string.format('%.0f', clock)
for place = 2, #ARGV do redis.call('ZADD', KEYS[1], at, ARGV[place]) end
redis.call('ZADD', KEYS[1], at, '')
local site = redis.call('ZSCORE', KEYS[1], '{SITE}')
redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', string.format('(%.0f', clock - {MEMORY_SECONDS}e6))
redis.call('ZADD', KEYS[1], site, '{SITE}')
return last and 1 or 0
"""


class RedisBackend:
    """See `pagecache.generations.Backend`.

    Redis is tried again where it has closed the connection (it was started anew, perhaps), and
    not where it is silent: the second wait would be as long as the first.
    """

    errors = (RedisError, OSError)

    def __init__(self, url: str) -> None:
        once_more = Retry(NoBackoff(), 1, supported_errors=(Disconnected,))
        self.client = Redis.from_url(
            url,
            socket_timeout=TIMEOUT_SECONDS,
            socket_connect_timeout=TIMEOUT_SECONDS,
            retry=once_more,
        )
        self.key = options().key  # one, so that Redis evicts all of it or nothing
        self.script = self.client.register_script(_INVALIDATE)
        self.opened = threading.local()
        self.looked = 0.0

    def current(self) -> int:
        if time.monotonic() > self.looked + LOOK_SECONDS:
            self.look()
        return int(self._ask() or 0)

    def look(self) -> None:
        """A Redis that is full, or a replica, answers readers and refuses what changes: nobody
        would hear of a change.  So a change is tried now and then.
        """
        self.looked = time.monotonic()
        self.client.set(f"{self.key}:look", 1, ex=60)

    def _ask(self) -> float | None:
        """As the client answers, on a connection of this thread's own and in half the time.

        What goes wrong there (Redis was started anew, say) is for the client, which tries again.
        """
        if getattr(self.opened, "pid", None) != os.getpid():
            # Not the pool's: it would count it for ever, and web servers let threads come and go.
            pool = self.client.connection_pool
            self.opened.connection = pool.connection_class(**pool.connection_kwargs)
            self.opened.asked = self.opened.connection.pack_command("ZSCORE", self.key, "")
            self.opened.pid = os.getpid()
        connection = self.opened.connection
        try:
            connection.send_packed_command(self.opened.asked)
            answer = connection.read_response()
        except TimedOut:
            connection.disconnect()
            raise
        except RedisError:
            connection.disconnect()
            answer = self.client.zscore(self.key, "")
        except BaseException:  # an answer that nobody took would be the next one's
            connection.disconnect()
            raise
        return None if answer is None else float(answer)

    def since(self, generation: int) -> dict[str, int]:
        after = f"({generation}"  # exclusive
        found: Any = self.client.zrange(self.key, after, "+inf", byscore=True, withscores=True)
        return {name.decode(): int(score) for name, score in found}

    def invalidate(self, tags: Collection[str]) -> bool:
        return not self.script(keys=[self.key], args=[time.time_ns() // 1000, *tags])
