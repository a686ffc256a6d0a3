"""The floor: the same work by pgbench on the product's own tables, in the same run on the same machine.

Prepared statements, and the same rows of the journal, the log and the outbox as the product writes.
"""

import json
import re
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from django.db import connections

from bench import rows
from bench.results import Row
from bench.world import CLIENTS, World
from legedialog.operations import database

BOOK = r"""
\set person 1 + :client_id + {clients} * random(0, :persons / {clients} - 1)
\set calendar random(1, :calendars)
\set minute random(0, 20000000)
SELECT id AS person_id FROM bench_person WHERE n = :person \gset
SELECT id AS calendar_id FROM bench_calendar WHERE n = :calendar \gset
SELECT gen_random_uuid() AS claim_id, gen_random_uuid() AS visit_id \gset
BEGIN;
SELECT pg_advisory_xact_lock(hashtextextended(:person_id::text, 0));
{claim}
COMMIT;
BEGIN;
SELECT pg_advisory_xact_lock(hashtextextended(:person_id::text, 0));
UPDATE appointments_claim SET kind = 'booking', holder_id = NULL, expires_at = NULL WHERE id = :claim_id::uuid;
{visit}
{audit}
{notice}
{entry}
COMMIT;
"""
# Which columns of a row are not as in the one that the product wrote.
FROM = "'2100-01-01'::timestamptz + :minute * interval '1 minute'"
TO = "'2100-01-01'::timestamptz + (:minute + 1) * interval '1 minute'"
WRITES = {
    "claim": (
        "appointments_claim",
        {
            **{"id": ":claim_id::uuid", "calendar_id": ":calendar_id::uuid", "period": f"tstzrange({FROM}, {TO})"},
            **{"kind": "'hold'", "holder_id": ":person_id::uuid", "expires_at": "now() + interval '9 minutes'"},
        },
        " ON CONFLICT DO NOTHING",
    ),
    "visit": (
        "appointments_appointment",
        {
            **{"id": ":visit_id::uuid", "claim_id": ":claim_id::uuid", "calendar_id": ":calendar_id::uuid"},
            **{"patient_id": ":person_id::uuid", "starts_at": FROM, "ends_at": TO},
        },
        "",
    ),
    "audit": ("audit_event", {"id": "gen_random_uuid()", "object_id": ":visit_id::uuid"}, ""),
    "notice": ("outbox_notification", {"id": "gen_random_uuid()", "object_id": ":visit_id::uuid"}, ""),
    "entry": ("journal_entry", {"id": "gen_random_uuid()", "object_id": ":visit_id::uuid"}, ""),
}
LIKE = {  # the rows of the booking that was made last
    "claim": "appointments_claim WHERE id = (SELECT claim_id FROM bench_visit)",
    "audit": "audit_event WHERE object_id = (SELECT id FROM bench_visit)",
    "notice": "outbox_notification WHERE object_id = (SELECT id FROM bench_visit)",
    "entry": "journal_entry WHERE object_id = (SELECT id FROM bench_visit)",
}
FREE = r"""
\set calendar random(1, :calendars)
\set day random(0, 27)
SELECT id AS calendar_id, practice_id FROM bench_calendar WHERE n = :calendar \gset
SELECT b.* FROM appointments_block b JOIN appointments_calendar k ON k.id = b.calendar_id
  WHERE k.id = :calendar_id::uuid AND k.is_active AND b.first_date <= current_date;
SELECT period, holder_id, kind FROM appointments_claim WHERE calendar_id = :calendar_id::uuid AND is_active
  AND period && tstzrange(current_date + :day * interval '1 day', current_date + (:day + 1) * interval '1 day');
SELECT first_date, last_date FROM practices_absence
  WHERE practice_id = :practice_id::uuid AND last_date >= current_date;
"""
COMING = r"""
\set person random(1, :persons)
SELECT id AS person_id FROM bench_person WHERE n = :person \gset
SELECT a.*, v.name, c.name FROM appointments_appointment a JOIN appointments_visittype v ON v.id = a.visit_type_id
  JOIN appointments_calendar k ON k.id = a.calendar_id JOIN practices_clinician c ON c.id = k.clinician_id
  WHERE a.patient_id = :person_id::uuid AND a.ends_at > now() AND a.status IN ('booked', 'arrived')
  ORDER BY a.starts_at;
"""


