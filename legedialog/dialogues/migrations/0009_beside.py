"""See docs/adr/0096-what-stays-open.md."""

from typing import Any

from django.db import migrations

from legedialog.core import crypto, sealing


def bind(apps: Any, schema_editor: Any) -> None:
    sealing.bind_beside(schema_editor.connection, "dialogues_comment", "text")


class Migration(migrations.Migration):
    dependencies = [("dialogues", "0008_unread")]

    operations = [
        migrations.AlterField("comment", "text", crypto.EncryptedTextField(scope="practice_id", beside="dialogue")),
        migrations.RunPython(bind, migrations.RunPython.noop),
    ]
