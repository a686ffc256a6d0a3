"""The demo's video visits: one that Kari can join now, and one patient who waits already. Made anew at each start.

What waits here has no open page; it is said to be there for as long as the room is open.
"""

from datetime import datetime, timedelta
from uuid import UUID

from legedialog.access.actor import Actor
from legedialog.appointments import services as appointments
from legedialog.appointments.models import Appointment, Calendar, Channel, Status, VisitType
from legedialog.appointments.rules import JOIN_AFTER
from legedialog.core.contexts import Stage
from legedialog.video import guests, services
from legedialog.video.models import Seat
from legedialog.video.rules import GuestKind, Result, Test

SOON = timedelta(minutes=10)
WHY = "Demo: videotime som kan prøves nå"


def play(stage: Stage) -> None:
    """Unless Kari has a visit that is going to be open for a while. Mona books; `other` is the one who waits."""
    now, mona, kari = stage.now, stage.staff("Mona Haug"), stage.citizen(stage.person("Kari Testdal"))
    calendar = Calendar.objects.get(pk=stage.bookable("Ingrid Aas")[0])
    other = stage.citizen(stage.crowd[1])
    open_ones = Appointment.objects.filter(
        patient=kari.person_id,
        channel=Channel.VIDEO,
        status__in=[Status.BOOKED, Status.ARRIVED],
        starts_at__lte=now + SOON,
        ends_at__gt=now,
    )
    if open_ones.exists():
        return
    start = now.replace(second=0, microsecond=0)
    waiting_id = _book(mona, other, calendar, start, now)
    joinable_id = _book(mona, kari, calendar, start + SOON, now)
    fine = dict.fromkeys(Test, (Result.OK, ""))
    services.save_test(actor=kari, results=fine, now=now - timedelta(days=1))
    services.save_test(actor=other, results=fine | {Test.CAMERA: (Result.FAILED, "in-use")}, now=now)
    guests.invite(actor=kari, appointment_id=joinable_id, kind=GuestKind.INTERPRETER, name="Tove Testtolk", now=now)
    seat = services.enter(actor=other, appointment_id=waiting_id, now=now)
    Seat.objects.filter(pk=seat.pk).update(seen_at=seat.room.appointment.ends_at + JOIN_AFTER)


def _book(mona: Actor, patient: Actor, calendar: Calendar, starts_at: datetime, now: datetime) -> UUID:
    visit_type = VisitType.objects.get(practice=calendar.practice_id, name="Vanlig time")
    if patient.person_id is None:
        raise RuntimeError("a patient of the demo is missing")
    booked = appointments.book_for_patient(
        actor=mona,
        patient_id=patient.person_id,
        calendar_id=calendar.pk,
        visit_type_id=visit_type.pk,
        channel=Channel.VIDEO,
        starts_at=starts_at,
        reason="Vil snakke om prøvesvar",
        overbook_reason=WHY,
        now=now,
    )
    return booked.pk
