"""What stands in the record is hidden from whom the thing itself is hidden from."""

from django.db import migrations

FILL = """
UPDATE journal_entry e SET restriction = a.restriction FROM appointments_appointment a WHERE e.thing_id = a.id;
UPDATE journal_entry e SET thing_id = a.id, restriction = a.restriction
  FROM appointments_timerequest r JOIN appointments_appointment a ON a.id = r.appointment_id WHERE e.object_id = r.id;
"""


class Migration(migrations.Migration):
    dependencies = [("appointments", "0008_death"), ("journal", "0005_made_of")]

    operations = [migrations.RunSQL(FILL, migrations.RunSQL.noop)]
