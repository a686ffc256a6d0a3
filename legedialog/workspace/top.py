"""What stands on top of a patient, wherever she is met at the office: the contexts say it, in `top` of about.py."""

from datetime import datetime
from typing import Any
from uuid import UUID

from legedialog.access.actor import Actor
from legedialog.audit import services as audit
from legedialog.core import contexts


def beside(actor: Actor, patient_id: UUID, now: datetime) -> list[dict[str, Any]]:
    """Beside something of hers whose reading is logged already: it is part of that look. One query."""
    return contexts.top(actor, patient_id, now)


def shown(actor: Actor, patient_id: UUID, now: datetime) -> list[dict[str, Any]]:
    """Where nothing else of hers is read, and the page is drawn again and again: a line in her log for each visit, of
    each that told something."""
    found = beside(actor, patient_id, now)
    audit.looked_at_several(actor, {each["look"] for each in found}, patient_id, at=now, practice_id=actor.practice_id)
    return found
