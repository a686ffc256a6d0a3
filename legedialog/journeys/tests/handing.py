"""An office whose doctor is away tomorrow, with a substitute who sees patients from 8 to 12 too."""

from dataclasses import dataclass
from datetime import date, datetime, time
from uuid import UUID

from legedialog.access.actor import Actor
from legedialog.appointments.models import Appointment, Block, Calendar
from legedialog.appointments.services import book_for_patient
from legedialog.appointments.tests.factories import CHANNELS, LONG_AGO, NOW, TOMORROW, Office, office
from legedialog.core.crypto import blind_index
from legedialog.core.times import at_local
from legedialog.journeys import absences, handing_over
from legedialog.journeys.handing_over import Away, Choice
from legedialog.journeys.handover_rules import Way
from legedialog.practices.models import Clinician, Employee


@dataclass
class Ward:
    office: Office
    secretary: Actor
    substitute: Clinician
    calendar: Calendar  # the substitute's

    def away(self, first: date = TOMORROW, last: date | None = TOMORROW, *, substitute: bool = True) -> Away:
        at = self.office
        return Away(at.practice.pk, at.doctor.pk, first, last, self.substitute.pk if substitute else None)

    def choices(self, *, ways: dict[UUID, Way] | None = None, now: datetime = NOW) -> list[Choice]:
        rows = handing_over.affected(self.secretary, self.away(), now)
        return handing_over.choices(rows, {key: way.value for key, way in (ways or {}).items()})

    def report(self, choices: list[Choice], *, text: str = "", now: datetime = NOW) -> None:
        away = self.away()
        assert away.last_date
        absences.report(
            actor=self.secretary,
            practice_id=away.practice_id,
            clinician_id=away.clinician_id,
            first_date=away.first_date,
            last_date=away.last_date,
            substitute_id=away.substitute_id,
            note="",
            choices=choices,
            text=text,
            now=now,
        )

    def taken(self, clock: time) -> Appointment:
        """Somebody has that time with the substitute."""
        return book_for_patient(
            actor=self.secretary,
            patient_id=self.office.patient("Anne Testmo").pk,
            calendar_id=self.calendar.pk,
            visit_type_id=self.office.visit_type.pk,
            channel="attendance",
            starts_at=at_local(TOMORROW, clock),
            reason="",
            now=NOW,
        )


def ward() -> Ward:
    at = office()
    leif = Clinician.objects.create(name="Leif Strand", hpr_number="7654321")
    Employee.objects.create(
        practice=at.practice,
        clinician=leif,
        name="Leif Strand",
        role="substitute",
        national_number_index=blind_index("leif", purpose="national-number"),
        starts_date=LONG_AGO,
    )
    calendar = Calendar.objects.create(practice=at.practice, clinician=leif)
    for weekday in range(5):
        block = Block.objects.create(
            calendar=calendar,
            weekday=weekday,
            starts=time(8),
            ends=time(12),
            step_minutes=20,
            channels=CHANNELS,
            first_date=LONG_AGO,
        )
        block.visit_types.add(at.visit_type)
    return Ward(at, at.staff(), leif, calendar)
