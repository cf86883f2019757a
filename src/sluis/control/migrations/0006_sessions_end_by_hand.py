from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("control", "0005_what_is_read"),
    ]

    operations = [
        migrations.AddField(
            model_name="user",
            name="session_round",
            field=models.PositiveIntegerField(default=0, help_text="sessions of an earlier round have ended"),
        ),
    ]
