"""The log itself: cut into months by PostgreSQL, which Django cannot say. The model's state follows it by hand."""

from django.db import migrations, models

import legedialog.core.ids

SQL = """
-- Grows by one when the database moved to a server that counts transactions anew: see operations/migrate.py.
CREATE FUNCTION audit_offset() RETURNS bigint LANGUAGE sql IMMUTABLE AS 'SELECT 0::bigint';

CREATE FUNCTION audit_position() RETURNS bigint LANGUAGE sql VOLATILE
  AS 'SELECT pg_current_xact_id()::text::bigint + public.audit_offset()';

CREATE TABLE audit_event (
  id uuid NOT NULL,
  at timestamptz NOT NULL,
  position bigint NOT NULL DEFAULT audit_position(),
  category varchar(8) NOT NULL,
  kind varchar(6) NOT NULL,
  action varchar(60) NOT NULL,
  object_id uuid,
  patient_id uuid,
  actor_kind varchar(10) NOT NULL,
  login_id uuid,
  person_id uuid,
  employee_id uuid,
  role varchar(12) NOT NULL,
  practice_id uuid,
  purpose varchar(16) NOT NULL,
  legal_ground varchar(16) NOT NULL,
  facts jsonb NOT NULL,
  PRIMARY KEY (id, at)
) PARTITION BY RANGE (at);
CREATE INDEX audit_event_patient ON audit_event (patient_id, at, id);
CREATE INDEX audit_event_practice ON audit_event (practice_id, at);
CREATE INDEX audit_event_position ON audit_event (position, id);
CREATE TABLE audit_event_default PARTITION OF audit_event DEFAULT;

-- The web role calls this to have the coming months made; it owns nothing and gets no right on them: it reaches the
-- rows through audit_event alone. Rows that came before their month had a table are moved into it.
CREATE FUNCTION audit_make_partitions() RETURNS integer LANGUAGE plpgsql
  SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
  month timestamp;
  name text;
  starts timestamptz;
  ends timestamptz;
  other text;
  made integer := 0;
BEGIN
  PERFORM pg_advisory_xact_lock(7102567);
  FOR ahead IN -1..3 LOOP
    month := date_trunc('month', now() AT TIME ZONE 'UTC') + make_interval(months => ahead);
    name := 'audit_event_' || to_char(month, 'YYYY_MM');
    CONTINUE WHEN to_regclass(name) IS NOT NULL;
    starts := month AT TIME ZONE 'UTC';
    ends := (month + interval '1 month') AT TIME ZONE 'UTC';
    EXECUTE format('CREATE TABLE %I (LIKE audit_event INCLUDING DEFAULTS INCLUDING CONSTRAINTS)', name);
    FOR other IN SELECT DISTINCT grantee::regrole::text FROM pg_class, aclexplode(relacl)
      WHERE oid = to_regclass(name) AND grantee NOT IN (relowner, 0) LOOP
      EXECUTE format('REVOKE ALL ON %I FROM %s', name, other);
    END LOOP;
    LOCK TABLE audit_event_default IN ACCESS EXCLUSIVE MODE;
    EXECUTE format('WITH moved AS (DELETE FROM audit_event_default WHERE at >= %L AND at < %L RETURNING *)'
      ' INSERT INTO %I SELECT * FROM moved', starts, ends, name);
    EXECUTE format('ALTER TABLE audit_event ATTACH PARTITION %I FOR VALUES FROM (%L) TO (%L)', name, starts, ends);
    made := made + 1;
  END LOOP;
  RETURN made;
END $$;

ALTER TABLE audit_sealedbatch ALTER leaves SET STORAGE EXTERNAL;  -- hashes do not compress
"""
BACK = """
DROP TABLE audit_event;
DROP FUNCTION audit_make_partitions();
DROP FUNCTION audit_position();
DROP FUNCTION audit_offset();
"""


class Migration(migrations.Migration):
    dependencies = [("audit", "0001_initial")]

    operations = [
        migrations.SeparateDatabaseAndState(
            database_operations=[migrations.RunSQL(SQL, BACK)],
            state_operations=[
                migrations.CreateModel(
                    name="Event",
                    fields=[
                        (
                            "id",
                            models.UUIDField(
                                default=legedialog.core.ids.new_id, editable=False, primary_key=True, serialize=False
                            ),
                        ),
                        ("at", models.DateTimeField()),
                        (
                            "position",
                            models.BigIntegerField(db_default=models.Func(function="audit_position"), editable=False),
                        ),
                        (
                            "category",
                            models.CharField(
                                choices=[("care", "Care"), ("login", "Login"), ("office", "Office")], max_length=8
                            ),
                        ),
                        ("kind", models.CharField(choices=[("change", "Change"), ("read", "Read")], max_length=6)),
                        ("action", models.CharField(max_length=60)),
                        ("object_id", models.UUIDField(null=True)),
                        ("patient_id", models.UUIDField(null=True)),
                        ("actor_kind", models.CharField(max_length=10)),
                        ("login_id", models.UUIDField(null=True)),
                        ("person_id", models.UUIDField(null=True)),
                        ("employee_id", models.UUIDField(null=True)),
                        ("role", models.CharField(blank=True, max_length=12)),
                        ("practice_id", models.UUIDField(null=True)),
                        ("purpose", models.CharField(blank=True, max_length=16)),
                        ("legal_ground", models.CharField(blank=True, max_length=16)),
                        ("facts", models.JSONField(default=dict)),
                    ],
                    options={
                        "indexes": [
                            models.Index(fields=["patient_id", "at", "id"], name="audit_event_patient"),
                            models.Index(fields=["practice_id", "at"], name="audit_event_practice"),
                            models.Index(fields=["position", "id"], name="audit_event_position"),
                        ],
                    },
                ),
            ],
        ),
    ]
