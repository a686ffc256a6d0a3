"""Who reads at the office is the office's; whether a patient was told of reception stays with what she wrote."""

from django.db import migrations, models

MOVE = """
UPDATE practices_practice p SET secretary_reads = true FROM dialogues_intake i
 WHERE i.practice_id = p.id AND i.secretary_reads;
UPDATE dialogues_dialogue d SET told_reception = true FROM dialogues_intake i
 WHERE i.practice_id = d.practice_id AND i.secretary_reads AND d.kind = 'econsultation';
"""


class Migration(migrations.Migration):
    dependencies = [("dialogues", "0005_death"), ("practices", "0002_secretary_reads")]

    operations = [
        migrations.AddField("dialogue", "told_reception", models.BooleanField(db_default=False, default=False)),
        migrations.RunSQL(MOVE, migrations.RunSQL.noop),
        migrations.RemoveField("intake", "secretary_reads"),
    ]
