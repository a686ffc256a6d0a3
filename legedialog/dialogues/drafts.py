"""What she has begun to write and not sent."""

import json
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db.models import Q

from legedialog.access.actor import Actor
from legedialog.core import broken
from legedialog.dialogues import policy, rules
from legedialog.dialogues.models import Draft


@dataclass(frozen=True, slots=True)
class DraftRow:
    id: UUID
    kind: str
    topic_code: str
    answers: dict[str, str]
    text: str
    attachment_ids: list[UUID]
    version: int
    practice_id: UUID
    saved_at: datetime
    ends_at: datetime
    dialogue_id: UUID | None  # that it is a reply in


def row_of(row: Draft) -> DraftRow:
    return DraftRow(
        id=row.pk,
        kind=row.kind,
        topic_code=row.topic_code,
        answers=broken.read(row.answers, _answers, lambda _: {}, of="dialogues_draft.answers", row=row.pk),
        text=row.text,
        attachment_ids=list(row.attachment_ids),
        version=row.version,
        practice_id=row.practice_id,
        saved_at=row.saved_at,
        ends_at=row.saved_at + rules.DRAFT_LASTS,
        dialogue_id=row.dialogue_id,
    )


def _answers(text: str) -> dict[str, str]:
    return {str(question): str(answer) for question, answer in json.loads(text).items()} if text else {}


def hers(actor: Actor, person_id: UUID, now: datetime) -> list[DraftRow]:
    """What she has begun for this patient and that still lasts: replies where she still reads the dialogue. One
    query."""
    rows = Draft.objects.filter(
        Q(dialogue=None) | Q(dialogue__in=policy.visible_to(actor)),
        owner=actor.person_id,
        patient=person_id,
        patient__in=actor.patients,
        saved_at__gt=now - rules.DRAFT_LASTS,
    )
    return [row_of(row) for row in rows.order_by("-saved_at")]


def of_kind(actor: Actor, person_id: UUID, kind: str, now: datetime) -> DraftRow | None:
    """Of something new. One query."""
    return next((row for row in hers(actor, person_id, now) if row.kind == kind and not row.dialogue_id), None)


def of_reply(actor: Actor, dialogue_id: UUID, now: datetime) -> DraftRow | None:
    """What she has begun to answer in a dialogue that she reads. One query."""
    rows = Draft.objects.filter(owner=actor.person_id, dialogue=dialogue_id, patient__in=actor.patients)
    found = rows.filter(saved_at__gt=now - rules.DRAFT_LASTS).first()
    return row_of(found) if found else None
