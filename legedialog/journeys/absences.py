"""A doctor is away, or back: her times close, and what waits for her answer follows at once."""

from datetime import date, datetime
from uuid import UUID

from django.db import transaction

from legedialog.access.actor import Actor
from legedialog.dialogues import services as dialogues
from legedialog.journeys import handing_over
from legedialog.journeys.handing_over import Away, Choice
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
    choices: list[Choice] | None = None,
    text: str = "",
    now: datetime,
) -> tuple[Absence, int]:
    """As practices.services.report_absence; also how many e-consultations went to another doctor or got a new date.

    What was chosen for those booked meanwhile begins; `text` is for those whose time is cancelled.
    """
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
    moved = dialogues.follow_absences(now=now, practice_id=practice_id)
    if choices:
        away = Away(practice_id, clinician_id, first_date, last_date, substitute_id)
        handing_over.start(actor=actor, away=away, choices=choices, text=text, now=now)
    return absence, moved


@transaction.atomic
def end(*, actor: Actor, absence_id: UUID, now: datetime) -> int:
    """As practices.services.end_absence; also how many e-consultations came back or got their date back.

    What is handed over already stays where it is; what is not yet stays hers.
    """
    _name, away = handing_over.absence(actor, absence_id)
    practices.end_absence(actor=actor, absence_id=absence_id, now=now)
    handing_over.stop_of(actor, away.clinician_id, now)
    return dialogues.follow_absences(now=now, practice_id=actor.practice_id)
