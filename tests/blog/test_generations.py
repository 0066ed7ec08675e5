"""The clock of the kept pages, in a file and in Redis: one promise."""

import multiprocessing
import threading
import time
from pathlib import Path

import pytest
from django.conf import settings

from blog import generations as books
from blog.generations import Generations
from blog.generations.sqlite import InSQLite
from blog.topics import SITE


def in_file(folder: Path) -> Generations:
    return InSQLite(folder)


def in_redis(folder: Path) -> Generations:
    found = books.generations()
    found.client.flushdb()
    return found


@pytest.fixture(params=["file", pytest.param("redis", marks=pytest.mark.redis)])
def clock(request, tmp_path) -> Generations:
    return (in_file if request.param == "file" else in_redis)(tmp_path)


def test_a_change_is_younger_than_every_reading_before_it(clock) -> None:
    before = clock.now()
    assert clock.now() == before, "reading moves nothing"
    assert clock.youngest(["a"]) <= before
    clock.bump(["a", "b"])
    assert clock.now() > before
    assert clock.youngest(["a"]) == clock.youngest(["x", "b"]) == clock.now()
    assert clock.youngest(["x"]) <= before


def test_the_whole_site_ends_every_page(clock) -> None:
    before = clock.now()
    clock.bump([SITE])
    assert clock.youngest([]) == clock.youngest(["a"]) > before


def test_no_two_changes_share_a_reading(clock) -> None:
    seen = set()
    for _ in range(200):
        clock.bump(["a"])
        seen.add(clock.now())
    assert len(seen) == 200


def test_a_lost_book_ends_every_page(tmp_path, clock) -> None:
    """After a flush nothing may be taken for current that was built before it."""
    clock.bump(["a"])
    built = clock.now()
    if isinstance(clock, InSQLite):
        clock._connection().execute("DELETE FROM topic")
    else:
        clock.client.flushdb()
    assert clock.youngest(["a"]) > built
    assert clock.now() > built


def test_what_no_kept_page_can_remember_is_forgotten(clock, monkeypatch) -> None:
    built = clock.now()
    clock.bump(["old"])
    real = time.time_ns
    monkeypatch.setattr(time, "time_ns", lambda: real() + (books.MEMORY + 60) * 1_000_000_000)
    clock.bump(["new"])
    assert clock.youngest(["old"]) <= built, "forgotten, as if it had never changed"
    assert clock.youngest(["new"]) == clock.now()


def test_a_clock_that_was_set_back_goes_on(clock, monkeypatch) -> None:
    clock.bump(["a"])
    before = clock.now()
    monkeypatch.setattr(time, "time_ns", lambda: 1_000_000_000)
    clock.bump(["b"])
    assert clock.youngest(["b"]) == clock.now() > before


def test_threads_bump_and_read_at_once(clock) -> None:
    start, failures = threading.Barrier(6), []

    def work(number: int) -> None:
        start.wait()
        try:
            for _ in range(30):
                before = clock.now()
                clock.bump([f"topic:{number}"])
                assert clock.youngest([f"topic:{number}"]) > before
        except Exception as error:  # noqa: BLE001 - told below
            failures.append(error)

    threads = [threading.Thread(target=work, args=[number]) for number in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not failures


def begin(folder: Path, start) -> None:
    start.wait(20)
    InSQLite(folder).bump(["first"])


def test_processes_may_begin_the_file_together(tmp_path) -> None:
    context = multiprocessing.get_context("fork")
    start = context.Barrier(6)
    folder = tmp_path / "cache"
    processes = [context.Process(target=begin, args=[folder, start]) for _ in range(6)]
    for process in processes:
        process.start()
    for process in processes:
        process.join(30)
    assert [process.exitcode for process in processes] == [0] * 6
    assert InSQLite(folder).youngest(["first"]) == InSQLite(folder).now()


def test_a_forked_process_opens_the_file_anew(tmp_path) -> None:
    clock = InSQLite(tmp_path)
    before = clock.now()
    process = multiprocessing.get_context("fork").Process(target=clock.bump, args=[["a"]])
    process.start()
    process.join(20)
    assert process.exitcode == 0
    assert clock.youngest(["a"]) == clock.now() > before


def test_they_lie_beside_the_cache_that_all_processes_share() -> None:
    kind = type(books.generations()).__name__
    redis = settings.CACHES["default"]["BACKEND"].endswith("RedisCache")
    assert kind == ("InRedis" if redis else "InSQLite")


def test_a_change_that_was_not_told_is_told_by_the_next_process(tmp_path, monkeypatch) -> None:
    """A process dies after its commit and before it shows the others the clock."""
    before = InSQLite(tmp_path).now()
    dying = InSQLite(tmp_path)
    monkeypatch.setattr(dying, "_tell", lambda connection: None)
    dying.bump(["a"])
    clock = InSQLite(tmp_path)
    assert clock.now() == clock.youngest(["a"]) > before


@pytest.mark.redis
def test_redis_may_close_a_connection(tmp_path) -> None:
    clock = in_redis(tmp_path)
    before = clock.now()
    assert clock.client.client_kill_filter(_type="normal", skipme=True)
    assert clock.now() == before


@pytest.mark.redis
def test_a_forked_process_asks_redis_by_itself(tmp_path) -> None:
    clock = in_redis(tmp_path)
    before, fork = clock.now(), multiprocessing.get_context("fork")
    asked, counted = fork.Event(), fork.Event()

    def work() -> None:
        assert clock.now() == before
        asked.set()
        assert counted.wait(20)

    connected = len(clock.client.client_list())
    process = fork.Process(target=work)
    process.start()
    assert asked.wait(20)
    assert len(clock.client.client_list()) == connected + 1
    counted.set()
    process.join(20)
    assert process.exitcode == 0
