"""Readers who ask at a steady pace whether the site is quick or not.

An answer counts from the moment it was due if the reader still waited for the one before: who
waits for a slow one does not hide it by asking less meanwhile.  Otherwise it counts from the
moment it was asked for: what the reader's own processor took to wake them is not the site's.
"""

import contextlib
import math
import os
import re
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from http.client import HTTPConnection
from itertools import cycle, islice

import brotli

from tests.bench.measuring import no_collector
from tests.bench.servers import LOAD_CORE

READERS, PACE = 8, 0.04  # connections, and seconds between two requests of each
START = 0.5  # seconds until all readers are there: what that takes is not waiting
HOME = "/"
_NEW = re.compile(r"/posts/(seen-\d+)/")  # as `tests.bench.author` names them


@dataclass(frozen=True, slots=True)
class Answer:
    """What one reader got; moments are those of `time.monotonic`."""

    due: float
    asked: float
    came: float
    body: bytes = b""  # of the home page, in brotli

    @property
    def shown(self) -> set[str]:
        """The author's posts that this page lists."""
        return set(_NEW.findall(brotli.decompress(self.body).decode()))


@dataclass(frozen=True, slots=True)
class Publication:
    slug: str
    committed: float  # from then on every new transaction sees it
    done: float  # when the door returned


def percentile(values: Sequence[float], share: float) -> float:
    """The smallest value that so great a share of them does not exceed (nearest rank)."""
    return sorted(values)[max(0, math.ceil(share * len(values)) - 1)]


def waited(answers: Sequence[Answer]) -> float:
    """Seconds that one answer in a hundred exceeds."""
    return percentile([answer.came - answer.due for answer in answers], 0.99)


def stale(
    answers: Sequence[Answer],
    publications: Sequence[Publication],
    since: Callable[[Publication], float],
) -> list[float]:
    """Home pages that do not show the newest post published when they were asked for.

    Of each, how many seconds after that publication it was asked for.
    """
    late = []
    for answer in answers:
        before = [one for one in publications if since(one) < answer.asked]
        if answer.body and before:
            newest = max(before, key=since)
            if newest.slug not in answer.shown:
                late.append(answer.asked - since(newest))
    return late


def read(port: int, paths: Sequence[str], seconds: float) -> list[Answer]:
    """All readers for so many seconds, from a moment at which every page is kept."""
    with contextlib.closing(HTTPConnection("127.0.0.1", port)) as connection:
        for path in paths:
            _ask(connection, path, time.monotonic())
    begun = time.monotonic() + START
    with no_collector(), ThreadPoolExecutor(READERS) as pool:
        turns = [
            pool.submit(_reader, port, paths, begun, number, seconds) for number in range(READERS)
        ]
        return [answer for turn in turns for answer in turn.result()]


def _reader(
    port: int, paths: Sequence[str], begun: float, number: int, seconds: float
) -> list[Answer]:
    """One connection, each page at its moment; readers begin at different pages."""
    os.sched_setaffinity(0, {int(LOAD_CORE)})  # of this thread
    asked = islice(cycle(paths), number * len(paths) // READERS, None)
    answers = []
    with contextlib.closing(HTTPConnection("127.0.0.1", port)) as connection:
        connection.connect()
        for turn in range(round(seconds / PACE)):
            due = begun + (turn + number / READERS) * PACE
            early = due - time.monotonic()
            if early > 0:
                time.sleep(early)
                due = time.monotonic()
            answers.append(_ask(connection, next(asked), due))
    return answers


def _ask(connection: HTTPConnection, path: str, due: float) -> Answer:
    asked = time.monotonic()
    connection.request("GET", path, headers={"Accept-Encoding": "br"})
    answer = connection.getresponse()
    body = answer.read()
    came = time.monotonic()
    if answer.status != 200:
        raise RuntimeError(f"{path}: {answer.status}")
    return Answer(due, asked, came, body if path == HOME else b"")
