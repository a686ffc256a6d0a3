"""What those in the room do: come, connect, ask to be phoned, leave. What the doctor does there is in conduct.py."""

import re
from collections.abc import Mapping
from datetime import datetime, timedelta
from secrets import token_bytes
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import Q

from legedialog.access.actor import Actor
from legedialog.appointments import rules as appointments
from legedialog.appointments.models import Appointment, Channel, Status
from legedialog.core import events, fence, writing
from legedialog.core.errors import NotFound, Refused, TooMany
from legedialog.core.times import local_day
from legedialog.video import line, policy, queries, rules
from legedialog.video.models import DeviceTest, Feedback, Guest, Room, Seat, Signal, SignalKind
from legedialog.video.policy import Visitor
from legedialog.video.rules import Result, RoomState, SeatRole, SeatState, Test

PHONE = re.compile(r"\+?[0-9]{8,15}")


def at_the_door(*, actor: Actor, appointment: Appointment, now: datetime) -> Seat | None:
    """Her seat when she has gone in, None when she may: opening a page alone seats nobody. Of an appointment as
    policy.find_appointment gave it. Raises as `enter`."""
    role = _may_enter(actor, appointment, now)
    room = Room.objects.filter(appointment=appointment).first()
    if room is None:
        return None
    if room.state == RoomState.ENDED:
        raise Refused(rules.ENDED)
    return Seat.objects.filter(_own_seat(actor, role), room=room).exclude(state=SeatState.LEFT).first()


@transaction.atomic
def enter(*, actor: Actor, appointment_id: UUID, now: datetime) -> Seat:
    """She goes in. The patient waits to be called in; the doctor is in. One who comes back keeps what she had.

    Raises NotFound or Denied; Refused "too-early", "too-late", "not-going-to-happen" or "ended".
    """
    appointment = policy.find_appointment(actor, appointment_id)
    role = _may_enter(actor, appointment, now)
    room = room_of(appointment, now)
    if room.state == RoomState.ENDED:
        raise Refused(rules.ENDED)
    seat, is_new = _seat(actor, room, role, now)
    if is_new:
        line.trace(actor, "video.entered", room, now, role=role.value)
    return _arrive(room, seat, now)


def _may_enter(actor: Actor, appointment: Appointment, now: datetime) -> SeatRole:
    role = policy.check_enter(actor, appointment)
    check_open(appointment, now, for_doctor=role == SeatRole.DOCTOR)
    return role


def _own_seat(actor: Actor, role: SeatRole) -> Q:
    return Q(employee=actor.employee_id) if role == SeatRole.DOCTOR else Q(person=actor.person_id)


def _seat(actor: Actor, room: Room, role: SeatRole, now: datetime) -> tuple[Seat, bool]:
    """Hers in this room, whose row is locked; True when it is new."""
    is_doctor = role == SeatRole.DOCTOR
    if seat := Seat.objects.filter(_own_seat(actor, role), room=room).first():
        return seat, False
    seat = Seat.objects.create(
        practice_id=room.practice_id,
        room=room,
        role=role,
        person_id=None if is_doctor else actor.person_id,
        employee_id=actor.employee_id if is_doctor else None,
        state=SeatState.ADMITTED if is_doctor else SeatState.WAITING,
        entered_at=now,
        admitted_at=now if is_doctor else None,
        call_number="",
    )
    return seat, True


def guest_at_the_door(*, cookie: str, now: datetime) -> Seat | None:
    """Her seat when she has gone in, None when she may. Raises as `enter_as_guest`."""
    guest = policy.find_guest_by_cookie(cookie, now)
    check_open(guest.room.appointment, now, for_doctor=False)
    if guest.room.state == RoomState.ENDED:
        raise Refused(rules.ENDED)
    return Seat.objects.filter(guest=guest).exclude(state=SeatState.LEFT).first()


@transaction.atomic
def enter_as_guest(*, cookie: str, now: datetime) -> Seat:
    """A guest goes in after the link was used. She waits, and the doctor calls her in by name."""
    guest = policy.find_guest_by_cookie(cookie, now)
    check_open(guest.room.appointment, now, for_doctor=False)
    room = line.lock(guest.room_id)
    if room.state == RoomState.ENDED:
        raise Refused(rules.ENDED)
    seat, _ = Seat.objects.get_or_create(
        guest=guest,
        defaults={
            "practice_id": room.practice_id,
            "room": room,
            "role": SeatRole.GUEST,
            "entered_at": now,
            "call_number": "",
        },
    )
    return _arrive(room, seat, now)


def check_open(appointment: Appointment, now: datetime, *, for_doctor: bool) -> None:
    """Raises Refused. The doctor's own door is open all day, as she may be early or late."""
    if appointment.status not in (Status.BOOKED, Status.ARRIVED):
        raise Refused(rules.ENDED if appointment.status == Status.COMPLETED else rules.NOT_GOING_TO_HAPPEN)
    if for_doctor:
        if local_day(now) < local_day(appointment.starts_at):
            raise Refused(rules.TOO_EARLY)
        if local_day(now) > local_day(appointment.ends_at + appointments.JOIN_AFTER):
            raise Refused(rules.TOO_LATE)
    elif now < appointments.joins_at(appointment.starts_at):
        raise Refused(rules.TOO_EARLY)
    elif now >= appointment.ends_at + appointments.JOIN_AFTER:
        raise Refused(rules.TOO_LATE)


