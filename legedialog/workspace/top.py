"""What stands on top of a patient, wherever she is met at the office: the contexts say it, in `top` of about.py."""

from datetime import datetime
from typing import Any
from uuid import UUID

from legedialog.access.actor import Actor
from legedialog.audit import services as audit
from legedialog.core import contexts
from legedialog.core.sql import Asked

Shown = list[dict[str, Any]]  # for top.html


def beside(actor: Actor, patient_id: UUID, now: datetime) -> Shown:
    """Beside something of hers whose reading is logged already: it is part of that look. One query."""
    found, _ = contexts.top(actor, patient_id, now)
    return found


def shown(actor: Actor, patient_id: UUID, now: datetime) -> Shown:
    """Where nothing else of hers is read, and the page is drawn again and again: a line in her log for each visit, of
    each that told something."""
    found, _ = shown_with(actor, patient_id, now)
    return found


def shown_with(actor: Actor, patient_id: UUID, now: datetime, *more: Asked[Any]) -> tuple[Shown, list[list[Any]]]:
    """The same, with what else the page needs in the same statement, and its rows."""
    found, rows = contexts.top(actor, patient_id, now, *more)
    looks = {each["look"] for each in found}
    audit.looked_at_several(actor, looks, patient_id, at=now, practice_id=actor.practice_id)
    return found, rows
