"""Tables that pages have read without a word, and what is written to them.

Whoever reads such a table for a page depends on `table:its_name`, which every write to it ends.
So that nobody has to tell of writes that no page cares for, a reader *watches* the table before
he reads: it is a mark among the generations, which all processes see.  A writer looks for it
after his commit.  If the reader did not see the write, the mark was there before it.
"""

import logging
import time

from pagecache.generations import MEMORY_SECONDS, generations

logger = logging.getLogger("pagecache")

# A mark is made anew long before it is forgotten; no page outlives the difference.
RENEW_SECONDS = MEMORY_SECONDS / 2


def table_tag(table: str) -> str:
    """The tag of everything in a table."""
    return f"table:{table}"


def _mark(table: str) -> str:
    return f"watched:{table}"


def watch(tables: set[str]) -> None:
    """Have all processes tell of what they write to these tables from now on.

    Raises what the backend of the generations raises.
    """
    known = generations()
    now = known.current()
    fresh = time.time_ns() // 1000 - RENEW_SECONDS * 1_000_000
    whole_site = known.youngest((), now)
    marks = {mark: known.youngest([mark], now) for mark in map(_mark, tables)}
    # A mark from before everything ended may be lost with everything else.
    if missing := [mark for mark, at in marks.items() if at <= whole_site or at < fresh]:
        known.invalidate(missing)


def watched(tables: set[str]) -> set[str]:
    """Those of these tables that pages have read.  Raises as `watch`."""
    known = generations()
    now = known.current()
    whole_site = known.youngest((), now)
    return {table for table in tables if known.youngest([_mark(table)], now) > whole_site}