def room_of(appointment: Appointment, now: datetime) -> Room:
    """The appointment's room, locked; made when it is not there. Two who come at once get the same."""
    fresh = Room(practice_id=appointment.practice_id, appointment=appointment, opened_at=now, message="")
    Room.objects.bulk_create([fresh], ignore_conflicts=True)
    room_id = Room.objects.values_list("pk", flat=True).get(appointment=appointment)
    return line.lock(room_id)


@transaction.atomic
def arrive(*, visitor: Visitor, seat_id: UUID, now: datetime) -> tuple[int, int]:
    """Her page is loaded: its number, which replaces her older pages, and the last that was told before it.

    Raises NotFound, or Refused "not-admitted" for who has left or was sent out, "ended".
    """
    seat, room = _own(visitor, seat_id, None, now)
    if seat.state == SeatState.LEFT:
        raise Refused(rules.NOT_ADMITTED)
    if room.state == RoomState.ENDED:
        raise Refused(rules.ENDED)
    return _arrive(room, seat, now).tab, queries.newest(room.pk)


def _arrive(room: Room, seat: Seat, now: datetime) -> Seat:
    """A new page of hers: it gets a number, and the older ones are told that they are replaced."""
    if seat.state == SeatState.LEFT:
        seat.state = SeatState.ADMITTED if seat.role == SeatRole.DOCTOR else SeatState.WAITING
    seat.tab += 1
    seat.seen_at = now
    seat.save(update_fields=["state", "tab", "seen_at"])
    line.changed(room, now, office=True)
    return seat


@transaction.atomic
def signal(*, visitor: Visitor, seat_id: UUID, tab: int, to: UUID | None, data: object, now: datetime) -> None:
    """From one browser to another in the same room, both called in. What it says is theirs.

    Raises NotFound, TooMany, Refused "not-admitted" or "replaced".
    """
    seat, room = _own(visitor, seat_id, tab, now)
    other = policy.seats_in(room).filter(pk=to).exclude(pk=seat.pk).first() if to else None
    is_open = room.state in (RoomState.RUNNING, RoomState.OPEN, RoomState.PHONE)
    both_in = seat.state == SeatState.ADMITTED and other is not None and other.state == SeatState.ADMITTED
    if not (is_open and both_in):
        raise Refused(rules.NOT_ADMITTED)
    recent = Signal.objects.filter(sender=seat, sent_at__gt=now - rules.BURST).count()
    if recent >= rules.MOST_SIGNALS:
        raise TooMany(seconds=int(rules.BURST.total_seconds()))
    line.tell(room, SignalKind.SIGNAL, to=other, sender=seat, data={"tab": seat.tab, "data": data}, now=now)


@transaction.atomic
def report(
    *, visitor: Visitor, seat_id: UUID, tab: int, quality: str, media: Mapping[str, bool], now: datetime
) -> None:
    """How the connection is, and what she sends: the others and the record are told."""
    seat, room = _own(visitor, seat_id, tab, now)
    before = (seat.quality, seat.has_audio, seat.has_video, seat.shares_screen)
    if quality in rules.Quality.values:
        seat.quality = quality
        seat.worst_quality = rules.worst(seat.worst_quality, quality)
    seat.has_audio = media.get("audio", seat.has_audio)
    seat.has_video = media.get("video", seat.has_video)
    seat.shares_screen = media.get("screen", seat.shares_screen)
    seat.seen_at = now
    seat.save(update_fields=["quality", "worst_quality", "has_audio", "has_video", "shares_screen", "seen_at"])
    if before != (seat.quality, seat.has_audio, seat.has_video, seat.shares_screen):
        line.changed(room, now)


@transaction.atomic
def here(*, visitor: Visitor, seat_id: UUID, tab: int, now: datetime) -> None:
    """A sign of life. The others are told only when she had been away."""
    seat = policy.find_seat(visitor, seat_id, now)
    if tab < seat.tab:
        raise Refused(rules.REPLACED)
    was_away = not rules.is_present(seat.seen_at, now)
    Seat.objects.filter(pk=seat.pk, tab=tab).update(seen_at=now)
    if was_away:
        line.changed(line.lock(seat.room_id), now, office=True)


@transaction.atomic
def gone(*, seat_id: UUID, tab: int, now: datetime) -> None:
    """Her page closed or lost the network. She keeps her place; only the newest page counts."""
    seat = Seat.objects.filter(pk=seat_id, tab=tab, seen_at__isnull=False).first()
    if seat is not None:
        Seat.objects.filter(pk=seat_id, tab=tab).update(seen_at=None)
        line.changed(line.lock(seat.room_id), now, office=True)


