"""What a page of the room may know, and who waits. Names reach those who are in; who waits outside sees the doctor."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import Q
from django.utils.translation import gettext as _

from legedialog.appointments.models import Status
from legedialog.appointments.rules import can_join
from legedialog.core import fence
from legedialog.ui.dates import short_date
from legedialog.video import record, rules
from legedialog.video.models import Room, Seat, Signal, SignalKind
from legedialog.video.rules import RoomState, SeatRole, SeatState

GOING_ON = (Status.BOOKED, Status.ARRIVED)
BATCH = 200  # signals told at once


@dataclass(frozen=True, slots=True)
class Told:
    """A row for one page: its number, its kind, and the data of a signal as it was sent."""

    id: int
    kind: str
    sender_id: UUID | None
    data: str


def told(seat: Seat, after: int) -> list[Told]:
    """What the page has not had yet, in order, at most BATCH. Signals only for one who is in."""
    rows = Signal.objects.filter(Q(to=None) | Q(to=seat), room=seat.room_id, id__gt=after)
    if seat.state != SeatState.ADMITTED:
        rows = rows.exclude(kind=SignalKind.SIGNAL)
    return [Told(row.pk, row.kind, row.sender_id, row.data) for row in rows.order_by("id")[:BATCH]]


def newest(room_id: UUID) -> int:
    """Number of the last thing that was told in a room; 0 when nothing was."""
    return Signal.objects.filter(room=room_id).order_by("-id").values_list("id", flat=True).first() or 0


@fence.system("who else waits is counted, and whom she may know of is asked of each")
def state_of(seat: Seat, now: datetime) -> dict[str, Any]:
    """For a page: the room, herself, and those she may know of. In the language that is active. Three queries.

    `seat` is fresh from the database, with its room and appointment.
    """
    room, appointment = seat.room, seat.room.appointment
    rows = list(
        Seat.objects.select_related("person", "employee__clinician", "employee__practice", "guest")
        .filter(room=room)
        .order_by("entered_at", "pk")
    )
    state = room.state if appointment.status in GOING_ON else RoomState.ENDED.value
    return {
        "type": "state",
        "room": state,
        "me": seat.state,
        "can_join": can_join(
            channel=appointment.channel,
            status=appointment.status,
            starts_at=appointment.starts_at,
            ends_at=appointment.ends_at,
            now=now,
        )
        and state != RoomState.ENDED,
        "place": place(room, now) if seat.state == SeatState.WAITING and state == RoomState.OPEN else None,
        "message": "" if seat.state == SeatState.REMOVED else room.message,
        "delayed_until": room.delayed_until.isoformat() if room.delayed_until else None,
        "started_at": room.started_at.isoformat() if room.started_at else None,
        "seats": [_shown(row, seat, now) for row in rows if _may_know(seat, row)],
    }


def place(room: Room, now: datetime) -> int:
    """1 when she is the next that her doctor calls in: those before her have an earlier time today and wait too."""
    before = Seat.objects.filter(
        room__appointment__calendar=room.appointment.calendar_id,
        room__appointment__starts_at__lt=room.appointment.starts_at,
        room__appointment__ends_at__gt=now - rules.ROOM_KEPT,
        room__appointment__status__in=GOING_ON,
        room__state=RoomState.OPEN,
        role__in=[SeatRole.PATIENT, SeatRole.REPRESENTATIVE],
        state=SeatState.WAITING,
        seen_at__gt=now - rules.PRESENT_FOR,
    )
    return before.values("room").distinct().count() + 1


def _may_know(viewer: Seat, other: Seat) -> bool:
    if viewer.pk == other.pk or viewer.role == SeatRole.DOCTOR:
        return True
    if viewer.state == SeatState.REMOVED:
        return False
    if other.role == SeatRole.DOCTOR:
        return other.state == SeatState.ADMITTED
    if viewer.state != SeatState.ADMITTED:
        return False
    # The patient also sees a guest who waits, as she is the one who says yes.
    waits = other.role == SeatRole.GUEST and viewer.role != SeatRole.GUEST and other.state == SeatState.WAITING
    return other.state == SeatState.ADMITTED or waits


def _shown(seat: Seat, viewer: Seat, now: datetime) -> dict[str, Any]:
    shown: dict[str, Any] = {
        "id": str(seat.pk),
        "role": seat.role,
        "name": record.name(seat),
        "title": title(seat),
        "state": seat.state,
        "admitted": seat.state == SeatState.ADMITTED,
        "present": rules.is_present(seat.seen_at, now),
        "tab": seat.tab,
        "identity": seat.identity or None,
        "agreed": seat.guest.agreed_at is not None if seat.guest else None,
        "guest": str(seat.guest_id) if seat.guest_id else None,
        "quality": seat.quality or None,
        "media": {"audio": seat.has_audio, "video": seat.has_video, "screen": seat.shares_screen},
    }
    if viewer.role == SeatRole.DOCTOR:
        shown["entered_at"] = seat.entered_at.isoformat()
        shown["birth_date"] = seat.person.birth_date.isoformat() if seat.person else None
        if seat.person:  # under the picture, wherever the page's heading is
            facts = {"title": shown["title"], "date": short_date(seat.person.birth_date)}
            shown["title"] = _("%(title)s, født %(date)s") % facts
        shown["call_number"] = seat.call_number if seat.call_asked_at else None
    return shown


def title(seat: Seat) -> str:
    """What stands under the name: a doctor's number and office, and what the others are."""
    if seat.employee and seat.employee.clinician:
        facts = {"number": seat.employee.clinician.hpr_number, "office": seat.employee.practice.name}
        return _("Lege, HPR-nummer %(number)s, %(office)s") % facts
    if seat.guest:
        return {"interpreter": _("Tolk"), "relative": _("Pårørende")}[seat.guest.kind]
    return {"patient": _("Pasient"), "representative": _("Handler for pasienten")}.get(seat.role, "")
