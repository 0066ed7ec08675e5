"""Generations in a small database file of their own: one machine, any number of processes."""

import os
import sqlite3
import threading
import time
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from pathlib import Path

from pagecache.conf import options
from pagecache.generations import MEMORY_SECONDS
from pagecache.generations.shared_numbers import SharedNumbers
from pagecache.tags import SITE

LOCK_TIMEOUT_SECONDS = 2  # for another writer; each holds the file for microseconds
PAUSE_SECONDS = 0.02  # between two tries to open the file
LOOK_SECONDS = 1.0  # between two looks whether the files are still there

# Processes from before and after an upgrade share the file, so its table keeps its name.
_BEGIN = """
CREATE TABLE IF NOT EXISTS topic (name TEXT PRIMARY KEY, generation INTEGER NOT NULL) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS topic_age ON topic (generation);
"""
_CURRENT = ""  # the name of the row that holds the site's generation


class SQLiteBackend:
    """See `pagecache.generations.Backend`.

    The site's generation is in the database for those who change it, and beside it for those who
    read it: asking SQLite would take half of what it takes to answer with a stored page.  It is
    told there after the commit, before `invalidate` returns.
    """

    errors = (sqlite3.Error, OSError)

    def __init__(self, location: str) -> None:
        self.path = Path(location) / "generations.sqlite3"
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
        deadline = time.monotonic() + LOCK_TIMEOUT_SECONDS
        while True:
            connection = sqlite3.connect(
                self.path, timeout=LOCK_TIMEOUT_SECONDS, isolation_level=None
            )
            try:
                connection.executescript(options().pragmas + _BEGIN)
            except sqlite3.OperationalError as error:
                connection.close()
                if "locked" not in str(error) or time.monotonic() > deadline:
                    raise
                time.sleep(PAUSE_SECONDS)
            else:
                return connection

    def current(self) -> int:
        if time.monotonic() > self.looked + LOOK_SECONDS:
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

    def since(self, generation: int) -> dict[str, int]:
        asked = "SELECT name, generation FROM topic WHERE generation > ?"
        return dict(self._connection().execute(asked, [generation]))

    def invalidate(self, tags: Collection[str]) -> bool:
        connection = self._connection()
        with _writing(connection):
            last = _current_of(connection)
            now = max(last + 1, time.time_ns() // 1000)
            names = {*tags, _CURRENT} if last else {*tags, _CURRENT, SITE}
            rows = [(name, now) for name in names]
            connection.executemany("INSERT OR REPLACE INTO topic VALUES (?, ?)", rows)
            old = now - MEMORY_SECONDS * 1_000_000
            connection.execute("DELETE FROM topic WHERE generation < ? AND name != ?", (old, SITE))
        self._tell(connection)
        return not last

    def _tell(self, connection: sqlite3.Connection) -> memoryview:
        """Show everybody the generation of the last commit.  The lock keeps two from going back."""
        with _writing(connection):
            told = self.told
            if told is None:
                told = self.told = SharedNumbers(self.path.with_suffix(".clock")).view
                self.files = self._found()
            told[0] = _current_of(connection)
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


def _current_of(connection: sqlite3.Connection) -> int:
    """What the database says, 0 if nothing has changed yet."""
    row = connection.execute("SELECT generation FROM topic WHERE name = ?", [_CURRENT]).fetchone()
    return row[0] if row else 0
