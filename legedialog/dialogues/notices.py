"""Whether what is told of a dialogue is still true, and the words. See journeys/telling.py."""

from collections.abc import Collection
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import Exists, OuterRef
from django.utils.translation import gettext as _

from legedialog.core.contexts import Subject
from legedialog.dialogues.models import Dialogue
from legedialog.dialogues.policy import written
from legedialog.dialogues.rules import WAITING
from legedialog.outbox.rules import Reason, Skip, Told, Words
from legedialog.visibility.rules import Content


def _dialogues(ids: Collection[UUID]) -> dict[UUID, Any]:
    """`is_unread`: the office wrote something that nobody has read."""
    unread = written().filter(dialogue=OuterRef("pk"), by_person=None, read_at=None)
    rows = Dialogue.objects.annotate(is_unread=Exists(unread))
    return rows.only("status", "sequence", "restriction", "started_by_person").in_bulk(ids)


DIALOGUE = Subject(
    rows=_dialogues,
    content=Content.CONTACT,  # an e-consultation is the patient's side's in the same way
    restriction=lambda row: row.restriction,
    asked_by=lambda row: row.started_by_person_id,
)


def answered(row: Any, told: Told, now: datetime) -> Words | Skip:
    """Several answers that wait for the morning become one notice: the last says it all."""
    if row.sequence != told.sequence:
        return Skip(Reason.CHANGED)
    if not row.is_unread:
        return Skip(Reason.OVER)  # she has read it already
    return Words(_("Du har fått svar fra legekontoret. Logg inn på Legedialog for å lese det."), office_tells=True)


def started(row: Any, told: Told, now: datetime) -> Words | Skip:
    if not row.is_unread:
        return Skip(Reason.OVER)
    return Words(
        _("Du har fått en melding fra legekontoret. Logg inn på Legedialog for å lese den."), office_tells=True
    )


def changed(row: Any, told: Told, now: datetime) -> Words | Skip:
    """Moved to the doctor, another doctor answers, or another date: told while it still waits."""
    if row.sequence != told.sequence:
        return Skip(Reason.CHANGED)
    if row.status not in WAITING:
        return Skip(Reason.OVER)
    return Words(_("Noe er endret om meldingen din til legekontoret. Logg inn på Legedialog for å se hva."))
