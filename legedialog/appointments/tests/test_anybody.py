"""Any doctor at the office: the choice of calendar and the claim are one statement."""

from datetime import datetime, time

import pytest

from legedialog.appointments import services
from legedialog.appointments.models import Block, Calendar, Channel, Claim
from legedialog.appointments.tests.factories import ALL, CHANNELS, LONG_AGO, NOW, TOMORROW, Office, citizen, office
from legedialog.appointments.tests.test_race import in_parallel
from legedialog.core.errors import NotFound, Refused
from legedialog.core.times import at_local
from legedialog.patients.models import Person
from legedialog.practices.models import Absence, Clinician, ContractDoctor, Offer

pytestmark = pytest.mark.django_db
EIGHT = at_local(TOMORROW, time(8))


def refused(code: str) -> pytest.RaisesExc[Refused]:
    return pytest.RaisesExc(Refused, check=lambda error: error.code == code)


@pytest.fixture
def at() -> Office:
    return office()


def colleague(at: Office, name: str = "Jonas Vik") -> Calendar:
    """Another doctor on the same list, with the same plan."""
    clinician = Clinician.objects.create(name=name, hpr_number=f"{8000000 + Clinician.objects.count()}")
    ContractDoctor.objects.create(contract=at.contract, clinician=clinician, starts_date=LONG_AGO)
    return planned(at, clinician)


def planned(at: Office, clinician: Clinician) -> Calendar:
    calendar = Calendar.objects.create(practice=at.practice, clinician=clinician)
    Offer.objects.bulk_create(Offer(practice=at.practice, clinician=clinician, service=each) for each in ALL)
    for weekday in range(5):
        block = Block.objects.create(
            calendar=calendar,
            weekday=weekday,
            starts=time(8),
            ends=time(12),
            step_minutes=20,
            channels=CHANNELS,
            first_date=LONG_AGO,
        )
        block.visit_types.add(at.visit_type)
    return calendar


def hold_any(at: Office, who: Person, starts_at: datetime = EIGHT) -> Claim:
    return services.hold_any(
        actor=citizen(who),
        patient_id=who.pk,
        visit_type_id=at.visit_type.pk,
        channel=Channel.ATTENDANCE,
        starts_at=starts_at,
        now=NOW,
    )


def test_whoever_is_free_and_has_the_least_that_day_gets_the_patient(at: Office) -> None:
    other = colleague(at)
    at.booked(at.patient("Per Testvik"), clock=time(9))
    assert hold_any(at, at.patient()).calendar_id == other.pk
    assert hold_any(at, at.patient("Arne Testmo")).calendar_id == at.calendar.pk
    with refused("time-taken"):
        hold_any(at, at.patient("Lise Testnes"))


def test_with_nobody_free_the_reason_is_the_one_nearest_to_a_yes(at: Office) -> None:
    other = colleague(at)
    Absence.objects.create(practice=at.practice, clinician=other.clinician, first_date=TOMORROW, last_date=TOMORROW)
    at.booked(at.patient("Per Testvik"))
    with refused("time-taken"):
        hold_any(at, at.patient())


def test_only_kinds_that_the_office_opens_are_booked_with_somebody_elses_doctor(at: Office) -> None:
    stranger = Clinician.objects.create(name="Siv Moe", hpr_number="8999999")
    theirs = planned(at, stranger)
    kari = at.patient()
    at.booked(at.patient("Per Testvik"))
    with refused("time-taken"):
        hold_any(at, kari)
    with pytest.raises(NotFound):
        hold_with(at, kari, theirs)
    at.visit_type.is_with_anybody = True
    at.visit_type.save()
    assert hold_any(at, kari).calendar_id == theirs.pk
    assert hold_with(at, kari, theirs).calendar_id == theirs.pk


def hold_with(at: Office, who: Person, calendar: Calendar) -> Claim:
    return services.hold(
        actor=citizen(who),
        patient_id=who.pk,
        calendar_id=calendar.pk,
        visit_type_id=at.visit_type.pk,
        channel=Channel.ATTENDANCE,
        starts_at=EIGHT,
        now=NOW,
    )


@pytest.mark.django_db(transaction=True)
def test_of_many_who_take_anybody_as_many_get_it_as_there_are_doctors() -> None:
    at = office()
    calendars = {at.calendar.pk, *(colleague(at, name).pk for name in ("Jonas Vik", "Per Lie"))}
    patients = [at.patient(f"Nummer Test{number}") for number in range(12)]
    outcomes = in_parallel([lambda who=who: hold_any(at, who) for who in patients], threads=6)
    assert sorted(outcomes) == ["ok"] * 3 + ["time-taken"] * 9
    assert set(Claim.objects.values_list("calendar", flat=True)) == calendars
    assert Claim.objects.count() == 3
