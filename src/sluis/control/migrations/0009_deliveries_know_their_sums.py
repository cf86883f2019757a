from django.db import migrations, models

SUMS = ("rows", "inserted", "updated", "deleted", "bytes")

FILL = """
UPDATE control_delivery AS delivery
SET rows = files.rows, inserted = files.inserted, updated = files.updated, deleted = files.deleted, bytes = files.bytes
FROM (
    SELECT delivery_id, sum(rows) AS rows, sum(inserted) AS inserted, sum(updated) AS updated,
        sum(deleted) AS deleted, sum(bytes) AS bytes
    FROM control_deliveryfile GROUP BY delivery_id
) AS files
WHERE files.delivery_id = delivery.id
"""


class Migration(migrations.Migration):
    dependencies = [
        ("control", "0008_the_trail_is_read"),
    ]

    operations = [
        *(
            migrations.AddField(
                model_name="delivery",
                name=name,
                field=models.BigIntegerField(default=0, help_text="of all files together"),
            )
            for name in SUMS
        ),
        migrations.RunSQL(FILL, migrations.RunSQL.noop),
        migrations.AddIndex(
            model_name="delivery",
            index=models.Index(
                fields=["created_at"],
                include=["configuration", "medical", "started_at", "published_at", "rows", "bytes"],
                condition=models.Q(state="delivered"),
                name="delivery_figures",
            ),
        ),
    ]
