"""The problem code is a diagnosis: sealed like the text beside it. See docs/adr/0048-health-is-sealed.md."""

from typing import Any

from django.db import migrations

from legedialog.core import crypto, sealing


def fill(apps: Any, schema_editor: Any) -> None:
    sealing.move(sealing.MOVED[0])


class Migration(migrations.Migration):
    atomic = False
    dependencies = [("journal", "0002_corrections"), ("core", "0002_wrapped_by")]

    operations = [
        migrations.SeparateDatabaseAndState(
            state_operations=[
                migrations.RemoveField("entry", "problem_code"),
                migrations.AddField(
                    "entry",
                    "problem_code",
                    crypto.EncryptedTextField(db_column="problem", scope="practice_id"),
                    preserve_default=False,
                ),
            ],
            database_operations=[
                migrations.RunSQL(
                    "ALTER TABLE journal_entry ADD COLUMN problem bytea, ALTER COLUMN problem_code SET DEFAULT ''",
                    "ALTER TABLE journal_entry DROP COLUMN problem, ALTER COLUMN problem_code DROP DEFAULT",
                )
            ],
        ),
        migrations.RunPython(fill, migrations.RunPython.noop),
    ]
