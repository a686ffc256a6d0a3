"""Columns that are not doctors: a nurse, a laboratory, a room."""

from datetime import date, time, timedelta
from typing import Any
from uuid import UUID

import pytest
from django.db import IntegrityError

from legedialog.access.actor import Actor, Role
from legedialog.access.policy import allows
from legedialog.appointments import free, free_rules, policy, services
from legedialog.appointments import office as queries
from legedialog.appointments.models import Appointment, Block, Calendar, Channel, Recall, VisitType
from legedialog.appointments.tests.factories import LONG_AGO, NOW, TODAY, TOMORROW, Office, citizen, office
from legedialog.core.errors import Denied, NotFound, Refused
from legedialog.core.ids import new_id
from legedialog.core.times import at_local
from legedialog.patients.models import Person
from legedialog.practices.models import Clinician, Offer, Service

pytestmark = pytest.mark.django_db


def column(gp: Office, actor: Actor | None = None, **given: object) -> Calendar:
    fields = {
        "practice_id": gp.practice.pk,
        "column_id": None,
        "name": "Laboratoriet",
        "column": "laboratory",
        "responsible_id": gp.doctor.pk,
        "is_active": True,
        "now": NOW,
    }
    return services.save_column(actor=actor or gp.staff(Role.MANAGER, name="Siri Berge"), **fields | given)  # type: ignore[arg-type]


@pytest.fixture
def laboratory(gp: Office) -> Calendar:
    return column(gp)


@pytest.fixture
def blood(gp: Office, laboratory: Calendar) -> VisitType:
    """Ten minutes each morning, in the laboratory alone."""
    kind = VisitType.objects.create(
        practice=gp.practice, name="Blodprøve", minutes=10, channels=["attendance"], is_with_anybody=True
    )
    for weekday in range(5):
        block = Block.objects.create(
            calendar=laboratory,
            weekday=weekday,
            starts=time(8),
            ends=time(10),
            step_minutes=10,
            channels=["attendance"],
            first_date=LONG_AGO,
        )
        block.visit_types.add(kind)
    Offer.objects.create(practice=gp.practice, clinician=laboratory.clinician, service=Service.BOOK)
    return kind


def book(who: Person, calendar_id: UUID, kind: VisitType, clock: time = time(8), day: date = TOMORROW) -> Appointment:
    held = services.hold(
        actor=citizen(who),
        patient_id=who.pk,
        calendar_id=calendar_id,
        visit_type_id=kind.pk,
        channel=Channel.ATTENDANCE,
        starts_at=at_local(day, clock),
        now=NOW,
    )
    return services.book(actor=citizen(who), hold_id=held.pk, reason="", now=NOW)


def test_a_column_is_a_calendar_beside_the_doctors(gp: Office, laboratory: Calendar) -> None:
    assert {each.clinician.name for each in queries.calendars(gp.staff())} == {"Ingrid Aas", "Laboratoriet"}


def test_a_citizen_books_in_a_column_what_may_be_booked_with_anybody(
    gp: Office, kari: Person, laboratory: Calendar, blood: VisitType
) -> None:
    visit = book(kari, laboratory.pk, blood)
    assert visit.calendar.clinician.name == "Laboratoriet"


def test_she_is_refused_while_the_office_has_not_opened_it(
    gp: Office, kari: Person, laboratory: Calendar, blood: VisitType
) -> None:
    Offer.objects.filter(clinician=laboratory.clinician).update(is_open=False)
    with pytest.raises(Refused) as refused:
        book(kari, laboratory.pk, blood)
    assert refused.value.code == "service-closed"


@pytest.mark.parametrize("role", [each for each in Role if each is not Role.MANAGER])
def test_only_the_manager_makes_columns(gp: Office, role: Role) -> None:
    with pytest.raises(Denied):
        column(gp, gp.staff(role))


