"""Generations in Redis, for sites on several machines."""

import os
import threading
import time
from collections.abc import Collection
from typing import Any

from redis import Redis, RedisError

from blog.generations import MEMORY, SITE

TIMEOUT = 2  # seconds; a silent Redis must not hold readers up for long
KEY = "heliograph:generations"  # one key, so that Redis evicts all of it or nothing

# Scores are doubles, exact up to 2^53; microseconds of the time of day reach that in 2255.
_BUMP = f"""
local last = redis.call('ZSCORE', KEYS[1], '')
local clock = tonumber(ARGV[1])
if last then clock = math.max(clock, tonumber(last) + 1)
else redis.call('ZADD', KEYS[1], string.format('%.0f', clock), '{SITE}') end
local at = string.format('%.0f', clock)
for place = 2, #ARGV do redis.call('ZADD', KEYS[1], at, ARGV[place]) end
redis.call('ZADD', KEYS[1], at, '')
local site = redis.call('ZSCORE', KEYS[1], '{SITE}')
redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', string.format('(%.0f', clock - {MEMORY}e6))
redis.call('ZADD', KEYS[1], site, '{SITE}')
"""


class InRedis:
    """See `blog.generations.Books`; methods raise redis.RedisError."""

    def __init__(self, url: str) -> None:
        self.client = Redis.from_url(url, socket_timeout=TIMEOUT, socket_connect_timeout=TIMEOUT)
        self.script = self.client.register_script(_BUMP)
        self.opened = threading.local()

    def now(self) -> int:
        while (clock := self._clock()) is None:
            self.bump([SITE])
        return int(clock)

    def _clock(self) -> float | None:
        """As the client answers, on a connection of this thread's own and in half the time.

        What goes wrong there (Redis was started anew, say) is for the client, which tries again.
        """
        if getattr(self.opened, "pid", None) != os.getpid():
            self.opened.connection = self.client.connection_pool.make_connection()
            self.opened.asked = self.opened.connection.pack_command("ZSCORE", KEY, "")
            self.opened.pid = os.getpid()
        connection = self.opened.connection
        try:
            connection.send_packed_command(self.opened.asked)
            clock = connection.read_response()
        except RedisError:
            connection.disconnect()
            clock = self.client.zscore(KEY, "")
        except BaseException:  # an answer that nobody took would be the next one's
            connection.disconnect()
            raise
        return None if clock is None else float(clock)

    def since(self, reading: int) -> dict[str, int]:
        place = f"({reading}"  # exclusive
        found: Any = self.client.zrange(KEY, place, "+inf", byscore=True, withscores=True)
        return {name.decode(): int(score) for name, score in found}

    def bump(self, topics: Collection[str]) -> None:
        self.script(keys=[KEY], args=[time.time_ns() // 1000, *topics])
