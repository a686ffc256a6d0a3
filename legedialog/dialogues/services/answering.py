"""The office answers, closes, takes a closing back, and writes first."""

from collections.abc import Collection, Sequence
from datetime import datetime
from uuid import UUID

from django.db import transaction

from legedialog.access.actor import Actor
from legedialog.consent import policy as consent
from legedialog.core import seen, writing
from legedialog.core.errors import NotFound, Refused
from legedialog.core.ids import new_id
from legedialog.core.times import local_day
from legedialog.dialogues import policy, rules
from legedialog.dialogues.conversations import Offer
from legedialog.dialogues.models import Dialogue, Kind, Message, OfferedTime, Status, What
from legedialog.dialogues.services import trace
from legedialog.dialogues.services.reading import file_unread, unread
from legedialog.journal import icpc2
from legedialog.patients import policy as patient_policy
from legedialog.patients import queries as patients
from legedialog.pending import policy as pending
from legedialog.ui.dates import long_datetime


@transaction.atomic
def answer(
    *,
    actor: Actor,
    dialogue_id: UUID,
    key: UUID,
    text: str,
    closes: bool = False,
    needs_appointment: bool = False,
    offered: Sequence[Offer] = (),
    problem_code: str = "",
    language: str = "",
    attachment_ids: Collection[UUID] = (),
    charge_code: str = "",
    mark: str | None = None,
    now: datetime,
) -> Dialogue:
    """Answer open (she may write again), with `closes` the last word, with `needs_appointment` asking her to book.

    `key` is the form's: sent twice it answers once. `offered` are chosen bookable times, at most five and all ahead.
    `problem_code` is ICPC-2 ("S07"), for the record, and never missing in an e-consultation. With `charge_code` what it
    costs is approved when it closes; without, it is proposed. Raises NotFound, Denied,
    and Refused: "claimed" (its facts hold `by`) while a colleague is answering, "cannot-move" when it was withdrawn or
    closed meanwhile, "changed-since-seen" when something was written that she had not seen (`mark`: core/seen.py),
    "incomplete", "bad-times", "no-problem-code".
    """
    dialogue = policy.find(actor, dialogue_id, lock=True)
    policy.check_answers(actor, dialogue)
    if Message.objects.filter(key=key, dialogue=dialogue).exists():
        return dialogue
    if dialogue.status in rules.OVER:
        raise Refused(rules.CANNOT_MOVE)
    check_claim(actor, dialogue, now)
    seen.check(mark, *rules.seen_of(dialogue))
    if not text.strip() or len(text) > rules.TEXT_LENGTH:
        raise Refused(rules.INCOMPLETE)
    if len(offered) > rules.MAX_OFFERED or any(each.starts_at <= now for each in offered):
        raise Refused(rules.BAD_TIMES)
    problem_code = _problem(dialogue.kind, problem_code)
    if dialogue.status in rules.UNREAD:  # answered from a list: whoever answers has read it
        _open(actor, dialogue, now)
    answered = Status.NEEDS_APPOINTMENT if needs_appointment or offered else Status.ANSWERED
    rules.check_move(dialogue.status, answered)

    message = _write(actor, dialogue, key=key, text=text, language=language, now=now)
    trace.attach(actor, dialogue, message, attachment_ids, now)
    OfferedTime.objects.bulk_create(
        OfferedTime(
            message=message,
            calendar_id=each.calendar_id,
            clinician_id=each.clinician_id,
            visit_type_id=each.visit_type_id,
            channel=each.channel,
            starts_at=each.starts_at,
        )
        for each in offered
    )
    dialogue.status, dialogue.status_at = answered, now
    dialogue.answered_at = dialogue.last_message_at = now
    dialogue.is_reply_open = not closes
    dialogue.claimed_by = dialogue.claimed_until = dialogue.escalated_at = None
    trace.file_message(dialogue, message, title=f"Svar til pasienten: {dialogue.subject}", problem_code=problem_code)
    what = What.NEEDS_APPOINTMENT if answered == Status.NEEDS_APPOINTMENT else What.ANSWERED
    trace.happened(actor, dialogue, what, now)
    if answered == Status.NEEDS_APPOINTMENT:
        trace.file_decision(
            actor, dialogue, message.pk, title="Pasienten er bedt om å bestille time", text=_times(offered), now=now
        )
    if closes:
        _close(actor, dialogue, now, charge_code)
    trace.tell_patient(dialogue, "dialogue.answered", now)
    writing.save(dialogue)
    return dialogue


@transaction.atomic
def close(*, actor: Actor, dialogue_id: UUID, mark: str | None = None, now: datetime) -> Dialogue:
    """Close without writing more. Raises Refused "unanswered" for an e-consultation that a citizen waits for, and
    "changed-since-seen" when something was written that she had not seen (`mark`).

    Closing one that is closed changes nothing, so that a list of them can be closed at once.
    """
    dialogue = policy.find(actor, dialogue_id, lock=True)
    policy.check_answers(actor, dialogue)
    if dialogue.status == Status.CLOSED:
        return dialogue
    check_claim(actor, dialogue, now)
    seen.check(mark, *rules.seen_of(dialogue))
    if dialogue.kind == Kind.ECONSULTATION and dialogue.status in rules.WAITING:
        raise Refused(rules.UNANSWERED)
    if dialogue.status in rules.UNREAD:
        _open(actor, dialogue, now)
    _close(actor, dialogue, now)
    writing.save(dialogue)
    return dialogue


