from collections import defaultdict

from django.apps.registry import Apps
from django.db import migrations, models
from django.db.backends.base.schema import BaseDatabaseSchemaEditor

CHUNK = 200  # posts at a time: their texts are in memory


def compute(apps: Apps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    """The reading time of every post there is, as `blog.rendering.pipeline` computes it for new ones."""
    posts = apps.get_model("blog", "Post")._base_manager.using(schema_editor.connection.alias)
    last = 0
    while rows := list(posts.filter(pk__gt=last).order_by("pk").values_list("pk", "body")[:CHUNK]):
        same: dict[int, list[int]] = defaultdict(list)
        for pk, body in rows:
            same[max(1, round(len(body.split()) / 230))].append(pk)
        for minutes, pks in same.items():
            if minutes != 1:  # the default
                posts.filter(pk__in=pks).update(reading_minutes=minutes)
        last = rows[-1][0]


class Migration(migrations.Migration):
    dependencies = [
        ("blog", "0005_cards"),
    ]

    operations = [
        migrations.AddField(
            model_name="post",
            name="reading_minutes",
            field=models.PositiveSmallIntegerField(default=1, editable=False),
        ),
        migrations.RunPython(compute, migrations.RunPython.noop, elidable=True),
    ]
