from collections.abc import Callable
from datetime import date, datetime, time, timedelta

import pytest
from django.db import connection

from legedialog.access.actor import ANONYMOUS, Actor, Role
from legedialog.appointments import free, queries, services
from legedialog.appointments.models import (
    Appointment,
    Channel,
    Claim,
    ClaimKind,
    Status,
)
from legedialog.appointments.office import moves
from legedialog.appointments.tests.factories import NOW, TOMORROW, Office, citizen, office
from legedialog.appointments.tests.reading import office_days
from legedialog.audit.models import Event
from legedialog.consent.models import Consent, Level
from legedialog.core.errors import Denied, NotFound, Refused
from legedialog.core.times import at_local
from legedialog.outbox.models import Notification
from legedialog.patients.models import Person
from legedialog.practices.models import Absence, Offer

pytestmark = pytest.mark.django_db

EIGHT = at_local(TOMORROW, time(8))


def hold(
    at: Office, who: Person, starts_at: datetime = EIGHT, *, now: datetime = NOW, actor: Actor | None = None
) -> Claim:
    return services.hold(
        actor=actor or citizen(who),
        patient_id=who.pk,
        calendar_id=at.calendar.pk,
        visit_type_id=at.visit_type.pk,
        channel=Channel.ATTENDANCE,
        starts_at=starts_at,
        now=now,
    )


def free_clocks(
    at: Office, day: date = TOMORROW, *, holder: Person | None = None, now: datetime = NOW
) -> list[datetime]:
    [found] = free.days(wanted(at, now, holder), day, day)
    return [each.starts_at for each in found.times]


def wanted(at: Office, now: datetime = NOW, who: Person | None = None) -> free.Wanted:
    return free.Wanted(at.practice.pk, [at.doctor.pk], at.visit_type, Channel.ATTENDANCE, now, who.pk if who else None)


def refused(code: str) -> pytest.RaisesExc[Refused]:
    return pytest.RaisesExc(Refused, check=lambda error: error.code == code)


def test_a_citizen_books_a_time_and_it_leaves_its_traces() -> None:
    at = office()
    kari = at.patient()
    appointment = services.book(actor=citizen(kari), hold_id=hold(at, kari).pk, reason="Vondt i kneet", now=NOW)
    appointment.refresh_from_db()
    assert (appointment.status, appointment.starts_at, appointment.reason) == (Status.BOOKED, EIGHT, "Vondt i kneet")
    assert EIGHT not in free_clocks(at)
    assert Event.objects.get(object_id=appointment.pk).action == "appointment.booked"
    assert Notification.objects.get(object_id=appointment.pk).event == "appointment.booked"


def test_a_far_appointment_is_also_reminded_of_two_days_ahead() -> None:
    at = office()
    appointment = at.booked(at.patient(), day=TOMORROW + timedelta(days=7))
    reminder = Notification.objects.get(object_id=appointment.pk, event="appointment.reminder")
    assert reminder.due_at == appointment.starts_at - timedelta(hours=48)


def test_the_same_hold_twice_gives_the_same_appointment() -> None:
    at = office()
    kari = at.patient()
    held = hold(at, kari)
    first = services.book(actor=citizen(kari), hold_id=held.pk, reason="", now=NOW)
    again = services.book(actor=citizen(kari), hold_id=held.pk, reason="", now=NOW)
    assert first.pk == again.pk
    assert Notification.objects.filter(object_id=first.pk, event="appointment.booked").count() == 1


def test_a_hold_belongs_to_its_holder_and_does_not_stand_in_her_own_way() -> None:
    at = office()
    kari, per = at.patient(), at.patient("Per Testvik")
    held = hold(at, kari)
    assert EIGHT not in free_clocks(at)
    assert EIGHT in free_clocks(at, holder=kari)
    with refused("time-taken"):
        hold(at, per)
    with pytest.raises(NotFound):
        services.book(actor=citizen(per), hold_id=held.pk, reason="", now=NOW)


