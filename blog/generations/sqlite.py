"""Generations in a small database file of their own: one machine, any number of processes."""

import os
import sqlite3
import threading
import time
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from pathlib import Path

from django.conf import settings

from blog.generations import MEMORY, SITE
from blog.generations.number import SharedNumbers

LOCK_TIMEOUT = 2  # seconds to wait for another writer; each holds the file for microseconds
PAUSE = 0.02  # seconds between two tries to open the file
LOOK = 1.0  # seconds between two looks whether the files are still there

_BEGIN = """
CREATE TABLE IF NOT EXISTS topic (name TEXT PRIMARY KEY, generation INTEGER NOT NULL) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS topic_age ON topic (generation);
"""
_CLOCK = ""  # the name of the row that holds the clock


class InSQLite:
    """See `blog.generations.Books`.

    The clock is in the database for those who change it, and beside it for those who read it:
    asking SQLite would take half of what it takes to answer with a kept page.  It is told there
    after the commit, before `bump` returns.
    """

    errors = (sqlite3.Error, OSError)

    def __init__(self, folder: Path) -> None:
        self.path = folder / "generations.sqlite3"
        self.opened = threading.local()
        self.told: memoryview | None = None
        self.files: tuple[int, ...] = ()  # which files these are
        self.lost = 0  # how often they were others
        self.looked = 0.0

    def _connection(self) -> sqlite3.Connection:
        """One for each thread, and another one in a forked process or for other files."""
        place = (os.getpid(), self.lost)
        if getattr(self.opened, "place", None) != place:
            # The parent's is left as it is: to close it here is to close it there.
            self.opened.inherited = getattr(self.opened, "connection", None)
            self.opened.connection, self.opened.place = self._open(), place
        found: sqlite3.Connection = self.opened.connection
        return found

    def _open(self) -> sqlite3.Connection:
        """Begin the file if need be.  Switching to WAL does not wait for others, so we do."""
        self.path.parent.mkdir(parents=True, exist_ok=True)
        deadline = time.monotonic() + LOCK_TIMEOUT
        while True:
            connection = sqlite3.connect(self.path, timeout=LOCK_TIMEOUT, isolation_level=None)
            try:
                connection.executescript(settings.SQLITE_PRAGMAS + _BEGIN)
            except sqlite3.OperationalError as error:
                connection.close()
                if "locked" not in str(error) or time.monotonic() > deadline:
                    raise
                time.sleep(PAUSE)
            else:
                return connection

    def now(self) -> int:
        if time.monotonic() > self.looked + LOOK:
            self.look()
        told = self.told
        return (self._tell(self._connection()) if told is None else told)[0]

    def look(self) -> None:
        """Whoever empties the directory of the cache makes others begin new files."""
        self.looked = time.monotonic()
        if self.told is not None and self._found() != self.files:
            self.told, self.lost = None, self.lost + 1

    def _found(self) -> tuple[int, ...]:
        files = (self.path, self.path.with_suffix(".clock"))
        return tuple(file.stat().st_ino for file in files if file.exists())

    def since(self, reading: int) -> dict[str, int]:
        asked = "SELECT name, generation FROM topic WHERE generation > ?"
        return dict(self._connection().execute(asked, [reading]))

    def bump(self, topics: Collection[str]) -> bool:
        connection = self._connection()
        with _writing(connection):
            last = _clock_of(connection)
            clock = max(last + 1, time.time_ns() // 1000)
            names = {*topics, _CLOCK} if last else {*topics, _CLOCK, SITE}
            rows = [(name, clock) for name in names]
            connection.executemany("INSERT OR REPLACE INTO topic VALUES (?, ?)", rows)
            old = clock - MEMORY * 1_000_000
            connection.execute("DELETE FROM topic WHERE generation < ? AND name != ?", (old, SITE))
        self._tell(connection)
        return not last

    def _tell(self, connection: sqlite3.Connection) -> memoryview:
        """Show everybody the clock of the last commit.  The lock keeps two from going back."""
        with _writing(connection):
            told = self.told
            if told is None:
                told = self.told = SharedNumbers(self.path.with_suffix(".clock")).view
                self.files = self._found()
            told[0] = _clock_of(connection)
        return told


@contextmanager
def _writing(connection: sqlite3.Connection) -> Iterator[None]:
    """Inside, nobody else writes; an exception undoes what is written."""
    connection.execute("BEGIN IMMEDIATE")
    try:
        yield
        connection.execute("COMMIT")
    except BaseException:
        connection.execute("ROLLBACK")
        raise


def _clock_of(connection: sqlite3.Connection) -> int:
    """What the database says, 0 if nothing has changed yet."""
    row = connection.execute("SELECT generation FROM topic WHERE name = ?", [_CLOCK]).fetchone()
    return row[0] if row else 0