def test_another_offices_manager_finds_neither_the_office_nor_the_column(gp: Office, laboratory: Calendar) -> None:
    stranger = office("Dalen legekontor", "Odd Lund")
    siri = stranger.staff(Role.MANAGER)
    with pytest.raises(NotFound):
        column(gp, siri)
    with pytest.raises(NotFound):
        policy.find_column(siri, laboratory.clinician_id)
    with pytest.raises(NotFound):  # nor does a doctor of another office answer for it
        column(gp, responsible_id=stranger.doctor.pk, name="Rom 2")


def test_a_doctors_own_calendar_is_no_column(gp: Office) -> None:
    with pytest.raises(NotFound):
        policy.find_column(gp.staff(Role.MANAGER), gp.doctor.pk)


def test_it_is_closed_when_nobody_is_to_come(gp: Office, kari: Person, laboratory: Calendar, blood: VisitType) -> None:
    visit = book(kari, laboratory.pk, blood)
    with pytest.raises(Refused) as refused:
        column(gp, column_id=laboratory.clinician_id, is_active=False)
    assert refused.value.code == "column-in-use"
    services.cancel(actor=gp.staff(), appointment_id=visit.pk, now=NOW)
    assert not column(gp, column_id=laboratory.clinician_id, is_active=False).is_active
    assert [each.clinician.name for each in queries.calendars(gp.staff())] == ["Ingrid Aas"]


def test_postgresql_refuses_a_column_without_a_responsible_doctor(gp: Office) -> None:
    with pytest.raises(IntegrityError, match="a_doctor_has_an_hpr_number_and_a_column_an_office"):
        Clinician.objects.create(name="Rom 1", column="room", practice=gp.practice)


def test_only_the_manager_plans_a_column(gp: Office, laboratory: Calendar) -> None:
    assert {role for role in Role if allows(policy.check_plans, gp.staff(role), laboratory)} == {Role.MANAGER}
    hers = gp.calendar
    assert {role for role in Role if allows(policy.check_plans, gp.staff(role), hers)} == {Role.MANAGER, Role.DOCTOR}


def test_the_table_of_roles_is_what_the_checks_say(gp: Office, laboratory: Calendar) -> None:
    told = list(policy.USE_CASES.values())
    for role in Role:
        actor = gp.staff(role)
        assert allows(policy.check_books, actor, gp.practice.pk) is (role in told[0]) is (role in told[1])
        assert allows(policy.check_plans, actor, laboratory) is (role in told[6])
        assert allows(policy.check_manages, actor, gp.practice.pk) is (role in told[7])
        assert allows(policy.check_orders, actor) is (role in told[3])


# ---- what a doctor must have asked for


@pytest.fixture
def ordered(blood: VisitType) -> VisitType:
    blood.needs_order = True
    blood.save()
    return blood


def order(gp: Office, who: Person, kind: VisitType, by: Actor | None = None, **given: object) -> Recall:
    fields = {
        "practice_id": gp.practice.pk,
        "round_id": new_id(),
        "patient_ids": [who.pk],
        "visit_type_id": kind.pk,
        "calendar_id": None,
        "first_date": TODAY,
        "last_date": TODAY + timedelta(days=14),
        "now": NOW,
    }
    [row] = services.ask_to_book(actor=by or gp.staff(Role.DOCTOR), **fields | given)  # type: ignore[arg-type]
    return row


def code(who: Person, laboratory: Calendar, kind: VisitType, **given: Any) -> str:
    with pytest.raises(Refused) as refused:
        book(who, laboratory.pk, kind, **given)
    return refused.value.code


def test_what_needs_an_order_is_refused_without_one(kari: Person, laboratory: Calendar, ordered: VisitType) -> None:
    assert code(kari, laboratory, ordered) == "needs-order"


def test_the_list_says_so_before_the_choice(gp: Office, kari: Person, laboratory: Calendar, ordered: VisitType) -> None:
    def found() -> free.Free:
        wanted = free.Wanted(gp.practice.pk, [laboratory.clinician_id], ordered, Channel.ATTENDANCE, NOW, kari.pk)
        return free.find(wanted, TODAY, TOMORROW)

    assert found().limit == free_rules.NEEDS_ORDER
    assert not any(day.times for day in found().days())
    order(gp, kari, ordered, last_date=TODAY)
    assert found().limit is None
    assert not found().days()[1].times  # tomorrow is not what was ordered


