"""The office shares the work: who answers, who is asked, what belongs to whom, and what nears its date."""

from datetime import datetime
from uuid import UUID

from django.db import transaction

from legedialog.access.actor import Actor, Role, system
from legedialog.audit import services as audit
from legedialog.core import seen, writing
from legedialog.core.errors import Refused
from legedialog.core.times import local_day
from legedialog.dialogues import doors, policy, rules
from legedialog.dialogues.models import Comment, Dialogue, Kind, Status, What
from legedialog.dialogues.services import trace
from legedialog.dialogues.services.answering import check_claim
from legedialog.patients import queries as patients
from legedialog.patients.representation import Restriction
from legedialog.pending import policy as pending
from legedialog.practices import policy as practices
from legedialog.practices.models import Employee, Service


@transaction.atomic
def claim(*, actor: Actor, dialogue_id: UUID, now: datetime) -> Dialogue:
    """ "Mona is answering": nobody else answers or closes for ten minutes. Claiming again makes it last longer.

    Call it when somebody begins to write, and again while she does. Raises Refused "claimed" while a colleague does;
    its facts hold `by`.
    """
    dialogue = policy.find(actor, dialogue_id, lock=True)
    policy.check_answers(actor, dialogue)
    check_claim(actor, dialogue, now)
    if dialogue.status in rules.OVER:
        raise Refused(rules.CANNOT_MOVE)
    is_new = dialogue.claimed_by_id != actor.employee_id or not dialogue.claimed_until or dialogue.claimed_until <= now
    dialogue.claimed_by_id, dialogue.claimed_until = actor.employee_id, now + rules.CLAIM_LASTS
    dialogue.save(update_fields=["claimed_by", "claimed_until"])
    if is_new:
        trace.publish(dialogue)
    return dialogue


@transaction.atomic
def release(*, actor: Actor, dialogue_id: UUID, now: datetime) -> Dialogue:
    """Give the claim up. One that is another's or over is left alone."""
    dialogue = policy.find(actor, dialogue_id, lock=True)
    if dialogue.claimed_by_id == actor.employee_id:
        dialogue.claimed_by = dialogue.claimed_until = None
        dialogue.save(update_fields=["claimed_by", "claimed_until"])
        trace.publish(dialogue)
    return dialogue


@transaction.atomic
def assign(
    *, actor: Actor, dialogue_id: UUID, employee_id: UUID | None, mark: str | None = None, now: datetime
) -> Dialogue:
    """Give it to a colleague who may answer that kind, or to nobody. It stays with the patient's doctor as well.

    `mark` is of what she saw (core/seen.py), here and below. Raises NotFound, Denied, Refused "changed-since-seen",
    "nobody-to-assign", or "cannot-move" when it is over.
    """
    dialogue = policy.find(actor, dialogue_id, lock=True)
    policy.check_sorts(actor, dialogue)
    if dialogue.status in rules.OVER:
        raise Refused(rules.CANNOT_MOVE)
    seen.check(mark, *rules.seen_of(dialogue))
    if dialogue.assigned_to_id == employee_id:
        return dialogue
    pending.check_nothing_waits(dialogue.pk)
    _check_colleague(dialogue, employee_id, now)
    dialogue.assigned_to_id = employee_id
    dialogue.save(update_fields=["assigned_to"])
    trace.happened(actor, dialogue, What.ASSIGNED, now)
    return dialogue


@transaction.atomic
def forward(
    *, actor: Actor, dialogue_id: UUID, employee_id: UUID, text: str, mark: str | None = None, now: datetime
) -> Dialogue:
    """Ask a colleague, with a comment. She sees it from now on; it stays with the patient's doctor and its date."""
    dialogue = policy.find(actor, dialogue_id, lock=True)
    policy.check_sorts(actor, dialogue)
    policy.check_reads(actor, dialogue)
    if dialogue.status in rules.OVER:
        raise Refused(rules.CANNOT_MOVE)
    seen.check(mark, *rules.seen_of(dialogue))
    pending.check_nothing_waits(dialogue.pk)
    _check_colleague(dialogue, employee_id, now)
    _say(actor, dialogue, text, now, to=employee_id)
    dialogue.assigned_to_id = employee_id
    dialogue.save(update_fields=["assigned_to"])
    trace.happened(actor, dialogue, What.ASSIGNED, now)
    return dialogue


@transaction.atomic
def comment(*, actor: Actor, dialogue_id: UUID, text: str, now: datetime) -> Dialogue:
    """A word to colleagues. Never shown in the portal."""
    dialogue = policy.find(actor, dialogue_id, lock=True)
    policy.check_reads(actor, dialogue)
    policy.check_sorts(actor, dialogue)
    _say(actor, dialogue, text, now)
    trace.publish(dialogue)
    return dialogue


