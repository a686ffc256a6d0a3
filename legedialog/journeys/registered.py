"""The population register's answer, with what follows from it in the rest of the product."""

from datetime import datetime
from uuid import UUID

from legedialog.access.actor import Actor
from legedialog.journeys import deaths, merging
from legedialog.patients import registering
from legedialog.patients.registers import Registered


def take(*, actor: Actor, person_id: UUID, told: Registered, asked_at: datetime, now: datetime) -> None:
    """First what it says, then what follows; a machine that falls between the two leaves the rest to deaths.follow.

    Raises Denied, NotFound, Refused for a new number that cannot be followed (merging.py).
    """
    person_id = merging.follow_number(person_id=person_id, number=told.number, now=now)
    taken = registering.take_person(actor=actor, person_id=person_id, told=told, asked_at=asked_at, now=now)
    if taken.has_died:
        deaths.close(person_id=person_id, now=now)
    if taken.lives_again:
        deaths.take_back(person_id=person_id, now=now)
