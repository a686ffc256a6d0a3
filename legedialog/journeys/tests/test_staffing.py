"""Calendars come with those who treat patients, and what somebody leaves goes to who takes over."""

from datetime import date, datetime, timedelta
from typing import Any

import pytest

from legedialog.access.actor import Actor, Role
from legedialog.appointments.models import Block, Calendar
from legedialog.appointments.tests.factories import NOW, TODAY, TOMORROW, Office, office
from legedialog.core.errors import Denied, NotFound
from legedialog.core.identifiers import synthetic_number
from legedialog.dialogues.models import Dialogue
from legedialog.dialogues.tests import factories as dialogues
from legedialog.errands.rules import To
from legedialog.errands.tests.factories import errand
from legedialog.journeys import getting_started, staffing
from legedialog.patients import queries as patients
from legedialog.practices.models import Clinician, ContractDoctor, Employee
from legedialog.prescriptions import policy as prescriptions

pytestmark = pytest.mark.django_db
FRIDAY = TODAY + timedelta(days=4)
NEXT_WEEK = NOW + timedelta(days=7)


@pytest.fixture
def here() -> Office:
    return office()


@pytest.fixture
def manager(here: Office) -> Actor:
    return here.staff(Role.MANAGER, name="Siri Berge")


def employed(manager: Actor, here: Office, serial: int, role: Role = Role.DOCTOR, **other: Any) -> Employee:
    given: dict[str, Any] = {
        "name": f"Lege {serial}",
        "national_number": synthetic_number(date(1975, 5, 5), serial),
        "hpr_number": str(9_100_000 + serial),
        "starts_date": TODAY,
    }
    return staffing.employ(actor=manager, practice_id=here.practice.pk, role=role, now=NOW, **given | other)


def leaves(manager: Actor, employee: Any, heir: Employee | None, last_date: date = FRIDAY) -> None:
    staffing.leave(
        actor=manager,
        employee_id=employee,
        last_date=last_date,
        successor_id=heir.pk if heir else None,
        now=NOW,
    )


@pytest.mark.parametrize(
    ("role", "hpr_number", "gets_one"),
    [(Role.DOCTOR, "9144889", True), (Role.SECRETARY, "9144889", True), (Role.SECRETARY, "", False)],
)
def test_a_calendar_comes_with_whoever_treats_patients(
    role: Role, hpr_number: str, gets_one: bool, here: Office, manager: Actor
) -> None:
    employed(manager, here, 1, role, hpr_number=hpr_number)
    assert Calendar.objects.filter(clinician__hpr_number="9144889").exists() is gets_one


def test_a_calendar_comes_with_a_list_and_only_once(here: Office) -> None:
    vik = Clinician.objects.create(name="Jonas Vik", hpr_number="9144890")
    ContractDoctor.objects.create(contract=here.contract, clinician=vik, starts_date=TODAY)
    assert staffing.open_calendars() == 1
    assert staffing.open_calendars() == 0
    Calendar.objects.filter(clinician=vik).update(is_active=False)
    assert staffing.open_calendars([here.practice.pk]) == 1
    assert Calendar.objects.get(clinician=vik).is_active


def test_a_doctor_who_leaves_hands_over_lists_messages_and_renewals(here: Office, manager: Actor) -> None:
    aas = here.staff(Role.DOCTOR, name="Ingrid Aas")
    vik = employed(manager, here, 1, Role.SUBSTITUTE)
    kari = here.patient()
    asked = dialogues.sent(kari)
    here.booked(kari, day=FRIDAY + timedelta(days=3))
    here.booked(here.patient("Per Testvik"), day=TOMORROW)

    behind = staffing.left_by(manager, aas.employee_id, FRIDAY, NOW)  # type: ignore[arg-type]
    assert (behind.days, behind.dialogues, behind.lists) == ([(FRIDAY + timedelta(days=3), 1)], 1, 1)
    leaves(manager, aas.employee_id, vik)

    # Until Friday all is as it was; then the plan has ended.
    assert set(Block.objects.values_list("last_date", flat=True)) == {FRIDAY}
    gp = patients.gp_of(kari.pk, FRIDAY)
    assert gp
    assert gp.name == "Ingrid Aas"
    staffing.follow(now=NEXT_WEEK)
    staffing.follow(now=NEXT_WEEK)
    gp = patients.gp_of(kari.pk, FRIDAY + timedelta(days=1))
    assert gp
    assert gp.name == "Lege 1"
    assert Dialogue.objects.get(pk=asked.pk).answerer_id == vik.clinician_id
    substitute = Actor(
        kind=manager.kind,
        role=Role.SUBSTITUTE,
        clinician_id=vik.clinician_id,
        practice_id=here.practice.pk,
        practices=manager.practices,
    )
    assert here.doctor.pk in prescriptions.signs_for(substitute, FRIDAY + timedelta(days=1))
    assert here.doctor.pk not in prescriptions.signs_for(substitute, FRIDAY)


