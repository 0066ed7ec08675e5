"""Generations in a small database file of their own: one machine, any number of processes."""

import os
import sqlite3
import threading
import time
from collections.abc import Collection
from pathlib import Path

from django.conf import settings

from blog.generations import MEMORY, SITE

LOCK_TIMEOUT = 10  # seconds to wait for another writer; each holds the file for microseconds
PAUSE = 0.02  # seconds between two tries to open the file

_BEGIN = """
CREATE TABLE IF NOT EXISTS topic (name TEXT PRIMARY KEY, generation INTEGER NOT NULL) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS topic_age ON topic (generation);
"""
_CLOCK = ""  # the name of the row that holds the clock


class InSQLite:
    """See `blog.generations.Generations`; methods raise sqlite3.Error and OSError."""

    def __init__(self, folder: Path) -> None:
        self.path = folder / "generations.sqlite3"
        self.opened = threading.local()

    def _connection(self) -> sqlite3.Connection:
        """One for each thread, and another one in a forked process."""
        if getattr(self.opened, "pid", None) != os.getpid():
            self.opened.connection, self.opened.pid = self._open(), os.getpid()
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
            except sqlite3.OperationalError:
                connection.close()
                if time.monotonic() > deadline:
                    raise
                time.sleep(PAUSE)
            else:
                return connection

    def now(self) -> int:
        asked = "SELECT generation FROM topic WHERE name = ''"
        while (row := self._connection().execute(asked).fetchone()) is None:
            self.bump([SITE])
        return int(row[0])

    def youngest(self, topics: Collection[str]) -> int:
        names = [SITE, *topics]
        places = ",".join("?" * len(names))
        asked = f"SELECT max(generation) FROM topic WHERE name IN ({places})"  # noqa: S608 - places
        found: int | None = self._connection().execute(asked, names).fetchone()[0]
        return found if found is not None else self.now()

    def bump(self, topics: Collection[str]) -> None:
        connection = self._connection()
        connection.execute("BEGIN IMMEDIATE")
        try:
            asked = "SELECT generation FROM topic WHERE name = ''"
            row = connection.execute(asked).fetchone()
            clock = max(row[0] + 1 if row else 0, time.time_ns() // 1000)
            names = {*topics, _CLOCK} if row else {*topics, _CLOCK, SITE}
            rows = [(name, clock) for name in names]
            connection.executemany("INSERT OR REPLACE INTO topic VALUES (?, ?)", rows)
            old = clock - MEMORY * 1_000_000
            connection.execute("DELETE FROM topic WHERE generation < ? AND name != ?", (old, SITE))
            connection.execute("COMMIT")
        except BaseException:
            connection.execute("ROLLBACK")
            raise
