"""A death meets a booking, a letter and an order: real threads, committed rows. Nothing is left open."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier

import pytest
from django.db import connection

from legedialog.appointments.models import Appointment, Claim, Status
from legedialog.appointments.tests import factories
from legedialog.appointments.tests.factories import NOW, TODAY, Office
from legedialog.core.errors import Refused
from legedialog.dialogues.models import Dialogue
from legedialog.dialogues.tests import factories as letters
from legedialog.journeys import deaths
from legedialog.journeys.models import RegisterChange
from legedialog.journeys.tests.test_deaths import say
from legedialog.patients.models import Person
from legedialog.prescriptions.models import Item
from legedialog.prescriptions.rules import OPEN
from legedialog.prescriptions.tests.factories import ordered, prescription

pytestmark = pytest.mark.django_db(transaction=True)
ROUNDS = 8


def together(*tasks: Callable[[], object]) -> list[str]:
    barrier = Barrier(len(tasks))

    def work(task: Callable[[], object]) -> str:
        barrier.wait()
        try:
            task()
        except Refused as refused:
            return refused.code
        finally:
            connection.close()
        return "ok"

    with ThreadPoolExecutor(len(tasks)) as pool:
        return list(pool.map(work, tasks))


def patients(office: Office) -> list[Person]:
    made = [office.patient(f"Nummer Test{'abcdefgh'[number]}") for number in range(ROUNDS)]
    Person.objects.update(confirmed_at=NOW - timedelta(days=1))
    return made


def test_a_booking_that_meets_the_death_is_refused_or_cancelled_and_its_time_is_free() -> None:
    office = factories.office()
    for at, kari in enumerate(patients(office)):
        clock = (NOW.replace(hour=8) + timedelta(minutes=20 * at)).time()
        outcomes = together(
            lambda kari=kari, clock=clock: office.booked(kari, clock=clock),  # type: ignore[misc]
            lambda kari=kari: say(kari, died=TODAY, at=NOW),  # type: ignore[misc]
        )
        assert outcomes[1] == "ok"
        assert outcomes[0] in ("ok", "deceased", "hold-ended")
    assert not Appointment.objects.filter(status=Status.BOOKED).exists()
    assert not Claim.objects.filter(is_active=True).exists()
    assert Person.objects.filter(death_date=None).count() == 0


def test_a_letter_and_an_order_that_meet_the_death_are_refused_or_closed() -> None:
    office = factories.office()
    for kari in patients(office):
        medicine = prescription(kari, office)
        outcomes = together(
            lambda kari=kari: letters.sent(kari),  # type: ignore[misc]
            lambda kari=kari, medicine=medicine: ordered(kari, medicine),  # type: ignore[misc]
            lambda kari=kari: say(kari, died=TODAY, at=NOW),  # type: ignore[misc]
        )
        assert outcomes[2] == "ok"
        assert set(outcomes[:2]) <= {"ok", "deceased"}
    assert not Dialogue.objects.exclude(status="closed").exists()
    assert not Item.objects.filter(status__in=OPEN).exists()
    assert deaths.follow(NOW) in range(ROUNDS + 1)  # at most drafts that were saved in the same moment


def test_two_workers_that_take_in_the_same_death_tell_the_office_once() -> None:
    office = factories.office()
    for at, kari in enumerate(patients(office)):
        office.booked(kari, clock=(NOW.replace(hour=8) + timedelta(minutes=20 * at)).time())
        Person.objects.filter(pk=kari.pk).update(death_date=TODAY, confirmed_at=NOW)
        outcomes = together(*(lambda kari=kari: deaths.close(person_id=kari.pk, now=NOW) for _ in range(3)))
        assert outcomes == ["ok"] * 3
        word = RegisterChange.objects.get(person=kari)
        assert len(word.lines) == 1
