"""The citizen sends, replies and takes back."""

import json
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.utils.translation import get_language

from legedialog.access.actor import Actor, system
from legedialog.attachments import services as attachments
from legedialog.consent import policy as consent
from legedialog.core import writing
from legedialog.core.errors import NotFound, Refused
from legedialog.core.ids import new_id
from legedialog.core.sql import Asked, Statement, ask_all, together
from legedialog.core.times import local_day
from legedialog.dialogues import doors, intake, policy, rules, topics
from legedialog.dialogues.doors import Door
from legedialog.dialogues.models import Dialogue, Draft, Kind, Message, Status, What
from legedialog.dialogues.services import trace
from legedialog.dialogues.services.drafts import Seen, take_reply
from legedialog.dialogues.topics import TopicRow
from legedialog.patients import queries as patients


@dataclass(frozen=True, slots=True)
class _Locked:
    id: UUID


# Until the transaction ends, no other window sends for the same patient: the limit counts them all.
ONE_AT_A_TIME = Statement(
    "one at a time", "SELECT id FROM patients_person WHERE id = %(person_id)s FOR NO KEY UPDATE", _Locked
)


@transaction.atomic
def send(
    *, actor: Actor, draft_id: UUID, version: int | None = None, price: str | None = None, now: datetime
) -> Dialogue:
    """Send a draft to the office in the `version` she saw, for the `price` she saw (the mark of fees.texts.shown).
    Twice, also at once, it gives the same dialogue.

    Raises NotFound for another's draft; Refused when either is another than she saw ("draft-changed", "price-changed"),
    the door has closed
    ("service-closed", "queue-full", "outside-hours"), consent is missing, an answer is a red flag, or something is
    missing: the draft stays.
    """
    draft = Draft.objects.select_for_update().filter(pk=draft_id, owner=actor.person_id).first()
    if draft is None:
        return _sent_before(actor, draft_id)
    if draft.patient_id not in actor.patients:
        raise NotFound
    if version not in (None, draft.version):
        raise Refused(rules.DRAFT_CHANGED)
    policy.check_writes(actor, draft.patient_id)
    today = local_day(now)
    full, _, serving = ask_all(
        Asked(consent.FULL, {"person_id": draft.patient_id}),
        Asked(ONE_AT_A_TIME, {"person_id": draft.patient_id}),
        Asked(patients.GP, {"person_id": draft.patient_id, "today": today}),
    )
    consent.check_is_full(full)
    door = doors.door_of(patients.gp_from(serving, today), draft.kind, now)
    if door is None:
        raise NotFound
    if door.refused:
        raise door.refused
    topic, answers = _complete(draft, door, now)
    waiting = Dialogue.objects.filter(patient=draft.patient_id, status__in=rules.WAITING).count()
    if waiting >= rules.MAX_OPEN:
        raise Refused(rules.TOO_MANY_OPEN)

    is_delivered = not door.is_external  # where the office works here, it is there at once
    dialogue = Dialogue(
        id=new_id(),
        key=draft.pk,
        kind=draft.kind,
        practice_id=door.practice.id,
        contract_id=door.contract_id,
        clinician_id=door.doctor.clinician_id,
        answerer_id=door.answerer_id,
        patient_id=draft.patient_id,
        started_by_person_id=actor.person_id,
        ground=actor.ground,
        topic_code=topic.code,
        subject=topic.names["nb"],
        status=Status.DELIVERED if is_delivered else Status.SENT,
        status_at=now,
        started_at=now,
        sent_at=now,
        delivered_at=now if is_delivered else None,
        due_date=door.due_date,
        last_message_at=now,
        told_reception=door.kind == Kind.ECONSULTATION and door.secretary_reads,
    )
    with together():
        trace.promise(actor, dialogue, now, mark=price, is_new=True)
        writing.add(dialogue)
        message = _write(actor, dialogue, number=1, key=draft.pk, text=draft.text, answers=answers, now=now)
        trace.happened(actor, dialogue, What.SENT, now, clinician_id=dialogue.answerer_id, due_date=dialogue.due_date)
        if is_delivered:
            trace.happened(system(practice_id=dialogue.practice_id), dialogue, What.DELIVERED, now)
        writing.remove_by(Draft, "pk", [draft.pk])
    trace.attach(actor, dialogue, message, draft.attachment_ids, now)
    return dialogue


