"""The group says that a medicine may be addictive, and who prescribed may tell of a specialty: both are sealed.

See docs/adr/0103-the-group-is-sealed.md.
"""

from typing import Any

from django.db import migrations

from legedialog.core import crypto, sealing

COLUMNS = {"group": "medicine_group", "prescriber_name": "prescribed_by", "prescriber_hpr": "prescribed_by_hpr"}


def fill(apps: Any, schema_editor: Any) -> None:
    for moved in sealing.MOVED[3:6]:
        sealing.move(moved)


class Migration(migrations.Migration):
    atomic = False
    dependencies = [("prescriptions", "0005_withdrawal"), ("core", "0002_wrapped_by")]

    operations = [
        migrations.SeparateDatabaseAndState(
            state_operations=[
                migrations.RemoveConstraint("prescription", "group_a_is_dispensed_once_and_b_unless_paid_for"),
                migrations.RemoveConstraint("prescription", "only_medicines_have_a_group"),
                *(
                    operation
                    for name, column in COLUMNS.items()
                    for operation in (
                        migrations.RemoveField("prescription", name),
                        migrations.AddField(
                            "prescription",
                            name,
                            crypto.EncryptedTextField(db_column=column, scope="practice_id"),
                            preserve_default=False,
                        ),
                    )
                ),
            ],
            database_operations=[
                migrations.RunSQL(
                    "ALTER TABLE prescriptions_prescription"
                    " DROP CONSTRAINT group_a_is_dispensed_once_and_b_unless_paid_for,"
                    " DROP CONSTRAINT only_medicines_have_a_group,"
                    " ADD COLUMN medicine_group bytea, ADD COLUMN prescribed_by bytea,"
                    " ADD COLUMN prescribed_by_hpr bytea,"
                    " ALTER COLUMN \"group\" SET DEFAULT '', ALTER COLUMN prescriber_name SET DEFAULT '',"
                    " ALTER COLUMN prescriber_hpr SET DEFAULT ''",
                    migrations.RunSQL.noop,
                )
            ],
        ),
        migrations.RunPython(fill, migrations.RunPython.noop),
    ]
