"""Links for interpreters and relatives: each works once, and soon not at all. A wrong one tells nothing of why."""

import secrets
from datetime import datetime
from uuid import UUID

from django.db import transaction

from legedialog.access.actor import Actor
from legedialog.access.queries import hashed
from legedialog.appointments import rules as appointments
from legedialog.appointments.models import Appointment, Status
from legedialog.core.errors import NotFound, Refused
from legedialog.video import line, policy, rules, services
from legedialog.video.models import Guest, Room, Seat, SignalKind
from legedialog.video.rules import GuestKind, RoomState, SeatRole, SeatState

TOKEN = 32  # random bytes
MOST_LINKS = 6  # of one visit that nobody has used


@transaction.atomic
def invite(*, actor: Actor, appointment_id: UUID, kind: GuestKind, name: str, now: datetime) -> tuple[Guest, str]:
    """A guest, and the token of her link, which is shown once and stored nowhere.

    What the patient invites she has said yes to. Raises NotFound, Denied, or Refused.
    """
    appointment = policy.find_appointment(actor, appointment_id)
    policy.check_enter(actor, appointment)
    if appointment.status not in (Status.BOOKED, Status.ARRIVED) or now >= _last(appointment):
        raise Refused(rules.NOT_GOING_TO_HAPPEN)
    room = services.room_of(appointment, now)
    if room.state == RoomState.ENDED:
        raise Refused(rules.ENDED)
    if Guest.objects.filter(room=room, used_at=None).count() >= MOST_LINKS:
        raise Refused(rules.ROOM_FULL)
    token = secrets.token_urlsafe(TOKEN)
    by_patient = actor.is_citizen
    guest = Guest.objects.create(
        practice_id=room.practice_id,
        room=room,
        kind=kind,
        name=name,
        token_hash=hashed(token),
        invited_by_person_id=actor.person_id if by_patient else None,
        invited_by_employee_id=actor.employee_id,
        invited_at=now,
        expires_at=_expires(appointment, now),
        agreed_at=now if by_patient else None,
        agreed_by_person_id=actor.person_id if by_patient else None,
    )
    line.trace(actor, "video.guest-invited", room, now, kind=kind.value)
    line.changed(room, now, office=True)
    return guest, token


@transaction.atomic
def renew(*, actor: Actor, appointment_id: UUID, guest_id: UUID, now: datetime) -> tuple[Guest, str]:
    """A new link for the same guest: the old link, and the browser that used it, work no more."""
    room = policy.find_room(actor, appointment_id, lock=True)
    policy.check_enter(actor, room.appointment)
    if room.state == RoomState.ENDED:
        raise Refused(rules.ENDED)
    guest = policy.find_guest(room, guest_id)
    token = secrets.token_urlsafe(TOKEN)
    guest.token_hash = hashed(token)
    guest.used_at = guest.cookie_hash = None
    guest.expires_at = _expires(room.appointment, now)
    guest.save(update_fields=["token_hash", "used_at", "cookie_hash", "expires_at"])
    policy.seats_in(room).filter(guest=guest).update(state=SeatState.LEFT, seen_at=None)
    line.trace(actor, "video.guest-invited", room, now, kind=guest.kind)
    line.changed(room, now, office=True)
    return guest, token


def invited(token: str, now: datetime) -> Guest:
    """Whom an unused link is for. NotFound for a used, an expired and an unknown one alike."""
    guest = (
        Guest.objects.select_related("room__appointment__calendar__clinician", "room__practice")
        .filter(token_hash=hashed(token), used_at=None, expires_at__gt=now)
        .exclude(room__state=RoomState.ENDED)
        .filter(room__appointment__status__in=[Status.BOOKED, Status.ARRIVED])
        .first()
    )
    if guest is None:
        raise NotFound
    return guest


@transaction.atomic
def use(*, token: str, now: datetime) -> str:
    """The link is spent; the browser gets a cookie instead, which this returns. Of two who press at once one wins.

    Raises Refused "too-early" before the waiting room opens: the link is then still good.
    """
    guest = invited(token, now)
    services.check_open(guest.room.appointment, now, for_doctor=False)
    cookie = secrets.token_urlsafe(TOKEN)
    won = Guest.objects.filter(pk=guest.pk, used_at=None).update(used_at=now, cookie_hash=hashed(cookie))
    if not won:
        raise NotFound
    return cookie


@transaction.atomic
def agree(*, actor: Actor, appointment_id: UUID, guest_id: UUID, agrees: bool, now: datetime) -> Guest:
    """The patient answers on her own screen. Her no sends the guest's link and seat away."""
    room = policy.find_room(actor, appointment_id, lock=True)
    if not actor.is_citizen or actor.person_id is None:
        raise NotFound
    guest = policy.find_guest(room, guest_id)
    if agrees and guest.agreed_at is None:
        guest.agreed_at = now
        guest.agreed_by_person_id = actor.person_id
        guest.save(update_fields=["agreed_at", "agreed_by_person_id"])
        line.trace(actor, "video.guest-agreed", room, now, herself=True)
    elif not agrees:
        guest.agreed_at = guest.agreed_by_person_id = guest.agreed_told_by_id = None
        guest.expires_at = now
        guest.save(update_fields=["agreed_at", "agreed_by_person_id", "agreed_told_by_id", "expires_at"])
        _send_away(room, guest, now)
        line.trace(actor, "video.guest-refused", room, now)
    line.changed(room, now, office=True)
    return guest


def _send_away(room: Room, guest: Guest, now: datetime) -> None:
    """Out at once. Who has used her link and not yet opened the room gets a seat that is sent out already."""
    if guest.cookie_hash is None:
        return
    seat, _ = Seat.objects.update_or_create(
        guest=guest,
        defaults={"state": SeatState.REMOVED, "shares_screen": False},
        create_defaults={
            "practice_id": room.practice_id,
            "room": room,
            "role": SeatRole.GUEST,
            "state": SeatState.REMOVED,
            "entered_at": now,
            "call_number": "",
        },
    )
    line.tell(room, SignalKind.LEFT, sender=seat, now=now)


def _last(appointment: Appointment) -> datetime:
    return appointment.ends_at + appointments.JOIN_AFTER


def _expires(appointment: Appointment, now: datetime) -> datetime:
    return min(_last(appointment), now + rules.GUEST_LINK_LASTS)