@transaction.atomic
def reopen(*, actor: Actor, dialogue_id: UUID, mark: str | None = None, now: datetime) -> Dialogue:
    """Open a closed one again within ten minutes. Raises Refused "too-late-to-undo", "cannot-move",
    "changed-since-seen"."""
    dialogue = policy.find(actor, dialogue_id, lock=True)
    policy.check_answers(actor, dialogue)
    if dialogue.status != Status.CLOSED or dialogue.is_ended_by_death:
        raise Refused(rules.CANNOT_MOVE)
    seen.check(mark, *rules.seen_of(dialogue))
    if not rules.can_undo(dialogue.closed_at, now):
        raise Refused(rules.TOO_LATE_TO_UNDO)
    rules.check_move(dialogue.status, dialogue.closed_from)
    dialogue.status, dialogue.status_at = dialogue.closed_from, now
    dialogue.closed_at, dialogue.closed_from, dialogue.is_reply_open = None, "", True
    writing.save(dialogue)
    trace.happened(actor, dialogue, What.REOPENED, now)
    return dialogue


@transaction.atomic
def start(
    *,
    actor: Actor,
    patient_id: UUID,
    kind: str,
    key: UUID,
    subject: str,
    text: str,
    is_reply_open: bool = True,
    problem_code: str = "",
    language: str = "",
    attachment_ids: Collection[UUID] = (),
    now: datetime,
) -> Dialogue:
    """The office writes first. Without `is_reply_open` it is a message she only reads. The same key twice starts one.

    `problem_code` as for `answer`. Raises NotFound for one who is not on the office's lists today, Denied, and Refused
    "needs-full-access" for a patient who would not see it, "incomplete", or "no-problem-code".
    """
    if actor.practice_id is None:
        raise NotFound
    policy.check_starts(actor, actor.practice_id, kind)
    today = local_day(now)
    patient_policy.find(actor, patient_id, today, lock=True)
    before = policy.visible_to(actor).filter(key=key).first()
    if before:
        return before
    consent.check_full(patient_id)
    if not text.strip() or not subject.strip() or len(text) > rules.TEXT_LENGTH:
        raise Refused(rules.INCOMPLETE)
    gp = patients.gp_of(patient_id, today)
    if gp is None or not gp.doctors:
        raise NotFound
    own = next((each for each in gp.doctors if each.clinician_id == actor.clinician_id), gp.doctors[0])
    is_doctor = kind == Kind.ECONSULTATION
    problem_code = _problem(kind, problem_code)
    dialogue = Dialogue.objects.create(
        id=new_id(),
        key=key,
        kind=kind,
        practice_id=actor.practice_id,
        contract_id=gp.contract_id,
        clinician_id=own.clinician_id,
        answerer_id=(actor.clinician_id or own.clinician_id) if is_doctor else None,
        patient_id=patient_id,
        started_by_employee_id=actor.employee_id,
        topic_code="",
        subject=subject.strip(),
        status=Status.ANSWERED,
        status_at=now,
        started_at=now,
        answered_at=now,
        is_reply_open=is_reply_open,
        last_message_at=now,
    )
    message = _write(actor, dialogue, key=key, text=text, language=language, now=now)
    trace.attach(actor, dialogue, message, attachment_ids, now)
    trace.file_message(dialogue, message, title=f"Melding til pasienten: {dialogue.subject}", problem_code=problem_code)
    trace.happened(actor, dialogue, What.ANSWERED, now)
    if not is_reply_open:
        _close(actor, dialogue, now)
    trace.tell_patient(dialogue, "dialogue.started", now)
    writing.save(dialogue)
    return dialogue


def _problem(kind: str, code: str) -> str:
    """Which problem it was about. A contact with the office has none: it gives no health care."""
    if kind != Kind.ECONSULTATION:
        return ""
    found = icpc2.parse(code)
    if found is None:
        raise Refused(rules.NO_PROBLEM_CODE)
    return found


def check_claim(actor: Actor, dialogue: Dialogue, now: datetime) -> None:
    """Raises Refused "claimed" while a colleague's claim lasts; its facts hold her name as `by`. And "waits" while
    somebody's act on it is about to be done."""
    pending.check_nothing_waits(dialogue.pk)
    lasts = dialogue.claimed_until is not None and dialogue.claimed_until > now
    if lasts and dialogue.claimed_by_id != actor.employee_id:
        raise Refused(rules.CLAIMED, by=dialogue.claimed_by.name if dialogue.claimed_by else "")


def _open(actor: Actor, dialogue: Dialogue, now: datetime) -> None:
    dialogue.delivered_at = dialogue.delivered_at or now
    dialogue.status, dialogue.opened_at = Status.OPENED, now
    file_unread(dialogue, unread(dialogue), now)
    trace.happened(actor, dialogue, What.OPENED, now)


def _close(actor: Actor, dialogue: Dialogue, now: datetime, charge_code: str = "") -> None:
    rules.check_move(dialogue.status, Status.CLOSED)
    dialogue.closed_from = dialogue.status
    dialogue.status, dialogue.status_at, dialogue.closed_at = Status.CLOSED, now, now
    dialogue.is_reply_open = False
    dialogue.claimed_by = dialogue.claimed_until = None
    trace.happened(actor, dialogue, What.CLOSED, now)
    if dialogue.kind == Kind.ECONSULTATION and dialogue.closed_from == Status.ANSWERED:
        trace.charge(actor, dialogue, now, code=charge_code, approves=bool(charge_code))


def _write(actor: Actor, dialogue: Dialogue, *, key: UUID, text: str, language: str, now: datetime) -> Message:
    return Message.objects.create(
        dialogue=dialogue,
        practice_id=dialogue.practice_id,
        number=dialogue.messages.count() + 1,
        key=key,
        at=now,
        by_employee_id=actor.employee_id,
        text=text.strip(),
        answers="",
        language=language,
    )


def _times(offered: Sequence[Offer]) -> str:
    return "\n".join(long_datetime(each.starts_at) for each in sorted(offered, key=lambda each: each.starts_at))
