"""Whose data was touched by whom between two moments: what a breach notification must tell within 72 hours.

Counted by PostgreSQL and read in a stream as the owner, so memory does not grow with the log.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from django.db import connections, transaction
from psycopg import sql

from legedialog.audit.rules import month_of

OWNER = "owner"
ROWS = 500  # read at a time


class By(StrEnum):
    TOUCH = "touch"  # each person and each who touched her data
    PERSON = "person"
    EMPLOYEE = "employee"
    OFFICE = "office"


COLUMNS = {
    By.TOUCH: ("patient_id", "actor_kind", "employee_id", "person_id", "practice_id"),
    By.PERSON: ("patient_id",),
    By.EMPLOYEE: ("employee_id", "practice_id"),
    By.OFFICE: ("practice_id",),
}


@dataclass(frozen=True, slots=True)
class Asked:
    """From the first moment until the second, without it. An id narrows to what that one did, or was done to her."""

    first: datetime
    until: datetime
    by: By = By.TOUCH
    patient_id: UUID | None = None
    employee_id: UUID | None = None
    practice_id: UUID | None = None
    login_id: UUID | None = None

    @property
    def narrowed(self) -> dict[str, UUID]:
        names = ("patient_id", "employee_id", "practice_id", "login_id")
        return {name: value for name in names if (value := getattr(self, name)) is not None}


@dataclass(frozen=True, slots=True)
class Touched:
    """One line of the answer. What its kind does not tell by is None."""

    reads: int
    changes: int
    persons: int
    first_at: datetime
    last_at: datetime
    patient_id: UUID | None = None
    actor_kind: str | None = None
    employee_id: UUID | None = None
    person_id: UUID | None = None  # the citizen who did it
    practice_id: UUID | None = None


def affected(asked: Asked) -> Iterator[Touched]:
    """Rows of the log about a patient, by the ids that are told by. From all months that have rows still."""
    columns = COLUMNS[asked.by]
    names = sql.SQL(", ").join(map(sql.Identifier, columns))
    wanted = [sql.SQL(" AND {} = {}").format(sql.Identifier(name), value) for name, value in asked.narrowed.items()]
    if asked.by is By.EMPLOYEE:
        wanted.append(sql.SQL(" AND {} IS NOT NULL").format(sql.Identifier("employee_id")))
    statement = sql.SQL(
        "SELECT count(*) FILTER (WHERE kind = 'read'), count(*) FILTER (WHERE kind = 'change'),"
        " count(DISTINCT patient_id), min(at), max(at), {names} FROM audit_event"
        " WHERE at >= {first} AND at < {until} AND patient_id IS NOT NULL{wanted} GROUP BY {names} ORDER BY {names}"
    ).format(
        names=names,
        first=asked.first,
        until=asked.until,
        wanted=sql.SQL("").join(wanted),
    )
    owner = connections[OWNER]
    owner.ensure_connection()
    with transaction.atomic(using=OWNER), owner.connection.cursor("affected") as cursor:
        cursor.itersize = ROWS
        cursor.execute(statement)
        for reads, changes, persons, first_at, last_at, *ids in cursor:
            yield Touched(reads, changes, persons, first_at, last_at, **dict(zip(columns, ids, strict=True)))


def gone(asked: Asked) -> int:
    """Rows of those months that are past their retention and can no longer be told of; at most so many are missing."""
    with connections[OWNER].cursor() as cursor:
        cursor.execute(
            "SELECT coalesce(sum(count), 0) FROM audit_sealedbatch"
            " WHERE retired_at IS NOT NULL AND category = 'care' AND month BETWEEN %s AND %s",
            [month_of(asked.first), month_of(asked.until)],
        )
        return int(cursor.fetchone()[0])
