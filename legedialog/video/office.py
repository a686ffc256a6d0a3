"""Who waits, since when and with what equipment: what the office's list shows, and what a citizen sees of her own."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.utils.functional import Promise
from django.utils.translation import gettext as _

from legedialog.access.actor import Actor
from legedialog.access.queries import name_of
from legedialog.appointments.office import Visit
from legedialog.core.sql import Asked, Statement
from legedialog.video import record, rules, texts
from legedialog.video.models import DeviceTest, Guest, Room, Seat
from legedialog.video.rules import Fault, SeatRole, SeatState, Test

PATIENTS = (SeatRole.PATIENT, SeatRole.REPRESENTATIVE)


@dataclass(frozen=True, slots=True)
class TestPart:
    name: str | Promise
    word: str | Promise
    color: str
    advice: str | Promise = ""


@dataclass(frozen=True, slots=True)
class TestRow:
    """A device test in words. `summary` is one line for a list."""

    tested_at: datetime
    is_fine: bool
    summary: str
    parts: tuple[TestPart, ...]


@dataclass(frozen=True, slots=True)
class Waiting:
    """One who is at the door or in the room."""

    seat_id: UUID
    name: str
    role: str
    since: datetime
    state: str
    is_present: bool
    identity: str
    call_number: str
    has_agreed: bool  # to a guest: the patient


@dataclass(frozen=True, slots=True)
class Row:
    """A video appointment of today with its room, as far as there is one."""

    visit: Visit
    room_state: str  # "" when nobody has come
    outcome: str
    delayed_until: datetime | None
    patients: tuple[Waiting, ...]
    guests: tuple[Waiting, ...]
    test: TestRow | None

    @property
    def waits(self) -> Waiting | None:
        """The patient who is there and has not been called in."""
        return next((each for each in self.patients if each.state == SeatState.WAITING and each.is_present), None)

    @property
    def is_in(self) -> bool:
        return any(each.state == SeatState.ADMITTED for each in self.patients)

    @property
    def call_number(self) -> str:
        return next((each.call_number for each in self.patients if each.call_number), "")


def rows(actor: Actor, visits: Collection[Visit], now: datetime) -> list[Row]:
    """For today's visits on video, by start. Three queries however many; the caller has asked whose visits they are."""
    ids = [visit.id for visit in visits]
    rooms = {
        room.appointment_id: room for room in Room.objects.filter(appointment__in=ids, practice__in=actor.practices)
    }
    seats: dict[UUID, list[Seat]] = {}
    people = Seat.objects.select_related("person", "guest").exclude(role=SeatRole.DOCTOR)
    for seat in people.filter(room__in=rooms.values()).order_by("entered_at", "pk"):
        seats.setdefault(seat.room_id, []).append(seat)
    persons = {visit.patient_id for visit in visits} | {
        seat.person_id for each in seats.values() for seat in each if seat.person_id
    }
    tests = {test.person_id: test for test in DeviceTest.objects.filter(person__in=persons)}
    return [
        _row(visit, rooms.get(visit.id), seats, tests, now)
        for visit in sorted(visits, key=lambda each: (each.starts_at, each.id))
    ]


def _row(
    visit: Visit,
    room: Room | None,
    seats: Mapping[UUID, list[Seat]],
    tests: Mapping[UUID, DeviceTest],
    now: datetime,
) -> Row:
    here = seats.get(room.pk, []) if room else []
    who = next((seat.person_id for seat in here if seat.role in PATIENTS and seat.person_id), visit.patient_id)
    test = tests.get(who)
    return Row(
        visit=visit,
        room_state=room.state if room else "",
        outcome=room.outcome if room else "",
        delayed_until=room.delayed_until if room else None,
        patients=tuple(_waiting(seat, now) for seat in here if seat.role in PATIENTS),
        guests=tuple(_waiting(seat, now) for seat in here if seat.role == SeatRole.GUEST),
        test=test_row(test) if test else None,
    )


def _waiting(seat: Seat, now: datetime) -> Waiting:
    return Waiting(
        seat_id=seat.pk,
        name=record.name(seat),
        role=seat.role,
        since=seat.entered_at,
        state=seat.state,
        is_present=rules.is_present(seat.seen_at, now),
        identity=seat.identity,
        call_number=seat.call_number if seat.call_asked_at else "",
        has_agreed=seat.guest is not None and seat.guest.agreed_at is not None,
    )


@dataclass(frozen=True, slots=True)
class AtTheDoor:
    """For the notice on the office's pages."""

    appointment_id: UUID
    person_id: UUID
    given_name: bytes
    family_name: bytes
    since: datetime

    @property
    def name(self) -> str:
        return name_of(self.person_id, self.given_name, self.family_name)


DOOR = Statement(
    "who waits on video",
    """
    SELECT r.appointment_id, s.person_id, p.given_name, p.family_name, s.entered_at AS since
      FROM video_seat s JOIN video_room r ON r.id = s.room_id JOIN patients_person p ON p.id = s.person_id
     WHERE s.practice_id = ANY(%(practices)s) AND s.role = ANY(%(patients)s) AND s.state = 'waiting'
       AND s.seen_at > %(since)s AND r.state = 'open'
     ORDER BY s.entered_at, s.id
    """,
    AtTheDoor,
)


def at_the_door(actor: Actor, now: datetime) -> Asked[AtTheDoor]:
    """Patients who wait now, the longest first."""
    patients = [each.value for each in PATIENTS]
    since = now - rules.PRESENT_FOR
    return Asked(DOOR, {"practices": list(actor.practices), "patients": patients, "since": since})


def own_seat(actor: Actor, appointment_id: UUID) -> Seat | None:
    """The citizen's own in this visit."""
    if actor.person_id is None:
        return None
    rows = Seat.objects.select_related("room").filter(room__appointment__patient__in=actor.patients)
    return rows.filter(room__appointment=appointment_id, person=actor.person_id).first()


def guests_of(actor: Actor, appointment_id: UUID) -> list[Guest]:
    """Invited to a visit at her office, in order."""
    rows = Guest.objects.filter(room__appointment=appointment_id, practice__in=actor.practices)
    return list(rows.order_by("invited_at", "pk"))


def test_of(actor: Actor, now: datetime) -> TestRow | None:
    """Her own last one."""
    test = DeviceTest.objects.filter(person=actor.person_id, tested_at__gt=now - rules.TEST_KEPT).first()
    return test_row(test) if test else None


def test_row(test: DeviceTest) -> TestRow:
    parts = tuple(_part(test, part) for part in Test)
    failed = [str(part.name).lower() for part, name in zip(parts, Test, strict=True) if getattr(test, name) == "failed"]
    tried = any(getattr(test, part) != "skipped" for part in Test)
    if failed:
        summary = _("Testet: %(parts)s virker ikke") % {"parts": ", ".join(failed)}
    else:
        summary = _("Testet, alt virker") if tried else _("Testen ble ikke fullført")
    return TestRow(test.tested_at, not failed and tried, summary, parts)


def _part(test: DeviceTest, part: Test) -> TestPart:
    fault = getattr(test, f"{part.value}_fault")
    word, color = texts.RESULTS["skipped" if fault == Fault.NO_RELAY else getattr(test, part.value)]
    return TestPart(texts.PARTS[part.value], word, color, texts.FAULTS[fault] if fault else "")
