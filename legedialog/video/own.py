"""What video says in a citizen's own data: the visits she was in, and the test of her camera and sound."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from legedialog.access.actor import Actor
from legedialog.appointments import policy
from legedialog.core.contexts import Own
from legedialog.core.fhir import Resource, full, urn
from legedialog.video.models import DeviceTest, Seat
from legedialog.video.office import test_row
from legedialog.video.queries import title
from legedialog.video.rules import RoomState, SeatRole, Test
from legedialog.video.texts import IDENTITIES, QUALITIES

STATES = {
    RoomState.OPEN: "arrived",
    RoomState.RUNNING: "in-progress",
    RoomState.PHONE: "in-progress",
    RoomState.ENDED: "finished",
}


def _seats(actor: Actor, person_id: UUID, now: datetime) -> list[Seat]:
    visits = policy.visible_to(actor).filter(patient=person_id)
    rows = Seat.objects.filter(person=person_id, room__appointment__in=visits.values("pk"))
    return list(
        rows.select_related("room__appointment__calendar__clinician", "room__practice").order_by("entered_at", "pk")
    )


def _seat_line(row: Seat) -> Sequence[object]:
    """As what she came, how identity was confirmed, the connection at its worst, and the number she gave."""
    how = [
        title(row),
        str(IDENTITIES.get(row.identity, "")),
        str(QUALITIES.get(row.worst_quality, "")),
        _("Ba om å bli ringt på %(number)s") % {"number": row.call_number} if row.call_number else "",
    ]
    where = f"{row.room.appointment.calendar.clinician.name}, {row.room.practice.name}"
    return [row.entered_at, where, "\n".join(filter(None, how))]


def _seat(row: Any, me: Resource) -> Resource:
    """That she was in a video room. Where she came for somebody else she is not whom it was about."""
    is_hers = row.role == SeatRole.PATIENT
    how = (("identity", row.identity), ("quality", row.worst_quality), ("call", row.call_number))
    return {
        "resourceType": "Encounter",
        "id": str(row.pk),
        "status": STATES[RoomState(row.room.state)],
        "class": {"system": "http://terminology.hl7.org/CodeSystem/v3-ActCode", "code": "VR"},
        "type": [{"text": "videotime"}, {"text": row.role}],
        "subject": me if is_hers else None,
        "appointment": [{"reference": urn(row.room.appointment_id)}] if is_hers else [],
        "participant": [{"individual": {"display": row.room.appointment.calendar.clinician.name}}],
        "period": full(
            {"start": row.entered_at.isoformat(), "end": row.room.ended_at and row.room.ended_at.isoformat()}
        ),
        "reasonCode": [{"text": f"{name}: {value}"} for name, value in how if value],
        "serviceProvider": {"display": row.room.practice.name},
    }


def _tests(actor: Actor, person_id: UUID, now: datetime) -> list[DeviceTest]:
    return list(DeviceTest.objects.filter(person=person_id))


def _test_line(row: DeviceTest) -> Sequence[object]:
    parts = test_row(row).parts
    return [row.tested_at, "\n".join(f"{part.name}: {part.word}. {part.advice}".strip() for part in parts)]


def _test(row: DeviceTest, me: Resource) -> Resource:
    def result(part: Test) -> str:
        return " ".join(filter(None, (getattr(row, part.value), getattr(row, f"{part.value}_fault"))))

    return {
        "resourceType": "Observation",
        "id": str(row.pk),
        "status": "final",
        "code": {"text": "test av kamera og lyd"},
        "subject": me,
        "effectiveDateTime": row.tested_at.isoformat(),
        "component": [{"code": {"text": part.value}, "valueString": result(part)} for part in Test],
    }


SEATS = Own(
    title=gettext_lazy("Videotimer du har vært i"),
    head=(gettext_lazy("Når"), gettext_lazy("Hos hvem"), gettext_lazy("Slik var det")),
    rows=_seats,
    line=_seat_line,
    resources=lambda row, me: [_seat(row, me)],
    order=60,
)
TESTS = Own(
    title=gettext_lazy("Test av kamera og lyd"),
    head=(gettext_lazy("Når"), gettext_lazy("Resultat")),
    rows=_tests,
    line=_test_line,
    resources=lambda row, me: [_test(row, me)],
    order=61,
)
