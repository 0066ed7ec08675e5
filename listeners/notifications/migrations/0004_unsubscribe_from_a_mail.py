from django.db import migrations, models

import listeners.notifications.models


class Migration(migrations.Migration):
    dependencies = [("notifications", "0003_account_mails")]

    # In two steps: a default is asked for once for all rows, and one token would open them all.
    operations = [
        migrations.AddField(
            model_name="message",
            name="token",
            field=models.CharField(default="", editable=False, max_length=30),
        ),
        migrations.AlterField(
            model_name="message",
            name="token",
            field=models.CharField(
                default=listeners.notifications.models.new_token, editable=False, max_length=30
            ),
        ),
    ]
