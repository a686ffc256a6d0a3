"""Named statements go the same way as the ORM's: fence, transaction and count."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.db import connection, transaction
from pytest_django import DjangoAssertNumQueries

from legedialog.appointments.models import Appointment
from legedialog.appointments.tests.factories import Office, office
from legedialog.core import fence
from legedialog.core.sql import Asked, Statement, ask, ask_all, ask_as_one

pytestmark = pytest.mark.django_db


@dataclass(frozen=True, slots=True)
class Row:
    id: UUID
    patient_id: UUID


@dataclass(frozen=True, slots=True)
class Number:
    number: int


MINE = Statement(
    "mine",
    "SELECT patient_id, id FROM appointments_appointment"
    " WHERE (%(late)s::boolean IS NULL OR is_late = %(late)s) ORDER BY id",
    Row,
)
COUNTED = Statement("counted", "SELECT count(*) AS number FROM patients_person WHERE id = ANY(%(ids)s)", Number)


@pytest.fixture
def here(db: None) -> Office:
    return office()


@pytest.fixture
def booked(here: Office) -> list[Appointment]:
    there = office("Bakkebyen legesenter", "Odd Lund")
    return [here.booked(here.patient("Kari Testdal")), there.booked(there.patient("Per Testvik"))]


def test_rows_are_of_their_class_by_the_names_of_columns(booked: list[Appointment]) -> None:
    assert ask(MINE, late=None) == [Row(each.pk, each.patient_id) for each in sorted(booked, key=lambda row: row.pk)]
    assert ask(MINE, late=True) == []


def test_the_fence_holds_also_when_several_are_asked_at_once(booked: list[Appointment]) -> None:
    ids = [each.patient_id for each in booked]
    for each in booked:
        with fence.works_for(each.patient_id):
            expected = [[Row(each.pk, each.patient_id)], [Number(1)]]
            assert [ask(MINE, late=None), ask(COUNTED, ids=ids)] == expected
            for several in (ask_all, ask_as_one):
                assert several(Asked(MINE, {"late": None}), Asked(COUNTED, {"ids": ids})) == expected
    with fence.works_for():
        assert ask_all(Asked(MINE, {"late": None}), Asked(COUNTED, {"ids": ids})) == [[], [Number(0)]]


@dataclass(frozen=True, slots=True)
class Kinds:
    id: UUID
    at: datetime
    day: date
    clock: time | None
    sealed: bytes
    ids: list[UUID]
    days: list[date | None]
    words: list[str]
    number: int
    is_so: bool


KINDS = Statement(
    "kinds",
    "SELECT %(id)s::uuid AS id, %(at)s::timestamptz AS at, %(day)s::date AS day, %(clock)s::time AS clock,"
    " %(sealed)s::bytea AS sealed, ARRAY[%(id)s::uuid] AS ids, ARRAY[%(day)s::date, NULL] AS days,"
    " ARRAY[%(word)s::text] AS words, 3 AS number, true AS is_so",
    Kinds,
)


@pytest.mark.parametrize("clock", [time(8, 5), None])
def test_as_one_brings_the_same_values_as_by_itself(
    clock: time | None, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    at = datetime(2026, 12, 1, 8, 5, 0, 120, tzinfo=UTC)
    values = {"id": uuid4(), "at": at, "day": at.date(), "clock": clock, "sealed": b"\x00\xff'", "word": 'å "%(x)s" {}'}
    alone = ask(KINDS, **values)
    other = values | {"word": "another's"}
    with django_assert_num_queries(1):
        both = ask_as_one(Asked(KINDS, values), Asked(KINDS, other), Asked(COUNTED, {"ids": []}))
    assert both == [alone, ask(KINDS, **other), [Number(0)]]
    assert both[0][0].ids == [values["id"]]


def test_each_is_counted_as_any_query(booked: list[Appointment], django_assert_num_queries: Any) -> None:
    with django_assert_num_queries(3):
        ask(MINE, late=None)
        ask_all(Asked(MINE, {"late": None}), Asked(COUNTED, {"ids": []}))


def test_what_the_transaction_has_written_is_seen(booked: list[Appointment]) -> None:
    with transaction.atomic():
        Appointment.objects.filter(pk=booked[0].pk).update(is_late=True)
        assert [row.id for row in ask(MINE, late=True)] == [booked[0].pk]
        transaction.set_rollback(True)
    assert ask(MINE, late=True) == []


def test_a_statement_that_fails_is_djangos_error_and_the_next_one_works(here: Office) -> None:
    bad = Statement("bad", "SELECT 1 / %(zero)s AS number", Number)
    for fails in (lambda: ask(bad, zero=0), lambda: ask_all(Asked(COUNTED, {"ids": []}), Asked(bad, {"zero": 0}))):
        with pytest.raises(Exception, match="division by zero"), transaction.atomic():
            fails()
        assert ask(COUNTED, ids=[]) == [Number(0)]
    assert connection.is_usable()