def test_her_calendar_stays_while_somebody_has_a_time_in_it(here: Office, manager: Actor) -> None:
    aas = here.staff(Role.DOCTOR)
    heir = employed(manager, here, 1)
    here.booked(here.patient(), day=FRIDAY + timedelta(days=3))
    leaves(manager, aas.employee_id, heir)
    staffing.follow(now=NEXT_WEEK)
    assert Calendar.objects.get(pk=here.calendar.pk).is_active
    staffing.follow(now=NOW + timedelta(days=60))
    assert not Calendar.objects.get(pk=here.calendar.pk).is_active


def test_what_was_given_to_one_who_has_left_is_her_successors_or_nobodys(here: Office, manager: Actor) -> None:
    mona, other = (here.staff(Role.SECRETARY, name=name) for name in ("Mona Haug", "Ola Lie"))
    kari = here.patient()
    assert other.employee_id
    asked = [dialogues.sent(kari, kind="contact") for _number in range(2)]
    for dialogue, who in zip(asked, (mona, other), strict=True):
        Dialogue.objects.filter(pk=dialogue.pk).update(assigned_to=who.employee_id)
    leaves(manager, mona.employee_id, Employee.objects.get(pk=other.employee_id), TODAY)
    assert Dialogue.objects.get(pk=asked[0].pk).assigned_to_id == mona.employee_id  # today she is still there
    tomorrow = NOW + timedelta(days=1)
    staffing.follow(now=tomorrow)
    assert Dialogue.objects.get(pk=asked[0].pk).assigned_to_id == other.employee_id
    leaves(manager, other.employee_id, None, TODAY)
    staffing.follow(now=tomorrow)
    assert set(Dialogue.objects.values_list("assigned_to", flat=True)) == {None}


def test_what_she_was_to_do_is_counted_and_handed_over_with_the_rest(here: Office, manager: Actor) -> None:
    mona, other = (here.staff(Role.SECRETARY, name=name) for name in ("Mona Haug", "Ola Lie"))
    assert mona.employee_id
    assert other.employee_id
    row = errand(other, here.patient(), to=To(mona.employee_id), now=NOW)
    left = staffing.left_by(manager, mona.employee_id, TODAY, NOW)
    assert (left.errands, left.is_nothing) == (1, False)
    leaves(manager, mona.employee_id, Employee.objects.get(pk=other.employee_id), TODAY)
    staffing.follow(now=NOW + timedelta(days=1))
    row.refresh_from_db()
    assert row.to_employee_id == other.employee_id
    assert staffing.left_by(manager, mona.employee_id, TODAY, NOW).is_nothing


def test_a_stranger_sees_nothing_of_what_is_left(here: Office, manager: Actor) -> None:
    mona = here.staff(Role.SECRETARY)
    assert mona.employee_id
    with pytest.raises(NotFound):
        staffing.left_by(office("Dalen", "Odd Lund").staff(Role.MANAGER), mona.employee_id, None, NOW)
    with pytest.raises(Denied):
        staffing.left_by(mona, mona.employee_id, None, NOW)


def test_an_office_is_ready_when_its_patients_can_use_it(here: Office, manager: Actor) -> None:
    def lacks(now: datetime = NOW) -> set[str]:
        done = getting_started.done(here.practice.pk, now.date())
        return {name for name in getting_started.STEPS if not getattr(done, name)}

    assert lacks() == {"hours", "doctor"}
    employed(manager, here, 1)
    assert lacks() == {"hours"}
    Block.objects.update(last_date=FRIDAY)
    assert lacks(NEXT_WEEK) == {"hours", "plan"}
