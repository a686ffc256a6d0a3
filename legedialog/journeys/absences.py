"""A doctor is away, or back: her times close, and what waits for her answer follows at once."""

from datetime import date, datetime
from uuid import UUID

from django.db import transaction

from legedialog.access.actor import Actor
from legedialog.dialogues import services as dialogues
from legedialog.practices import services as practices
from legedialog.practices.models import Absence


@transaction.atomic
def report(
    *,
    actor: Actor,
    practice_id: UUID,
    clinician_id: UUID,
    first_date: date,
    last_date: date,
    substitute_id: UUID | None,
    note: str,
    now: datetime,
) -> tuple[Absence, int]:
    """As practices.services.report_absence; also how many e-consultations went to another doctor or got a new date."""
    absence = practices.report_absence(
        actor=actor,
        practice_id=practice_id,
        clinician_id=clinician_id,
        first_date=first_date,
        last_date=last_date,
        substitute_id=substitute_id,
        note=note,
        now=now,
    )
    return absence, dialogues.follow_absences(now=now, practice_id=practice_id)


@transaction.atomic
def end(*, actor: Actor, absence_id: UUID, now: datetime) -> int:
    """As practices.services.end_absence; also how many e-consultations came back or got their date back."""
    practices.end_absence(actor=actor, absence_id=absence_id, now=now)
    return dialogues.follow_absences(now=now, practice_id=actor.practice_id)
