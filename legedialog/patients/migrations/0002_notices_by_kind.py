from django.db import migrations, models

# One choice for all notices becomes the same choice for each kind of them.
CHOICES = """
UPDATE patients_person SET notices = jsonb_build_object(
    'booked', way, 'cancelled', way, 'reminder', way, 'request', way, 'elsewhere', way)
FROM (SELECT id AS of, CASE WHEN notify_by_sms THEN 'sms' WHEN notify_by_email THEN 'email' ELSE 'none' END AS way
      FROM patients_person WHERE NOT (notify_by_sms AND notify_by_email)) AS chosen
WHERE patients_person.id = chosen.of
"""


class Migration(migrations.Migration):
    dependencies = [("patients", "0001_initial")]
    operations = [
        migrations.AddField("person", "notices", models.JSONField(default=dict)),
        migrations.RunSQL(CHOICES, migrations.RunSQL.noop),
        migrations.RemoveField("person", "notify_by_sms"),
        migrations.RemoveField("person", "notify_by_email"),
    ]
