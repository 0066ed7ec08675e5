"""Lines of stored texts end with one character: a text that is saved as it was shown is the same."""

from typing import Any

from django.db import migrations
from django.db.models import F, Value
from django.db.models.functions import Replace


def one_line_feed(apps: Any, schema_editor: Any) -> None:
    rows = apps.get_model("blog", "Post")._base_manager.using(schema_editor.connection.alias)
    for name in ("body", "summary", "search_description"):
        pairs = Replace(F(name), Value("\r\n"), Value("\n"))
        rows.filter(**{f"{name}__contains": "\r"}).update(
            **{name: Replace(pairs, Value("\r"), Value("\n"))}
        )


class Migration(migrations.Migration):
    dependencies = [("blog", "0008_lists")]

    operations = [migrations.RunPython(one_line_feed, migrations.RunPython.noop, elidable=True)]
