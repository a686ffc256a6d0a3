"""One bad row takes no page, list or file down: every address, with what nothing opens and what is of another shape."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import time, timedelta
from itertools import cycle

import pytest
from django.apps import apps
from django.db import connection, models, transaction
from django.utils import timezone
from procrastinate.contrib.django import procrastinate_app as app
from psycopg import sql
from pytest_django.plugin import DjangoDbBlocker

from legedialog.core import crypto, fence, rotation
from legedialog.core.tests import owner
from legedialog.core.times import at_local, local_day
from legedialog.operations import permissions
from legedialog.operations.permissions import Outcome
from legedialog.operations.tests.world import ROUTES, Browser, World, address_of

OTHER_SHAPES = ("[7]", '{"other": [{}]}', "7", "null")
ASYNC = {"retention.jobs"}  # removes jobs, and reads no row
CHECKED = {"audit.Event.facts"}  # by the database
NOT_OF_ROWS = {"dialogues.QuestionSet.questions", "api.ApiClient.jwks"}  # what an office and an operator have set up


def _what_nothing_opens() -> None:
    for each in rotation.columns():
        owner.damage(each.table, f'"{each.name}"', None)


def _what_is_of_another_shape() -> None:
    """What is sealed is sealed as it should be."""
    for each in rotation.columns():
        if not each.holds_files:
            _put(each.table, each.name, each.key, _sealed_otherwise(each))
    for model in apps.get_models():
        for field in model._meta.local_concrete_fields:
            name = f"{model._meta.label}.{field.name}"
            is_ours = isinstance(field, models.JSONField) and model.__module__.startswith("legedialog")
            if is_ours and name not in CHECKED | NOT_OF_ROWS:
                owner.run(f"UPDATE {model._meta.db_table} SET {field.column} = '[7]'")


def _sealed_otherwise(column: rotation.Column) -> dict[str, bytes]:
    names = {"key": column.key, "column": column.name, "table": column.table}
    read = sql.SQL("SELECT {key}::text, {row}, {column} FROM {table} WHERE {column} IS NOT NULL ORDER BY 1").format(
        row=sql.SQL(column.field.row_sql(f'"{column.table}"')),
        **{name: sql.Identifier(of) for name, of in names.items()},
    )
    with connection.cursor() as cursor:
        cursor.execute(read.as_string(connection.connection))
        return {
            key: crypto._seal_by(crypto.key_of(bytes(old)), text.encode(), column.context, bytes(row))
            for (key, row, old), text in zip(cursor.fetchall(), cycle(OTHER_SHAPES))
        }


def _put(table: str, column: str, key: str, values: dict[str, bytes]) -> None:
    owner.run(
        f'UPDATE {table} AS old SET "{column}" = new.value FROM unnest(%s::text[], %s::bytea[]) AS new (key, value)'
        f' WHERE old."{key}"::text = new.key',
        [list(values), list(values.values())],
    )


@contextmanager
def _undone() -> Iterator[None]:
    with owner.rolled_back():
        yield
        transaction.set_rollback(True)


@pytest.mark.parametrize("visitor", ["full", "secretary", "doctor"])
@pytest.mark.parametrize("breaks", [_what_nothing_opens, _what_is_of_another_shape])
def test_no_page_fails_whatever_its_rows_hold(
    visitor: str, breaks: Callable[[], None], world: World, django_db_blocker: DjangoDbBlocker
) -> None:
    faults, shown = [], 0
    with django_db_blocker.unblock(), _undone(), Browser(world, visitor) as browser:
        open_to = [each for each in ROUTES if permissions.outcome(each, visitor) is Outcome.OPEN]
        addresses = {each.name: address_of(each, world.who[visitor], "own") for each in open_to}
        breaks()
        for name, path in addresses.items():
            response = browser.ask("GET", path)[0] if path else None
            shown += response is not None and response.status_code == 200
            if browser.errors:
                faults.append(f"{name}: {browser.errors}")
                browser.errors.clear()
    assert not faults, "\n".join(["", *faults])
    assert shown > 10


@pytest.mark.parametrize("days", [1, 40])
def test_no_job_stops_for_what_a_row_holds(
    days: int, world: World, django_db_blocker: DjangoDbBlocker, monkeypatch: pytest.MonkeyPatch
) -> None:
    """When what stands in the rows has come to its dates, soon or late."""
    then = at_local(local_day(timezone.now()) + timedelta(days=days), time(12))  # at night some of them rest
    monkeypatch.setattr(timezone, "now", lambda: then)
    jobs = app.current_app
    jobs.perform_import_paths()  # type: ignore[no-untyped-call]
    ours = [task for task in jobs.periodic_registry.periodic_tasks.values() if task.task.name not in ASYNC]
    assert len(ours) > 12
    with django_db_blocker.unblock(), _undone(), fence.system("as the worker"):
        _what_nothing_opens()
        for each in ours:
            with owner.rolled_back():
                each.task.func(0)
                transaction.set_rollback(True)
