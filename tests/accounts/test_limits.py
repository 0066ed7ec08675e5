"""So many acts for one network, whoever counts, and nobody locked out by what only counts."""

import socket
import time
from pathlib import Path

import pytest
from django.core.cache import cache
from django.core.cache.backends.redis import RedisCache
from django.test import RequestFactory

from accounts import limits
from accounts.limits import Rate, forget, is_spent, network_of, spend
from config import backends
from tests.threads import together

pytestmark = pytest.mark.django_db(transaction=True)  # threads have connections

THREE = Rate("knock", 3, 60)
FIVE = Rate("door", 5, 60)


@pytest.fixture(autouse=True)
def counters(monkeypatch) -> limits.Counters:
    fresh = limits.Counters()
    fresh.own.clear()
    monkeypatch.setattr(limits, "counters", fresh)
    return fresh


def knock(who: str = "x") -> Rate | None:
    return spend((THREE, who), (FIVE, ""))


def test_each_has_a_count_of_their_own_and_all_have_one() -> None:
    assert [knock("x") for _ in range(5)] == [None] * 3 + [THREE] * 2
    assert [knock("y") for _ in range(3)] == [None, None, FIVE], "refused ones did not count here"


def test_many_at_once_are_counted_one_by_one() -> None:
    answers = together(*[lambda: spend((THREE, "x"))] * 8)
    assert answers.count(None) == 3


def test_a_window_ends_and_is_not_lengthened(monkeypatch, settings) -> None:
    if settings.CACHES["default"]["BACKEND"].endswith("RedisCache"):
        pytest.skip("Redis has a clock of its own")
    now = time.time()
    for seconds in (0, 50, 55, 59):
        monkeypatch.setattr(time, "time", lambda seconds=seconds: now + seconds)
        last = spend((THREE, "x"))
    assert last == THREE
    monkeypatch.setattr(time, "time", lambda: now + 61)
    assert spend((THREE, "x")) is None


def test_looking_counts_nothing_and_forgetting_gives_all_back() -> None:
    for _ in range(3):
        assert not is_spent(THREE, "x")
        spend((THREE, "x"))
    assert is_spent(THREE, "x")
    assert not is_spent(THREE, "y")
    forget(THREE, "x")
    assert not is_spent(THREE, "x")


@pytest.mark.parametrize("who", ["", "x" * 100_000, "a b\n\0", "\ud800", "größer"])
def test_anything_typed_may_be_counted(who) -> None:
    assert [spend((THREE, who)) for _ in range(4)] == [None] * 3 + [THREE]


@pytest.mark.expects_errors
def test_a_cache_that_is_away_locks_nobody_out_and_is_left_alone(monkeypatch, counters) -> None:
    asked = []

    def broken(*args, **kwargs):
        asked.append(args)
        raise ConnectionError("nobody there")

    with monkeypatch.context() as patch:
        for name in ("add", "incr", "get", "delete", "touch"):
            patch.setattr(cache, name, broken)
        assert [knock() for _ in range(4)] == [None] * 3 + [THREE], "this process goes on counting"
        assert len(asked) == 1, "one wait, not one for each question"
    counters.away_until = 0.0
    assert knock() is None, "back in the cache of all"


@pytest.mark.expects_errors
def test_a_cache_that_never_answers_holds_nobody_for_ever(monkeypatch) -> None:
    pytest.importorskip("redis")
    with socket.create_server(("127.0.0.1", 0)) as silent:
        monkeypatch.setenv("CACHE_URL", f"redis://127.0.0.1:{silent.getsockname()[1]}/0")
        options = backends.cache("CACHE_URL", Path("unused"))
        monkeypatch.setattr(limits, "cache", RedisCache(options.pop("LOCATION"), options))
        assert [knock() for _ in range(4)] == [None] * 3 + [THREE]


@pytest.mark.parametrize(
    ("address", "network"),
    [
        ("192.0.2.7", "192.0.2.7"),
        ("::ffff:192.0.2.7", "192.0.2.7"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("2001:db8:1:2::9", "2001:db8:1:2::/64"),
        ("2001:db8:1:3::9", "2001:db8:1:3::/64"),
        ("fe80::1%eth0", "fe80::/64"),
        ("", ""),
        ("nonsense", ""),
    ],
)
def test_a_network_is_what_one_client_has(address, network) -> None:
    assert network_of(RequestFactory().get("/", REMOTE_ADDR=address)) == network


def test_only_a_trusted_proxy_names_the_network(settings) -> None:
    told = {"REMOTE_ADDR": "10.0.0.1", "HTTP_X_FORWARDED_FOR": "6.6.6.6, 2001:db8:1:2::9"}
    request = RequestFactory().get("/", **told)
    assert network_of(request) == "10.0.0.1"
    settings.TRUSTED_PROXIES = ["10.0.0.0/8"]
    assert network_of(request) == "2001:db8:1:2::/64"
