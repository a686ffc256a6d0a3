"""What a citizen has begun to write: saved as she types, kept for thirty days, gone when it is sent."""

import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.db.models import QuerySet

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
    hers = Draft.objects.filter(owner=actor.person_id, patient=patient_id, kind=kind, dialogue=None)
    begun = Draft(owner_id=actor.person_id, patient_id=patient_id, practice_id=gp.practice.id, kind=kind)
    draft = _begun(hers, begun, now)
    given: dict[str, object] = {}
    if topic_code is not None and topic_code != draft.topic_code:
        given |= {"topic_code": topic_code, "answers": ""}  # other questions are asked
    if answers is not None:
        given["answers"] = json.dumps(dict(answers), ensure_ascii=False)
    if text is not None:
        given["text"] = text
    if attachment_ids is not None:
        given["attachment_ids"] = list(attachment_ids)
    draft.practice_id = gp.practice.id
    return _changed(draft, given, seen, now)


@transaction.atomic
def save_reply(
    *,
    actor: Actor,
    dialogue_id: UUID,
    text: str,
    attachment_ids: Sequence[UUID],
    seen: Seen | None = None,
    now: datetime,
) -> Draft:
    """Keep what she is writing in a dialogue, as `save_draft` does for something new.

    Raises NotFound for a stranger, Denied where writing is closed, Refused without Full, where the office has not left
    it open ("reply-closed"), or when another page has changed it ("draft-changed", "draft-gone").
    """
    dialogue = policy.find(actor, dialogue_id)
    policy.check_writes(actor, dialogue.patient_id)
    consent.check_full(dialogue.patient_id)
    assert actor.person_id  # noqa: S101  check_writes: a citizen
    if not rules.may_reply(dialogue.status, is_open=dialogue.is_reply_open):
        raise Refused(rules.REPLY_CLOSED)
    begun = Draft(
        owner_id=actor.person_id,
        patient_id=dialogue.patient_id,
        practice_id=dialogue.practice_id,
        kind=dialogue.kind,
        dialogue=dialogue,
    )
    draft = _begun(Draft.objects.filter(owner=actor.person_id, dialogue=dialogue), begun, now)
    return _changed(draft, {"text": text, "attachment_ids": list(attachment_ids)}, seen, now)


def take_reply(actor: Actor, dialogue_id: UUID, text: str, attachment_ids: Collection[UUID], seen: Seen) -> None:
    """What she sends is a draft no more, if it is what she saw or what she sends. In the transaction that sends it."""
    hers = Draft.objects.select_for_update().filter(owner=actor.person_id, dialogue=dialogue_id)
    draft = hers.first()
    if draft is None:
        if seen.version:
            raise Refused(rules.DRAFT_GONE)
        return
    if (draft.text.strip(), set(draft.attachment_ids)) != (text.strip(), set(attachment_ids)):
        _check_seen(draft, seen)
    writing.remove_by(Draft, "pk", [draft.pk])


def _begun(hers: QuerySet[Draft], begun: Draft, now: datetime) -> Draft:
    """The one that is there, or this one; locked."""
    writing.remove(hers.filter(saved_at__lte=now - rules.DRAFT_LASTS))
    begun.topic_code = begun.answers = begun.text = ""
    begun.started_at = begun.saved_at = now
    Draft.objects.bulk_create([begun], ignore_conflicts=True)
    return hers.select_for_update().get()


def _changed(draft: Draft, given: Mapping[str, object], seen: Seen | None, now: datetime) -> Draft:
    if any(value != getattr(draft, name) for name, value in given.items()):
        if seen:
            _check_seen(draft, seen)
        for name, value in given.items():
            setattr(draft, name, value)
        draft.version, draft.page = draft.version + 1, seen.page if seen else None
    draft.saved_at = now
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
