"""Terms of our own in the index, the same on both databases; documents there are rewritten."""

import importlib
from typing import Any

from django.db import migrations, models

from listeners.search.analysis import VERSION, terms

full_text = importlib.import_module("listeners.search.migrations.0002_full_text")

SQLITE = [
    full_text.SQLITE[0].replace("porter unicode61 remove_diacritics 2", "ascii"),
    *full_text.SQLITE[1:],
]
VECTOR = " || ".join(
    f"setweight(to_tsvector('simple', {name}), '{weight}')"
    for name, weight in full_text.WEIGHTS.items()
)
POSTGRESQL = [
    f"ALTER TABLE search_document ADD COLUMN words tsvector GENERATED ALWAYS AS ({VECTOR}) STORED",
    # Without a list of pending entries, for which the planner would rather read every row.
    "CREATE INDEX search_document_words ON search_document USING gin (words) "
    "WITH (fastupdate = off)",
]


def analyse_documents(apps: Any, schema_editor: Any) -> None:
    """What was plain text becomes terms; between the old index and the new one, quickly."""
    documents = apps.get_model("search", "Document").objects
    for row in documents.iterator(chunk_size=200):
        row.text, row.analysis = row.body, VERSION
        for name in full_text.COLUMNS:
            setattr(row, name, terms(getattr(row, name)))
        row.save()


def forget_documents(apps: Any, schema_editor: Any) -> None:
    """The older version of this app indexes them anew by `rebuild_search_index`."""
    apps.get_model("search", "Document").objects.all().delete()


class Migration(migrations.Migration):
    dependencies = [("search", "0002_full_text")]

    operations = [
        migrations.RunPython(
            full_text._execute(
                {"sqlite": full_text.SQLITE_BACK, "postgresql": full_text.POSTGRESQL_BACK}
            ),
            full_text._execute({"sqlite": full_text.SQLITE, "postgresql": full_text.POSTGRESQL}),
        ),
        migrations.AddField("document", "text", models.TextField(blank=True, default="")),
        migrations.AlterField("document", "text", models.TextField(blank=True)),
        migrations.AddField("document", "analysis", models.PositiveSmallIntegerField(default=0)),
        migrations.RunPython(analyse_documents, forget_documents),
        migrations.RunPython(
            full_text._execute({"sqlite": SQLITE, "postgresql": POSTGRESQL}),
            full_text._execute(
                {"sqlite": full_text.SQLITE_BACK, "postgresql": full_text.POSTGRESQL_BACK}
            ),
        ),
    ]
