from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("control", "0003_people_log_in"),
    ]

    operations = [
        migrations.AddField(
            model_name="configuration",
            name="known",
            field=models.JSONField(
                default=dict, help_text="streams, and columns by file, that its version had when it was last saved"
            ),
        ),
        migrations.AddIndex(
            model_name="delivery",
            index=models.Index(fields=["-created_at"], name="delivery_by_time"),
        ),
    ]
