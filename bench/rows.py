"""Many rows at once, as copies of real ones: for a large population, long histories, and the floors.

A copy says which of its columns are its own; the rest stand as in the row that the product wrote, so a new column
needs no line here. Owner's work.
"""

from typing import Any

from django.apps import apps
from django.db import connections

SEEDS = 500  # people that others are copied from, at most


def copy(cursor: Any, table: str, own: dict[str, str], source: str) -> int:
    """Into `table` from `source`, in which `t` is the row to copy. `own`: SQL for the columns that differ."""
    values = [own.get(column, f't."{column}"') for column in columns(cursor, table)]
    names = ", ".join(f'"{column}"' for column in columns(cursor, table))
    cursor.execute(f"INSERT INTO {table} ({names}) SELECT {', '.join(values)} FROM {source}")
    return int(cursor.rowcount)


def columns(cursor: Any, table: str) -> list[str]:
    """Those that are written: neither generated nor numbered by the database."""
    cursor.execute(
        "SELECT a.attname FROM pg_attribute a LEFT JOIN pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum"
        " WHERE a.attrelid = %s::regclass AND a.attnum > 0 AND NOT a.attisdropped AND a.attgenerated = ''"
        " AND a.attidentity = '' AND coalesce(pg_get_expr(d.adbin, d.adrelid), '') !~ 'audit_position|nextval'"
        " ORDER BY a.attnum",
        [table],
    )
    return [name for (name,) in cursor.fetchall()]


def like(cursor: Any, model: str, ids: list[Any]) -> str:
    """A temporary table of these rows, with their text sealed to no row, so that copies of it are opened too. The
    bench's site opens such (`LEGEDIALOG_OPEN_OLD_SEALS`), at the same cost."""
    from legedialog.core import crypto  # only now: the environment stands

    found = apps.get_model(model)
    table, name = found._meta.db_table, f"like_{found._meta.db_table}"
    cursor.execute(f"DROP TABLE IF EXISTS {name}")
    cursor.execute(f"CREATE TEMP TABLE {name} AS SELECT * FROM {table} WHERE id = ANY(%s)", [ids])
    fields = crypto.sealed_fields(found)
    for row in found._default_manager.filter(pk__in=ids) if fields else ():
        unbound = [_unbound(field, row) for field in fields]
        columns_ = ", ".join(f'"{field.column}" = %s' for field in fields)
        cursor.execute(f"UPDATE {name} SET {columns_} WHERE id = %s", [*unbound, row.pk])
    return name


def _unbound(field: Any, row: Any) -> bytes | None:
    from legedialog.core import crypto

    value = getattr(row, field.attname)
    if value is None:
        return None
    data = value.encode() if isinstance(value, str) else value
    return crypto.seal_bytes(data, scope=getattr(row, field.scope) if field.scope else None, context=field.context)