@transaction.atomic
def move(*, actor: Actor, dialogue_id: UUID, kind: str, mark: str | None = None, now: datetime) -> Dialogue:
    """What reception was asked but the doctor must answer, becomes an e-consultation, or the other way round.

    The patient is told before the doctor reads it, with the price, and may still withdraw: it is unread again. The date
    is counted anew from today. Raises Refused "service-closed" when the doctor takes no e-consultations, "cannot-move".
    """
    dialogue = policy.find(actor, dialogue_id, lock=True)
    policy.check_sorts(actor, dialogue)
    policy.check_reads(actor, dialogue)
    check_claim(actor, dialogue, now)
    if dialogue.kind == kind:
        return dialogue
    seen.check(mark, *rules.seen_of(dialogue))
    if dialogue.started_by_person_id is None or dialogue.answered_at:
        raise Refused(rules.CANNOT_MOVE)
    rules.check_move(dialogue.status, Status.DELIVERED)
    today = local_day(now)
    dialogue.answerer_id = _doctor_for(dialogue, now) if kind == Kind.ECONSULTATION else None
    away = doors.unattended(dialogue.practice_id, dialogue.clinician_id, today) if dialogue.answerer_id else ()
    dialogue.kind = kind
    dialogue.told_reception = kind == Kind.ECONSULTATION and dialogue.practice.secretary_reads  # its page says so
    dialogue.due_date = rules.due_date(today, away)
    dialogue.status, dialogue.status_at, dialogue.delivered_at = Status.DELIVERED, now, now
    dialogue.opened_at = dialogue.assigned_to = dialogue.claimed_by = dialogue.claimed_until = None
    dialogue.escalated_at = None
    trace.tell_patient(dialogue, "dialogue.moved", now)
    trace.promise(actor, dialogue, now)
    writing.save(dialogue)
    trace.happened(
        actor, dialogue, What.MOVED, now, clinician_id=dialogue.answerer_id, due_date=dialogue.due_date, kind=kind
    )
    words = "Flyttet til legen som e-konsultasjon" if kind == Kind.ECONSULTATION else "Flyttet til kontoret"
    trace.file_decision(actor, dialogue, dialogue.pk, title=words, text="", now=now)
    trace.follow(dialogue)
    return dialogue


@transaction.atomic
def restrict(
    *, actor: Actor, dialogue_id: UUID, restriction: Restriction, was: str | None = None, now: datetime
) -> Dialogue:
    """Hide from parents or from the youth, or show again (code 9603); `was` is what the page showed.

    Raises NotFound, Denied, or Refused "changed-since-seen".
    """
    dialogue = policy.find(actor, dialogue_id, lock=True)
    policy.check_restrict(actor, dialogue, restriction)
    if dialogue.restriction == restriction:
        return dialogue
    seen.same(was, dialogue.restriction)
    dialogue.restriction = restriction.value
    dialogue.save(update_fields=["restriction"])
    trace.follow(dialogue)
    audit.record(
        actor,
        "dialogue.hidden",
        dialogue.pk,
        at=now,
        patient_id=dialogue.patient_id,
        practice_id=dialogue.practice_id,
        restriction=restriction.value,
    )
    trace.publish(dialogue)
    return dialogue


def escalate(now: datetime) -> int:
    """Show what nears its date to the manager and to substitutes too. How many. Run by a job every hour."""
    rows = Dialogue.objects.filter(
        status__in=rules.WAITING, due_date__lte=rules.near(local_day(now)), escalated_at=None
    )
    done = 0
    for dialogue_id in rows.order_by("due_date").values_list("pk", flat=True)[:1000]:
        done += _escalate(dialogue_id, now)
    return done


@transaction.atomic
def _escalate(dialogue_id: UUID, now: datetime) -> bool:
    dialogue = Dialogue.objects.select_for_update().filter(pk=dialogue_id, escalated_at=None).first()
    if dialogue is None or dialogue.status not in rules.WAITING or dialogue.due_date is None:
        return False
    dialogue.escalated_at = now
    dialogue.save(update_fields=["escalated_at"])
    trace.happened(system(practice_id=dialogue.practice_id), dialogue, What.ESCALATED, now)
    return True


def _doctor_for(dialogue: Dialogue, now: datetime) -> UUID:
    """Who answers for the patient's doctor today, when she takes e-consultations. Limits of load do not stop a move."""
    gp = patients.gp_of(dialogue.patient_id, local_day(now))
    doctor = next((each for each in gp.doctors if each.clinician_id == dialogue.clinician_id), None) if gp else None
    if doctor is None or gp is None or gp.practice.id != dialogue.practice_id:
        raise Refused(rules.NOT_OFFERED)
    try:
        practices.check_offered(dialogue.practice_id, doctor.clinician_id, Service.ECONSULTATION, local_day(now))
    except Refused as refused:
        raise Refused(rules.NOT_OFFERED) from refused
    return doors.answerer_of(doctor)[0]


def _check_colleague(dialogue: Dialogue, employee_id: UUID | None, now: datetime) -> None:
    if employee_id is None:
        return
    able = policy.colleagues(dialogue.practice_id, dialogue.kind, local_day(now))
    may_ask = Employee.objects.filter(pk=employee_id, practice=dialogue.practice_id, role=Role.SECRETARY)
    sorted_by_reception = dialogue.told_reception and dialogue.practice.secretary_reads
    if able.filter(pk=employee_id).exists() or (sorted_by_reception and may_ask.exists()):
        return
    raise Refused(rules.NOBODY_TO_ASSIGN)


def _say(actor: Actor, dialogue: Dialogue, text: str, now: datetime, *, to: UUID | None = None) -> None:
    if not text.strip() or len(text) > rules.COMMENT_LENGTH:
        raise Refused(rules.INCOMPLETE)
    Comment.objects.create(
        dialogue=dialogue,
        practice_id=dialogue.practice_id,
        at=now,
        by_employee_id=_herself(actor),
        to_employee_id=to,
        text=text.strip(),
    )
    audit.record(
        actor,
        "dialogue.commented",
        dialogue.pk,
        at=now,
        patient_id=dialogue.patient_id,
        practice_id=dialogue.practice_id,
    )


def _herself(actor: Actor) -> UUID:
    assert actor.employee_id  # noqa: S101  check_reads and check_sorts: staff
    return actor.employee_id
