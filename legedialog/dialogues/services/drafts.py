"""What a citizen has begun to write: saved as she types, kept for thirty days, gone when it is sent."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db import transaction

from legedialog.access.actor import Actor
from legedialog.consent import policy as consent
from legedialog.core import writing
from legedialog.core.errors import NotFound, Refused
from legedialog.core.times import local_day
from legedialog.dialogues import policy, rules
from legedialog.dialogues.models import Draft
from legedialog.patients import queries as patients


@dataclass(frozen=True, slots=True)
class Seen:
    """What the page that saves has seen: the draft's `version`, 0 for none yet; and which page it is itself.

    A page may always go on from its own last change, also when the answer to that was lost on the way.
    """

    version: int
    page: UUID | None = None


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
    seen: Seen | None = None,
    now: datetime,
) -> Draft:
    """Begin a draft of this kind, or change what is given of it. What was written stays also when it is too long.

    Without `seen` whatever is there is changed. Raises NotFound for a stranger and for one without a GP, Denied where
    writing is closed, Refused without Full, or when another page has changed it ("draft-changed", "draft-gone").
    """
    policy.check_writes(actor, patient_id)
    consent.check_full(patient_id)
    assert actor.person_id  # noqa: S101  check_writes: a citizen
    gp = patients.gp_of(patient_id, local_day(now))
    if gp is None:
        raise NotFound
    hers = Draft.objects.filter(owner=actor.person_id, patient=patient_id, kind=kind)
    writing.remove(hers.filter(saved_at__lte=now - rules.DRAFT_LASTS))
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
    given: dict[str, object] = {}
    if topic_code is not None and topic_code != draft.topic_code:
        given |= {"topic_code": topic_code, "answers": ""}  # other questions are asked
    if answers is not None:
        given["answers"] = json.dumps(dict(answers), ensure_ascii=False)
    if text is not None:
        given["text"] = text
    if attachment_ids is not None:
        given["attachment_ids"] = list(attachment_ids)
    if any(value != getattr(draft, name) for name, value in given.items()):
        if seen:
            _check_seen(draft, seen)
        for name, value in given.items():
            setattr(draft, name, value)
        draft.version, draft.page = draft.version + 1, seen.page if seen else None
    draft.practice_id, draft.saved_at = gp.practice.id, now
    writing.save(draft)
    return draft


def _check_seen(draft: Draft, seen: Seen) -> None:
    if seen.version == draft.version or (seen.page and seen.page == draft.page):
        return
    raise Refused(rules.DRAFT_CHANGED if draft.version else rules.DRAFT_GONE)


@transaction.atomic
def discard_draft(*, actor: Actor, draft_id: UUID, version: int | None = None, now: datetime) -> None:
    """`version` is what she saw. Raises NotFound for another's or one that is gone, Refused "draft-changed"."""
    draft = policy.find_draft(actor, draft_id, lock=True)
    if version not in (None, draft.version):
        raise Refused(rules.DRAFT_CHANGED)
    writing.remove(draft)


def forget_drafts(*, actor: Actor, person_id: UUID) -> None:
    """She turned the services off: what she, or others for her, had begun goes."""
    writing.remove(Draft.objects.filter(patient=person_id, patient__in=actor.patients))


def tidy(now: datetime) -> None:
    """Remove drafts nobody has touched for thirty days: run by a job every hour (operations/tasks.py)."""
    writing.remove(Draft.objects.filter(saved_at__lte=now - rules.DRAFT_LASTS))
