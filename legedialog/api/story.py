"""The demo's hospital: two video appointments for Kari, told as a real hospital tells them, but for the network."""

from datetime import date, datetime, time, timedelta
from typing import Any
from uuid import UUID, uuid5

from legedialog.api import profile, samples, services
from legedialog.appointments.models import Source
from legedialog.core.contexts import Stage
from legedialog.core.times import at_local, local_day
from legedialog.core.workdays import is_working_day
from legedialog.patients.models import Person

NAME, NUMBER = "Fjordbyen sykehus", "313000001"  # from the synthetic series
PHONE = "55510000"
NAMESPACE = UUID("6d0c5f8e-7a55-4d0a-9b3e-2f4c1a9e7b10")
INSTRUCTION = (
    "Finn et rolig sted med god nettdekning. Test kamera og lyd før timen. "
    "Ha legitimasjon klar, og logg inn fem minutter før."
)


def appointments(patient_number: str, today: date, *, changed_at: datetime) -> list[dict[str, Any]]:
    """FHIR resources: one on the second working day ahead and one three weeks later."""
    return [
        samples.video_appointment(
            identifier=uuid5(NAMESPACE, key),
            organisation_number=NUMBER,
            organisation=NAME,
            unit=unit,
            patient_number=patient_number,
            starts_at=at_local(day, clock),
            minutes=30,
            description=description,
            instruction=INSTRUCTION,
            join_url=f"https://video.fjordbyen-sykehus.example/{uuid5(NAMESPACE, f'{key}-room')}",
            changed_at=changed_at,
        )
        for key, day, clock, unit, description in (
            ("first", _working_day(today, 2), time(13), "Ortopedisk poliklinikk", "Kontroll etter operasjon"),
            ("second", _working_day(today, 17), time(9, 30), "Hudpoliklinikken", "Samtale om prøvesvar"),
        )
    ]


def play(stage: Stage) -> None:
    """Both, through the same reading and the same service as the endpoint. Repeatable."""
    now = stage.now
    kari = Person.objects.get(pk=stage.person("Kari Testdal"))
    source, _ = Source.objects.get_or_create(
        organisation_number=NUMBER,
        defaults={"name": NAME, "phone": PHONE, "silent_after_minutes": 365 * 24 * 60},  # it never calls again
    )
    for resource in appointments(kari.national_number, local_day(now), changed_at=now):
        identifier = UUID(resource["id"])
        told = profile.read(resource, identifier=identifier, organisation_number=NUMBER, synthetic=True)
        services.receive(source_id=source.pk, identifier=identifier, told=told, now=now)


def _working_day(today: date, number: int) -> date:
    """The `number`th working day after `today`."""
    day = today
    while number:
        day += timedelta(days=1)
        number -= is_working_day(day)
    return day
