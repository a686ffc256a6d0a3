"""What stands in the record is hidden from whom the thing itself is hidden from."""

from django.db import migrations

FILL = """
UPDATE journal_entry e SET thing_id = r.appointment_id, restriction = a.restriction
  FROM video_room r JOIN appointments_appointment a ON a.id = r.appointment_id WHERE e.object_id = r.id;
"""


class Migration(migrations.Migration):
    dependencies = [("video", "0002_no_relay"), ("journal", "0005_made_of")]

    operations = [migrations.RunSQL(FILL, migrations.RunSQL.noop)]
