"""Lines that nothing stumbles over, at a time that is the database's: docs/adr/0065-a-line-of-the-log.md."""

from django.db import migrations

SQL = """
-- What stands already is not asked; the sealer and `verify` take whatever there is.
ALTER TABLE audit_event ADD CONSTRAINT a_line_is_of_these_times
  CHECK (at >= '1900-01-01 00:00+00' AND at < '2200-01-01 00:00+00') NOT VALID;
ALTER TABLE audit_event ADD CONSTRAINT a_line_is_of_a_known_kind
  CHECK (category IN ('care', 'login', 'office') AND kind IN ('change', 'read')
    AND actor_kind IN ('anonymous', 'citizen', 'staff', 'operator', 'system')) NOT VALID;
ALTER TABLE audit_event ADD CONSTRAINT a_line_holds_codes_and_numbers
  CHECK (jsonb_typeof(facts) = 'object' AND pg_column_size(facts) < 4000
    AND NOT facts @? 'strict $.* ? (@.type() == "object" || @.type() == "array")') NOT VALID;

CREATE OR REPLACE FUNCTION audit_set_position() RETURNS trigger LANGUAGE plpgsql
  SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  NEW.position := public.audit_position();
  IF NEW.at NOT BETWEEN clock_timestamp() - interval '1 minute' AND clock_timestamp() + interval '1 minute'
     AND current_user <> (SELECT pg_get_userbyid(relowner) FROM pg_class WHERE oid = TG_RELID)
     AND NOT ('00000000-0000-0000-0000-000000000000'::uuid = ANY (fence.scope())) THEN
    NEW.at := clock_timestamp();
  END IF;
  RETURN NEW;
END $$;
"""
BACK = """
ALTER TABLE audit_event DROP CONSTRAINT a_line_is_of_these_times;
ALTER TABLE audit_event DROP CONSTRAINT a_line_is_of_a_known_kind;
ALTER TABLE audit_event DROP CONSTRAINT a_line_holds_codes_and_numbers;
CREATE OR REPLACE FUNCTION audit_set_position() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  NEW.position := public.audit_position();
  RETURN NEW;
END $$;
"""


class Migration(migrations.Migration):
    dependencies = [("audit", "0003_kept_trees")]

    operations = [migrations.RunSQL(SQL, BACK)]
