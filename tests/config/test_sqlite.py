"""WAL only on a SQLite that has the fix for it."""

import sqlite3
import sys

import pytest
from django.conf import settings
from django.db import connection

from config import checks, sqlite


@pytest.mark.parametrize(
    ("version", "safe"),
    [
        ((3, 40, 1), False),
        ((3, 44, 5), False),
        ((3, 44, 6), True),
        ((3, 45, 0), False),
        ((3, 50, 6), False),
        ((3, 50, 7), True),
        ((3, 51, 2), False),
        ((3, 51, 3), True),
        ((3, 53, 4), True),
        ((4, 0, 0), True),
    ],
)
def test_wal_is_used_on_fixed_versions_only(version: sqlite.Version, safe: bool) -> None:
    assert sqlite.wal_is_safe(version) is safe
    assert ("journal_mode=WAL" in sqlite.options(version)["init_command"]) is safe


def test_without_the_bundled_library_the_standard_one_stays(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setitem(sys.modules, "pysqlite3", None)  # makes the import fail
    before = sys.modules["sqlite3"]
    sqlite.prefer_bundled()
    assert sys.modules["sqlite3"] is before


def test_the_check_says_why_wal_is_off(monkeypatch: pytest.MonkeyPatch) -> None:
    database = settings.DATABASES["default"]
    monkeypatch.setitem(database, "ENGINE", "django.db.backends.sqlite3")
    monkeypatch.setattr(checks, "linked_version", lambda: (3, 40, 1))
    (warning,) = checks.sqlite_is_safe(None)
    assert warning.id == "heliograph.W001"
    assert "3.40.1" in warning.msg


@pytest.mark.skipif(
    not settings.DATABASES["default"]["ENGINE"].endswith("sqlite3"), reason="about SQLite"
)
@pytest.mark.django_db(transaction=True)
def test_connections_carry_the_options() -> None:
    with connection.cursor() as cursor:
        found = {
            name: cursor.execute(f"PRAGMA {name}").fetchone()[0]
            for name in ("journal_mode", "synchronous", "foreign_keys", "mmap_size", "cache_size")
        }
    wal = sqlite.wal_is_safe(sqlite3.sqlite_version_info)
    assert found["journal_mode"] == ("wal" if wal else "delete")
    assert found["synchronous"] == (1 if wal else 2)
    assert found["foreign_keys"] == 1
    assert not found["mmap_size"]
    assert found["cache_size"] == -sqlite.CACHE_KIB
    assert connection.transaction_mode == "IMMEDIATE"
