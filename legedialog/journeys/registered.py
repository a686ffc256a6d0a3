"""The population register's answer, with what follows from it in the rest of the product."""

from datetime import datetime
from uuid import UUID

from django.db import transaction

from legedialog.access.actor import Actor
from legedialog.patients import registering
from legedialog.patients.registers import Registered


@transaction.atomic
def take(*, actor: Actor, person_id: UUID, told: Registered, asked_at: datetime, now: datetime) -> None:
    """Raises Denied, NotFound."""
    registering.take_person(actor=actor, person_id=person_id, told=told, asked_at=asked_at, now=now)
