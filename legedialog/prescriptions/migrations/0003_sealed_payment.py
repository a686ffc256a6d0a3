"""The section that pays names an illness, and a pharmacy tells where somebody lives: both are sealed. Whether anybody
pays is what the database needs to know. See docs/adr/0048-health-is-sealed.md."""

from typing import Any

from django.db import migrations, models
from django.db.models import Q

from legedialog.core import crypto, sealing


def fill(apps: Any, schema_editor: Any) -> None:
    for moved in sealing.MOVED[1:3]:
        sealing.move(moved)


class Migration(migrations.Migration):
    atomic = False
    dependencies = [("prescriptions", "0002_group_unknown"), ("core", "0002_wrapped_by")]

    operations = [
        migrations.AddField("prescription", "is_reimbursed", models.BooleanField(default=False, db_default=False)),
        migrations.SeparateDatabaseAndState(
            state_operations=[
                migrations.RemoveConstraint("prescription", "group_a_is_dispensed_once_and_b_unless_paid_for"),
                migrations.RemoveField("prescription", "reimbursement"),
                migrations.AddField(
                    "prescription",
                    "reimbursement",
                    crypto.EncryptedTextField(db_column="paid_by", scope="practice_id"),
                    preserve_default=False,
                ),
                migrations.RemoveField("dispensing", "pharmacy"),
                migrations.AddField(
                    "dispensing",
                    "pharmacy",
                    crypto.EncryptedTextField(db_column="pharmacy_name"),
                    preserve_default=False,
                ),
                migrations.AddConstraint(
                    "prescription",
                    models.CheckConstraint(
                        name="group_a_is_dispensed_once_and_b_unless_paid_for",
                        condition=~Q(group__in=["A", "B"]) | Q(dispensings=1) | Q(group="B", is_reimbursed=True),
                    ),
                ),
            ],
            database_operations=[
                migrations.RunSQL(
                    "ALTER TABLE prescriptions_prescription ADD COLUMN paid_by bytea,"
                    " ALTER COLUMN reimbursement SET DEFAULT '';"
                    " ALTER TABLE prescriptions_dispensing ADD COLUMN pharmacy_name bytea,"
                    " ALTER COLUMN pharmacy SET DEFAULT '';"
                    # In either way of saying it, while old code writes too.
                    " ALTER TABLE prescriptions_prescription"
                    " DROP CONSTRAINT group_a_is_dispensed_once_and_b_unless_paid_for,"
                    " ADD CONSTRAINT group_a_is_dispensed_once_and_b_unless_paid_for CHECK"
                    " (\"group\" NOT IN ('A', 'B') OR dispensings = 1"
                    " OR (\"group\" = 'B' AND (is_reimbursed OR reimbursement <> ''))) NOT VALID;"
                    " ALTER TABLE prescriptions_prescription"
                    " VALIDATE CONSTRAINT group_a_is_dispensed_once_and_b_unless_paid_for",
                    migrations.RunSQL.noop,
                )
            ],
        ),
        migrations.RunPython(fill, migrations.RunPython.noop),
    ]
