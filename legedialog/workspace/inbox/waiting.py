"""How much of the inbox waits for the one who looks, and what waits beside its messages: what registers have changed,
what citizens ask of their log and their record, notices that reached nobody, and what was not done after all."""

from collections.abc import Iterable, Mapping
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext as _

from legedialog.access.actor import Actor, Role
from legedialog.audit import queries as audit
from legedialog.core.contexts import Waiting
from legedialog.core.sql import Asked, Heap
from legedialog.dialogues import office
from legedialog.dialogues.office import Tab
from legedialog.journal.texts import ASKED
from legedialog.journeys import changes as registers
from legedialog.journeys import log, misfiling
from legedialog.outbox import queries as outbox
from legedialog.outbox.queries import Undelivered
from legedialog.pending import queries as pending
from legedialog.pending.queries import Failed
from legedialog.ui import dates
from legedialog.workspace import texts, undo

Acts = Mapping[UUID, object]  # what is about to happen to what; nothing of it stands here


def changes(actor: Actor, now: datetime, acts: Acts, found: Iterable[registers.Unseen]) -> list[Waiting]:
    return [
        Waiting(
            row.patient_name,
            dates.long_datetime(row.at),
            reverse("workspace:register-change", args=[row.id]),
            texts.CHANGES[row.kind][0],
            "info",
        )
        for row in found
    ]


def concerns(actor: Actor, now: datetime, acts: Acts, found: list[audit.OpenConcern]) -> list[Waiting]:
    return [
        _due("workspace:concern", row.id, row.patient_name, row.sent_at, row.answer_by, is_late=row.is_late)
        for row in log.open_concerns(actor, found, now)
    ]


def corrections(actor: Actor, now: datetime, acts: Acts, found: list[Any]) -> list[Waiting]:
    return [
        _due(
            *("workspace:correction", row.id, row.patient_name, row.sent_at, row.answer_by),
            is_late=row.is_late,
            what=ASKED[row.asked],
        )
        for row in misfiling.waiting_from(found, now)
    ]


def not_done(actor: Actor, now: datetime, acts: Acts, found: list[Any]) -> list[tuple[Failed, str]]:
    """What she did and what was not done after all, with the page where she goes on."""
    return [(each, undo.page_of(each.name, each.object_id, each.given)) for each in pending.failures(found)]


def undelivered(actor: Actor, now: datetime, acts: Acts, found: list[Any]) -> list[Undelivered]:
    return outbox.notices_from(found)


def _due(
    route: str, pk: UUID, name: str, sent_at: datetime, answer_by: date, *, is_late: bool, what: str | Promise = ""
) -> Waiting:
    due = (_("Fristen var %(date)s") if is_late else _("Svar innen %(date)s")) % {"date": dates.long_date(answer_by)}
    color = "danger" if is_late else "info"
    text = ", ".join(str(each) for each in (what, dates.long_datetime(sent_at)) if each)
    return Waiting(name, text, reverse(route, args=[pk]), due, color)


def tab(actor: Actor) -> Tab:
    """Where what waits for her stands: a doctor's own; for reception and the manager the office's."""
    return Tab.MINE if actor.role in (Role.DOCTOR, Role.SUBSTITUTE) else Tab.OFFICE


def messages(actor: Actor, now: datetime) -> Asked[Heap]:
    return office.for_her(actor, now, tab(actor))
