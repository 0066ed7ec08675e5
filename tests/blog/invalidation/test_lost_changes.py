"""A change that the books of the generations did not take: nobody trusts what he keeps.

Two objects on the same books are two processes of one machine.
"""

import shutil
import signal
import sqlite3
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.test import Client

from blog import cache_tags
from blog.services import unpublish
from pagecache import current_generation, generations, is_unchanged
from pagecache.generations import Generations, Unreachable, breaker
from pagecache.generations.shared_numbers import LossMark
from pagecache.generations.sqlite import SQLiteBackend
from tests.site import free_port, wait_until

FULL = sqlite3.OperationalError("database or disk is full")


class Process(Generations):
    """One process; what it asks of the books fails while `broken` names it."""

    def __init__(self, folder: Path) -> None:
        super().__init__(SQLiteBackend(folder / "cache"), LossMark(folder / "loss"))
        self.broken: set[str] = set()
        self.asked = 0
        for name in ("current", "since", "invalidate"):
            setattr(self.backend, name, self._failing(name, getattr(self.backend, name)))

    def _failing(self, name, method):
        def ask(*arguments):
            self.asked += 1
            if name in self.broken:
                raise FULL
            return method(*arguments)

        return ask

    def is_current(self, built: int) -> bool:
        """Whether a page about nothing in particular may be shown."""
        return self.youngest(["card:1"], self.current()) <= built


@pytest.fixture
def folder(tmp_path, monkeypatch) -> Path:
    monkeypatch.setattr(breaker, "REST_SECONDS", 0)
    (tmp_path / "cache").mkdir()
    Process(tmp_path).invalidate(["begin"])
    return tmp_path


@pytest.fixture
def reader(folder) -> Process:
    return Process(folder)


@pytest.fixture
def writer(folder) -> Process:
    return Process(folder)


def test_every_process_hears_of_a_change_that_was_lost(reader, writer) -> None:
    built = reader.current()
    assert reader.is_current(built)
    writer.broken = {"invalidate"}
    with pytest.raises(sqlite3.Error):
        writer.invalidate(["card:1"])
    assert not reader.is_current(built)
    built = reader.current()
    assert reader.is_current(built), "what was built since then may be kept"
    assert reader.is_current(built)


def test_nobody_trusts_anything_while_nobody_can_make_it_good(reader, writer) -> None:
    built = reader.current()
    reader.broken = writer.broken = {"invalidate"}
    with pytest.raises(sqlite3.Error):
        writer.invalidate(["card:1"])
    for _ in range(3):
        with pytest.raises(sqlite3.Error):
            reader.current()
    reader.broken = set()
    assert not reader.is_current(built)
    assert reader.is_current(reader.current())


def test_two_losses_are_two(reader, writer, folder) -> None:
    """One that comes while another is being made good stays."""
    built = reader.current()
    loss = reader.loss.last()
    writer.broken = {"invalidate"}
    for _ in range(2):
        with pytest.raises(sqlite3.Error):
            writer.invalidate(["card:1"])
    reader.loss.clear(loss)
    assert reader.loss.is_set()
    assert not reader.is_current(built)


def test_who_could_not_ask_trusts_nothing_of_before(reader) -> None:
    built = reader.current()
    reader.broken = {"current"}
    with pytest.raises(sqlite3.Error):
        reader.current()
    reader.broken = set()
    assert not reader.is_current(built)


def test_who_begins_new_books_tells_those_who_have_the_old_ones(reader, folder) -> None:
    """Somebody emptied the directory; a command then changes something, all within a second."""
    built = reader.current()
    shutil.rmtree(folder / "cache")
    Process(folder).invalidate(["card:1"])
    assert not reader.is_current(built)


def test_books_that_do_not_answer_are_left_alone_for_a_while(reader, monkeypatch) -> None:
    monkeypatch.setattr(breaker, "REST_SECONDS", 60)
    built = reader.current()
    reader.broken = {"current", "invalidate", "since"}
    with pytest.raises(sqlite3.Error):
        reader.current()
    asked = reader.asked
    for _ in range(5):
        with pytest.raises(Unreachable):
            reader.current()
        with pytest.raises(Unreachable):
            reader.invalidate(["card:1"])
    assert reader.asked == asked
    reader.broken, reader.breaker._retry_at = set(), 1.0
    assert not reader.is_current(built), "what was changed meanwhile is not lost"


