"""What a doctor leaves who is away or has left: proposed, done one by one, and never twice. See ADR 130."""

from datetime import time, timedelta

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from legedialog.access.actor import Role
from legedialog.appointments import services as appointments
from legedialog.appointments.models import Appointment, Status
from legedialog.appointments.tests.factories import NOW, TOMORROW, citizen, office
from legedialog.audit.models import Event
from legedialog.core.errors import Denied, NotFound, Refused
from legedialog.core.times import at_local
from legedialog.dialogues.models import Dialogue, Kind
from legedialog.dialogues.tests import factories as dialogues
from legedialog.journeys import absences, handing_over, telling
from legedialog.journeys.handover_rules import Outcome, Way
from legedialog.journeys.models import Handover, HandoverItem
from legedialog.journeys.tests.handing import Ward, ward
from legedialog.outbox.models import Notification
from legedialog.outbox.rules import Notice
from legedialog.practices.models import Absence, Employee

pytestmark = pytest.mark.django_db
LATER = NOW + timedelta(seconds=10)


@pytest.fixture
def at() -> Ward:
    return ward()


def told_of(row: Appointment) -> list[str]:
    """By which notices that are still to go."""
    waiting = Notification.objects.filter(object_id=row.pk, status="waiting").exclude(event="appointment.reminder")
    return sorted(waiting.values_list("event", flat=True))


def test_each_is_proposed_the_same_time_with_the_substitute_where_she_is_free(at: Ward) -> None:
    free, taken = at.office.booked(at.office.patient()), at.office.booked(at.office.patient("Per Test"), clock=time(9))
    at.taken(time(9))
    at.office.booked(at.office.patient("Ola Test"), day=TOMORROW + timedelta(days=1))  # not while she is away

    rows = handing_over.affected(at.secretary, at.away(), NOW)

    assert [(row.id, row.ways[0]) for row in rows] == [(free.pk, Way.SUBSTITUTE), (taken.pk, Way.OFFER)]
    assert [row.why_not and row.why_not.code for row in rows] == [None, "time-taken"]
    alone = handing_over.affected(at.secretary, at.away(substitute=False), NOW)
    assert [row.ways[0] for row in alone] == [Way.OFFER, Way.OFFER]


def test_a_kind_that_only_the_office_books_is_left_until_somebody_has_talked_with_her(at: Ward) -> None:
    row = at.office.booked(at.office.patient())
    at.office.visit_type.is_bookable_by_citizens = False
    at.office.visit_type.save()
    [found] = handing_over.affected(at.secretary, at.away(substitute=False), NOW)
    assert (found.id, found.ways) == (row.pk, (Way.LEAVE, Way.CANCEL))


def test_all_is_done_in_one_run_and_each_patient_is_told_once(at: Ward) -> None:
    moved, offered, gone, left = (
        at.office.booked(at.office.patient(f"Kari Test{name}"), clock=time(8 + hour))
        for hour, name in enumerate("abcd")
    )
    Notification.objects.update(status="sent")  # they have been told of their times long ago
    ways = {offered.pk: Way.OFFER, gone.pk: Way.CANCEL, left.pk: Way.LEAVE}

    at.report(at.choices(ways=ways), text="Legen er syk. Vi ringer deg.")
    assert handing_over.go_on(LATER) == 3

    for row in (moved, offered, gone, left):
        row.refresh_from_db()
    assert (moved.status, moved.calendar_id, moved.starts_at) == (
        Status.BOOKED,
        at.calendar.pk,
        at_local(TOMORROW, time(8)),
    )
    assert (offered.status, offered.offers_new, offered.cancelled_by) == (Status.CANCELLED, True, "AAT")
    assert (gone.status, gone.offers_new, gone.cancel_note) == (
        Status.CANCELLED,
        False,
        "Legen er syk. Vi ringer deg.",
    )
    assert (left.status, left.calendar_id) == (Status.BOOKED, at.office.calendar.pk)
    assert [told_of(row) for row in (moved, offered, gone, left)] == [
        ["appointment.changed"],
        ["appointment.cancelled"],
        ["appointment.cancelled"],
        [],
    ]
    run = Handover.objects.get()
    assert (run.total, run.done, run.ended_at) == (3, 3, LATER)
    assert handing_over.go_on(LATER) == 0
    assert Event.objects.filter(action="appointment.cancelled", employee_id=at.secretary.employee_id).count() == 2


def test_what_she_is_told_is_true(at: Ward) -> None:
    row = at.office.booked(at.office.patient())
    Notification.objects.update(status="sent")
    at.report(at.choices(ways={row.pk: Way.OFFER}))
    handing_over.go_on(LATER)
    notice = Notification.objects.select_related("recipient").get(object_id=row.pk, event="appointment.cancelled")
    said = telling.decide(notice, LATER)
    assert isinstance(said, Notice)
    assert "er avlyst. Logg inn på Legedialog for å velge en ny blant dem som er ledige." in said.text


