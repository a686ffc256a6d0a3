"""A log that is written and sealed, and what is found in it."""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

from django.db import connections

from legedialog.access.actor import system
from legedialog.audit import sealing, services, verification
from legedialog.audit.models import Event
from legedialog.audit.verification import Fault, Result

NOW = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)


def all_written() -> int:
    return Event.objects.order_by("-position")[0].position + 1


def write(count: int = 1, at: datetime = NOW, patient: UUID | None = None) -> None:
    for number in range(count):
        services.record(system(), "appointment.booked", uuid4(), at=at, patient_id=patient or uuid4(), number=number)


def verify(**options: Any) -> Result:
    return verification.verify(now=NOW + timedelta(days=1), said=lambda done, total: None, **options)


def faults(**options: Any) -> list[Fault]:
    return verify(**options).faults


def as_owner(statement: str, *values: Any) -> None:
    with connections["owner"].cursor() as cursor:
        cursor.execute(statement, values)


def sealed(rounds: int = 3, rows: int = 5) -> list[UUID]:
    """The ids in the order they were written."""
    for _ in range(rounds):
        write(rows)
        assert sealing.seal_all(NOW) == rows
    return list(Event.objects.order_by("position", "id").values_list("pk", flat=True))