@pytest.mark.parametrize("weeks_away", [0, 1, 3])
def test_the_next_week_with_a_free_time_is_found_however_far_it_is(weeks_away: int) -> None:
    at = office()
    sunday = TOMORROW + timedelta(days=6 - TOMORROW.weekday())
    if weeks_away:
        away = sunday + timedelta(days=7 * weeks_away)
        Absence.objects.create(clinician=at.doctor, practice=at.practice, first_date=TOMORROW, last_date=away)
    found = free.next_week(wanted(at), sunday)
    monday = sunday + timedelta(days=1 + 7 * weeks_away)
    assert [each.day for each in found] == [monday + timedelta(days=number) for number in range(7)]
    assert found[0].times


def test_no_week_is_found_beyond_the_horizon() -> None:
    at = office()
    assert not free.next_week(wanted(at), TOMORROW + timedelta(days=at.visit_type.horizon_days))


def test_a_new_hold_releases_the_earlier_one() -> None:
    at = office()
    kari = at.patient()
    hold(at, kari)
    later = EIGHT + timedelta(minutes=20)
    hold(at, kari, later)
    assert EIGHT in free_clocks(at)
    assert Claim.objects.filter(kind=ClaimKind.HOLD).count() == 1


def test_leaving_releases_the_hold() -> None:
    at = office()
    kari = at.patient()
    held = hold(at, kari)
    services.release(actor=citizen(kari), hold_id=held.pk)
    assert EIGHT in free_clocks(at)


def test_nobody_releases_the_hold_of_another() -> None:
    at = office()
    kari, per = at.patient(), at.patient("Per Testvik")
    held = hold(at, kari)
    services.release(actor=citizen(per), hold_id=held.pk)
    assert EIGHT not in free_clocks(at)


def test_an_ended_hold_is_refused_and_blocks_nobody() -> None:
    at = office()
    kari, per = at.patient(), at.patient("Per Testvik")
    held = hold(at, kari)
    later = NOW + timedelta(minutes=10)
    with refused("hold-ended"):
        services.book(actor=citizen(kari), hold_id=held.pk, reason="", now=later)
    assert EIGHT in free_clocks(at, now=later)
    hold(at, per, now=later)
    with refused("hold-ended"):
        services.book(actor=citizen(kari), hold_id=held.pk, reason="", now=later)


def test_a_time_outside_the_plan_cannot_be_held() -> None:
    at = office()
    with refused("not-planned"):
        hold(at, at.patient(), at_local(TOMORROW, time(8, 10)))


def test_too_soon_and_too_far_ahead_cannot_be_held() -> None:
    at = office()
    kari = at.patient()
    at.visit_type.horizon_days = 7
    at.visit_type.save()
    with refused("too-soon"):
        hold(at, kari, now=EIGHT - timedelta(minutes=119))
    with refused("not-released"):
        hold(at, kari, at_local(TOMORROW + timedelta(days=7), time(8)))
    hold(at, kari, now=EIGHT - timedelta(minutes=120))


def test_nothing_is_free_while_the_doctor_is_away() -> None:
    at = office()
    kari = at.patient()
    Absence.objects.create(practice=at.practice, clinician=at.doctor, first_date=TOMORROW, last_date=TOMORROW)
    assert free_clocks(at) == []
    with refused("doctor-away"):
        hold(at, kari)


@pytest.mark.parametrize("level", [Level.BASIS, None])
def test_without_full_access_nothing_is_held(level: Level | None) -> None:
    at = office()
    per = at.patient("Per Testvik", level=level)
    with refused("needs-full-access"):
        hold(at, per)


def test_access_withdrawn_between_hold_and_booking_stops_the_booking() -> None:
    at = office()
    kari = at.patient()
    held = hold(at, kari)
    Consent.objects.filter(person=kari).update(level=Level.BASIS)
    with refused("needs-full-access"):
        services.book(actor=citizen(kari), hold_id=held.pk, reason="", now=NOW)


def test_a_closed_service_and_a_doctor_without_video_are_refused() -> None:
    at = office()
    kari = at.patient()
    Offer.objects.filter(practice=at.practice, service="video").update(is_open=False)
    with refused("service-closed"):
        services.hold(
            actor=citizen(kari),
            patient_id=kari.pk,
            calendar_id=at.calendar.pk,
            visit_type_id=at.visit_type.pk,
            channel=Channel.VIDEO,
            starts_at=EIGHT,
            now=NOW,
        )
    Offer.objects.filter(practice=at.practice, service="book").update(is_open=False)
    with refused("service-closed"):
        hold(at, kari)


