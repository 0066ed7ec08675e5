"""The full-text index itself, kept by the database whenever a document changes."""

import string
from typing import Any

from django.db import migrations

COLUMNS = ("title", "summary", "tags", "author", "body")
NEW = ", ".join(f"new.{name}" for name in COLUMNS)
OLD = ", ".join(f"old.{name}" for name in COLUMNS)
NAMES = ", ".join(COLUMNS)

ADD = f"INSERT INTO search_index(rowid, {NAMES}) VALUES (new.post_id, {NEW});"  # noqa: S608 - our own names
DROP = (
    f"INSERT INTO search_index(search_index, rowid, {NAMES}) VALUES ('delete', old.post_id, {OLD});"  # noqa: S608 - our own names
)
SQLITE = [
    f"CREATE VIRTUAL TABLE search_index USING fts5({NAMES}, content='search_document', "
    "content_rowid='post_id', tokenize='porter unicode61 remove_diacritics 2')",
    f"CREATE TRIGGER search_document_added AFTER INSERT ON search_document BEGIN {ADD} END",
    f"CREATE TRIGGER search_document_gone AFTER DELETE ON search_document BEGIN {DROP} END",
    "CREATE TRIGGER search_document_changed AFTER UPDATE ON search_document "
    f"BEGIN {DROP} {ADD} END",
    "INSERT INTO search_index(search_index) VALUES ('rebuild')",
]
SQLITE_BACK = [
    *(f"DROP TRIGGER search_document_{event}" for event in ("added", "gone", "changed")),
    "DROP TABLE search_index",
]

WEIGHTS = {"title": "A", "summary": "C", "tags": "B", "author": "C", "body": "D"}
# PostgreSQL's parser takes "5.2", "and/or" and "ada@example.net" for one word each, which nobody
# finds by its parts: signs become spaces, as the search box and SQLite see them.
SIGNS = string.punctuation.replace("'", "''")
WORDS = {
    name: f"translate({name}, '{SIGNS}', '{' ' * len(string.punctuation)}')" for name in WEIGHTS
}
VECTOR = " || ".join(
    f"setweight(to_tsvector('english', {WORDS[name]}), '{weight}')"
    for name, weight in WEIGHTS.items()
)
POSTGRESQL = [
    f"ALTER TABLE search_document ADD COLUMN words tsvector GENERATED ALWAYS AS ({VECTOR}) STORED",
    "CREATE INDEX search_document_words ON search_document USING gin (words)",
]
POSTGRESQL_BACK = ["ALTER TABLE search_document DROP COLUMN words"]


def _execute(statements: dict[str, list[str]]) -> Any:
    def run(apps: Any, schema_editor: Any) -> None:
        for statement in statements[schema_editor.connection.vendor]:
            schema_editor.execute(statement, params=None)

    return run


class Migration(migrations.Migration):
    dependencies = [("search", "0001_initial")]

    operations = [
        migrations.RunPython(
            _execute({"sqlite": SQLITE, "postgresql": POSTGRESQL}),
            _execute({"sqlite": SQLITE_BACK, "postgresql": POSTGRESQL_BACK}),
        ),
    ]
