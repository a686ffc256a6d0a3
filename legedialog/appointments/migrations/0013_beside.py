"""See docs/adr/0096-what-stays-open.md."""

from typing import Any

from django.db import migrations

from legedialog.core import crypto, sealing


def bind(apps: Any, schema_editor: Any) -> None:
    sealing.bind_beside(schema_editor.connection, "appointments_claim", "note")


class Migration(migrations.Migration):
    dependencies = [("appointments", "0012_anybody")]

    operations = [
        migrations.AlterField(
            "claim", "note", crypto.EncryptedTextField(scope="practice_id", beside="calendar", null=True)
        ),
        migrations.RunPython(bind, migrations.RunPython.noop),
    ]
