"""Statements as they might slip in, sent by the connection that serves pages."""

from typing import Any
from uuid import UUID

from django.db import connection, transaction

NOT_HERS = r"row-level security|permission denied|another partition"
COPY = "COPY (SELECT id FROM appointments_appointment) TO STDOUT"
STRANGER = UUID("99999999-9999-7999-8999-999999999999")


def ask(statement: str, *values: Any) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
        return cursor.fetchall() if cursor.description else []


@transaction.atomic
def run(*words: tuple[str, ...]) -> None:
    for word in words:
        ask(*word)


def seen() -> set[UUID]:
    return {row for (row,) in ask("SELECT id FROM appointments_appointment")}
