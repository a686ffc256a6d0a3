"""What a citizen has begun to write: saved as she types, kept for thirty days, gone when it is sent."""

import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from uuid import UUID

from django.db import transaction

from legedialog.access.actor import Actor
from legedialog.consent import policy as consent
from legedialog.core.errors import NotFound
from legedialog.core.times import local_day
from legedialog.dialogues import policy, rules
from legedialog.dialogues.models import Draft
from legedialog.patients import queries as patients


@transaction.atomic
def save_draft(
    *,
    actor: Actor,
    patient_id: UUID,
    kind: str,
    topic_code: str | None = None,
    answers: Mapping[str, str] | None = None,
    text: str | None = None,
    attachment_ids: Sequence[UUID] | None = None,
    now: datetime,
) -> Draft:
    """Begin a draft of this kind, or change what is given of it. What was written stays also when it is too long.

    Raises NotFound for a stranger and for one without a GP, Denied where writing is closed, Refused without Full.
    """
    policy.check_writes(actor, patient_id)
    consent.check_full(patient_id)
    assert actor.person_id  # noqa: S101  check_writes: a citizen
    gp = patients.gp_of(patient_id, local_day(now))
    if gp is None:
        raise NotFound
    Draft.objects.filter(
        owner=actor.person_id, patient=patient_id, kind=kind, saved_at__lte=now - rules.DRAFT_LASTS
    ).delete()
    begun = Draft(
        owner_id=actor.person_id,
        patient_id=patient_id,
        practice_id=gp.practice.id,
        kind=kind,
        topic_code="",
        answers="",
        text="",
        started_at=now,
        saved_at=now,
    )
    Draft.objects.bulk_create([begun], ignore_conflicts=True)
    draft = Draft.objects.select_for_update().get(owner=actor.person_id, patient=patient_id, kind=kind)
    if topic_code is not None and topic_code != draft.topic_code:
        draft.topic_code, draft.answers = topic_code, ""  # other questions are asked
    if answers is not None:
        draft.answers = json.dumps(dict(answers), ensure_ascii=False)
    if text is not None:
        draft.text = text
    if attachment_ids is not None:
        draft.attachment_ids = list(attachment_ids)
    draft.practice_id, draft.saved_at = gp.practice.id, now
    draft.save()
    return draft


@transaction.atomic
def discard_draft(*, actor: Actor, draft_id: UUID, now: datetime) -> None:
    """Raises NotFound for another's, and when it is gone already."""
    policy.find_draft(actor, draft_id, lock=True).delete()


def forget_drafts(*, actor: Actor, person_id: UUID) -> None:
    """She turned the services off: what she, or others for her, had begun goes."""
    Draft.objects.filter(patient=person_id, patient__in=actor.patients).delete()


def tidy(now: datetime) -> None:
    """Remove drafts nobody has touched for thirty days: run by a job every hour (operations/tasks.py)."""
    Draft.objects.filter(saved_at__lte=now - rules.DRAFT_LASTS).delete()
