"""What waits for the office beside its messages: what registers have changed, what citizens ask of their log and their
record, and notices that did not reach anybody."""

from datetime import datetime
from uuid import UUID

from django.urls import reverse
from django.utils.translation import gettext as _

from legedialog.access.actor import Actor
from legedialog.core.contexts import Waiting
from legedialog.journeys import changes as registers
from legedialog.journeys import log, misfiling
from legedialog.outbox import queries as outbox
from legedialog.outbox.queries import Undelivered
from legedialog.ui import dates
from legedialog.workspace import texts


def changes(actor: Actor, practice_id: UUID, now: datetime) -> list[Waiting]:
    return [
        Waiting(
            row.patient_name,
            dates.long_datetime(row.at),
            reverse("workspace:change", args=[row.id]),
            texts.CHANGES[row.kind][0],
            "info",
        )
        for row in registers.waiting(actor, practice_id)
    ]


def concerns(actor: Actor, practice_id: UUID, now: datetime) -> list[Waiting]:
    return [
        _due("workspace:concern", row.id, row.patient_name, row.sent_at, row.answer_by, is_late=row.is_late)
        for row in log.open_concerns(actor, practice_id, now)
    ]


def corrections(actor: Actor, practice_id: UUID, now: datetime) -> list[Waiting]:
    return [
        _due("workspace:correction", row.id, row.patient_name, row.sent_at, row.answer_by, is_late=row.is_late)
        for row in misfiling.waiting(actor, now)
    ]


def undelivered(actor: Actor, practice_id: UUID, now: datetime) -> list[Undelivered]:
    return outbox.undelivered(actor, practice_id)


def _due(route: str, pk: UUID, name: str, sent_at: datetime, answer_by: object, *, is_late: bool) -> Waiting:
    due = _("Svar innen %(date)s") % {"date": dates.long_date(answer_by)}  # type: ignore[arg-type]
    color = "danger" if is_late else "info"
    return Waiting(name, dates.long_datetime(sent_at), reverse(route, args=[pk]), due, color)
