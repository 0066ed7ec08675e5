from collections import defaultdict
from typing import Any

from django.db import migrations, models
from django.utils import timezone

CHUNK = 2_000  # rows


def fill(apps: Any, schema_editor: Any) -> None:
    """Note the month of what is listed already, in the time zone of the site."""
    rows = apps.get_model("blog", "Listing").objects.order_by("pk")
    zone = timezone.get_default_timezone()
    last = 0
    while chunk := list(rows.filter(pk__gt=last).values_list("pk", "published_at")[:CHUNK]):
        months = defaultdict(list)
        for pk, at in chunk:
            months[at.astimezone(zone).date().replace(day=1)].append(pk)
        for month, pks in months.items():
            rows.filter(pk__in=pks).update(month=month)
        last = chunk[-1][0]


class Migration(migrations.Migration):
    """Months are counted on an index; what counted days goes.

    On the way back the counts of days are empty: `reconcile` makes them.
    """

    dependencies = [("blog", "0010_social_images")]

    operations = [
        migrations.AddField(model_name="listing", name="month", field=models.DateField(null=True)),
        migrations.RunPython(fill, migrations.RunPython.noop, elidable=True),
        migrations.AlterField(model_name="listing", name="month", field=models.DateField()),
        migrations.AddIndex(
            model_name="listing",
            index=models.Index(fields=["list", "month"], name="listing_months"),
        ),
        migrations.DeleteModel(name="DayCount"),
    ]