@transaction.atomic
def leave(*, visitor: Visitor, seat_id: UUID, tab: int, now: datetime) -> None:
    """She says goodbye. She may come back, and waits then; the appointment stays as it is."""
    seat, room = _own(visitor, seat_id, tab, now)
    if seat.state == SeatState.LEFT or room.state == RoomState.ENDED:
        return
    rules.check_seat_move(seat.state, SeatState.LEFT)
    seat.state = SeatState.LEFT
    seat.seen_at = None
    seat.shares_screen = False
    seat.save(update_fields=["state", "seen_at", "shares_screen"])
    line.tell(room, SignalKind.LEFT, sender=seat, now=now)
    line.changed(room, now, office=True)


@transaction.atomic
def ask_to_be_called(*, visitor: Visitor, seat_id: UUID, tab: int, number: str, now: datetime) -> str:
    """The doctor gets her telephone number: the registered one unless she gives another. Returns the number.

    Raises Refused "no-phone" when there is none, or when what she gave is no number.
    """
    seat, room = _own(visitor, seat_id, tab, now)
    if seat.person_id is None:
        raise NotFound
    number = re.sub(r"[\s()-]", "", number) or (seat.person.phone if seat.person else "")
    if not PHONE.fullmatch(number):
        raise Refused(rules.NO_PHONE)
    if seat.call_number != number or seat.call_asked_at is None:
        seat.call_number = number
        seat.call_asked_at = now
        seat.save(update_fields=["call_number", "call_asked_at"])
        line.trace(visitor.actor, "video.call-asked", room, now)
        line.changed(room, now, office=True)
    return number


def _own(visitor: Visitor, seat_id: UUID, tab: int | None, now: datetime) -> tuple[Seat, Room]:
    """Her seat, and its room locked. An older tab of hers may do nothing more; None is a page that has none yet."""
    room = line.lock(policy.find_seat(visitor, seat_id, now).room_id)
    seat = policy.find_seat(visitor, seat_id, now)  # as it is now that nobody else changes it
    if tab is not None and tab < seat.tab:
        raise Refused(rules.REPLACED)
    if seat.state == SeatState.REMOVED:
        raise Refused(rules.NOT_ADMITTED)
    return seat, room


@transaction.atomic
def save_test(*, actor: Actor, results: Mapping[Test, tuple[Result, str]], now: datetime) -> DeviceTest:
    """The person's last test of her own device; `results` give each part its result and fault ("" for none)."""
    if actor.person_id is None:
        raise NotFound
    columns: dict[str, Any] = {"tested_at": now}
    for part in Test:
        result, fault = results.get(part, (Result.SKIPPED, ""))
        has_fault = result == Result.FAILED or (result == Result.OK and fault in rules.STILL_WORKS)
        columns |= {part.value: result.value, f"{part.value}_fault": fault if has_fault else ""}
    test, _ = DeviceTest.objects.update_or_create(person_id=actor.person_id, defaults=columns)
    offices = Appointment.objects.filter(
        patient__in=actor.patients, channel=Channel.VIDEO, status=Status.BOOKED, ends_at__gt=now
    )
    events.publish(*{f"video:{each}" for each in offices.values_list("practice_id", flat=True)})
    return test


def forget_test(*, actor: Actor, person_id: UUID) -> None:
    """She turned the services off: how her device worked is nobody's any more."""
    writing.remove(DeviceTest.objects.filter(person=person_id, person__in=actor.patients))


@transaction.atomic
def answer(*, actor: Actor, appointment_id: UUID, picture_and_sound: int, was_enough: bool, now: datetime) -> None:
    """The two questions, once for each person. What is kept tells the office's month, not who answered."""
    room = policy.find_room(actor, appointment_id, lock=True)
    seat = Seat.objects.filter(room=room, person=actor.person_id, admitted_at__isnull=False).first()
    if seat is None or actor.person_id is None:
        raise NotFound
    if not seat.has_answered:
        seat.has_answered = True
        seat.save(update_fields=["has_answered"])
        with fence.system("the answer is the office's, and not hers to see again"):
            Feedback.objects.create(
                practice_id=room.practice_id,
                date=local_day(now),
                picture_and_sound=picture_and_sound,
                was_enough=was_enough,
            )


def tidy(now: datetime) -> None:
    """Signals after an hour, links that were not used, rooms and tests after three months, answers after two years."""
    writing.remove(Signal.objects.filter(sent_at__lt=now - rules.SIGNALS_KEPT))
    writing.remove(Guest.objects.filter(used_at=None, expires_at__lt=now - timedelta(days=1)))
    writing.remove(Room.objects.filter(appointment__ends_at__lt=now - rules.ROOM_KEPT))
    writing.remove(DeviceTest.objects.filter(tested_at__lt=now - rules.TEST_KEPT))
    writing.remove(Feedback.objects.filter(date__lt=local_day(now - rules.FEEDBACK_KEPT)))


def end_guests(now: datetime) -> None:
    """No link opens and no guest's browser is known any more: the database is a copy of another."""
    Guest.objects.filter(used_at=None).update(expires_at=now)
    for guest in Guest.objects.exclude(used_at=None):
        guest.cookie_hash = token_bytes(32)
        guest.save(update_fields=["cookie_hash"])