def test_what_came_in_between_comes_first_and_is_named(at: Ward) -> None:
    kari, per, ola = (at.office.patient(f"{name} Test") for name in ("Kari", "Per", "Ola"))
    cancelled, moved = at.office.booked(kari), at.office.booked(per, clock=time(9))
    taken = at.office.booked(ola, clock=time(10))
    chosen = at.choices()
    appointments.cancel(actor=citizen(kari), appointment_id=cancelled.pk, now=NOW)
    appointments.move(
        actor=citizen(per),
        appointment_id=moved.pk,
        calendar_id=at.office.calendar.pk,
        visit_type_id=at.office.visit_type.pk,
        channel="attendance",
        starts_at=at_local(TOMORROW + timedelta(days=1), time(9)),
        reason=None,
        now=NOW,
    )
    at.taken(time(10))

    at.report(chosen)
    handing_over.go_on(LATER)

    run = handing_over.latest(at.secretary, [at.office.doctor.pk])[at.office.doctor.pk]
    assert (run.total, run.done, run.went_well) == (3, 3, 0)
    assert [(row.patient_name, row.outcome) for row in handing_over.not_done(at.secretary, run.id)] == [
        ("Kari Test", Outcome.CHANGED),
        ("Per Test", Outcome.CHANGED),
        ("Ola Test", Outcome.NOT_FREE),
    ]
    taken.refresh_from_db()
    assert taken.status == Status.BOOKED
    assert [row.id for row in handing_over.affected(at.secretary, at.away(), LATER)] == [taken.pk], "it is still left"


def test_one_who_held_a_time_when_the_absence_came_and_books_it_is_seen_as_left(at: Ward) -> None:
    kari = at.office.patient()
    held = appointments.hold(
        actor=citizen(kari),
        patient_id=kari.pk,
        calendar_id=at.office.calendar.pk,
        visit_type_id=at.office.visit_type.pk,
        channel="attendance",
        starts_at=at_local(TOMORROW, time(8)),
        now=NOW,
    )
    at.report(at.choices())
    booked = appointments.book(actor=citizen(kari), hold_id=held.pk, reason="", now=LATER)
    assert [row.id for row in handing_over.affected(at.secretary, at.away(), LATER)] == [booked.pk]
    with pytest.raises(Refused, match="doctor-away"):
        appointments.hold(
            actor=citizen(kari),
            patient_id=kari.pk,
            calendar_id=at.office.calendar.pk,
            visit_type_id=at.office.visit_type.pk,
            channel="attendance",
            starts_at=at_local(TOMORROW, time(9)),
            now=LATER,
        )


def test_a_restart_goes_on_where_it_stopped(at: Ward, monkeypatch: pytest.MonkeyPatch) -> None:
    rows = [at.office.booked(at.office.patient(f"Kari Test{name}"), clock=time(8 + h)) for h, name in enumerate("abc")]
    at.report(at.choices())
    outcome = handing_over._outcome

    def falls(run: Handover, item: HandoverItem, now: object) -> Outcome:
        if item.place:
            raise KeyboardInterrupt  # the machine is turned off
        return outcome(run, item, LATER)

    monkeypatch.setattr(handing_over, "_outcome", falls)
    with pytest.raises(KeyboardInterrupt):
        handing_over.go_on(LATER)
    assert Handover.objects.get().done == 1
    monkeypatch.undo()
    handing_over.go_on(LATER)
    run = Handover.objects.get()
    assert (run.done, run.ended_at) == (3, LATER)
    assert {row.calendar_id for row in Appointment.objects.filter(pk__in=[each.pk for each in rows])} == {
        at.calendar.pk
    }


def test_a_fault_in_one_leaves_the_others(at: Ward, monkeypatch: pytest.MonkeyPatch) -> None:
    first, second = (
        at.office.booked(at.office.patient(f"Kari Test{name}"), clock=time(8 + hour)) for hour, name in enumerate("ab")
    )
    at.report(at.choices())
    move = appointments.move

    def falls(**given: object) -> Appointment:
        if given["appointment_id"] == first.pk:
            raise ValueError
        return move(**given)  # type: ignore[arg-type]

    monkeypatch.setattr(appointments, "move", falls)
    handing_over.go_on(LATER)
    assert list(HandoverItem.objects.order_by("place").values_list("outcome", flat=True)) == ["fault", "done"]
    second.refresh_from_db()
    assert second.calendar_id == at.calendar.pk


