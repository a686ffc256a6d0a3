"""What an entry was made of decides who sees it, as it decides who sees the thing itself."""

from django.db import migrations, models

# Entries of dialogues are given their dialogue by dialogues/migrations/0007, orders and appointments by theirs.
FILL = """
UPDATE journal_entry SET thing_id = coalesce(corrects_id, object_id), content = CASE
  WHEN kind = 'booking' THEN 'reason'
  WHEN kind = 'video' THEN 'video'
  WHEN kind IN ('message', 'attachment', 'decision') AND contact_type = 'econsultation' THEN 'econsultation'
  WHEN kind IN ('message', 'attachment', 'decision') AND contact_type = 'office-contact' THEN 'contact'
  WHEN kind IN ('message', 'decision') AND contact_type = 'renewal' THEN 'renewal'
  WHEN kind = 'decision' AND contact_type = 'administration' THEN 'wish'
  ELSE 'note' END;
UPDATE journal_entry c SET content = e.content, thing_id = e.thing_id FROM journal_entry e WHERE c.corrects_id = e.id;
"""


class Migration(migrations.Migration):
    dependencies = [("journal", "0004_entries_follow")]

    operations = [
        migrations.AddField("entry", "content", models.CharField(max_length=13, null=True)),
        migrations.AddField("entry", "thing_id", models.UUIDField(null=True)),
        migrations.AddField("entry", "told_reception", models.BooleanField(db_default=False, default=False)),
        migrations.RunSQL(FILL, migrations.RunSQL.noop),
        # What the rows' keys still have to be asked is asked now: else the table cannot be changed.
        migrations.RunSQL("SET CONSTRAINTS ALL IMMEDIATE", migrations.RunSQL.noop),
        migrations.AlterField(
            "entry",
            "content",
            models.CharField(
                choices=[
                    ("econsultation", "Econsultation"),
                    ("contact", "Contact"),
                    ("appointment", "Appointment"),
                    ("reason", "Reason"),
                    ("wish", "Wish"),
                    ("prescription", "Prescription"),
                    ("renewal", "Renewal"),
                    ("video", "Video"),
                    ("note", "Note"),
                ],
                max_length=13,
            ),
        ),
        migrations.AlterField("entry", "thing_id", models.UUIDField()),
        migrations.AddIndex("entry", models.Index(fields=["thing_id"], name="journal_of_a_thing")),
    ]
