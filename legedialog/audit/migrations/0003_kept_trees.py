"""Roots that are kept when rows go, and positions that are the database's own."""

from django.db import migrations, models

SQL = """
-- Whoever writes a row does not choose where it is sealed.
CREATE FUNCTION audit_set_position() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  NEW.position := public.audit_position();
  RETURN NEW;
END $$;
CREATE TRIGGER the_database_says_the_position BEFORE INSERT ON audit_event
  FOR EACH ROW EXECUTE FUNCTION audit_set_position();
"""
BACK = """
DROP TRIGGER the_database_says_the_position ON audit_event;
DROP FUNCTION audit_set_position();
"""


class Migration(migrations.Migration):
    dependencies = [("audit", "0002_event")]

    operations = [
        migrations.AddField("sealedbatch", "format", models.PositiveSmallIntegerField(db_default=1)),
        migrations.AddField("sealedbatch", "tree", models.BinaryField(max_length=32, null=True)),
        migrations.RunSQL(SQL, BACK),
    ]
