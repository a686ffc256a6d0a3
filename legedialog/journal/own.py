"""What journal says in a citizen's own data: the record with its files, and what she has asked of it."""

import base64
from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from legedialog.access.actor import Actor
from legedialog.core.contexts import Enclosed, Own
from legedialog.core.fhir import Resource, code, full, urn
from legedialog.journal import icpc2, policy
from legedialog.journal.models import CorrectionRequest, Entry
from legedialog.journal.queries import author, files_of, moved
from legedialog.journal.texts import ASKED, CONTACT_TYPES, right_to_complain


def _entries(actor: Actor, person_id: UUID, now: datetime) -> list[Entry]:
    rows = policy.own(actor).filter(patient=person_id)
    return list(rows.select_related("practice", "by_person", "by_employee", "moved_by").order_by("at", "pk"))


def _files(rows: Sequence[Entry]) -> list[Sequence[Any]]:
    found = files_of({row.object_id for row in rows})
    return [found.get(row.object_id, ()) for row in rows]


def _entry_line(row: Entry) -> Sequence[object]:
    why = gettext("Rettet fordi: %(reason)s") % {"reason": row.reason} if row.reason else ""
    return [
        row.at,
        "\n".join(filter(None, (row.title, str(CONTACT_TYPES[row.contact_type]), icpc2.label(row.problem_code)))),
        f"{author(row)}, {row.practice.name}",
        "\n".join(filter(None, (moved(row), why, row.text))),
    ]


def _entry(row: Entry, me: Resource) -> Resource:
    """With its words as plain text; a correction is appended to what it corrects."""
    words = base64.b64encode("\n\n".join(filter(None, (row.reason, row.text))).encode()).decode()
    corrects = {"code": "appends", "target": {"reference": urn(row.corrects_id)}} if row.corrects_id else None
    text = {"contentType": "text/plain; charset=utf-8", "language": "nb", "title": row.title, "data": words}
    return {
        "resourceType": "DocumentReference",
        "id": str(row.pk),
        "status": "current",
        "type": {"text": row.kind},
        "category": [{"text": row.contact_type}],
        "subject": me,
        "date": row.at.isoformat(),
        "author": [{"display": author(row)}],
        "custodian": {"display": row.practice.name},
        "relatesTo": [corrects] if corrects else [],
        "description": ". ".join(filter(None, (row.title, moved(row)))),
        "content": [{"attachment": full(text)}],
        "context": {"event": [code(icpc2.SYSTEM, row.problem_code)]} if row.problem_code else {},
    }


def _corrections(actor: Actor, person_id: UUID, now: datetime) -> Sequence[CorrectionRequest]:
    rows = CorrectionRequest.objects.filter(patient=person_id).order_by("sent_at", "pk")
    return list(rows if actor.areas is None else rows.filter(by_person=None))


def _said(row: CorrectionRequest) -> list[object]:
    return [text for text in (row.text, row.answer, right_to_complain(row.outcome)) if text]


def _resource(row: CorrectionRequest, me: dict[str, Any]) -> dict[str, Any]:
    return {
        "resourceType": "Communication",
        "id": str(row.pk),
        "status": "completed" if row.answered_at else "in-progress",
        "topic": {"text": "retting eller sletting"},
        "reasonCode": [{"text": row.asked}],
        "subject": me,
        "sender": me,
        "sent": row.sent_at.isoformat(),
        "payload": [{"contentString": str(text)} for text in _said(row)],
    }


CORRECTIONS = Own(
    title=_("Ønsker om retting og sletting"),
    head=(_("Sendt"), _("Besvart"), _("Hva"), _("Ønske og svar")),
    rows=_corrections,
    line=lambda row: [
        *(row.sent_at, row.answered_at, ASKED.get(row.asked, row.asked)),
        "\n".join(str(text) for text in _said(row)),
    ],
    resources=lambda row, me: [_resource(row, me)],
    order=75,
)
RECORD = Own(
    title=_("Journal hos legekontoret"),
    head=(_("Når"), _("Hva"), _("Hvem"), _("Tekst")),
    rows=_entries,
    line=_entry_line,
    resources=lambda row, me: [_entry(row, me)],
    order=70,
    files=Enclosed(_files, "content", "attachment"),
)
