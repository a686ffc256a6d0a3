"""When a calendar is taken, without whose the time is: what everybody may know who looks for free time.

The view reads as its owner. Row-level security on the claims would keep their index on periods from being used, and
nobody but the office and the patient may see a claim itself. See docs/adr/0009-row-level-security.md.
"""

import django.contrib.postgres.fields.ranges
import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("appointments", "0002_restriction")]

    operations = [
        migrations.CreateModel(
            name="Taken",
            fields=[
                ("id", models.UUIDField(primary_key=True, serialize=False)),
                (
                    "calendar",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.DO_NOTHING, related_name="+", to="appointments.calendar"
                    ),
                ),
                ("period", django.contrib.postgres.fields.ranges.DateTimeRangeField()),
                ("expires_at", models.DateTimeField(null=True)),
            ],
            options={"db_table": "appointments_taken", "managed": False},
        ),
        migrations.RunSQL(
            "CREATE VIEW appointments_taken AS"
            " SELECT id, calendar_id, period, expires_at FROM appointments_claim WHERE is_active",
            "DROP VIEW appointments_taken",
        ),
    ]
