"""The benchmark touches no database and no Redis that may be a site's."""

import pytest

from tests.bench import scale

BOTH = {scale.DATABASE: "postgres://somewhere/blog", scale.CACHE: "redis://somewhere/1"}


def test_without_both_addresses_scale_says_which_is_lacking() -> None:
    assert scale.unset({}) == f"{scale.DATABASE} and {scale.CACHE} not set"
    assert scale.unset({**BOTH, scale.CACHE: ""}) == f"{scale.CACHE} not set"
    assert scale.unset(BOTH) == ""


def test_the_benchmark_has_a_database_of_its_own_on_the_server_it_is_shown() -> None:
    given = "postgres://ada:secret@[::1]:5433/blog?sslmode=require"
    own = "postgres://ada:secret@[::1]:5433/bench?sslmode=require"
    assert scale.beside(given, "bench") == own


class Redis:
    """So much of a client as is asked."""

    def __init__(self, *keys: str) -> None:
        self.keys = set(keys)

    def dbsize(self) -> int:
        return len(self.keys)

    def scan_iter(self, pattern: str) -> list[str]:
        return [key for key in self.keys if key.startswith(pattern.rstrip("*"))]

    def delete(self, key: str) -> None:
        self.keys.remove(key)


def test_a_redis_with_keys_is_refused_and_keeps_them() -> None:
    site = Redis("heliograph:generations")
    with pytest.raises(scale.Refused, match="1 keys"):
        with scale.empty_redis(site):
            raise AssertionError("the benchmark has begun")
    assert site.keys == {"heliograph:generations"}


def test_an_empty_redis_loses_only_what_the_benchmark_wrote() -> None:
    empty = Redis()
    with scale.empty_redis(empty):
        empty.keys |= {"heliograph:1:rate", "somebody"}
    assert empty.keys == {"somebody"}
