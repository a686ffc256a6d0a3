"""What came out of another's record says so, also what was moved before."""

import django.db.models.deletion
from django.db import migrations, models
from django.db.models import Q

FILL = """
UPDATE journal_entry e SET moved_at = m.at, moved_by_id = m.by_employee_id
  FROM journal_moved v JOIN journal_misfiling m ON m.id = v.misfiling_id
 WHERE v.object_id = e.id AND v.patient_id = e.patient_id AND v.is_copy
"""


class Migration(migrations.Migration):
    dependencies = [
        ("journal", "0010_who_asked"),
        ("practices", "0001_initial"),
    ]

    operations = [
        migrations.AddField("entry", "moved_at", models.DateTimeField(null=True)),
        migrations.AddField(
            "entry",
            "moved_by",
            models.ForeignKey(
                null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="practices.employee"
            ),
        ),
        migrations.RunSQL(FILL, migrations.RunSQL.noop),
        migrations.RunSQL("SET CONSTRAINTS ALL IMMEDIATE", migrations.RunSQL.noop),
        migrations.AddConstraint(
            "entry",
            models.CheckConstraint(
                name="what_was_moved_here_tells_by_whom",
                condition=Q(moved_at=None, moved_by=None) | Q(moved_at__isnull=False, moved_by__isnull=False),
            ),
        ),
    ]
