"""The clock of the kept pages, in a file and in Redis: one promise."""

import gc
import multiprocessing
import threading
import time
from pathlib import Path

import pytest
from django.conf import settings

from blog.cache_tags import SITE
from pagecache import generations as engine
from pagecache.generations import Generations
from pagecache.generations.shared_numbers import LossMark
from pagecache.generations.sqlite import SQLiteBackend


def in_file(folder: Path) -> Generations:
    return Generations(SQLiteBackend(folder), LossMark(folder.parent / f"{folder.name}.loss"))


def in_redis(folder: Path) -> Generations:
    found = Generations(engine.generations().backend, LossMark(folder / "loss"))
    found.backend.client.flushdb()
    return found


@pytest.fixture(params=["file", pytest.param("redis", marks=pytest.mark.redis)])
def clock(request, tmp_path) -> Generations:
    return (in_file if request.param == "file" else in_redis)(tmp_path)


def youngest(clock: Generations, topics: list[str]) -> int:
    """Among these topics as of now; a process that has just begun says the same."""
    found = clock.youngest(topics, now := clock.current())
    assert Generations(clock.backend, clock.loss).youngest(topics, now) == found
    return found


def test_a_change_is_younger_than_every_reading_before_it(clock) -> None:
    before = clock.current()
    assert clock.current() == before, "reading moves nothing"
    assert youngest(clock, ["a"]) <= before
    clock.invalidate(["a", "b"])
    assert clock.current() > before
    assert youngest(clock, ["a"]) == youngest(clock, ["x", "b"]) == clock.current()
    assert youngest(clock, ["x"]) <= before


def test_the_whole_site_ends_every_page(clock) -> None:
    before = clock.current()
    clock.invalidate([SITE])
    assert youngest(clock, []) == youngest(clock, ["a"]) > before


def test_no_two_changes_share_a_reading(clock) -> None:
    seen = set()
    for _ in range(200):
        clock.invalidate(["a"])
        seen.add(clock.current())
    assert len(seen) == 200


def test_a_lost_book_ends_every_page(tmp_path, clock) -> None:
    """After a flush nothing may be taken for current that was built before it."""
    clock.invalidate(["a"])
    built = clock.current()
    if isinstance(clock.backend, SQLiteBackend):
        clock.backend.looked = 0
        for file in tmp_path.glob("generations.*"):
            file.unlink()
    else:
        clock.backend.client.flushdb()
    assert youngest(clock, ["a"]) > built
    assert clock.current() > built


def test_what_no_kept_page_can_remember_is_forgotten(clock, monkeypatch) -> None:
    built = clock.current()
    clock.invalidate(["old"])
    real = time.time_ns
    monkeypatch.setattr(
        time, "time_ns", lambda: real() + (engine.MEMORY_SECONDS + 60) * 1_000_000_000
    )
    clock.invalidate(["new"])
    assert youngest(clock, ["old"]) <= built, "forgotten, as if it had never changed"
    assert youngest(clock, ["new"]) == clock.current()


def test_a_process_forgets_too(clock, monkeypatch) -> None:
    monkeypatch.setattr(engine, "MANY", 10)
    clock.invalidate([f"old:{number}" for number in range(20)])
    assert youngest(clock, ["old:1"]) == clock.current()
    real = time.time_ns
    monkeypatch.setattr(
        time, "time_ns", lambda: real() + (engine.MEMORY_SECONDS + 60) * 1_000_000_000
    )
    clock.invalidate(["new"])
    assert youngest(clock, ["new"]) == clock.current()
    assert set(clock._known) <= {SITE, "", "new"}


def test_after_a_change_the_books_are_asked_once(clock) -> None:
    """However many kept pages are compared with it."""
    clock.current()
    asked = []
    since = clock.backend.since
    clock.backend.since = lambda reading: asked.append(reading) or since(reading)
    for _ in range(2):
        clock.invalidate(["a"])
        now = clock.current()
        for number in range(20):
            assert clock.youngest([f"card:{number}"], now) < clock.youngest(["a"], now)
    del clock.backend.since
    assert len(asked) == 2


def test_a_clock_that_was_set_back_goes_on(clock, monkeypatch) -> None:
    clock.invalidate(["a"])
    before = clock.current()
    monkeypatch.setattr(time, "time_ns", lambda: 1_000_000_000)
    clock.invalidate(["b"])
    assert youngest(clock, ["b"]) == clock.current() > before


