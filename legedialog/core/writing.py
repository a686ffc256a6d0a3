"""Write within the grants of the web role: no row becomes another's, and none is removed but here.

See docs/adr/0040-what-the-web-role-may-do.md.
"""

from collections.abc import Iterable
from functools import cache
from typing import Any

from django.db import connection, transaction
from django.db.models import Field, Model, QuerySet
from django.db.models.deletion import Collector
from django.db.models.expressions import DatabaseDefault

from legedialog.core import contexts, fence


def save(row: Model) -> None:
    """A new row, or all of one that may change. `save(update_fields=…)` where it is known what has changed."""
    if row._state.adding:
        row.save(force_insert=True)
    else:
        row.save(update_fields=contexts.changeable(type(row)))


def add(*rows: Model, or_leave: bool = False) -> None:
    """New rows of one table. One goes by a statement that is written once for its table: a third of what `save` costs.

    `or_leave` leaves a row that is there already as it is. Nothing is read, so `core.sql.together` can send many at
    once; what only the database says of a row (a default of its own) is not in it afterwards.
    """
    if len(rows) != 1:
        if rows:
            type(rows[0])._default_manager.bulk_create(rows, ignore_conflicts=or_leave)
        return
    row, given, values = rows[0], [], []
    for field in row._meta.concrete_fields:
        value = field.pre_save(row, True)
        if not isinstance(value, DatabaseDefault):
            given.append(field)
            values.append(field.get_db_prep_save(value, connection))
    with connection.cursor() as cursor:
        cursor.execute(_insert(type(row), tuple(given), or_leave), values)
    row._state.adding, row._state.db = False, connection.alias


@cache
def _insert(model: type[Model], fields: "tuple[Field[Any, Any], ...]", or_leave: bool) -> str:
    columns = ", ".join(f'"{field.column}"' for field in fields)
    places = ", ".join(
        field.get_placeholder(None, None, connection) if hasattr(field, "get_placeholder") else "%s" for field in fields
    )
    conflict = " ON CONFLICT DO NOTHING" if or_leave else ""
    return f'INSERT INTO "{model._meta.db_table}" ({columns}) VALUES ({places}){conflict}'  # noqa: S608  names of ours


@transaction.atomic
def remove(rows: QuerySet[Any] | Model) -> int:
    """Those in the scope, and what hangs on them; how many of the rows themselves. Of two at once one gets the number.

    What was changed until it stood in `rows` no more, while this waited for it, is left alone.
    """
    if isinstance(rows, QuerySet):
        if contexts.changeable(rows.model):
            rows = rows.select_for_update(of=("self",))
        found: list[Model] = list(rows.only("pk"))
    else:
        found = [rows]
    if not found:
        return 0
    with fence.system("what hangs on a row goes with it, whoever may see it"):
        everything = Collector(using=connection.alias)
        everything.collect(found)
        for each in everything.fast_deletes:
            remove_by(each.model, "pk", each.values_list("pk", flat=True))
        counts = {
            model: remove_by(model, "pk", [each.pk for each in instances])
            for model, instances in everything.data.items()
        }
    return counts[type(found[0])]


def remove_by(model: type[Model], name: str, values: Iterable[Any]) -> int:
    """Rows that nothing hangs on, by the values of one field; the caller has seen to whose they are. How many."""
    meta = model._meta
    field = meta.pk if name == "pk" else meta.get_field(name)
    assert isinstance(field, Field)  # noqa: S101  a column of ours
    return remove_from(meta.db_table, str(field.column), values)


def remove_from(table: str, column: str, values: Iterable[Any]) -> int:
    """The same by the names in the database."""
    with fence.system("only the system removes rows"), connection.cursor() as cursor:
        cursor.execute("SELECT fence.remove(%s, %s, %s::text[])", [table, column, [str(value) for value in values]])
        return int(cursor.fetchone()[0])