def test_a_citizen_has_a_limit_on_coming_ones_and_the_office_has_not() -> None:
    at = office(max_coming=1)
    kari = at.patient()
    at.booked(kari)
    with refused("too-many-coming"):
        hold(at, kari, EIGHT + timedelta(hours=1))
    book_for(at, kari, EIGHT + timedelta(hours=1))


def test_another_doctors_list_is_not_found() -> None:
    at, elsewhere = office(), office("Dalen legekontor", "Odd Lund")
    kari = at.patient()
    with pytest.raises(NotFound):
        hold(elsewhere, kari)


@pytest.mark.parametrize("stranger", ["anonymous", "another citizen", "staff elsewhere"])
def test_a_stranger_does_nothing_with_an_appointment(stranger: str) -> None:
    at, elsewhere = office(), office("Dalen legekontor", "Odd Lund")
    kari, per = at.patient(), at.patient("Per Testvik")
    appointment = at.booked(kari)
    actor = {
        "anonymous": ANONYMOUS,
        "another citizen": citizen(per),
        "staff elsewhere": elsewhere.staff(),
    }[stranger]
    use_cases: list[Callable[..., object]] = [
        services.cancel,
        services.arrive,
        services.complete,
        services.no_show,
        services.back_to_booked,
    ]
    for use_case in use_cases:
        with pytest.raises(NotFound):
            use_case(actor=actor, appointment_id=appointment.pk, now=NOW)
    with pytest.raises(NotFound):
        hold(at, kari, EIGHT + timedelta(hours=1), actor=actor)
    with pytest.raises(NotFound):
        queries.one(actor, appointment.pk, NOW)
    assert queries.coming(actor, kari.pk, NOW).rows == []
    assert office_days(actor, at.practice.pk, TOMORROW, TOMORROW, NOW).claims == []


def test_a_cancelled_time_is_free_again_and_the_patient_is_told() -> None:
    at = office()
    kari = at.patient()
    appointment = at.booked(kari, day=TOMORROW + timedelta(days=2))
    cancelled = services.cancel(actor=citizen(kari), appointment_id=appointment.pk, now=NOW)
    assert (cancelled.status, cancelled.cancelled_by, cancelled.is_late, cancelled.sequence) == (
        "cancelled",
        "AAI",
        False,
        1,
    )
    assert appointment.starts_at in free_clocks(at, TOMORROW + timedelta(days=2))
    assert Notification.objects.filter(object_id=appointment.pk, event="appointment.cancelled").exists()
    assert Event.objects.filter(object_id=appointment.pk, action="appointment.cancelled").exists()


def test_a_late_cancelling_is_marked_for_the_patient_but_not_for_the_office() -> None:
    at = office()
    kari, per = at.patient(), at.patient("Per Testvik")
    soon = EIGHT - timedelta(hours=2)
    mine, theirs = at.booked(kari), at.booked(per, clock=time(9))
    assert services.cancel(actor=citizen(kari), appointment_id=mine.pk, now=soon).is_late
    by_office = services.cancel(actor=at.staff(), appointment_id=theirs.pk, note="Legen er syk", now=soon)
    assert (by_office.is_late, by_office.cancelled_by, by_office.cancel_note) == (False, "AAT", "Legen er syk")


def test_what_is_cancelled_or_started_cannot_be_cancelled() -> None:
    at = office()
    kari = at.patient()
    appointment = at.booked(kari)
    with refused("cannot-change"):
        services.cancel(actor=citizen(kari), appointment_id=appointment.pk, now=EIGHT)
    services.cancel(actor=citizen(kari), appointment_id=appointment.pk, now=NOW)
    with refused("cannot-change"):
        services.cancel(actor=citizen(kari), appointment_id=appointment.pk, now=NOW)


@pytest.mark.parametrize(
    ("role", "allowed"),
    [(Role.SECRETARY, True), (Role.DOCTOR, True), (Role.SUBSTITUTE, True), (Role.MANAGER, False)],
)
def test_who_may_receive_patients(role: Role, allowed: bool) -> None:
    at = office()
    appointment = at.booked(at.patient())
    if allowed:
        assert services.arrive(actor=at.staff(role), appointment_id=appointment.pk, now=EIGHT).status == "arrived"
    else:
        with pytest.raises(Denied):
            services.arrive(actor=at.staff(role), appointment_id=appointment.pk, now=EIGHT)


