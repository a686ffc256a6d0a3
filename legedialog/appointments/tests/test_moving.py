"""Flytt time: old and new in one transaction, on both sides."""

from datetime import date, datetime, time, timedelta
from typing import Any

import pytest

from legedialog.access.actor import Actor, Role
from legedialog.appointments import free, notices, services
from legedialog.appointments.models import Appointment, Channel, Claim, ClaimKind, Status, VisitType
from legedialog.appointments.rules import seen_of_appointment
from legedialog.appointments.tests.factories import NOW, TOMORROW, Office, citizen, office, person
from legedialog.appointments.tests.test_race import in_parallel
from legedialog.audit.models import Event
from legedialog.core import seen
from legedialog.core.errors import Denied, NotFound, Refused
from legedialog.core.times import at_local
from legedialog.journal.models import Entry
from legedialog.outbox.models import Notification
from legedialog.outbox.rules import Skip
from legedialog.outbox.rules import Status as Sent
from legedialog.patients.models import Person

pytestmark = pytest.mark.django_db
EIGHT, NINE, TEN = (at_local(TOMORROW, time(hour)) for hour in (8, 9, 10))
NEXT_WEEK = TOMORROW + timedelta(days=7)


def refused(code: str) -> pytest.RaisesExc[Refused]:
    return pytest.RaisesExc(Refused, check=lambda error: error.code == code)


def move(at: Office, actor: Actor, appointment: Appointment, starts_at: datetime = NINE, **other: Any) -> Appointment:
    given: dict[str, Any] = {
        "calendar_id": at.calendar.pk,
        "visit_type_id": at.visit_type.pk,
        "channel": Channel.ATTENDANCE,
        "starts_at": starts_at,
        "reason": "Hoste",
        "now": NOW,
    } | other
    return services.move(actor=actor, appointment_id=appointment.pk, **given)


def free_clocks(at: Office, day: date = TOMORROW) -> list[datetime]:
    wanted = free.Wanted(at.practice.pk, [at.doctor.pk], at.visit_type, Channel.ATTENDANCE, NOW)
    return [each.starts_at for each in free.days(wanted, day, day)[0].times]


@pytest.fixture
def at() -> Office:
    return office()


@pytest.fixture
def kari(at: Office) -> Person:
    return at.patient()


@pytest.fixture
def later(at: Office, kari: Person) -> Appointment:
    """Next week at eight: far from the cut-off."""
    return at.booked(kari, day=NEXT_WEEK)


def told(appointment: Appointment, event: str) -> Notification:
    return Notification.objects.filter(event=event, object_id=appointment.pk).latest("sequence")


def words(appointment: Appointment, event: str, now: datetime = NOW) -> str:
    row = notices.APPOINTMENT.rows([appointment.pk])[appointment.pk]
    said = getattr(notices, event.split(".")[1])(row, told(appointment, event), now)
    return said.reason.value if isinstance(said, Skip) else str(said.text)


def all_is_sent() -> None:
    Notification.objects.update(status=Sent.SENT)


def test_she_moves_her_time_and_the_old_one_is_free_in_the_same_instant(
    at: Office, kari: Person, later: Appointment
) -> None:
    all_is_sent()
    moved = move(at, citizen(kari), later, NINE)
    moved.refresh_from_db()
    assert (moved.pk, moved.starts_at, moved.ends_at) == (later.pk, NINE, NINE + timedelta(minutes=20))
    assert (moved.status, moved.reason, moved.sequence) == (Status.BOOKED, "Hoste", 1)
    assert NINE not in free_clocks(at)
    assert later.starts_at in free_clocks(at, NEXT_WEEK)
    assert Event.objects.filter(object_id=later.pk, action="appointment.moved").count() == 1
    assert [each.title.split(" 1. ")[0] for each in Entry.objects.all()].count("Time flyttet fra tirsdag") == 1
    text = words(moved, "appointment.moved")
    assert "er flyttet fra tirsdag 1. desember kl. 08.00 til" in text
    assert Notification.objects.filter(object_id=later.pk, event="appointment.cancelled").count() == 0


def test_kind_way_and_reason_come_along_and_can_be_changed(at: Office, kari: Person, later: Appointment) -> None:
    long = VisitType.objects.create(
        practice=at.practice, name="Lang time", minutes=40, channels=["attendance", "phone"], buffer_minutes=10
    )
    for block in at.block_by_weekday.values():
        block.visit_types.add(long)
    moved = move(
        at, citizen(kari), later, later.starts_at, visit_type_id=long.pk, channel=Channel.PHONE, reason="Kneet"
    )
    assert (moved.visit_type_id, moved.channel, moved.reason) == (long.pk, "phone", "Kneet")
    assert moved.ends_at == later.starts_at + timedelta(minutes=40)
    assert moved.claim.period.upper == later.starts_at + timedelta(minutes=50)
    assert Claim.objects.filter(is_active=True).count() == 1


