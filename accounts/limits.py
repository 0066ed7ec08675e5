"""How often something may be done, counted over all processes of the site in the shared cache.

    SIGN_UPS = Rate("sign-up", 10, HOUR)
    if spend((SIGN_UPS, network_of(request)), (SIGN_UPS_OF_ALL, "")): refuse with a sentence

The first act of somebody begins a window, whose end gives everything back.  Name what is narrow
(a network) before what is wide (the site): what refuses ends the counting, so a client that is
refused does not use up what everybody has.
"""

import logging
from collections.abc import Callable
from dataclasses import dataclass
from hashlib import sha256
from ipaddress import IPv6Address, ip_address, ip_network
from time import monotonic

from django.core.cache import cache
from django.core.cache.backends.base import BaseCache
from django.core.cache.backends.locmem import LocMemCache
from django.http import HttpRequest

from accounts.addresses import client_address

logger = logging.getLogger("heliograph")

MINUTE, HOUR, DAY = 60, 3600, 86_400
OWN_COUNT_SECONDS = 10  # a cache that failed, or hung, is not asked again for so long


@dataclass(frozen=True, slots=True)
class Rate:
    """So many acts of one kind in so many seconds; two rates of a name are counted apart."""

    name: str
    amount: int
    seconds: int

    def key(self, who: str) -> str:
        """Where it is counted; hashed, because `who` may be anything a visitor typed."""
        digest = sha256(who.encode("utf-8", "surrogatepass")).hexdigest()
        name = self.name.replace(" ", "-")
        return f"limit:{name}:{self.amount}:{self.seconds}:{digest}"


def network_of(request: HttpRequest) -> str:
    """The network of a client, as its provider gives one out: an IPv4 address, an IPv6 /64.

    "" where it cannot be known (see `accounts.addresses`), which is then one network of all.
    """
    found = client_address(request)
    if not found:
        return ""
    address = ip_address(found)
    if isinstance(address, IPv6Address):
        if address.ipv4_mapped:  # how a socket for both names IPv4: all of it is in one /64
            return str(address.ipv4_mapped)
        return str(ip_network((int(address), 64), strict=False))
    return str(address)


class Counters:
    """The shared cache; while it does not answer, every process counts for itself."""

    def __init__(self) -> None:
        self.own = LocMemCache("limits", {"OPTIONS": {"MAX_ENTRIES": 10_000}})
        self.away_until = 0.0

    def count(self, rate: Rate, who: str) -> int:
        """Count one act; returns how many there were in this window."""
        return self._ask(lambda kept: _count(kept, rate, who))

    def seen(self, rate: Rate, who: str) -> int:
        """How many there were in this window."""
        return self._ask(lambda kept: int(kept.get(rate.key(who)) or 0))

    def give_back(self, rate: Rate, who: str) -> int:
        """Count one act less."""
        return self._ask(lambda kept: _count_back(kept, rate, who))

    def forget(self, rate: Rate, who: str) -> None:
        """Begin anew."""
        self._ask(lambda kept: int(kept.delete(rate.key(who))))

    def _ask(self, question: Callable[[BaseCache], int]) -> int:
        if monotonic() >= self.away_until:
            try:
                return question(cache)
            except Exception:  # the boundary to Redis or a disk, whatever is wrong there
                logger.exception("limits are counted by each process: the cache does not answer")
                self.away_until = monotonic() + OWN_COUNT_SECONDS
        return question(self.own)


def _count(kept: BaseCache, rate: Rate, who: str) -> int:
    key = rate.key(who)
    kept.add(key, 0, rate.seconds)
    try:
        count = kept.incr(key)
    except ValueError:  # its window ended between the two lines
        return 1
    if count == 1:  # Redis would begin a number without end, had the window ended just now
        kept.touch(key, rate.seconds)
    return count


def _count_back(kept: BaseCache, rate: Rate, who: str) -> int:
    try:
        return kept.decr(rate.key(who))
    except ValueError:  # its window has ended: nothing is counted any more
        return 0


counters = Counters()


def spend(*acts: tuple[Rate, str]) -> Rate | None:
    """Count one act for each (rate, who); returns the first rate that is used up, or None.

    A refused act counts where it was refused, but lengthens no window.
    """
    return next((rate for rate, who in acts if counters.count(rate, who) > rate.amount), None)


def is_spent(rate: Rate, who: str) -> bool:
    """Whether the next act would be refused, without counting one (for failures alone, say)."""
    return counters.seen(rate, who) >= rate.amount


def forget(rate: Rate, who: str) -> None:
    """Give everything back at once, after a right password for example."""
    counters.forget(rate, who)


def give_back(*acts: tuple[Rate, str]) -> None:
    """Take one act back that `spend` counted, because it was none of those to be limited."""
    for rate, who in acts:
        counters.give_back(rate, who)
