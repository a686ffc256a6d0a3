"""A merge meets bookings and letters under the row that goes: real threads, committed rows. Nothing is orphaned."""

from datetime import time

import pytest
from django.db import IntegrityError, connection

from legedialog.appointments.models import Appointment, Claim, ClaimKind
from legedialog.appointments.tests import factories
from legedialog.appointments.tests.factories import NOW
from legedialog.core.errors import LegedialogError
from legedialog.dialogues.models import Dialogue
from legedialog.dialogues.tests import factories as letters
from legedialog.journeys import merging
from legedialog.journeys.tests.test_death_races import together
from legedialog.patients.models import Merge, Person

pytestmark = pytest.mark.django_db(transaction=True)
ROUNDS = 4


def kindly(task: object) -> str:
    """What a request would: done, or refused because the row is gone. Nothing else stops it."""
    try:
        task()  # type: ignore[operator]
    except (IntegrityError, LegedialogError, Person.DoesNotExist):
        return "refused"
    return "ok"


def test_what_is_committed_is_hers_who_stays_and_what_is_not_is_nowhere() -> None:
    office = factories.office(max_coming=3)
    booked = written = 0
    for at in range(ROUNDS):
        old, new = (office.patient(f"Nummer Test{name}{'abcd'[at]}") for name in ("gammel", "ny"))
        outcomes: dict[str, str] = {}

        def book(old: Person = old, at: int = at, outcomes: dict[str, str] = outcomes) -> None:
            outcomes["book"] = kindly(lambda: office.booked(old, clock=time(8 + at)))

        def write(old: Person = old, outcomes: dict[str, str] = outcomes) -> None:
            outcomes["write"] = kindly(lambda: letters.sent(old))

        def merge(old: Person = old, new: Person = new) -> None:
            merging.merge(kept_id=new.pk, gone_id=old.pk, now=NOW)

        assert together(book, write, merge)[2] == "ok"
        booked += outcomes["book"] == "ok"
        written += outcomes["write"] == "ok"
        assert not Person.objects.filter(pk=old.pk).exists()
    assert Appointment.objects.count() == booked
    assert Claim.objects.filter(kind=ClaimKind.BOOKING).count() == booked
    assert Dialogue.objects.count() == written
    with connection.cursor() as cursor:
        for each in merging.columns():
            gone = list(Merge.objects.values_list("gone_id", flat=True))
            cursor.execute(f"SELECT count(*) FROM {each.table} WHERE {each.name} = ANY (%s)", [gone])
            assert cursor.fetchone() == (0,), each


def test_the_same_answer_taken_in_twice_at_once_merges_once() -> None:
    office = factories.office()
    old, new = office.patient("Kari Gammel"), office.patient("Kari Ny")

    def merge() -> None:
        kindly(lambda: merging.merge(kept_id=new.pk, gone_id=old.pk, now=NOW))

    together(merge, merge, merge)
    assert Merge.objects.count() == 1
    assert list(Person.objects.all()) == [new]