def test_the_patient_arrives_and_the_visit_is_completed() -> None:
    at = office()
    appointment, mona = at.booked(at.patient()), at.staff()
    services.arrive(actor=mona, appointment_id=appointment.pk, now=EIGHT)
    assert services.complete(actor=mona, appointment_id=appointment.pk, now=EIGHT).status == Status.COMPLETED


def test_a_visit_is_completed_from_half_an_hour_before_it_begins() -> None:
    at = office()
    appointment, mona = at.booked(at.patient()), at.staff()
    services.arrive(actor=mona, appointment_id=appointment.pk, now=EIGHT - timedelta(hours=2))
    early = EIGHT - timedelta(minutes=31)
    with refused("visit-not-begun"):
        services.complete(actor=mona, appointment_id=appointment.pk, now=early)
    assert Status.COMPLETED not in moves("arrived", EIGHT, early)
    soon = EIGHT - timedelta(minutes=30)
    assert Status.COMPLETED in moves("arrived", EIGHT, soon)
    assert services.complete(actor=mona, appointment_id=appointment.pk, now=soon).status == Status.COMPLETED


def test_arrival_waits_for_the_day_and_no_show_for_the_hour() -> None:
    at = office()
    appointment, mona = at.booked(at.patient()), at.staff()
    with refused("too-early"):
        services.arrive(actor=mona, appointment_id=appointment.pk, now=NOW)
    with refused("too-early"):
        services.no_show(actor=mona, appointment_id=appointment.pk, now=EIGHT - timedelta(minutes=1))
    assert services.no_show(actor=mona, appointment_id=appointment.pk, now=EIGHT).status == Status.NO_SHOW
    assert services.back_to_booked(actor=mona, appointment_id=appointment.pk, now=EIGHT).status == Status.BOOKED


def book_for(at: Office, who: Person, starts_at: datetime = EIGHT, *, overbook_reason: str = "") -> Appointment:
    return services.book_for_patient(
        actor=at.staff(),
        patient_id=who.pk,
        calendar_id=at.calendar.pk,
        visit_type_id=at.visit_type.pk,
        channel=Channel.ATTENDANCE,
        starts_at=starts_at,
        reason="",
        now=NOW,
        overbook_reason=overbook_reason,
    )


def test_the_office_books_over_another_only_with_a_reason() -> None:
    at = office()
    kari, per = at.patient(), at.patient("Per Testvik")
    at.booked(kari)
    with refused("time-taken"):
        book_for(at, per)
    extra = book_for(at, per, overbook_reason="Øyeblikkelig hjelp")
    assert extra.claim.is_overbooked
    assert Event.objects.get(object_id=extra.pk).facts == {"overbooked": True}


def test_blocked_time_is_not_free_until_it_is_unblocked() -> None:
    at = office()
    mona = at.staff()
    block = services.block_time(
        actor=mona,
        calendar_id=at.calendar.pk,
        starts_at=EIGHT,
        ends_at=EIGHT + timedelta(hours=1),
        note="Møte",
        now=NOW,
    )
    assert free_clocks(at)[0] == EIGHT + timedelta(hours=1)
    assert Claim.objects.get(pk=block.pk).note == "Møte"
    with connection.cursor() as cursor:
        cursor.execute("SELECT note FROM appointments_claim WHERE id = %s", [block.pk])
        assert "Møte".encode() not in bytes(cursor.fetchone()[0])
    services.unblock(actor=mona, claim_id=block.pk, now=NOW)
    assert free_clocks(at)[0] == EIGHT


def test_time_with_patients_in_it_cannot_be_blocked() -> None:
    at = office()
    at.booked(at.patient())
    with refused("time-taken"):
        services.block_time(
            actor=at.staff(),
            calendar_id=at.calendar.pk,
            starts_at=EIGHT,
            ends_at=EIGHT + timedelta(hours=1),
            note="",
            now=NOW,
        )


def test_the_office_books_only_for_its_own_patients() -> None:
    at, elsewhere = office(), office("Dalen legekontor", "Odd Lund")
    with pytest.raises(NotFound):
        book_for(at, elsewhere.patient())