def test_with_an_order_it_is_booked_once(gp: Office, kari: Person, laboratory: Calendar, ordered: VisitType) -> None:
    order(gp, kari, ordered)
    visit = book(kari, laboratory.pk, ordered)
    assert Recall.objects.get().appointment == visit
    assert code(kari, laboratory, ordered, clock=time(9)) == "needs-order"


def test_cancelled_it_may_be_booked_again(gp: Office, kari: Person, laboratory: Calendar, ordered: VisitType) -> None:
    order(gp, kari, ordered)
    visit = book(kari, laboratory.pk, ordered)
    services.cancel(actor=citizen(kari), appointment_id=visit.pk, now=NOW)
    book(kari, laboratory.pk, ordered, clock=time(9))


def test_it_runs_out(gp: Office, kari: Person, laboratory: Calendar, ordered: VisitType) -> None:
    order(gp, kari, ordered, last_date=TOMORROW)
    assert code(kari, laboratory, ordered, day=TOMORROW + timedelta(days=1)) == "not-then-ordered"


def test_it_is_moved_within_its_days_and_needs_no_other(
    gp: Office, kari: Person, laboratory: Calendar, ordered: VisitType
) -> None:
    order(gp, kari, ordered, last_date=TOMORROW + timedelta(days=1))
    visit = book(kari, laboratory.pk, ordered)

    def move(day: date) -> Appointment:
        return services.move(
            actor=citizen(kari),
            appointment_id=visit.pk,
            calendar_id=laboratory.pk,
            visit_type_id=ordered.pk,
            channel=Channel.ATTENDANCE,
            starts_at=at_local(day, time(9)),
            reason=None,
            now=NOW,
        )

    assert move(TOMORROW).starts_at == at_local(TOMORROW, time(9))
    with pytest.raises(Refused) as refused:
        move(TOMORROW + timedelta(days=2))
    assert refused.value.code == "not-then-ordered"


def test_an_order_that_is_stopped_while_she_looks_it_over_books_nothing(
    gp: Office, kari: Person, laboratory: Calendar, ordered: VisitType
) -> None:
    asked = order(gp, kari, ordered)
    held = services.hold_any(
        actor=citizen(kari),
        patient_id=kari.pk,
        visit_type_id=ordered.pk,
        channel=Channel.ATTENDANCE,
        starts_at=at_local(TOMORROW, time(8)),
        now=NOW,
    )
    services.stop_recall(actor=gp.staff(Role.DOCTOR), recall_id=asked.pk, now=NOW)
    with pytest.raises(Refused) as refused:
        services.book(actor=citizen(kari), hold_id=held.pk, reason="", now=NOW)
    assert refused.value.code == "needs-order"


def test_nobody_elses_order_helps_her(gp: Office, kari: Person, laboratory: Calendar, ordered: VisitType) -> None:
    order(gp, gp.patient("Per Testvik"), ordered)
    assert code(kari, laboratory, ordered) == "needs-order"


@pytest.mark.parametrize("role", [Role.SECRETARY, Role.MANAGER])
def test_only_doctors_order(gp: Office, kari: Person, ordered: VisitType, role: Role) -> None:
    with pytest.raises(Denied):
        order(gp, kari, ordered, gp.staff(role))


def test_what_reception_asked_for_before_is_no_order(
    gp: Office, kari: Person, laboratory: Calendar, blood: VisitType
) -> None:
    order(gp, kari, blood, gp.staff())
    blood.needs_order = True
    blood.save()
    assert code(kari, laboratory, blood) == "needs-order"


def test_the_office_books_it_on_the_doctors_word(
    gp: Office, kari: Person, laboratory: Calendar, ordered: VisitType
) -> None:
    services.book_for_patient(
        actor=gp.staff(),
        patient_id=kari.pk,
        calendar_id=laboratory.pk,
        visit_type_id=ordered.pk,
        channel=Channel.ATTENDANCE,
        starts_at=at_local(TOMORROW, time(8)),
        reason="",
        now=NOW,
    )