def test_a_time_that_overlaps_the_old_one_is_hers_to_take(at: Office, kari: Person, later: Appointment) -> None:
    block = at.block_by_weekday[NEXT_WEEK.weekday()]
    block.step_minutes = 10
    block.save()
    ten_later = later.starts_at + timedelta(minutes=10)
    kept = services.hold_to_move(
        actor=citizen(kari),
        appointment_id=later.pk,
        calendar_id=at.calendar.pk,
        visit_type_id=at.visit_type.pk,
        channel=Channel.ATTENDANCE,
        starts_at=ten_later,
        now=NOW,
    )
    assert kept is None
    assert move(at, citizen(kari), later, ten_later).starts_at == ten_later


def test_what_she_holds_becomes_the_new_time(at: Office, kari: Person, later: Appointment) -> None:
    kept = services.hold_to_move(
        actor=citizen(kari),
        appointment_id=later.pk,
        calendar_id=at.calendar.pk,
        visit_type_id=at.visit_type.pk,
        channel=Channel.ATTENDANCE,
        starts_at=NINE,
        now=NOW,
    )
    assert kept
    with refused("time-taken"):
        at.booked(at.patient("Per Testvik"), clock=time(9))
    moved = move(at, citizen(kari), later, NINE)
    assert moved.claim_id == kept.pk
    assert not Claim.objects.filter(kind=ClaimKind.HOLD).exists()


def test_a_time_that_another_has_leaves_the_old_one_as_it_was(at: Office, kari: Person, later: Appointment) -> None:
    at.booked(at.patient("Per Testvik"), clock=time(9))
    with refused("time-taken"):
        move(at, citizen(kari), later, NINE)
    later.refresh_from_db()
    assert (later.starts_at.date(), later.sequence, later.claim.is_active) == (NEXT_WEEK, 0, True)


def test_the_limit_of_own_times_does_not_count_the_one_that_is_moved(at: Office, kari: Person) -> None:
    at.visit_type.max_coming = 1
    at.visit_type.save()
    booked = at.booked(kari, day=NEXT_WEEK)
    assert move(at, citizen(kari), booked, NINE).starts_at == NINE


@pytest.mark.parametrize(
    ("minutes", "code"), [(29, ""), (31, "too-late-to-move")], ids=["just regretted", "after the deadline"]
)
def test_after_the_deadline_she_calls_unless_she_has_only_just_booked(
    minutes: int, code: str, at: Office, kari: Person
) -> None:
    near = at.booked(kari, clock=time(8))  # tomorrow, so the deadline of 24 hours has passed at 10.00 today
    later = NOW + timedelta(minutes=minutes)
    if code:
        with refused(code):
            move(at, citizen(kari), near, TEN, now=later)
        assert services.cancel(actor=citizen(kari), appointment_id=near.pk, now=later).is_late
    else:
        assert move(at, citizen(kari), near, TEN, now=later).starts_at == TEN
        assert not services.cancel(actor=citizen(kari), appointment_id=near.pk, now=later).is_late


def test_what_has_begun_is_cancelled_or_held_cannot_be_moved(at: Office, kari: Person, later: Appointment) -> None:
    with refused("cannot-change"):
        move(at, citizen(kari), later, now=later.starts_at)
    services.cancel(actor=citizen(kari), appointment_id=later.pk, now=NOW)
    with refused("cannot-change"):
        move(at, at.staff(), later)


def test_a_stranger_finds_nothing_and_the_manager_may_not(at: Office, kari: Person, later: Appointment) -> None:
    elsewhere = office("Bakkebyen legesenter", "Odd Lund")
    for stranger in (citizen(person("Per Testvik")), elsewhere.staff()):
        with pytest.raises(NotFound):
            move(at, stranger, later)
    with pytest.raises(NotFound):
        move(at, at.staff(), later, calendar_id=elsewhere.calendar.pk)
    with pytest.raises(Denied):
        move(at, at.staff(Role.MANAGER), later)


def test_what_was_changed_since_the_page_was_drawn_is_not_moved(at: Office, kari: Person, later: Appointment) -> None:
    mark = seen.mark(*seen_of_appointment(Appointment.objects.get(pk=later.pk)))
    move(at, at.staff(), later, TEN, mark=mark)
    with refused("changed-since-seen"):
        move(at, citizen(kari), later, NINE, mark=mark)


def test_the_office_changes_way_length_and_reason_where_it_stands(at: Office, kari: Person, later: Appointment) -> None:
    all_is_sent()
    mona = at.staff()
    moved = move(at, mona, later, later.starts_at, channel=Channel.VIDEO, minutes=40, reason="Kontroll")
    assert (moved.channel, moved.minutes, moved.reason, moved.sequence) == ("video", 40, "Kontroll", 1)
    assert "er endret" in words(moved, "appointment.changed")
    at.booked(at.patient("Per Testvik"), day=NEXT_WEEK, clock=time(9))
    with refused("time-taken"):
        move(at, mona, later, later.starts_at, channel=Channel.VIDEO, minutes=80)
    before = Notification.objects.count()
    assert move(at, mona, later, later.starts_at, channel=Channel.VIDEO, minutes=40, reason="Nye ord").sequence == 2
    assert move(at, mona, later, later.starts_at, channel=Channel.VIDEO, minutes=40, reason="Nye ord").sequence == 2
    assert Notification.objects.count() == before  # of words alone she is not told


