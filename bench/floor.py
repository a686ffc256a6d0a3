"""The floor: the same work by pgbench on the bare tables, in the same run on the same machine."""

import json
import re
import subprocess
import tempfile
from pathlib import Path

from django.db import connections

from legedialog.operations import database

BOOK = r"""
\set person random(1, :persons)
\set calendar random(1, :calendars)
\set minute random(0, 20000000)
BEGIN;
SELECT id AS person_id FROM bench_person WHERE n = :person \gset
SELECT id AS calendar_id, practice_id, visit_type_id FROM bench_calendar WHERE n = :calendar \gset
DELETE FROM appointments_claim WHERE calendar_id = ':calendar_id' AND kind = 'hold' AND expires_at <= now()
  AND period && tstzrange('2100-01-01'::timestamptz + :minute * interval '1 minute', '2100-01-01'::timestamptz
  + (:minute + 1) * interval '1 minute');
SELECT gen_random_uuid() AS claim_id, gen_random_uuid() AS appointment_id \gset
INSERT INTO appointments_claim (id, calendar_id, period, kind, is_active, is_overbooked, channel, note)
  VALUES (':claim_id', ':calendar_id', tstzrange('2100-01-01'::timestamptz + :minute * interval '1 minute',
  '2100-01-01'::timestamptz + (:minute + 1) * interval '1 minute'), 'booking', true, true, 'attendance', '');
INSERT INTO appointments_appointment (id, practice_id, calendar_id, patient_id, visit_type_id, claim_id, channel,
  status, starts_at, ends_at, reason, booked_at, booked_by_person_id, status_at,
  cancelled_by, cancel_note, is_late, sequence, restriction)
  VALUES (':appointment_id', ':practice_id', ':calendar_id', ':person_id', ':visit_type_id', ':claim_id', 'attendance',
  'booked', '2100-01-01'::timestamptz + :minute * interval '1 minute', '2100-01-01'::timestamptz + (:minute + 1) *
  interval '1 minute', '\x00', now(), ':person_id', now(), '', '\x00', false, 0, 'N');
INSERT INTO audit_event (id, at, category, kind, action, object_id, patient_id, actor_kind, role, purpose,
  legal_ground, facts) VALUES (gen_random_uuid(), now(), 'care', 'change', 'appointment.booked', ':appointment_id',
  ':person_id', 'citizen', '', 'own', 'own', '{}');
COMMIT;
"""
FREE = r"""
\set calendar random(1, :calendars)
\set day random(0, 27)
SELECT id AS calendar_id, practice_id FROM bench_calendar WHERE n = :calendar \gset
SELECT b.* FROM appointments_block b JOIN appointments_calendar k ON k.id = b.calendar_id
  WHERE k.id = ':calendar_id' AND k.is_active AND b.first_date <= current_date;
SELECT period, holder_id, kind FROM appointments_claim WHERE calendar_id = ':calendar_id' AND is_active
  AND period && tstzrange(current_date + :day * interval '1 day', current_date + (:day + 1) * interval '1 day');
SELECT first_date, last_date FROM practices_absence WHERE practice_id = ':practice_id' AND last_date >= current_date;
"""
COMING = r"""
\set person random(1, :persons)
SELECT id AS person_id FROM bench_person WHERE n = :person \gset
SELECT a.*, v.name, c.name FROM appointments_appointment a JOIN appointments_visittype v ON v.id = a.visit_type_id
  JOIN appointments_calendar k ON k.id = a.calendar_id JOIN practices_clinician c ON c.id = k.clinician_id
  WHERE a.patient_id = ':person_id' AND a.ends_at > now() AND a.status IN ('booked', 'arrived') ORDER BY a.starts_at;
"""


def prepare() -> dict[str, int]:
    """Numbered people and calendars, so that a script can pick one without counting. Owner's work."""
    with connections["owner"].cursor() as cursor:
        cursor.execute("DROP TABLE IF EXISTS bench_person, bench_calendar")
        cursor.execute(
            "CREATE TABLE bench_person AS SELECT row_number() OVER (ORDER BY p.id)::int AS n, p.id"
            " FROM patients_person p JOIN patients_membership m ON m.person_id = p.id"
        )
        cursor.execute(
            "CREATE TABLE bench_calendar AS SELECT row_number() OVER (ORDER BY k.id)::int AS n, k.id, k.practice_id,"
            " (SELECT id FROM appointments_visittype v WHERE v.practice_id = k.practice_id LIMIT 1) AS visit_type_id"
            " FROM appointments_calendar k"
        )
        for table in ("bench_person", "bench_calendar"):
            cursor.execute(f"ALTER TABLE {table} ADD PRIMARY KEY (n)")
            cursor.execute(f"REVOKE ALL ON {table} FROM {connections['default'].settings_dict['USER']}")  # no policy
        cursor.execute("VACUUM ANALYZE")
        cursor.execute("SELECT (SELECT count(*) FROM bench_person), (SELECT count(*) FROM bench_calendar)")
        persons, calendars = cursor.fetchone() or (0, 0)
    return {"persons": persons, "calendars": calendars}


def run(script: str, sizes: dict[str, int], url: str, *, clients: int, seconds: int) -> dict[str, float]:
    """Transactions a second, and milliseconds at the 50th and 95th of a hundred."""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder, "script.sql")
        file.write_text(script, encoding="utf-8")
        defines = [f"--define={name}={value}" for name, value in sizes.items()]
        command = [database.binary("pgbench"), "-n", "-c", str(clients), "-j", "2", "-T", str(seconds), "-l"]
        output = subprocess.run(
            [*command, f"--log-prefix={folder}/log", *defines, "-f", str(file), url],
            check=True,
            capture_output=True,
            text=True,
            cwd=folder,
        ).stdout
        took = sorted(
            int(line.split()[2]) / 1000 for log in Path(folder).glob("log*") for line in log.read_text().splitlines()
        )
    rate = re.search(r"tps = ([0-9.]+)", output)
    if rate is None:
        raise RuntimeError(json.dumps(output))
    return {"rate": float(rate[1]), "p50": took[len(took) // 2], "p95": took[len(took) * 95 // 100]}
