"""The level in force and how it came to be."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.utils.functional import Promise

from legedialog.access.actor import Actor
from legedialog.consent import rules
from legedialog.consent.models import Consent
from legedialog.consent.policy import level as level
from legedialog.consent.policy import standing as standing
from legedialog.consent.rules import Level
from legedialog.core.errors import NotFound


@dataclass(frozen=True, slots=True)
class Choice:
    level: Level
    starts_at: datetime
    ends_at: datetime | None

    @property
    def name(self) -> str | Promise:
        return rules.NAMES[self.level]


def history(actor: Actor, person_id: UUID) -> list[Choice]:
    """Her choices, newest first. Raises NotFound for a stranger."""
    if person_id not in actor.patients:
        raise NotFound
    rows = Consent.objects.filter(person=person_id).order_by("-starts_at", "-pk")
    return [Choice(Level(row.level), row.starts_at, row.ends_at) for row in rows]
