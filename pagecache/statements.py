"""What pages read and what changes write, seen at the statements themselves.

Every statement that Django sends passes here: those of `save()` and of `update()`, of bulk
operations, cascades, many-to-many rows and raw SQL.  Not seen is what the database does by
itself (triggers, functions, views), and what others write to it.
"""

import logging
from collections.abc import Callable, Collection
from typing import Any

from django.db import DEFAULT_DB_ALIAS, transaction

from pagecache.conf import hook, options
from pagecache.invalidation import distrust, invalidate
from pagecache.recording import Declared, current, declared_by
from pagecache.tables import is_reading, models_by_table, tables_named, tables_written, text_of
from pagecache.tracking import is_tracked
from pagecache.watching import table_tag, watch, watched

logger = logging.getLogger("pagecache")


def observe(
    execute: Callable[..., Any], sql: Any, params: Any, many: bool, context: dict[str, Any]
) -> Any:
    """Around each statement of a connection; see `Connection.execute_wrapper` of Django."""
    text = text_of(sql)
    written = frozenset[str]() if is_reading(text) else tables_written(text)
    if current() is not None and not written:
        _record(tables_named(text))
    answer = execute(sql, params, many, context)
    if told := [table for table in written if not table.startswith(options().private)]:
        _tell(told, context["connection"])
    return answer


def _record(tables: Collection[str]) -> None:
    """The page that is being built depends on the tables that nobody says more of."""
    recorded, declared = current(), declared_by()
    if recorded is None or declared is Declared.ALL:
        return
    new = {
        table
        for table in tables
        if table_tag(table) not in recorded.tags
        and not (declared is Declared.TRACKED and is_tracked(models_by_table()[table]))
    }
    if not new:
        return
    recorded.tags.update(map(table_tag, new))
    if not all(map(_is_told_of, new)):
        recorded.expires_at = 0.0
        return
    try:
        watch(new)
    except Exception:  # nobody will hear of writes: the page is for this reader alone
        logger.exception("nobody can be told which tables pages have read")
        recorded.expires_at = 0.0


def _is_told_of(table: str) -> bool:
    """Whether who writes a table tells.  Of one without migrations others may be the writers, or
    it shows what is in other tables; of private ones nobody tells.
    """
    managed = models_by_table()[table]._meta.managed
    return managed and not table.startswith(options().private)


class Written:
    """The tables written in a transaction, or in a savepoint of it: what is undone with it."""

    def __init__(self) -> None:
        self.tables: set[str] = set()
        self.scheduled: set[str] = set()

    def add(self, tables: set[str], *, durably: bool) -> None:
        """Schedule in this transaction what is watched already, which may survive a crash."""
        self.tables |= tables
        if not durably:  # who schedules knows the default database alone
            return
        try:
            found = watched(tables)
        except Exception:  # noqa: BLE001 - asked once more after the commit, and then reported
            return
        self.scheduled |= found
        if found:
            hook(options().schedule)(sorted(map(table_tag, found)))

    def __call__(self) -> None:
        """After the commit: what came to be watched meanwhile."""
        try:
            if found := watched(self.tables - self.scheduled):
                invalidate(*map(table_tag, found))
        except Exception:
            logger.exception("nobody can be told what was written")
            distrust()


def _tell(tables: Collection[str], connection: Any) -> None:
    written = _written(connection)
    if new := set(tables) - written.tables:
        if connection.in_atomic_block:
            written.add(new, durably=connection.alias == DEFAULT_DB_ALIAS)
        else:
            written.tables |= new
            written()


def _written(connection: Any) -> Written:
    """What waits for the commit of this transaction, and goes with the same savepoints."""
    if not connection.in_atomic_block:
        return Written()
    savepoints = set(connection.savepoint_ids)
    for waits_for, call, *_ in reversed(connection.run_on_commit):
        if isinstance(call, Written) and waits_for == savepoints:
            return call
    written = Written()
    transaction.on_commit(written, using=connection.alias)
    return written


def install(connection: Any) -> None:
    """Look at every statement of a connection.

    First in the list: who wraps statements for a while takes the last one away again.
    """
    if observe not in connection.execute_wrappers:
        connection.execute_wrappers.insert(0, observe)