@pytest.mark.parametrize("is_directory", [True, False])
@pytest.mark.django_db(transaction=True)
@pytest.mark.expects_errors
def test_readers_of_a_site_without_its_cache_use_the_database(
    write, settings, tmp_path, is_directory
) -> None:
    """The directory is a file, or its files are no databases."""
    folder = tmp_path / "cache"
    if is_directory:
        folder.mkdir()
        (folder / "generations.sqlite3").write_bytes(b"no database" * 1000)
    else:
        folder.write_text("no directory")
    located = {"BACKEND": "config.filecache.FileCache", "LOCATION": str(folder)}
    settings.CACHES = {"default": located}
    post = write("On mirrors", public=True)
    for _ in range(2):
        assert b"On mirrors" in Client().get("/").content
    unpublish(post, by=None)
    for _ in range(2):
        assert b"On mirrors" not in Client().get("/").content


@pytest.fixture
def own_redis(settings, monkeypatch) -> Iterator[subprocess.Popen[bytes]]:
    """A Redis that may be stopped and filled without disturbing anybody."""
    server = shutil.which("redis-server")
    assert server, "the test is marked: there is one"
    port = free_port()
    process = subprocess.Popen(
        [server, "--port", str(port), "--bind", "127.0.0.1", "--save", ""],
        stdout=subprocess.DEVNULL,
    )
    url = f"redis://127.0.0.1:{port}/0"
    settings.CACHES = {"default": {"BACKEND": "config.rediscache.RedisCache", "LOCATION": url}}
    monkeypatch.setattr("pagecache.generations.redis.TIMEOUT_SECONDS", 0.3)
    monkeypatch.setattr("pagecache.generations.redis.LOOK_SECONDS", 0)
    wait_until(lambda: _is_up(), seconds=20)
    yield process
    process.send_signal(signal.SIGCONT)
    process.kill()
    process.wait()


def _is_up() -> bool:
    try:
        return generations.generations().backend.client.ping()
    except Exception:  # noqa: BLE001 - not yet
        return False


@pytest.mark.redis
@pytest.mark.django_db(transaction=True)
@pytest.mark.expects_errors
def test_a_silent_redis_costs_one_wait(own_redis, write, monkeypatch) -> None:
    """Readers and a writer: one timeout, then the site goes on without for some seconds."""
    post = write("On mirrors", public=True)
    assert b"On mirrors" in Client().get("/").content
    from redis.connection import AbstractConnection  # installed where Redis is used

    waited, real = [], AbstractConnection.read_response

    def read(self, *arguments, **options):
        try:
            return real(self, *arguments, **options)
        except BaseException:
            waited.append(1)
            raise

    monkeypatch.setattr(AbstractConnection, "read_response", read)
    own_redis.send_signal(signal.SIGSTOP)
    for path in ("/", "/feed/", post.get_absolute_url(), "/"):
        assert b"On mirrors" in Client().get(path).content
    assert len(waited) == 1
    unpublish(post, by=None)
    assert b"On mirrors" not in Client().get("/").content
    assert len(waited) == 1
    own_redis.send_signal(signal.SIGCONT)
    generations.generations().breaker.close()
    assert b"On mirrors" not in Client().get("/").content


@pytest.mark.redis
@pytest.mark.django_db(transaction=True)
@pytest.mark.expects_errors
def test_a_redis_that_refuses_changes_is_not_believed(own_redis, write) -> None:
    """Full, with a policy that evicts nothing: it goes on answering readers."""
    post = write("On mirrors", public=True)
    for _ in range(2):
        assert b"On mirrors" in Client().get("/").content
    client = generations.generations().backend.client
    client.config_set("maxmemory", 1)
    unpublish(post, by=None)
    assert b"On mirrors" not in Client().get("/").content
    client.config_set("maxmemory", 0)
    generations.generations().breaker.close()
    assert b"On mirrors" not in Client().get("/").content
    now = current_generation()
    assert is_unchanged([cache_tags.POSTS], now, now), "pages are kept again"
