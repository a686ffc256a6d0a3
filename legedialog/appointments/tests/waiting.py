"""Three are booked tomorrow morning, and others have times on Monday: who waits, waits for those three."""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

from legedialog.appointments import services
from legedialog.appointments.models import Appointment, TimeOffer, VisitType, Wait
from legedialog.appointments.tests.factories import NOW, TOMORROW, Office, citizen, office
from legedialog.core.times import at_local
from legedialog.patients.models import Person

MONDAY = date(2026, 11, 30)
EIGHT, TWENTY_PAST, TWENTY_TO = (at_local(TOMORROW, time(8, minute)) for minute in (0, 20, 40))
LATER = NOW + timedelta(minutes=5)


@dataclass
class Booked:
    at: Office
    taken: list[Appointment]  # tomorrow at 8.00, 8.20 and 8.40
    kari: Person
    hers: Appointment


def full_office() -> Booked:
    at = office()
    at.calendar.blocks.exclude(weekday__in=[TOMORROW.weekday(), MONDAY.weekday()]).delete()
    at.calendar.blocks.filter(weekday=TOMORROW.weekday()).update(ends=time(9))
    VisitType.objects.filter(pk=at.visit_type.pk).update(lead_minutes=60)
    at.visit_type.refresh_from_db()
    taken = [at.booked(at.patient(f"Nummer Test{minute}"), clock=time(8, minute)) for minute in (0, 20, 40)]
    kari = at.patient()
    return Booked(at, taken, kari, at.booked(kari, day=MONDAY))


def waits(who: Person, appointment: Appointment, *, now: datetime = NOW, **limits: Any) -> Wait:
    given: dict[str, Any] = {"coarse_times": [], "with_anybody": False, "notice_minutes": 120} | limits
    return services.ask_for_earlier(actor=citizen(who), appointment_id=appointment.pk, now=now, **given)


def another_waits(at: Office, clock: time, *, now: datetime = NOW, **limits: Any) -> Wait:
    """One more with a time on Monday."""
    who = at.patient("Ola Testmo")
    return waits(who, at.booked(who, day=MONDAY, clock=clock), now=now, **limits)


def frees(appointment: Appointment, *, now: datetime = NOW) -> None:
    services.cancel(actor=citizen(appointment.patient), appointment_id=appointment.pk, now=now)


def the_offer() -> TimeOffer:
    return TimeOffer.objects.select_related("wait").get(status="open")