def test_threads_bump_and_read_at_once(clock) -> None:
    start, failures = threading.Barrier(6), []

    def work(number: int) -> None:
        start.wait()
        try:
            for _ in range(30):
                before = clock.current()
                clock.invalidate([f"topic:{number}"])
                assert clock.youngest([f"topic:{number}"], clock.current()) > before
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
    SQLiteBackend(folder).invalidate(["first"])


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
    assert youngest(in_file(folder), ["first"]) == in_file(folder).current()


def test_a_forked_process_opens_the_file_anew(tmp_path) -> None:
    clock = in_file(tmp_path)
    before = clock.current()
    process = multiprocessing.get_context("fork").Process(target=clock.invalidate, args=[["a"]])
    process.start()
    process.join(20)
    assert process.exitcode == 0
    assert youngest(clock, ["a"]) == clock.current() > before


def test_they_lie_beside_the_cache_that_all_processes_share() -> None:
    kind = type(engine.generations().backend).__name__
    redis = settings.CACHES["default"]["BACKEND"].endswith("RedisCache")
    assert kind == ("RedisBackend" if redis else "SQLiteBackend")


def test_a_change_that_was_not_told_is_told_by_the_next_process(tmp_path, monkeypatch) -> None:
    """A process dies after its commit and before it shows the others the clock."""
    before = in_file(tmp_path).current()
    dying = SQLiteBackend(tmp_path)
    monkeypatch.setattr(dying, "_tell", lambda connection: None)
    dying.invalidate(["a"])
    clock = in_file(tmp_path)
    assert clock.current() == youngest(clock, ["a"]) > before


def connections(clock: Generations) -> list[str]:
    """Those to the database of this test, by their ids; other workers have others."""
    client = clock.backend.client
    own = str(client.connection_pool.connection_kwargs["db"])
    return [one["id"] for one in client.client_list() if one["db"] == own]


@pytest.mark.redis
def test_redis_may_close_a_connection(tmp_path) -> None:
    clock = in_redis(tmp_path)
    before = clock.current()
    client = clock.backend.client
    assert sum(client.client_kill_filter(_id=one, skipme=True) for one in connections(clock))
    assert clock.current() == before


@pytest.mark.redis
def test_a_forked_process_asks_redis_by_itself(tmp_path) -> None:
    clock = in_redis(tmp_path)
    before, fork = clock.current(), multiprocessing.get_context("fork")
    asked, counted = fork.Event(), fork.Event()

    def work() -> None:
        assert clock.current() == before
        asked.set()
        assert counted.wait(20)

    before_it = len(connections(clock))
    process = fork.Process(target=work)
    process.start()
    assert asked.wait(20)
    assert len(connections(clock)) == before_it + 1
    counted.set()
    process.join(20)
    assert process.exitcode == 0


@pytest.mark.redis
def test_threads_come_and_go_and_take_their_connections_along(tmp_path) -> None:
    """Web servers end threads that have nothing to do; redis-py lends a hundred connections."""
    clock = in_redis(tmp_path)
    generation, held = clock.current(), len(connections(clock))
    answers: list[int] = []
    for _ in range(150):
        thread = threading.Thread(target=lambda: answers.append(clock.current()))
        thread.start()
        thread.join(20)
    assert answers == [generation] * 150
    gc.collect()
    assert len(connections(clock)) <= held + 1


@pytest.mark.parametrize("lost", ["generations.*", "generations.sqlite3*", "generations.clock"])
def test_processes_agree_after_somebody_has_emptied_the_cache(tmp_path, monkeypatch, lost) -> None:
    """One goes on with the files it has open, the other begins: both hear of each other."""
    monkeypatch.setattr("pagecache.generations.sqlite.LOOK_SECONDS", 0)
    running = in_file(tmp_path)
    running.invalidate(["a"])
    built = running.current()
    for file in tmp_path.glob(lost):
        file.unlink()
    in_file(tmp_path).invalidate(["b"])
    assert youngest(running, ["b"]) == running.current() > built
    running.invalidate(["c"])
    assert youngest(in_file(tmp_path), ["c"]) == in_file(tmp_path).current() > built
