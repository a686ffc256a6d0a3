"""What stands in the record is hidden from whom the thing itself is hidden from."""

from django.db import migrations

FILL = """
UPDATE journal_entry e SET thing_id = p.id, restriction = p.restriction
  FROM prescriptions_item i JOIN prescriptions_prescription p ON p.id = i.prescription_id WHERE e.object_id = i.id;
"""


class Migration(migrations.Migration):
    dependencies = [("prescriptions", "0003_sealed_payment"), ("journal", "0005_made_of")]

    operations = [migrations.RunSQL(FILL, migrations.RunSQL.noop)]
