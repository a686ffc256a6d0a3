"""Leave a trace. Called inside the transaction of the change or the reading query."""

from datetime import datetime
from uuid import UUID

from legedialog.access.actor import Actor
from legedialog.audit.models import Event, Kind


def record(
    actor: Actor,
    action: str,
    object_id: UUID | None,
    *,
    at: datetime,
    patient_id: UUID | None = None,
    practice_id: UUID | None = None,
    **facts: str | int | bool,
) -> None:
    """A change, as an event in the past tense ("appointment.booked"). Facts are codes and numbers, never content."""
    _write(actor, Kind.CHANGE, action, object_id, at, patient_id, practice_id, facts)


def looked(
    actor: Actor,
    what: str,
    object_id: UUID | None,
    *,
    at: datetime,
    patient_id: UUID,
    practice_id: UUID | None = None,
    **facts: str | int | bool,
) -> None:
    """Someone was shown clinical content of this patient."""
    _write(actor, Kind.READ, what, object_id, at, patient_id, practice_id, facts)


def _write(
    actor: Actor,
    kind: Kind,
    action: str,
    object_id: UUID | None,
    at: datetime,
    patient_id: UUID | None,
    practice_id: UUID | None,
    facts: dict[str, str | int | bool],
) -> None:
    Event.objects.create(
        at=at,
        kind=kind,
        action=action,
        object_id=object_id,
        patient_id=patient_id,
        actor_kind=actor.kind,
        login_id=actor.login_id,
        person_id=actor.person_id,
        employee_id=actor.employee_id,
        role=actor.role or actor.ground,  # of a citizen: by which right she acts for another
        practice_id=practice_id or actor.practice_id,
        facts=facts,
    )
