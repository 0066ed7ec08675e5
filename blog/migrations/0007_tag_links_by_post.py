from django.db import migrations


class Migration(migrations.Migration):
    """The newest posts of a tag without sorting all of them, for `PostQuerySet.related_to`.

    By hand, because Django declares no index for the table of a many-to-many field.
    """

    dependencies = [
        ("blog", "0006_reading_minutes"),
    ]

    operations = [
        migrations.RunSQL(
            "CREATE INDEX blog_post_tags_newest ON blog_post_tags (tag_id, post_id)",
            "DROP INDEX blog_post_tags_newest",
        ),
    ]
