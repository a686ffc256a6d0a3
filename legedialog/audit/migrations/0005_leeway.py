"""How far a line's time may be from the database's, in a place of its own: docs/adr/0065-a-line-of-the-log.md.

Tests stand still in time, and say another there (core/tests/owner.py).
"""

from importlib import import_module

from django.db import migrations

before = import_module("legedialog.audit.migrations.0004_plain_lines")
SQL = """
CREATE FUNCTION audit_leeway() RETURNS interval LANGUAGE sql STABLE AS $$ SELECT interval '1 minute' $$;

CREATE OR REPLACE FUNCTION audit_set_position() RETURNS trigger LANGUAGE plpgsql
  SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  NEW.position := public.audit_position();
  IF abs(extract(epoch FROM clock_timestamp() - NEW.at)) > extract(epoch FROM public.audit_leeway())
     AND current_user <> (SELECT pg_get_userbyid(relowner) FROM pg_class WHERE oid = TG_RELID)
     AND NOT ('00000000-0000-0000-0000-000000000000'::uuid = ANY (fence.scope())) THEN
    NEW.at := clock_timestamp();
  END IF;
  RETURN NEW;
END $$;
"""


class Migration(migrations.Migration):
    dependencies = [("audit", "0004_plain_lines")]

    operations = [
        migrations.RunSQL(
            SQL,
            before.SQL[before.SQL.index("CREATE OR REPLACE FUNCTION") :] + "DROP FUNCTION audit_leeway();",
        )
    ]
