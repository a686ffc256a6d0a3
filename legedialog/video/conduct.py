"""What the doctor and reception do with a video visit: tell those who wait, call in, confirm identity, end.

The room's row is locked first, then the appointment's: two tabs that do the same at once do it once.
"""

from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction

from legedialog.access.actor import Actor, system
from legedialog.appointments import rules as appointment_rules
from legedialog.appointments import services as appointments
from legedialog.appointments.models import Appointment, Status
from legedialog.core.errors import Refused
from legedialog.journal import services as journal
from legedialog.journal.models import ContactType, Kind
from legedialog.journal.services import Made
from legedialog.outbox import services as outbox
from legedialog.video import line, policy, record, rules, services
from legedialog.video.models import Room, Seat, SignalKind
from legedialog.video.rules import Identity, Outcome, RoomState, SeatRole, SeatState
from legedialog.visibility.rules import Content

PATIENTS = (SeatRole.PATIENT, SeatRole.REPRESENTATIVE)


@transaction.atomic
def admit(*, actor: Actor, appointment_id: UUID, seat_id: UUID, patient_agrees: bool = False, now: datetime) -> Seat:
    """Call somebody in from the waiting room. The first patient who is, starts the visit: she has arrived.

    A guest comes in only when the patient has said yes: herself on her screen, or aloud (`patient_agrees`), and then
    the doctor answers for having asked. Admitting twice is once. Raises NotFound, Denied, or Refused.
    """
    room = _conducted(actor, appointment_id)
    seat = policy.find_other(room, seat_id)
    if seat.state == SeatState.ADMITTED:
        return seat
    rules.check_seat_move(seat.state, SeatState.ADMITTED)
    if policy.seats_in(room).filter(state=SeatState.ADMITTED).count() >= rules.MOST_PEOPLE:
        raise Refused(rules.ROOM_FULL)
    if seat.guest and seat.guest.agreed_at is None:
        if not patient_agrees:
            raise Refused(rules.NOT_AGREED)
        seat.guest.agreed_at = now
        seat.guest.agreed_told_by_id = actor.employee_id
        seat.guest.save(update_fields=["agreed_at", "agreed_told_by_id"])
        line.trace(actor, "video.guest-agreed", room, now, herself=False)
    seat.state = SeatState.ADMITTED
    seat.admitted_at = seat.admitted_at or now
    seat.save(update_fields=["state", "admitted_at"])
    if seat.role in PATIENTS:
        _start(actor, room, now)
    line.trace(actor, "video.admitted", room, now, role=seat.role)
    line.tell(room, SignalKind.CALLED, to=seat, now=now)
    line.changed(room, now, office=True)
    return seat


def _start(actor: Actor, room: Room, now: datetime) -> None:
    if room.state == RoomState.OPEN:
        room.state = RoomState.RUNNING
        room.started_at = room.started_at or now
        room.message, room.delayed_until = "", None
        room.save(update_fields=["state", "started_at", "message", "delayed_until"])
    if room.appointment.status == Status.BOOKED:
        appointments.arrive(actor=actor, appointment_id=room.appointment_id, now=now)


@transaction.atomic
def remove(*, actor: Actor, appointment_id: UUID, seat_id: UUID, now: datetime) -> Seat:
    """Send somebody out. She is told, and only the doctor can call her in again."""
    room = _conducted(actor, appointment_id)
    seat = policy.find_other(room, seat_id)
    if seat.role == SeatRole.DOCTOR:
        raise Refused(rules.CANNOT_MOVE)
    rules.check_seat_move(seat.state, SeatState.REMOVED)
    seat.state = SeatState.REMOVED
    seat.shares_screen = False
    seat.save(update_fields=["state", "shares_screen"])
    line.trace(actor, "video.removed", room, now, role=seat.role)
    line.tell(room, SignalKind.LEFT, sender=seat, now=now)
    line.changed(room, now, office=True)
    return seat


@transaction.atomic
def postpone(*, actor: Actor, appointment_id: UUID, minutes: int, message: str, now: datetime) -> Room:
    """Tell who waits, or is going to, that it will be later. The appointment and its fee rule stay as they are."""
    appointment = policy.find_appointment(actor, appointment_id)
    policy.check_receives(actor, appointment.practice_id)
    if appointment.status not in (Status.BOOKED, Status.ARRIVED):
        raise Refused(rules.NOT_GOING_TO_HAPPEN)
    room = services.room_of(appointment, now)
    if room.state != RoomState.OPEN:
        raise Refused(rules.CANNOT_MOVE)
    room.delayed_until = max(now, appointment.starts_at) + timedelta(minutes=minutes)
    room.message = message
    room.save(update_fields=["delayed_until", "message"])
    line.trace(actor, "video.postponed", room, now, minutes=minutes)
    line.changed(room, now, office=True)
    return room