def multiply(persons: int, on_the_first: int = 0) -> None:
    """So many people in all, spread over the lists that are there, and at least `on_the_first` on the first of them."""
    from legedialog.patients.models import Membership

    with connections["owner"].cursor() as cursor:
        there = list(Membership.objects.values_list("person_id", flat=True)[:SEEDS])
        people = like(cursor, "patients.Person", there)
        cursor.execute(
            "CREATE TEMP TABLE new_person AS SELECT t.person_id AS old, gen_random_uuid() AS new"
            " FROM patients_membership t, generate_series(1, %(each)s) WHERE t.person_id = ANY(%(there)s) UNION ALL"
            " SELECT t.person_id, gen_random_uuid() FROM patients_membership t, generate_series(1, %(first)s)"
            " WHERE t.person_id = ANY(%(there)s) AND t.contract_id = (SELECT k.contract_id"
            " FROM practices_contractdoctor k JOIN appointments_calendar c USING (clinician_id) ORDER BY c.id LIMIT 1)",
            {"each": max(0, (persons - _count(cursor)) // len(there)), "first": on_the_first // 5, "there": there},
        )
        own = {"id": "n.new", "national_number_index": "sha256(uuid_send(n.new))"}
        copy(cursor, "patients_person", own, f"{people} t JOIN new_person n ON n.old = t.id")
        own = {"id": "gen_random_uuid()", "person_id": "n.new"}
        copy(cursor, "patients_membership", own, "patients_membership t JOIN new_person n ON n.old = t.person_id")
        own |= {"given_by_id": "n.new"}
        copy(cursor, "consent_consent", own, "consent_consent t JOIN new_person n ON n.old = t.person_id")
        cursor.execute("DROP TABLE new_person")
        cursor.execute("ANALYZE")


def _count(cursor: Any) -> int:
    cursor.execute("SELECT count(*) FROM patients_membership")
    return int(cursor.fetchone()[0])


def visits(who: str, each: int, begin: str) -> None:
    """`each` visits for the persons that `who` (SQL) selects, twenty minutes apart from `begin` (SQL), copied from the
    last that was booked, in its calendar."""
    from legedialog.appointments.models import Appointment

    last = Appointment.objects.filter(claim__isnull=False).order_by("-booked_at")[0]
    with connections["owner"].cursor() as cursor:
        cursor.execute(
            "CREATE TEMP TABLE new_visit AS SELECT p.id AS patient, gen_random_uuid() AS claim,"
            f" {begin} + row_number() OVER () * interval '20 minutes' AS at"
            f" FROM ({who}) p, generate_series(1, {each})"
        )
        until = "v.at + interval '20 minutes'"
        claim = like(cursor, "appointments.Claim", [last.claim_id])
        own = {"id": "v.claim", "period": f"tstzrange(v.at, {until})"}
        copy(cursor, "appointments_claim", own, f"{claim} t, new_visit v")
        visit = like(cursor, "appointments.Appointment", [last.pk])
        own = {
            **{"id": "gen_random_uuid()", "claim_id": "v.claim", "patient_id": "v.patient"},
            **{"booked_by_person_id": "v.patient", "starts_at": "v.at", "ends_at": until},
        }
        copy(cursor, "appointments_appointment", own, f"{visit} t, new_visit v")
        cursor.execute("DROP TABLE new_visit")


def dialogues(who: str, each: int, messages: int) -> None:
    """`each` answered dialogues of so many messages for the persons that `who` (SQL) selects, copied from the last
    that was sent."""
    from legedialog.dialogues.models import Message

    last = Message.objects.filter(number=1, by_person__isnull=False).order_by("-at")[0]
    with connections["owner"].cursor() as cursor:
        cursor.execute(
            "CREATE TEMP TABLE new_dialogue AS SELECT p.id AS patient, gen_random_uuid() AS id,"
            " now() - (row_number() OVER () % 3000 + 30) * interval '1 day' AS at"
            f" FROM ({who}) p, generate_series(1, {each})"
        )
        moments = ("status_at", "started_at", "sent_at", "delivered_at", "last_message_at", "opened_at", "answered_at")
        own = {
            **{"id": "d.id", "key": "d.id", "patient_id": "d.patient", "started_by_person_id": "d.patient"},
            **{"status": "'answered'", "escalated_at": "NULL"},
            **dict.fromkeys(moments, "d.at"),
        }
        dialogue = like(cursor, "dialogues.Dialogue", [last.dialogue_id])
        copy(cursor, "dialogues_dialogue", own, f"{dialogue} t, new_dialogue d")
        own = {
            **{"id": "gen_random_uuid()", "key": "gen_random_uuid()", "dialogue_id": "d.id", "number": "n.number"},
            **{"by_person_id": "d.patient", "at": "d.at", "read_at": "d.at"},
        }
        message = like(cursor, "dialogues.Message", [last.pk])
        source = f"{message} t, new_dialogue d, generate_series(1, {messages}) AS n(number)"
        copy(cursor, "dialogues_message", own, source)
        cursor.execute("DROP TABLE new_dialogue")
