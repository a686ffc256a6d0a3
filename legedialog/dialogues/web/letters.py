"""What stands in Meldinger: her dialogues, and what she has begun to write."""

from datetime import datetime
from uuid import UUID

from django.urls import reverse
from django.utils.translation import gettext as _

from legedialog.access.actor import Actor
from legedialog.core.contexts import Line, Waiting
from legedialog.dialogues import drafts, queries
from legedialog.dialogues.drafts import DraftRow
from legedialog.dialogues.texts import KINDS, STATUSES
from legedialog.dialogues.web import ways
from legedialog.ui import dates


def talks(actor: Actor, person_id: UUID, *, words: str, before: datetime | None, most: int) -> list[Line]:
    return [
        Line(
            row.last_message_at,
            f"{KINDS[row.kind]}: {row.subject}",
            row.doctor or row.practice_name,
            *STATUSES[row.status],
            url=ways.to(row.id, is_unread=row.is_unread),
            due_date=row.due_date,
            is_unread=row.is_unread,
        )
        for row in queries.mine(actor, person_id, words=words, before=before, page=most)
    ]


def _begun_at(row: DraftRow) -> str:
    if row.dialogue_id:
        return f"{reverse('dialogues:show', args=[row.dialogue_id])}#reply"
    return reverse("dialogues:econsultation" if row.kind == "econsultation" else "dialogues:contact")


def begun(actor: Actor, person_id: UUID, now: datetime) -> list[Waiting]:
    return [
        Waiting(
            (_("Kladd til svar: %(kind)s") if row.dialogue_id else _("Kladd: %(kind)s")) % {"kind": KINDS[row.kind]},
            _("Sist lagret %(time)s") % {"time": dates.long_datetime(row.saved_at)},
            _begun_at(row),
            _("Ikke sendt"),
            "warning",
        )
        for row in drafts.hers(actor, person_id, now)
    ]