@transaction.atomic
def reply(
    *,
    actor: Actor,
    dialogue_id: UUID,
    key: UUID,
    text: str,
    attachment_ids: Collection[UUID] = (),
    price: str | None = None,
    seen: Seen | None = None,
    now: datetime,
) -> Dialogue:
    """Write again where the office has left it open. The same key twice writes once.

    It waits for an answer anew. What the office itself began costs from here on, for the `price` she saw (as `send`).
    With `seen` it is the draft that she saw, which goes. Raises NotFound for a stranger, Refused "reply-closed",
    "price-changed", "draft-changed", "draft-gone", or as `send` for consent.
    """
    dialogue = policy.find(actor, dialogue_id, lock=True)
    policy.check_writes(actor, dialogue.patient_id)
    if Message.objects.filter(key=key, dialogue=dialogue).exists():
        return dialogue
    consent.check_full(dialogue.patient_id)
    if not rules.may_reply(dialogue.status, is_open=dialogue.is_reply_open):
        raise Refused(rules.REPLY_CLOSED)
    if not text.strip() or len(text) > rules.TEXT_LENGTH:
        raise Refused(rules.INCOMPLETE)
    if seen:
        take_reply(actor, dialogue_id, text, attachment_ids, seen)
    trace.promise_once(actor, dialogue, now, mark=price)
    today = local_day(now)
    away = doors.unattended(dialogue.practice_id, dialogue.clinician_id, today) if dialogue.answerer_id else ()
    dialogue.status = Status.SENT
    dialogue.status_at = dialogue.sent_at = dialogue.last_message_at = now
    dialogue.delivered_at = dialogue.opened_at = dialogue.escalated_at = None
    dialogue.due_date = rules.due_date(today, away)
    number = dialogue.messages.count() + 1
    message = _write(actor, dialogue, number=number, key=key, text=text, answers="", now=now)
    trace.attach(actor, dialogue, message, attachment_ids, now)
    trace.happened(actor, dialogue, What.SENT, now, clinician_id=dialogue.answerer_id, due_date=dialogue.due_date)
    writing.save(dialogue)
    if not doors.intake_of(dialogue.practice_id).is_external:
        _deliver(system(practice_id=dialogue.practice_id), dialogue, now)
    return dialogue


@transaction.atomic
def withdraw(*, actor: Actor, dialogue_id: UUID, now: datetime) -> Dialogue:
    """Take back what the one it is for has not read. What nobody read is removed. Raises NotFound, Refused."""
    dialogue = policy.find(actor, dialogue_id, lock=True)
    policy.check_writes(actor, dialogue.patient_id)
    if dialogue.status == Status.WITHDRAWN:
        return dialogue
    if dialogue.started_by_person_id is None or dialogue.opened_at or dialogue.answered_at:
        raise Refused(rules.ALREADY_OPENED)
    if Status.WITHDRAWN not in rules.MOVES[dialogue.status]:
        raise Refused(rules.ALREADY_OPENED)
    dialogue.status, dialogue.status_at, dialogue.closed_at = Status.WITHDRAWN, now, now
    dialogue.is_reply_open = False
    dialogue.claimed_by = dialogue.claimed_until = None
    writing.save(dialogue)
    for message in policy.written().filter(dialogue=dialogue, read_at=None):  # what reception has read is in the record
        message.text = message.answers = ""
        message.save(update_fields=["text", "answers"])
        attachments.forget(message.pk)
    trace.happened(actor, dialogue, What.WITHDRAWN, now)
    return dialogue


@transaction.atomic
def deliver(*, actor: Actor, dialogue_id: UUID, now: datetime) -> Dialogue:
    """The office's own record system has taken it in (AppRec). Twice is fine. `actor` is the system at the office."""
    dialogue = policy.find(actor, dialogue_id, lock=True)
    if dialogue.status == Status.SENT:
        _deliver(actor, dialogue, now)
    return dialogue


def _deliver(actor: Actor, dialogue: Dialogue, now: datetime) -> None:
    rules.check_move(dialogue.status, Status.DELIVERED)
    dialogue.status, dialogue.status_at, dialogue.delivered_at = Status.DELIVERED, now, now
    dialogue.save(update_fields=["status", "status_at", "delivered_at"])
    trace.happened(actor, dialogue, What.DELIVERED, now)


def _sent_before(actor: Actor, draft_id: UUID) -> Dialogue:
    """What the same draft became when it was sent a moment ago, by a double click or after a cut connection."""
    dialogue = policy.visible_to(actor).filter(key=draft_id, started_by_person=actor.person_id).first()
    if dialogue is None:
        raise NotFound
    return dialogue


def _complete(draft: Draft, door: Door, now: datetime) -> tuple[TopicRow, str]:
    """The topic and the answers as FHIR, when everything is there and nothing is urgent."""
    topic = door.topic(draft.topic_code)
    if topic is None or not topic.is_active or topic.leads_to:
        raise Refused(rules.INCOMPLETE)
    if not draft.text.strip() or len(draft.text) > rules.TEXT_LENGTH:
        raise Refused(rules.INCOMPLETE)
    if draft.kind != Kind.ECONSULTATION:
        return topic, ""
    asked = topics.asked(door.practice.id, topic.code)
    given = json.loads(draft.answers) if draft.answers else {}
    language = get_language() or "nb"
    stop = intake.stop_of(asked.questions, given, language)
    if stop:
        raise Refused(rules.RED_FLAG, stop=stop)
    if intake.missing(asked.questions, given):
        raise Refused(rules.INCOMPLETE)
    kept = intake.response(
        asked.questions,
        given,
        canonical=asked.canonical(door.practice.id),
        authored=now.isoformat(),
        language=language,
    )
    return topic, json.dumps(kept, ensure_ascii=False)


def _write(
    actor: Actor, dialogue: Dialogue, *, number: int, key: UUID, text: str, answers: str, now: datetime
) -> Message:
    message = Message(
        dialogue=dialogue,
        practice_id=dialogue.practice_id,
        number=number,
        key=key,
        at=now,
        by_person_id=actor.person_id,
        ground=actor.ground,
        text=text.strip(),
        answers=answers,
    )
    writing.add(message)
    return message
