"""Which SQLite runs, and with which options.

SQLite 3.7.0 to 3.51.2 can corrupt a database in WAL mode when several connections write and
checkpoint at the same moment (https://sqlite.org/wal.html, "The WAL-reset bug"). Distributions
still ship such versions, so a bundled newer one is preferred where a wheel exists, and WAL is
used only where the linked library has the fix.
"""

import importlib
import sys
from typing import Any

Version = tuple[int, int, int]

# The fix was released on the main line and backported to two maintained branches.
FIRST_SAFE: Version = (3, 51, 3)
SAFE_BACKPORTS: tuple[Version, ...] = ((3, 50, 7), (3, 44, 6))

# Each thread keeps a connection, and SQLite's own 2 MB in each hold only copies of what the system
# caches: pages are built and searched for as fast with a quarter.
CACHE_KIB = 512

LOCK_TIMEOUT = 10  # seconds a writer waits for another one before "database is locked"


def prefer_bundled() -> None:
    """Let `import sqlite3` mean `pysqlite3` where that is installed."""
    try:
        bundled = importlib.import_module("pysqlite3")
        dbapi2 = importlib.import_module("pysqlite3.dbapi2")
    except ImportError:
        return
    sys.modules["sqlite3"] = bundled
    sys.modules["sqlite3.dbapi2"] = dbapi2


def linked_version() -> Version:
    """The version of the SQLite library this process runs on."""
    version: Version = importlib.import_module("sqlite3").sqlite_version_info
    return version


def wal_is_safe(version: Version) -> bool:
    """Whether this SQLite version has the WAL-reset fix."""
    if version >= FIRST_SAFE:
        return True
    return any(version[:2] == backport[:2] and version >= backport for backport in SAFE_BACKPORTS)


def options(version: Version) -> dict[str, Any]:
    """Database OPTIONS for Django's SQLite backend.

    IMMEDIATE takes the write lock when a transaction begins. With the default, a transaction
    that reads first and writes later fails at once if another one wrote in between.
    """
    return {
        "transaction_mode": "IMMEDIATE",
        "timeout": LOCK_TIMEOUT,
        "init_command": pragmas(version),
    }


def pragmas(version: Version) -> str:
    """What every connection begins with.

    Under WAL, NORMAL may lose the last commits in a power cut but never corrupts; the rollback
    journal needs FULL for the same promise.
    """
    journal, synchronous = ("WAL", "NORMAL") if wal_is_safe(version) else ("DELETE", "FULL")
    return (
        f"PRAGMA journal_mode={journal}; PRAGMA synchronous={synchronous}; "
        f"PRAGMA cache_size=-{CACHE_KIB};"  # negative: not pages but KiB
    )
