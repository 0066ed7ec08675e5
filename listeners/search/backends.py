"""Finding: FTS5 on SQLite, full text on PostgreSQL, behind one interface.

Both compare terms that `search.analysis` made, so they find the same posts; their ranks are
their own.  Title, then tags, then summary and author, then the text: see _BM25.
"""

from collections.abc import Callable
from typing import Any

from django.core.exceptions import EmptyResultSet
from django.db import connection

from blog.querysets import PostQuerySet
from listeners.search.analysis import FORM, STEM, spelled
from listeners.search.models import FIELDS
from listeners.search.queries import Clause, Query

Sql = tuple[str, list[Any]]

# bm25 is told how often each column counts, in the order of FIELDS; as it levels off, only
# powers keep one word in a title above many in a text.  ts_rank takes D, C, B, A from 0 to 1.
_BM25 = "bm25(search_index, 1000.0, 30.0, 100.0, 30.0, 1.0)"
_TS_RANK = "-ts_rank('{0.01, 0.1, 0.3, 1.0}', words, CAST(%s AS tsquery))"
_WHOLE = " || ' | ' || ".join(FIELDS)  # every term between spaces, and no phrase across fields


def _stems(clause: Clause) -> str:
    return " ".join(spelled(STEM, word) for word in clause.stems)


def _fts5_clause(clause: Clause) -> str:
    exact, beginning = f'"{_stems(clause)}"', f'"{spelled(FORM, clause.words[0])}" *'
    if clause.starred:
        return beginning
    return f"({exact} OR {beginning})" if clause.growing else exact


def _sqlite(query: Query) -> Sql:
    asked = " AND ".join(map(_fts5_clause, query.wanted))
    if query.unwanted:
        asked = f"({asked}) NOT ({' OR '.join(map(_fts5_clause, query.unwanted))})"
    return (
        f"SELECT rowid AS post_id, {_BM25} AS place FROM search_index "  # noqa: S608 - ours
        "WHERE search_index MATCH %s",
        [asked],
    )


def _tsquery_clause(clause: Clause) -> str:
    exact, beginning = _stems(clause).replace(" ", " & "), f"{spelled(FORM, clause.words[0])}:*"
    if clause.starred:
        return beginning
    return f"({exact} | {beginning})" if clause.growing else exact


def _postgresql(query: Query) -> Sql:
    """Positions in a vector end at 16,383 and 256 of a word, so phrases are looked up as text."""
    single = [clause for clause in query.unwanted if len(clause.words) == 1]
    parts = [*map(_tsquery_clause, query.wanted), *(f"!{_tsquery_clause(one)}" for one in single)]
    asked = " & ".join(parts)
    where, params = "words @@ CAST(%s AS tsquery)", [asked, asked]
    for clause in query.clauses:
        if len(clause.words) > 1:
            negation = "NOT " if clause.excluded else ""
            where += f" AND {negation}' ' || {_WHOLE} || ' ' LIKE %s"
            params.append(f"% {_stems(clause)} %")
    return f"SELECT post_id, {_TS_RANK} AS place FROM search_document WHERE {where}", params  # noqa: S608 - ours


_SPELLINGS: dict[str, Callable[[Query], Sql]] = {"sqlite": _sqlite, "postgresql": _postgresql}


def best(query: Query, posts: PostQuerySet, limit: int) -> list[int]:
    """The ids of at most `limit` of these posts that `query` finds, the best first.

    Equal ones, and those of an empty query, come newest first.  `posts` decides what may be
    found at all: hand over public ones.
    """
    if not query:
        return list(posts.order_by("-published_at", "-pk").values_list("pk", flat=True)[:limit])
    found, asked = _SPELLINGS[connection.vendor](query)
    try:
        visible, params = posts.order_by().values_list("pk", "published_at").query.sql_with_params()
    except EmptyResultSet:  # as `none()` says it
        return []
    sql = (
        f"WITH found AS ({found}), visible (id, at) AS ({visible}) "  # noqa: S608 - ours
        "SELECT id FROM found JOIN visible ON id = post_id "
        "ORDER BY place, at DESC, id DESC LIMIT %s"
    )
    with connection.cursor() as cursor:
        cursor.execute(sql, [*asked, *params, limit])
        return [row[0] for row in cursor.fetchall()]
