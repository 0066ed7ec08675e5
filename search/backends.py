"""Finding: FTS5 on SQLite, full text on PostgreSQL, behind one function each way."""

import re
from collections.abc import Callable

from django.db import connection

LIMIT = 500  # results beyond this are nobody's second page

_WORD = re.compile(r"\w+")

# Column weights: title, summary, tags, author, body.
_SQLITE = """
    SELECT rowid FROM search_index WHERE search_index MATCH %s
    ORDER BY bm25(search_index, 10.0, 4.0, 6.0, 4.0, 1.0), rowid DESC LIMIT %s
"""
_POSTGRESQL = """
    SELECT post_id FROM search_document, to_tsquery('english', %s) AS query
    WHERE words @@ query ORDER BY ts_rank(words, query) DESC, post_id DESC LIMIT %s
"""


def words_of(query: str) -> list[str]:
    """The words somebody looks for; whatever has a meaning to a database is left behind.

    Upper and lower case are left to the database, which knows how it folded the texts.
    """
    return _WORD.findall(query)[:20]


def _sqlite_query(words: list[str]) -> str:
    return " ".join(f'"{word}"' for word in words[:-1]) + f' "{words[-1]}"*'


def _postgresql_query(words: list[str]) -> str:
    return " & ".join(f"'{word}'" for word in words) + ":*"


_SEARCHES: dict[str, tuple[str, Callable[[list[str]], str]]] = {
    "sqlite": (_SQLITE, _sqlite_query),
    "postgresql": (_POSTGRESQL, _postgresql_query),
}


def find(query: str) -> list[int]:
    """Ids of indexed posts that have every word of `query`, the last one also as a beginning.

    Best first.  Whatever is typed, the answer is a list: words reach the database quoted.
    """
    words = words_of(query)
    if not words:
        return []
    sql, spell = _SEARCHES[connection.vendor]
    with connection.cursor() as cursor:
        cursor.execute(sql, [spell(words), LIMIT])
        return [row[0] for row in cursor.fetchall()]
