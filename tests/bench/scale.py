"""Kept pages where the site shares PostgreSQL and Redis, as on several machines.

BENCH_DATABASE_URL and BENCH_CACHE_URL say where.  Nothing that is there already is touched: the
benchmark makes a database of its own beside the one that is named, and takes an empty Redis only.
"""

import contextlib
import os
import secrets
from collections.abc import Iterator, Mapping
from urllib.parse import urlsplit

import psycopg
from redis import Redis

from tests.bench.libraries import library
from tests.bench.load import Load, Loads
from tests.bench.measuring import Row
from tests.bench.reading import BROTLI, HITS
from tests.bench.servers import baseline, missing
from tests.bench.sizes import Sizes

DATABASE, CACHE = "BENCH_DATABASE_URL", "BENCH_CACHE_URL"
OURS = "heliograph:*"  # every key a site writes


class Refused(Exception):
    """The benchmark would touch what is not its own; the sentence says what."""


def unset(environment: Mapping[str, str]) -> str:
    """Which of the two addresses are not given, "" if both are."""
    lacking = [name for name in (DATABASE, CACHE) if not environment.get(name)]
    return f"{' and '.join(lacking)} not set" if lacking else ""


def beside(url: str, name: str) -> str:
    """The address of another database on the same server."""
    return urlsplit(url)._replace(path=f"/{name}").geturl()


@contextlib.contextmanager
def own_database(url: str) -> Iterator[str]:
    """The address of a new, empty database, dropped when the block ends.

    Raises Refused if the account may not make one; a psycopg.Error if nobody answers.
    """
    name = f"heliograph_bench_{secrets.token_hex(4)}"
    with psycopg.connect(url, autocommit=True) as server:
        try:
            server.execute(f"CREATE DATABASE {name}")
        except psycopg.errors.InsufficientPrivilege:
            reason = f"the account of {DATABASE} may not make a database (CREATEDB)"
            raise Refused(reason) from None
        try:
            yield beside(url, name)
        finally:
            server.execute(f"DROP DATABASE {name} WITH (FORCE)")


@contextlib.contextmanager
def empty_redis(client: Redis) -> Iterator[None]:
    """Leave a Redis as empty as it was.  Raises Refused if somebody's keys are in it."""
    if number := client.dbsize():
        raise Refused(f"{CACHE} holds {number} keys that may be a site's: name an empty database")
    try:
        yield
    finally:
        for key in client.scan_iter(OURS):
            client.delete(key)


def hits(sizes: Sizes) -> Iterator[Row]:
    """The rows; nothing, and why, where they cannot be measured."""
    if why := missing() or unset(os.environ):
        print(f"scale: skipped, {why}")
        return
    database, cache = os.environ[DATABASE], os.environ[CACHE]
    try:
        with empty_redis(Redis.from_url(cache)), own_database(database) as url:
            yield from _measured({"DATABASE_URL": url, "CACHE_URL": cache}, sizes)
    except Refused as refused:
        print(f"scale: skipped, {refused}")


def _measured(environment: Mapping[str, str], sizes: Sizes) -> Iterator[Row]:
    with baseline("bare") as bare, library(sizes.few, **environment) as place:
        loads = Loads({name: Load(place.server, path, BROTLI) for name, path in HITS.items()})
        loads["bare"] = Load(bare, "/")
        loads.measure(sizes.seconds, sizes.rounds)
    for name in HITS:
        told = f"{loads.told(name)}, bare {loads.told('bare')}"
        ratio = loads.ratio(name, "bare")
        yield Row(f"PostgreSQL and Redis, hit, {name} / bare", ratio, "≥ 1.5", note=told)