@transaction.atomic
def remind(*, actor: Actor, appointment_id: UUID, now: datetime) -> None:
    """The doctor is ready and the patient is not there: one notice on her telephone, however often it is pressed."""
    appointment = policy.find_appointment(actor, appointment_id)
    policy.check_receives(actor, appointment.practice_id)
    services.check_open(appointment, now, for_doctor=False)
    room = services.room_of(appointment, now)
    if room.state != RoomState.OPEN:
        raise Refused(rules.CANNOT_MOVE)
    outbox.put(
        "video.ready", appointment.pk, recipient_id=appointment.patient_id, practice_id=appointment.practice_id, now=now
    )
    line.trace(actor, "video.reminded", room, now)


@transaction.atomic
def no_show(*, actor: Actor, appointment_id: UUID, now: datetime) -> Appointment:
    """The patient did not come. Raises Refused "not-started" before the time, "cannot-move" when she is in."""
    appointment = policy.find_appointment(actor, appointment_id)
    policy.check_receives(actor, appointment.practice_id)
    if appointment.starts_at > now:
        raise Refused(rules.NOT_YET_STARTED)
    room = services.room_of(appointment, now)
    if room.state != RoomState.OPEN:
        raise Refused(rules.CANNOT_MOVE)
    missed = appointments.no_show(actor=actor, appointment_id=appointment_id, now=now)
    _close(room, Outcome.NO_SHOW, now)
    return missed


@transaction.atomic
def confirm_identity(*, actor: Actor, appointment_id: UUID, seat_id: UUID, how: Identity, now: datetime) -> Seat:
    """How the doctor made sure who it is. May be set again, as when a photo ID is shown later."""
    room = _conducted(actor, appointment_id)
    seat = policy.find_other(room, seat_id)
    if seat.role == SeatRole.DOCTOR or (seat.role == SeatRole.GUEST and how == Identity.LOGIN):
        raise Refused(rules.CANNOT_MOVE)  # a guest has not logged in
    seat.identity = how
    seat.identity_by_id = actor.employee_id
    seat.identity_at = now
    seat.save(update_fields=["identity", "identity_by_id", "identity_at"])
    line.trace(actor, "video.identity", room, now, how=how.value, role=seat.role)
    line.changed(room, now, office=True)
    return seat


@transaction.atomic
def to_phone(*, actor: Actor, appointment_id: UUID, now: datetime) -> Room:
    """The visit goes on by telephone. It is still this appointment, at its price and with its rules for fees."""
    appointment = policy.find_appointment(actor, appointment_id)
    policy.check_conducts(actor, appointment.practice_id)
    services.check_open(appointment, now, for_doctor=True)
    room = services.room_of(appointment, now)
    if room.state != RoomState.PHONE:
        rules.check_room_move(room.state, RoomState.PHONE)
        room.state = RoomState.PHONE
        room.started_at = room.started_at or now
        room.save(update_fields=["state", "started_at"])
        if appointment.status == Status.BOOKED:
            appointments.arrive(actor=actor, appointment_id=appointment_id, now=now)
        line.trace(actor, "video.to-phone", room, now)
        line.changed(room, now, office=True)
    return room


@transaction.atomic
def to_video(*, actor: Actor, appointment_id: UUID, now: datetime) -> Room:
    """The picture came back while they spoke by telephone."""
    room = _conducted(actor, appointment_id)
    if room.state != RoomState.RUNNING:
        rules.check_room_move(room.state, RoomState.RUNNING)
        if room.state == RoomState.OPEN:
            raise Refused(rules.CANNOT_MOVE)  # calling the patient in does that
        room.state = RoomState.RUNNING
        room.save(update_fields=["state"])
        line.trace(actor, "video.to-video", room, now)
        line.changed(room, now, office=True)
    return room


@transaction.atomic
def end(*, actor: Actor, appointment_id: UUID, now: datetime) -> Room:
    """The visit is over: the appointment is completed, and the visit files itself in the record.

    Raises Refused "cannot-move" when nobody was called in: then it is a no-show, or the patient is told otherwise.
    """
    room = _conducted(actor, appointment_id)
    if room.state == RoomState.OPEN:
        raise Refused(rules.CANNOT_MOVE)
    outcome = Outcome.PHONE if room.state == RoomState.PHONE else Outcome.HELD
    appointments.complete(actor=actor, appointment_id=room.appointment_id, now=now)
    _close(room, outcome, now)
    _file(actor, room, now)
    line.trace(actor, "video.ended", room, now, outcome=outcome.value)
    return room


