"""What the room's page is drawn from, for the patient, the doctor and the guest alike."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.urls import reverse

from legedialog.appointments.models import Appointment
from legedialog.video import policy, queries, record, turn
from legedialog.video.models import Seat
from legedialog.video.policy import Visitor
from legedialog.video.rules import SeatRole


@dataclass(frozen=True, slots=True)
class Doctor:
    """Whom she is going to meet, as the register of health personnel knows her."""

    name: str
    hpr_number: str
    is_specialist: bool
    practice_name: str
    practice_phone: str


def doctor_of(appointment: Appointment) -> Doctor:
    clinician, practice = appointment.calendar.clinician, appointment.practice
    return Doctor(clinician.name, clinician.hpr_number or "", clinician.is_specialist, practice.name, practice.phone)


def room(visitor: Visitor, seat: Seat, now: datetime) -> dict[str, Any]:
    """Context of `video/room_section.html`. `seat` has just been entered."""
    row = (
        policy.seats_visible_to(visitor, now)
        .select_related("room__appointment__calendar__clinician", "room__appointment__practice", "person", "guest")
        .select_related("employee__clinician")
        .get(pk=seat.pk)
    )
    appointment = row.room.appointment
    doctor = doctor_of(appointment)
    state = queries.state_of(row, now)
    return {
        "seat": row,
        "doctor": doctor,
        "is_doctor": row.role == SeatRole.DOCTOR,
        "appointment": appointment,
        "state": state,
        "me": record.name(row),
        "post_url": reverse("video:send", args=[row.pk]),
        "ice_url": reverse("video:ice", args=[row.pk]),
        "config": {
            "iceServers": turn.ice_servers_for_page(str(row.pk), visitor.person, now)
            if policy.may_connect(row)
            else turn.stun(),
            "me": {"seat": str(row.pk), "role": row.role, "name": record.name(row)},
            "doctor": {
                "name": doctor.name,
                "hpr_number": doctor.hpr_number,
                "office": doctor.practice_name,
                "phone": doctor.practice_phone,
            },
            "appointment": {
                "starts_at": appointment.starts_at.isoformat(),
                "ends_at": appointment.ends_at.isoformat(),
            },
            "state": state,
            "urls": {"page": page_url(row), "test": reverse("video:test")},
        },
    }


def page_url(seat: Seat) -> str:
    if seat.role == SeatRole.GUEST:
        return reverse("video:guest")
    name = "workspace:video-room" if seat.role == SeatRole.DOCTOR else "video:room"
    return reverse(name, args=[seat.room.appointment_id])
