"""Work that takes many rows waits for nobody while it holds any."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from threading import Event
from uuid import UUID

import pytest
from django.db import OperationalError, connection, transaction

from legedialog.core import giving_way
from legedialog.core.giving_way import gives_way
from legedialog.patients.models import Person
from legedialog.patients.tests.factories import person

pytestmark = pytest.mark.django_db(transaction=True)


def lock(pk: UUID) -> None:
    Person.objects.select_for_update().get(pk=pk)


def beside(task: Callable[[], object]) -> object:
    """In a thread with a connection of its own."""

    def work() -> None:
        try:
            task()
        finally:
            connection.close()

    return ThreadPoolExecutor(1).submit(work)


def test_two_who_take_the_same_rows_the_other_way_round_both_get_them() -> None:
    one, other = person("Kari Nordmann"), person("Ola Nordmann")
    has_one, tried = Event(), []

    @gives_way
    def much() -> None:
        tried.append(1)
        lock(other.pk)
        has_other.set()
        has_one.wait()
        lock(one.pk)

    has_other = Event()
    with transaction.atomic():
        lock(one.pk)
        has_one.set()
        done = beside(much)
        has_other.wait()
        lock(other.pk)  # the work lets go of it
    done.result()  # type: ignore[attr-defined]
    assert len(tried) > 1


def test_it_fails_when_its_patience_is_over_and_has_changed_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(giving_way, "PATIENCE", 0)
    one, other = person("Kari Nordmann"), person("Ola Nordmann")

    @gives_way
    def much() -> None:
        Person.objects.filter(pk=other.pk).update(death_date=date(2026, 1, 1))
        lock(one.pk)

    with transaction.atomic():
        lock(one.pk)
        with pytest.raises(OperationalError):
            beside(much).result()  # type: ignore[attr-defined]
    assert not Person.objects.filter(death_date__isnull=False).exists()


def test_what_goes_on_in_the_same_transaction_waits_as_before() -> None:
    def waits() -> str:
        with connection.cursor() as cursor:
            cursor.execute("SHOW lock_timeout")
            return str(cursor.fetchone()[0])

    with transaction.atomic():
        before = waits()
        assert gives_way(waits)() == giving_way.WAITS
        assert waits() == before
