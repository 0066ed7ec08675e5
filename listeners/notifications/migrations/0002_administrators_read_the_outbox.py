from django.apps.registry import Apps
from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor


def let_administrators_read(apps: Apps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    """Once, for the group there is; new groups are made with the right (`settings.ROLES`)."""
    group = apps.get_model("auth", "Group").objects.filter(name="Administrator").first()
    if group is None:
        return
    kind, _ = apps.get_model("contenttypes", "ContentType").objects.get_or_create(
        app_label="notifications", model="message"
    )
    permission, _ = apps.get_model("auth", "Permission").objects.get_or_create(
        content_type=kind, codename="view_message", defaults={"name": "Can view message"}
    )
    group.permissions.add(permission)


class Migration(migrations.Migration):
    dependencies = [
        ("notifications", "0001_initial"),
        ("auth", "0012_alter_user_first_name_max_length"),
        ("contenttypes", "0002_remove_content_type_name"),
    ]
    operations = [migrations.RunPython(let_administrators_read, migrations.RunPython.noop)]
