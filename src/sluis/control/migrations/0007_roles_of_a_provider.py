from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("control", "0006_sessions_end_by_hand"),
    ]

    operations = [
        migrations.AddField(
            model_name="user",
            name="operator_provided",
            field=models.BooleanField(default=False, help_text="an operator by a group of the provider"),
        ),
        migrations.AddField(
            model_name="membership",
            name="provided",
            field=models.BooleanField(default=False, help_text="given by a group of the provider, which it follows"),
        ),
    ]
