"""Named SQL for what is read most: a text beside the frozen dataclass of its rows, on Django's own connection.

    COMING = Statement("coming", "SELECT id, starts_at FROM … WHERE patient_id = ANY(%(patients)s) …", Coming)
    rows = ask(COMING, patients=list(actor.patients), now=now)

So it goes through the fence, joins the transaction that is open, and is counted as any query. PostgreSQL parses and
plans it once for each connection. The actor's ids are its first parameter. A condition that may be left out reads
`(%(x)s::uuid IS NULL OR x = %(x)s)`; text is never glued. See docs/adr/0041-one-transaction-for-a-page.md.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, datetime, time
from functools import cache
from types import UnionType
from typing import Any, Generic, TypeVar, Union, get_args, get_origin, get_type_hints
from uuid import UUID

from django.db import connection
from django.db.models import Model
from psycopg.rows import class_row

Row = TypeVar("Row")
Found = TypeVar("Found", bound=Model)


@dataclass(frozen=True, slots=True)
class Statement(Generic[Row]):
    """`text` selects the fields of `row` by their names."""

    name: str  # what a measurement calls it
    text: str
    row: type[Row]


@dataclass(frozen=True, slots=True)
class Asked(Generic[Row]):
    statement: Statement[Row]
    values: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Due:
    """A row of which no more is asked than when it must be done."""

    due_date: date | None


@dataclass(frozen=True, slots=True)
class Heap:
    """How much of something there is, how much of it is late, and the nearest date of the rest."""

    number: int = 0
    late: int = 0
    nearest: date | None = None


def heap(asked: Asked[Any], today: date, due: str = "NULL::date") -> Asked[Heap]:
    """How much of what is asked for there is. `due`: the column that says when it must be done."""
    return Asked(_heap(asked.statement, due), {**asked.values, "today": today})


@cache
def _heap(statement: Statement[Any], due: str) -> Statement[Heap]:
    return Statement(
        f"how much: {statement.name}",
        f"""
        SELECT count(*) AS number, count(*) FILTER (WHERE {due} < %(today)s) AS late,
               min({due}) FILTER (WHERE {due} >= %(today)s) AS nearest
          FROM ({statement.text}) it
        """,  # noqa: S608  of constants
        Heap,
    )


def day(text: str) -> date:
    """A date that a statement's JSON brings, as PostgreSQL writes it: never what comes from outside."""
    return date.fromisoformat(text)


def ask(statement: Statement[Row], **values: Any) -> list[Row]:
    """Its rows, in one round trip."""
    with connection.cursor() as cursor:
        cursor.execute(statement.text, values)
        return _rows(cursor, statement)


def ask_for(asked: Asked[Row]) -> list[Row]:
    """As `ask`, of what was put together elsewhere."""
    return ask(asked.statement, **asked.values)


def ask_all(*asked: Asked[Any]) -> list[list[Any]]:
    """The rows of each, in one round trip for all of them: for what does not depend on each other."""
    cursors = [connection.cursor() for _ in asked]
    with connection.connection.pipeline():
        for cursor, each in zip(cursors, asked, strict=True):
            cursor.execute(each.statement.text, each.values)
    found = []
    for cursor, each in zip(cursors, asked, strict=True):
        with cursor:
            found.append(_rows(cursor, each.statement))
    return found


def ask_as_one(*asked: Asked[Any]) -> list[list[Any]]:
    """The rows of each, by one statement that tells them as JSON: for small facts that a page always needs together.
    PostgreSQL takes, plans and answers it once, which costs less than as many answers in one round trip."""
    statements = tuple(each.statement for each in asked)
    values = {f"{name}_{at}": value for at, each in enumerate(asked) for name, value in each.values.items()}
    with connection.cursor() as cursor:
        cursor.execute(_as_one(*statements), values)
        told = cursor.fetchone()
    readers = [_reader(each.row) for each in statements]  # type: ignore[arg-type]  # a class can be a key
    return [list(map(read, rows)) for read, rows in zip(readers, told, strict=True)]


TOLD = "coalesce((SELECT json_agg(one) FROM ({}) one), '[]')"


@cache
def _as_one(*statements: Statement[Any]) -> str:
    """Each has its values by names of its own."""
    texts = [re.sub(r"%\((\w+)\)s", rf"%(\1_{at})s", each.text) for at, each in enumerate(statements)]
    return f"SELECT {', '.join(map(TOLD.format, texts))}"


@cache
def _reader(row: Any) -> Callable[[dict[str, Any]], Any]:
    """Makes a row of what JSON told of it, as its class says of each field."""
    kinds = {name: _of_json(hint) for name, hint in get_type_hints(row).items()}
    odd = {name: of_json for name, of_json in kinds.items() if of_json}

    def made(told: dict[str, Any]) -> Any:
        for name, of_json in odd.items():
            if told.get(name) is not None:
                told[name] = of_json(told[name])
        return row(**told)

    return made


def _of_json(hint: Any) -> Callable[[Any], Any] | None:
    """How a value of that type is read from JSON; None where JSON's own is it."""
    parts = get_args(hint)
    if get_origin(hint) in (Union, UnionType):
        return next((found for each in parts if (found := _of_json(each))), None)
    if get_origin(hint) in (list, tuple):
        inner = _of_json(parts[0])
        return (lambda each: [None if one is None else inner(one) for one in each]) if inner else None
    return READ.get(hint)


READ: dict[Any, Callable[[Any], Any]] = {
    UUID: UUID,
    datetime: datetime.fromisoformat,
    date: date.fromisoformat,
    time: time.fromisoformat,
    bytes: lambda text: bytes.fromhex(text[2:]),
}


def known(model: type[Found], **fields: Any) -> Found:
    """A row of which a statement of our own told these fields; another is asked for when it is read."""
    names = [field.attname for field in model._meta.concrete_fields if field.attname in fields]
    return model.from_db(connection.alias, names, [fields[name] for name in names])


@contextmanager
def together() -> Iterator[None]:
    """What is written inside goes out without a wait for each, in its order, and all has been done at the end. A
    refusal of the database's comes at the end or with what is read, and how many rows were changed is not known:
    nothing inside may depend on either."""
    connection.ensure_connection()
    with connection.wrap_database_errors, connection.connection.pipeline():
        yield


def _rows(cursor: Any, statement: Statement[Row]) -> list[Row]:
    cursor.cursor.row_factory = class_row(statement.row)  # psycopg's cursor, inside Django's
    return list(cursor.fetchall())