def prepare() -> tuple[str, dict[str, int]]:
    """Numbered people and calendars, so that a script can pick one without counting, and the script that books: it
    writes the rows that the product wrote for the last booking. Owner's work."""
    with connections["owner"].cursor() as cursor:
        cursor.execute("DROP TABLE IF EXISTS bench_person, bench_calendar, bench_visit")
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
        cursor.execute(
            "CREATE TABLE bench_visit AS SELECT * FROM appointments_appointment WHERE booked_by_person_id IS NOT NULL"
            " AND claim_id IS NOT NULL ORDER BY booked_at DESC LIMIT 1"
        )
        for name, wanted in LIKE.items():
            cursor.execute(f"DROP TABLE IF EXISTS bench_{name}")
            cursor.execute(f"CREATE TABLE bench_{name} AS SELECT * FROM {wanted}")
        for table in ("bench_person", "bench_calendar", "bench_visit", *(f"bench_{name}" for name in LIKE)):
            cursor.execute(f"REVOKE ALL ON {table} FROM {connections['default'].settings_dict['USER']}")  # no policy
        cursor.execute("VACUUM ANALYZE")
        cursor.execute("SELECT (SELECT count(*) FROM bench_person), (SELECT count(*) FROM bench_calendar)")
        persons, calendars = cursor.fetchone() or (0, 0)
        written = {name: _insert(cursor, name) for name in WRITES}
    return BOOK.format(**written, clients=CLIENTS), {"persons": persons, "calendars": calendars}


def _insert(cursor: Any, name: str) -> str:
    table, own, after = WRITES[name]
    columns = rows.columns(cursor, table)
    values = ", ".join(own.get(column, f't."{column}"') for column in columns)
    names = ", ".join(f'"{column}"' for column in columns)
    return f"INSERT INTO {table} ({names}) SELECT {values} FROM bench_{name} t{after};"


def run(script: str, sizes: dict[str, int], url: str, *, clients: int, seconds: int) -> dict[str, float]:
    """Transactions a second, and milliseconds at the 50th and 95th of a hundred."""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder, "script.sql")
        file.write_text(script, encoding="utf-8")
        defines = [f"--define={name}={value}" for name, value in sizes.items()]
        command = [
            database.binary("pgbench"),
            "-n",
            "-M",
            "prepared",
            "-c",
            str(clients),
            "-j",
            "2",
            "-T",
            str(seconds),
            "-l",
        ]
        ran = subprocess.run(
            [*command, f"--log-prefix={folder}/log", *defines, "-f", str(file), url],
            capture_output=True,
            text=True,
            cwd=folder,
        )
        output = ran.stdout
        if ran.returncode:
            raise RuntimeError(ran.stderr)
        took = sorted(
            int(line.split()[2]) / 1000 for log in Path(folder).glob("log*") for line in log.read_text().splitlines()
        )
    rate = re.search(r"tps = ([0-9.]+)", output)
    if rate is None:
        raise RuntimeError(json.dumps(output))
    return {"rate": float(rate[1]), "p50": took[len(took) // 2], "p95": took[len(took) * 95 // 100]}


def floors(world: World) -> Iterator[Row]:
    """By the owner, whom no policy binds: what this PostgreSQL does on this machine, and no product could do more."""
    book, sizes = prepare()
    for name, script in (("hold and book", book), ("free times", FREE), ("own appointments", COMING)):
        figures = run(script, sizes, world.url, clients=CLIENTS, seconds=max(2, int(world.seconds)))
        yield Row(f"floor: {name} (pgbench)", figures)
