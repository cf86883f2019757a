from django.db import migrations, models
from django.db.models import functions


class Migration(migrations.Migration):
    dependencies = [
        ("control", "0007_roles_of_a_provider"),
    ]

    operations = [
        migrations.AddField(
            model_name="auditevent",
            name="scope",
            field=models.TextField(blank=True, default="", help_text="empty in events of before there was one"),
        ),
        migrations.AddField(
            model_name="auditevent",
            name="searched",
            field=models.GeneratedField(
                expression=functions.Lower(
                    functions.Concat(
                        "subject", models.Value(" ", models.TextField()), functions.Cast("details", models.TextField())
                    )
                ),
                output_field=models.TextField(),
                db_persist=True,
            ),
        ),
        migrations.AddIndex(
            model_name="auditevent",
            index=models.Index(fields=["moment"], name="audit_by_time"),
        ),
    ]
