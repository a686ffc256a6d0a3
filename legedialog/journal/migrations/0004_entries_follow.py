"""Entries are never rewritten; but when two rows are found to be the same person, they follow her."""

from django.db import migrations

SQL = """
CREATE FUNCTION journal_entry_follow(col text, one uuid, other uuid, only_ids uuid[]) RETURNS SETOF uuid
  LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
  -- Only for the system, which has said that it works for everyone.
  IF NOT '00000000-0000-0000-0000-000000000000'::uuid = ANY (fence.scope()) THEN
    RAISE insufficient_privilege USING MESSAGE = 'entries follow a person for the system alone';
  END IF;
  IF col = 'patient_id' THEN
    RETURN QUERY UPDATE journal_entry SET patient_id = other
      WHERE patient_id = one AND (only_ids IS NULL OR id = ANY (only_ids)) RETURNING id;
  ELSIF col = 'by_person_id' THEN
    RETURN QUERY UPDATE journal_entry SET by_person_id = other
      WHERE by_person_id = one AND (only_ids IS NULL OR id = ANY (only_ids)) RETURNING id;
  ELSE
    RAISE invalid_parameter_value USING MESSAGE = 'no such column of a person';
  END IF;
END $$;
"""
BACK = "DROP FUNCTION journal_entry_follow(text, uuid, uuid, uuid[])"


class Migration(migrations.Migration):
    dependencies = [("journal", "0003_sealed_problem")]

    operations = [migrations.RunSQL(SQL, BACK)]
