"""What dialogues says in a citizen's own data: what either side wrote, with its files, and her drafts."""

import json
from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID, uuid5

from django.utils.translation import gettext_lazy as _

from legedialog.access.actor import Actor
from legedialog.core import broken
from legedialog.core.contexts import Enclosed, Own
from legedialog.core.fhir import Resource
from legedialog.dialogues import intake, policy
from legedialog.dialogues.models import Draft, Message
from legedialog.dialogues.texts import STATUSES
from legedialog.journal.queries import files_of


def _messages(actor: Actor, person_id: UUID, now: datetime) -> list[Message]:
    rows = policy.messages_visible_to(actor).filter(dialogue__patient=person_id)
    return list(rows.select_related("dialogue__practice", "by_person", "by_employee").order_by("at", "pk"))


def _files(rows: Sequence[Message]) -> list[Sequence[Any]]:
    found = files_of({row.pk for row in rows})
    return [found.get(row.pk, ()) for row in rows]


def _message_line(row: Any) -> Sequence[object]:
    return [
        row.at,
        f"{(row.by_employee or row.by_person).name}\n{row.dialogue.practice.name}",
        STATUSES[row.dialogue.status][0],
        "\n".join([row.dialogue.subject, *_answered(row), row.text]),
    ]


def _message(row: Any, me: Resource) -> list[Resource]:
    """What was written, with the dialogue as its topic; and her answers to the questions before it, as they are
    kept."""
    writer = row.by_employee or row.by_person
    written: Resource = {
        "resourceType": "Communication",
        "id": str(row.pk),
        "status": "completed",
        "subject": me,
        "topic": {"text": row.dialogue.subject},
        "sent": row.at.isoformat(),
        "received": row.read_at and row.read_at.isoformat(),
        "sender": {"display": f"{writer.name}, {row.dialogue.practice.name}"} if row.by_employee else me,
        "payload": [{"contentString": row.text}] if row.text else [],
    }

    def told(answers: str) -> list[Resource]:
        own = {"id": str(uuid5(row.pk, "answers")), "subject": me}
        return [written, json.loads(answers) | own] if answers else [written]

    def instead(sentence: str) -> list[Resource]:
        return [written | {"payload": [*written["payload"], {"contentString": sentence}]}]

    return broken.read(row.answers, told, instead, of="dialogues_message.answers", row=row.pk)


def _drafts(actor: Actor, person_id: UUID, now: datetime) -> list[Draft]:
    return list(Draft.objects.filter(owner=person_id, patient=person_id).order_by("saved_at", "pk"))


def _answered(row: Message | Draft) -> list[str]:
    def told(answers: str) -> list[str]:
        pairs = intake.pairs(json.loads(answers)) if answers else []
        return [f"{question} {answer}" for question, answer in pairs]

    return broken.read(row.answers, told, lambda sentence: [sentence], of=f"{row._meta.db_table}.answers", row=row.pk)


MESSAGES = Own(
    title=_("Dialoger med legen og kontoret"),
    head=(_("Når"), _("Hvem skrev"), _("Status"), _("Tekst")),
    rows=_messages,
    line=_message_line,
    resources=_message,
    order=50,
    files=Enclosed(_files, "payload", "contentAttachment"),
)
DRAFTS = Own(
    title=_("Kladder"),
    head=(_("Sist lagret"), _("Tekst")),
    rows=_drafts,
    line=lambda row: [row.saved_at, "\n".join([*_answered(row), row.text])],
    resources=lambda row, me: [],
    order=51,
)