def test_the_rest_can_be_stopped_and_ends_when_she_is_back(at: Ward) -> None:
    row = at.office.booked(at.office.patient())
    at.report(at.choices())
    handing_over.stop(actor=at.secretary, handover_id=Handover.objects.get().pk, now=LATER)
    assert handing_over.go_on(LATER) == 0
    handing_over.begin(
        actor=at.secretary,
        practice_id=at.office.practice.pk,
        clinician_id=at.office.doctor.pk,
        first_date=TOMORROW,
        last_date=TOMORROW,
        substitute_id=at.substitute.pk,
        choices=at.choices(),
        text="",
        now=LATER,
    )
    absences.end(actor=at.secretary, absence_id=Absence.objects.get().pk, now=LATER)
    handing_over.go_on(LATER)
    row.refresh_from_db()
    assert row.calendar_id == at.office.calendar.pk
    assert set(HandoverItem.objects.values_list("outcome", flat=True)) == {"stopped"}


def test_two_at_once_are_refused(at: Ward) -> None:
    at.office.booked(at.office.patient())
    at.report(at.choices())
    with pytest.raises(Refused, match="handover-goes-on"):
        handing_over.start(actor=at.secretary, away=at.away(), choices=at.choices(), text="", now=LATER)


def test_who_may_give_a_doctors_times_away(at: Ward) -> None:
    at.office.booked(at.office.patient())
    chosen = at.choices()
    manager = at.office.staff(Role.MANAGER)
    with pytest.raises(Denied):
        handing_over.start(actor=manager, away=at.away(), choices=chosen, text="", now=NOW)
    assert [row.ways for row in handing_over.affected(manager, at.away(), NOW)] == [()], "she sees, and cannot"
    stranger = office("Et annet kontor", "Nina Berg").staff()
    with pytest.raises(NotFound):
        handing_over.start(actor=stranger, away=at.away(), choices=chosen, text="", now=NOW)
    assert handing_over.affected(stranger, at.away(), NOW) == []
    at.report(chosen)
    with pytest.raises(NotFound):
        handing_over.stop(actor=stranger, handover_id=Handover.objects.get().pk, now=NOW)
    assert handing_over.latest(stranger, [at.office.doctor.pk]) == {}


def test_a_message_that_was_given_to_her_is_given_on(at: Ward) -> None:
    ingrid = at.office.staff(Role.DOCTOR)
    contact = dialogues.sent(at.office.patient("Per Test"), kind=Kind.CONTACT)
    asked = dialogues.sent(at.office.patient("Kari Test"), kind=Kind.ECONSULTATION)
    Dialogue.objects.filter(pk=contact.pk).update(assigned_to=ingrid.employee_id)
    today = at.away(first=NOW.date())

    rows = {row.id: row.ways for row in handing_over.affected(ingrid, today, NOW)}
    assert rows == {contact.pk: (Way.SUBSTITUTE, Way.OFFICE, Way.LEAVE), asked.pk: ()}
    assert [row.id for row in handing_over.affected(at.secretary, today, NOW)] == [contact.pk]
    assert handing_over.following(at.secretary, today) == 1, "what she does not see follows too"
    later = {row.id: row.ways for row in handing_over.affected(at.secretary, at.away(), NOW)}
    assert later[contact.pk][0] == Way.LEAVE, "until then she answers herself"

    found = handing_over.affected(at.secretary, today, NOW)
    handing_over.start(actor=at.secretary, away=today, choices=handing_over.choices(found, {}), text="", now=NOW)
    handing_over.go_on(LATER)
    contact.refresh_from_db()
    assert contact.assigned_to_id == Employee.objects.get(clinician=at.substitute).pk


def test_the_times_of_one_who_has_left_go_the_same_way(at: Ward) -> None:
    row = at.office.booked(at.office.patient())
    leif = Employee.objects.get(clinician=at.substitute)
    ingrid = at.office.staff(Role.DOCTOR)
    assert ingrid.employee_id
    Employee.objects.filter(pk=ingrid.employee_id).update(ends_date=TOMORROW, successor=leif)

    [found] = handing_over.leavers(at.secretary, at.office.practice.pk, NOW)
    assert (found.left, found.away.substitute_id) == (1, at.substitute.pk)
    _name, away = handing_over.leaver(at.secretary, ingrid.employee_id)
    chosen = handing_over.choices(handing_over.affected(at.secretary, away, NOW), {})
    handing_over.start(actor=at.secretary, away=away, choices=chosen, text="", now=NOW)
    handing_over.go_on(LATER)
    row.refresh_from_db()
    assert row.calendar_id == at.calendar.pk
    assert handing_over.leavers(at.secretary, at.office.practice.pk, LATER) == []


def test_the_database_refuses_an_item_of_nothing(at: Ward) -> None:
    at.office.booked(at.office.patient())
    at.report(at.choices())
    with pytest.raises(IntegrityError, match="an_appointment_or_a_dialogue_is_handed_over"), transaction.atomic():
        HandoverItem.objects.update(appointment=None)


def test_it_is_forgotten_after_ninety_days(at: Ward) -> None:
    at.office.booked(at.office.patient())
    at.report(at.choices())
    handing_over.go_on(LATER)
    handing_over.tidy(timezone.now().replace(year=2200))
    assert not Handover.objects.exists()