@transaction.atomic
def reopen(*, actor: Actor, appointment_id: UUID, now: datetime) -> Room:
    """It was ended, or written down as missed, by mistake. Those who were in wait to be called in again."""
    appointment = policy.find_appointment(actor, appointment_id)
    policy.check_conducts(actor, appointment.practice_id)
    room = policy.find_room(actor, appointment_id, lock=True)
    rules.check_room_move(room.state, RoomState.OPEN)
    if now >= appointment.ends_at + appointment_rules.JOIN_AFTER:
        raise Refused(rules.TOO_LATE)
    if appointment.status == Status.COMPLETED:
        appointments.arrive(actor=actor, appointment_id=appointment_id, now=now)
    elif appointment.status == Status.NO_SHOW:
        appointments.back_to_booked(actor=actor, appointment_id=appointment_id, now=now)
    room.state, room.ended_at, room.outcome = RoomState.OPEN, None, ""
    room.save(update_fields=["state", "ended_at", "outcome"])
    policy.seats_in(room).filter(state=SeatState.ADMITTED).exclude(role=SeatRole.DOCTOR).update(state=SeatState.WAITING)
    line.trace(actor, "video.reopened", room, now)
    line.changed(room, now, office=True)
    return room


def close_what_is_over(now: datetime) -> None:
    """Every few minutes: rooms of cancelled appointments, and those that nobody ended before their window closed."""
    over = Room.objects.exclude(state=RoomState.ENDED).filter(
        appointment__ends_at__lt=now - appointment_rules.JOIN_AFTER
    )
    gone = Room.objects.exclude(state=RoomState.ENDED).exclude(appointment__status__in=[Status.BOOKED, Status.ARRIVED])
    for room_id in [*over.values_list("pk", flat=True), *gone.values_list("pk", flat=True)]:
        with transaction.atomic():
            room = line.lock(room_id)
            if room.state != RoomState.ENDED:
                _close_for(room, now)


def _close_for(room: Room, now: datetime) -> None:
    was_held = room.state in (RoomState.RUNNING, RoomState.PHONE)
    status = room.appointment.status
    actor = system(practice_id=room.practice_id)
    if status == Status.CANCELLED:
        outcome = Outcome.CANCELLED
    elif status == Status.NO_SHOW:
        outcome = Outcome.NO_SHOW
    elif was_held and status == Status.COMPLETED:
        outcome = Outcome.PHONE if room.state == RoomState.PHONE else Outcome.HELD
    else:
        outcome = Outcome.LEFT_OPEN
    _close(room, outcome, now)
    if was_held and status != Status.CANCELLED:
        _file(actor, room, now)
    line.trace(actor, "video.ended", room, now, outcome=outcome.value)


def _conducted(actor: Actor, appointment_id: UUID) -> Room:
    """The room, locked and not ended, for a doctor of its office."""
    room = policy.find_room(actor, appointment_id, lock=True)
    policy.check_conducts(actor, room.practice_id)
    if room.state == RoomState.ENDED:
        raise Refused(rules.ENDED)
    if room.appointment.status not in (Status.BOOKED, Status.ARRIVED):
        raise Refused(rules.NOT_GOING_TO_HAPPEN)
    return room


def _close(room: Room, outcome: Outcome, now: datetime) -> None:
    """What the browsers said to each other is removed at once; their pages learn that it is over."""
    room.state, room.outcome, room.ended_at = RoomState.ENDED, outcome, now
    room.endings += 1
    room.message, room.delayed_until = "", None
    room.save(update_fields=["state", "outcome", "ended_at", "endings", "message", "delayed_until"])
    line.forget_signals(room)
    line.changed(room, now, office=True)


def _file(actor: Actor, room: Room, now: datetime) -> None:
    seats = list(
        Seat.objects.select_related("person", "employee__clinician", "guest").filter(room=room).order_by("entered_at")
    )
    journal.file(
        actor,
        Kind.VIDEO,
        room.pk,
        patient_id=room.appointment.patient_id,
        practice_id=room.practice_id,
        contact_type=ContactType.PHONE if room.outcome == Outcome.PHONE else ContactType.VIDEO,
        title=record.title(room),
        text=record.text(room, seats),
        made_of=Made(Content.VIDEO, room.appointment_id, room.appointment.restriction),
        sequence=room.endings,
        at=now,
    )
