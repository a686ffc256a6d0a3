"""What stands in the record of a dialogue follows the dialogue."""

from django.db import migrations

FILL = """
UPDATE journal_entry e SET thing_id = m.dialogue_id FROM dialogues_message m WHERE e.object_id = m.id;
UPDATE journal_entry e SET thing_id = m.dialogue_id FROM dialogues_message m, attachments_attachment a
 WHERE e.object_id = a.id AND a.object_id = m.id;
UPDATE journal_entry e SET content = d.kind, restriction = d.restriction, told_reception = d.told_reception
  FROM dialogues_dialogue d WHERE e.thing_id = d.id;
UPDATE journal_entry c
   SET content = e.content, thing_id = e.thing_id, restriction = e.restriction, told_reception = e.told_reception
  FROM journal_entry e WHERE c.corrects_id = e.id;
"""


class Migration(migrations.Migration):
    dependencies = [
        ("dialogues", "0006_told_reception"),
        ("journal", "0005_made_of"),
        ("attachments", "0001_initial"),
    ]

    operations = [migrations.RunSQL(FILL, migrations.RunSQL.noop)]
