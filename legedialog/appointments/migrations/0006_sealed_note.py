"""Why a time is blocked or overbooked is sealed, like all free text."""

from typing import Any

from django.db import migrations

from legedialog.core import crypto


def seal(apps: Any, schema_editor: Any) -> None:
    with schema_editor.connection.cursor() as cursor:
        cursor.execute(
            "SELECT c.id, k.practice_id, c.old_note FROM appointments_claim c"
            " JOIN appointments_calendar k ON k.id = c.calendar_id WHERE c.old_note <> ''"
        )
        for claim, practice, note in cursor.fetchall():
            sealed = crypto.seal(note, scope=practice, context="appointments_claim.note")
            cursor.execute("UPDATE appointments_claim SET note = %s WHERE id = %s", [sealed, claim])


class Migration(migrations.Migration):
    dependencies = [("appointments", "0005_source_kind")]

    operations = [
        migrations.RenameField("claim", "note", "old_note"),
        migrations.AddField("claim", "note", crypto.EncryptedTextField(null=True, scope="practice_id")),
        migrations.RunPython(seal, migrations.RunPython.noop),
        migrations.RemoveField("claim", "old_note"),
    ]