def test_the_office_overbooks_a_move_knowingly(at: Office, kari: Person, later: Appointment) -> None:
    at.booked(at.patient("Per Testvik"), clock=time(9))
    with refused("time-taken"):
        move(at, at.staff(), later, NINE)
    moved = move(at, at.staff(), later, NINE, overbook_reason="Haster")
    assert moved.claim.is_overbooked


def test_moved_twice_she_is_told_once_from_where_she_knows_it(at: Office, kari: Person, later: Appointment) -> None:
    all_is_sent()
    mona = at.staff()
    move(at, mona, later, NINE)
    assert told(later, "appointment.moved").due_at == NOW + timedelta(minutes=2)
    moved = move(at, mona, later, TEN)
    assert "fra tirsdag 1. desember kl. 08.00 til" in words(moved, "appointment.moved")
    row = notices.APPOINTMENT.rows([moved.pk])[moved.pk]
    first = Notification.objects.get(object_id=moved.pk, event="appointment.moved", sequence=1)
    assert isinstance(notices.moved(row, first, NOW), Skip)
    back = move(at, mona, later, later.starts_at)
    assert words(back, "appointment.moved") == "changed"  # it stands where it stood: nobody is told


def test_a_booking_that_is_not_told_of_yet_is_told_of_once_with_its_new_time(
    at: Office, kari: Person, later: Appointment
) -> None:
    moved = move(at, citizen(kari), later, TEN)
    assert not Notification.objects.filter(event="appointment.moved").exists()
    assert "kl. 10.00" in words(moved, "appointment.booked")


def test_the_reminder_follows_to_the_new_time(at: Office, kari: Person, later: Appointment) -> None:
    moved = move(at, citizen(kari), later, later.starts_at - timedelta(days=1))
    reminder = told(moved, "appointment.reminder")
    assert reminder.due_at == moved.starts_at - timedelta(hours=48)
    row = notices.APPOINTMENT.rows([moved.pk])[moved.pk]
    old = Notification.objects.get(object_id=moved.pk, event="appointment.reminder", sequence=0)
    assert isinstance(notices.reminder(row, old, old.due_at), Skip)
    assert not isinstance(notices.reminder(row, reminder, reminder.due_at), Skip)


@pytest.mark.parametrize("day", [date(2028, 3, 27), date(2026, 10, 26)], ids=["after spring", "after autumn"])
def test_across_the_change_of_the_clock_the_wall_and_the_notice_say_the_same(day: date, at: Office) -> None:
    at.visit_type.horizon_days = 365
    at.visit_type.save()
    before = at_local(day - timedelta(days=8), time(12))
    patient = at.patient("Arne Testmo")
    booked = at.booked(patient, day=day - timedelta(days=5), clock=time(9), now=before)
    all_is_sent()
    moved = move(at, citizen(patient), booked, at_local(day, time(9)), now=before)
    assert "kl. 09.00 til" in words(moved, "appointment.moved", before)
    assert words(moved, "appointment.moved", before).count("kl. 09.00") == 2


@pytest.mark.django_db(transaction=True)
def test_of_two_who_move_into_one_time_one_gets_it_and_the_other_keeps_hers() -> None:
    at = office()
    patients = [at.patient(f"Nummer Test{number}") for number in range(6)]
    booked = [
        at.booked(who, day=NEXT_WEEK, clock=time(8 + number // 3, number % 3 * 20))
        for number, who in enumerate(patients)
    ]
    tasks = [
        lambda who=who, row=row: move(at, citizen(who), row, TEN) for who, row in zip(patients, booked, strict=True)
    ]
    assert sorted(in_parallel(tasks, threads=6)) == ["ok", *["time-taken"] * 5]
    assert Appointment.objects.filter(starts_at=TEN).count() == 1
    assert Claim.objects.filter(is_active=True).count() == 6
    for row in Appointment.objects.select_related("claim"):
        assert row.claim.is_active
        assert row.claim.period.lower == row.starts_at


@pytest.mark.django_db(transaction=True)
def test_two_who_change_places_at_once_never_stop_each_other() -> None:
    at = office()
    kari, per = at.patient(), at.patient("Per Testvik")
    first, second = at.booked(kari, day=NEXT_WEEK, clock=time(8)), at.booked(per, day=NEXT_WEEK, clock=time(9))
    tasks = [
        lambda: move(at, citizen(kari), first, second.starts_at),
        lambda: move(at, citizen(per), second, first.starts_at),
    ]
    assert set(in_parallel(tasks, threads=2)) <= {"ok", "time-taken"}
    starts = sorted(Appointment.objects.values_list("starts_at", flat=True))
    assert len(set(starts)) == 2
