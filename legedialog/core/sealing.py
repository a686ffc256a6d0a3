"""Columns whose text became sealed: add the new one, fill it, switch to it. The old one stays until a later migration
removes it, so that old code can run meanwhile; it is emptied as it is moved. See docs/adr/0048-health-is-sealed.md.

Runs as the owner: in the migration, and at the end of each `legedialog migrate` for what old code wrote meanwhile.
"""

from dataclasses import dataclass
from typing import Any

from django.db import connections, transaction
from psycopg import sql

from legedialog.core import crypto, rotation

OWNER = "owner"
ROWS = 500  # in one transaction


@dataclass(frozen=True, slots=True)
class Moved:
    """`practice` is SQL for the id of the office whose key seals a row `t`; NULL is the platform's key. `also`: what is
    set at the same time.
    """

    table: str
    old: str
    new: str
    practice: str = "NULL"
    also: str = ""


SECTION = ", is_reimbursed = is_reimbursed OR reimbursement <> ''"
MOVED = (
    Moved("journal_entry", "problem_code", "problem", "t.practice_id"),
    Moved("prescriptions_prescription", "reimbursement", "paid_by", "t.practice_id", SECTION),
    Moved("prescriptions_dispensing", "pharmacy", "pharmacy_name"),
    Moved("prescriptions_prescription", "group", "medicine_group", "t.practice_id"),
    Moved("prescriptions_prescription", "prescriber_name", "prescribed_by", "t.practice_id"),
    Moved("prescriptions_prescription", "prescriber_hpr", "prescribed_by_hpr", "t.practice_id"),
)


def move(moved: Moved) -> None:
    """All rows that have nothing in the new column yet. Can be stopped and run again."""
    while _some(moved):
        pass


def bind_beside(connection: Any, table: str, name: str) -> None:
    """What was sealed before its field said `beside` is bound to that too. In a migration, as the owner."""
    field = next(each.field for each in rotation.columns() if (each.table, each.name) == (table, name))
    names = {"table": sql.Identifier(table), "column": sql.Identifier(name)}
    read = sql.SQL("SELECT t.id, {row}, t.{column} FROM {table} t WHERE t.{column} IS NOT NULL").format(
        row=sql.SQL(field.row_sql("t")), **names
    )
    put = sql.SQL("UPDATE {table} SET {column} = %s WHERE id = %s").format(**names)
    with connection.cursor() as cursor:
        cursor.execute(read)
        cursor.executemany(
            put,
            [
                (
                    crypto.sealed_anew(
                        bytes(old),
                        by=crypto.key_of(bytes(old)),
                        context=field.context,
                        row=bytes(row),
                        was=bytes(row)[: -crypto.ID],
                    ),
                    id,
                )
                for id, row, old in cursor.fetchall()
            ],
        )


def _some(moved: Moved) -> bool:
    names = {"table": sql.Identifier(moved.table), "old": sql.Identifier(moved.old), "new": sql.Identifier(moved.new)}
    field = next(each.field for each in rotation.columns() if (each.table, each.name) == (moved.table, moved.new))
    find = sql.SQL(
        "SELECT t.id, {practice}, {row}, t.{old} FROM {table} t WHERE t.{new} IS NULL"
        " LIMIT {rows} FOR UPDATE SKIP LOCKED"
    ).format(practice=sql.SQL(moved.practice), row=sql.SQL(field.row_sql("t")), rows=sql.Literal(ROWS), **names)
    also = sql.SQL(moved.also)
    put = sql.SQL("UPDATE {table} SET {new} = %s, {old} = ''{also} WHERE id = %s").format(also=also, **names)
    with transaction.atomic(using=OWNER), connections[OWNER].cursor() as cursor:
        cursor.execute(find)
        rows = cursor.fetchall()
        cursor.executemany(
            put,
            [
                (crypto.seal(text, scope=scope, context=field.context, row=bytes(bound)), id)
                for id, scope, bound, text in rows
            ],
        )
    return len(rows) == ROWS
