"""Who may be in a room, and what each may do there. A stranger's room and seat are not found."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db.models import Q, QuerySet
from django.utils.translation import gettext_lazy as _

from legedialog.access.actor import ANONYMOUS, Actor, Role
from legedialog.access.queries import hashed
from legedialog.appointments import policy as appointments
from legedialog.appointments.models import Appointment, Channel
from legedialog.appointments.rules import JOIN_AFTER
from legedialog.core.errors import Denied, NotFound, Refused
from legedialog.core.finding import found
from legedialog.patients.representation import Area
from legedialog.video.models import Guest, Room, Seat
from legedialog.video.rules import NOT_ADMITTED, RoomState, SeatRole, SeatState

DOCTORS = frozenset({Role.DOCTOR, Role.SUBSTITUTE})


@dataclass(frozen=True, slots=True)
class Visitor:
    """Who comes to a room: a login, or a guest's cookie."""

    actor: Actor = ANONYMOUS
    cookie: str = ""

    @property
    def person(self) -> str:
        """For limits: the login's person or employee, or the guest's browser."""
        return str(self.actor.person_id or self.actor.employee_id or self.cookie)


def find_appointment(actor: Actor, appointment_id: UUID, *, lock: bool = False) -> Appointment:
    """A video appointment she may be in: her own, of the one she acts for, or at her office."""
    appointment = appointments.find(actor, appointment_id, lock=lock)
    if appointment.channel != Channel.VIDEO:
        raise NotFound
    if actor.is_citizen:
        appointments.check_acts_for(actor, appointment.patient_id)
    return appointment


def check_enter(actor: Actor, appointment: Appointment) -> SeatRole:
    """As what she comes. Doctors and substitutes of the office may stand in for each other; reception stays outside."""
    if actor.is_citizen:
        appointments.check_acts_for(actor, appointment.patient_id)
        return SeatRole.PATIENT if appointment.patient_id == actor.person_id else SeatRole.REPRESENTATIVE
    check_conducts(actor, appointment.practice_id)
    return SeatRole.DOCTOR


def check_conducts(actor: Actor, practice_id: UUID) -> None:
    """Calls in, confirms identity, ends: who gives the care."""
    if practice_id not in actor.practices:
        raise NotFound
    if actor.role not in DOCTORS:
        raise Denied(_("Bare legen kan gjøre dette i videorommet."))


def check_receives(actor: Actor, practice_id: UUID) -> None:
    """Tells those who wait, and writes down who did not come: also reception."""
    appointments.check_books(actor, practice_id)


def find_room(actor: Actor, appointment_id: UUID, *, lock: bool = False) -> Room:
    """The room of an appointment she may be in. Raises NotFound also when nobody has come yet."""
    appointment = find_appointment(actor, appointment_id)
    rows = Room.objects.select_related("appointment__patient", "appointment__calendar__clinician")
    if lock:
        rows = rows.select_for_update(of=("self",), no_key=True)
    room = rows.filter(appointment=appointment.pk).first()
    if room is None:
        raise NotFound
    return room


def seats_visible_to(visitor: Visitor, now: datetime) -> QuerySet[Seat]:
    """Her own seats: a login's or a guest's, never another's."""
    actor = visitor.actor
    mine = Q(pk=None)
    if actor.is_citizen and actor.person_id and actor.opens(Area.BOOKING):
        mine |= Q(person=actor.person_id, room__appointment__patient__in=actor.patients)
    if actor.is_staff and actor.role in DOCTORS:
        mine |= Q(employee=actor.employee_id, practice__in=actor.practices)
    if visitor.cookie:
        mine |= Q(guest__cookie_hash=hashed(visitor.cookie), room__appointment__ends_at__gt=now - JOIN_AFTER)
    return Seat.objects.filter(mine).select_related("room__appointment", "guest")


def find_seat(visitor: Visitor, seat_id: UUID, now: datetime) -> Seat:
    return found(seats_visible_to(visitor, now), seat_id)


def may_connect(seat: Seat) -> bool:
    """Called in, and not sent out since: who meets the others, and is given a way through the network to them."""
    return seat.state == SeatState.ADMITTED and seat.room.state != RoomState.ENDED


def check_connects(seat: Seat) -> None:
    if not may_connect(seat):
        raise Refused(NOT_ADMITTED)


def seats_in(room: Room) -> QuerySet[Seat]:
    return Seat.objects.filter(room=room)


def find_other(room: Room, seat_id: UUID | None) -> Seat:
    """A seat of the same room, whose row is locked by the caller."""
    seat = seats_in(room).select_related("guest").filter(pk=seat_id).first() if seat_id else None
    if seat is None:
        raise NotFound
    return seat


def find_guest(room: Room, guest_id: UUID) -> Guest:
    guest = Guest.objects.filter(room=room, pk=guest_id).first()
    if guest is None:
        raise NotFound
    return guest


def find_guest_by_cookie(cookie: str, now: datetime) -> Guest:
    """Whose browser this is, as long as the visit's window lasts."""
    guest = (
        Guest.objects.select_related("room__appointment__calendar__clinician", "room__practice")
        .filter(cookie_hash=hashed(cookie), room__appointment__ends_at__gt=now - JOIN_AFTER)
        .first()
        if cookie
        else None
    )
    if guest is None:
        raise NotFound
    return guest
