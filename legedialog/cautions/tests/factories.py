"""A caution is reached through the service."""

from datetime import datetime
from typing import Any
from uuid import UUID

from legedialog.access.actor import Actor
from legedialog.cautions import services
from legedialog.cautions.models import Caution
from legedialog.cautions.rules import Certainty, Severity, Source
from legedialog.core.ids import new_id


def caution(
    actor: Actor, patient_id: UUID, now: datetime, substance: str = "Penicillin", atc: str = "", **other: Any
) -> Caution:
    assert actor.practice_id
    given: dict[str, Any] = {
        "key": new_id(),
        "reaction": "Elveblest og tung pust.",
        "severity": Severity.SEVERE,
        "certainty": Certainty.CERTAIN,
        "source": Source.OBSERVED,
        **other,
    }
    return services.add(
        actor=actor,
        patient_id=patient_id,
        practice_id=actor.practice_id,
        substance=substance,
        atc=atc,
        **given,
        now=now,
    )
