"""Points in time come from the database as they went in, in UTC, by the quick reader."""

from datetime import UTC, datetime, timedelta, timezone

import pytest
from django.db import DataError, connections
from psycopg.postgres import types

from legedialog.core.moments import Moments


@pytest.mark.django_db(databases=["default", "owner"])
@pytest.mark.parametrize("alias", ["default", "owner"])
@pytest.mark.parametrize(
    "moment",
    [
        datetime(2026, 12, 1, 8, 5, tzinfo=UTC),
        datetime(2026, 3, 29, 2, 30, 0, 120, tzinfo=timezone(timedelta(hours=2))),
        datetime(1, 1, 1, tzinfo=UTC),
        datetime.max.replace(tzinfo=UTC),
    ],
)
def test_a_moment_comes_back_as_it_was(alias: str, moment: datetime) -> None:
    with connections[alias].cursor() as cursor:
        cursor.execute("SELECT %s::timestamptz, ARRAY[%s::timestamptz, NULL]", [moment, moment])
        alone, several = cursor.fetchone()
        loader = cursor.cursor.connection.adapters.get_loader(types["timestamptz"].oid, cursor.cursor.format)
    assert (alone, several, alone.tzinfo) == (moment, [moment, None], UTC)
    assert loader is Moments


@pytest.mark.django_db
@pytest.mark.parametrize("odd", ["infinity", "10000-01-01T00:00Z", "0044-03-15T12:00Z BC"])
def test_what_python_has_no_moment_for_is_refused_as_before(odd: str) -> None:
    with connections["default"].cursor() as cursor:
        cursor.execute("SELECT %s::timestamptz", [odd])
        with pytest.raises(DataError):
            cursor.fetchone()
