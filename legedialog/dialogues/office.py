"""The office's inbox: lists by tab, what nears its date first, and the counts. One open dialogue: queries.conversation.

A list shows the topic that was chosen from the office's own list, never what was written: those words are read one
dialogue at a time, and that leaves a trace. Only the rows that are shown are unsealed.
"""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from uuid import UUID

from django.db.models import Count, Q, QuerySet

from legedialog.access.actor import Actor, Role
from legedialog.access.policy import allows
from legedialog.attachments import queries as attachments
from legedialog.attachments.queries import Attachment
from legedialog.core import reading, seen
from legedialog.core.errors import NotFound
from legedialog.core.times import local_day
from legedialog.dialogues import policy, queries, rules
from legedialog.dialogues.models import WAITING, Dialogue, Kind, Status

PAGE = 50
MANY = 300
ESCALATED_TO = frozenset({Role.MANAGER, Role.SUBSTITUTE})
OPEN_CONTACT = timedelta(
    days=14
)  # after the last message a dialogue is still a reason to open the patient; as for appointments


class Tab(StrEnum):
    """The words in the address."""

    MINE = "mine"
    OFFICE = "kontorets"
    SOON = "frist"
    DONE = "lukket"


class Urgency(StrEnum):
    LATE = "late"
    TODAY = "today"
    SOON = "soon"
    LATER = "later"
    NONE = ""


@dataclass(frozen=True, slots=True)
class Row:
    """A line of the inbox. `topic` is empty for the manager, who does not read what patients ask."""

    id: UUID
    kind: str
    patient_id: UUID
    patient_name: str
    topic: str
    doctor: str  # who is to answer; empty where reception does
    assigned_to: str
    is_mine: bool
    answering: str  # the colleague who is answering now, or nobody
    i_answer: bool
    status: str
    due_date: date | None
    days_late: int
    urgency: Urgency
    is_unread: bool
    is_escalated: bool
    started_by_office: bool
    last_message_at: datetime
    mark: str  # of what stands here, for what is done with it: core/seen.py


@dataclass(frozen=True, slots=True)
class Page:
    rows: list[Row]
    after: str  # for the address of the next page; empty on the last


@dataclass(frozen=True, slots=True)
class Counts:
    mine: int
    office: int
    soon: int
    unread: int


def inbox(actor: Actor, tab: Tab, now: datetime, *, kind: str = "", after: str = "") -> Page:
    """One page of a tab. Waiting ones by their date, those that are done the latest first. One query."""
    rows = of_tab(actor, tab, now)
    if kind in Kind.values:
        rows = rows.filter(kind=kind)
    rows = _after_latest(rows, after) if tab is Tab.DONE else _after_due(rows, after)
    found = list(rows.select_related("patient", "answerer", "assigned_to", "claimed_by")[: PAGE + 1])
    last = found[PAGE - 1] if len(found) > PAGE else None
    return Page([_row(actor, each, now) for each in found[:PAGE]], _cursor(last, tab) if last else "")


def counts(actor: Actor, now: datetime) -> Counts:
    """What waits, for the tabs. One query over what waits; history costs nothing."""
    soon = Q(due_date__lte=_soon(now))
    found = (
        policy.visible_to(actor)
        .filter(WAITING)
        .aggregate(
            mine=Count("pk", filter=_mine(actor)),
            office=Count("pk"),
            soon=Count("pk", filter=soon),
            unread=Count("pk", filter=Q(status__in=rules.UNREAD)),
        )
    )
    return Counts(**found)


def of_tab(actor: Actor, tab: Tab, now: datetime) -> QuerySet[Dialogue]:
    rows = policy.visible_to(actor)
    if tab is Tab.DONE:
        return rows.exclude(WAITING).order_by("-last_message_at", "-pk")
    rows = rows.filter(WAITING).order_by("due_date", "pk")
    if tab is Tab.MINE:
        return rows.filter(_mine(actor))
    return rows.filter(due_date__lte=_soon(now)) if tab is Tab.SOON else rows


def _mine(actor: Actor) -> Q:
    """Given to her, for a doctor what is hers to answer and nobody else has been given, and for the manager and a
    substitute what nears its date: it was escalated to them."""
    mine = Q(assigned_to=actor.employee_id)
    if actor.clinician_id:
        mine |= Q(assigned_to=None, answerer=actor.clinician_id)
    return mine | Q(escalated_at__isnull=False) if actor.role in ESCALATED_TO else mine


def next_after(actor: Actor, dialogue_id: UUID, tab: Tab, now: datetime, *, kind: str = "") -> UUID | None:
    """What comes after this one in a list of what waits, or its first: where she goes when it is done. Three queries
    at most."""
    if tab is Tab.DONE:
        return None
    rows = of_tab(actor, tab, now).exclude(pk=dialogue_id)
    if kind in Kind.values:
        rows = rows.filter(kind=kind)
    due = Dialogue.objects.values_list("due_date", flat=True).filter(pk=dialogue_id).first()
    later = rows.filter(Q(due_date__gt=due) | Q(due_date=due, pk__gt=dialogue_id)) if due else rows
    return later.values_list("pk", flat=True).first() or rows.values_list("pk", flat=True).first()


def of_patient(actor: Actor, patient_id: UUID, now: datetime, *, most: int = 5) -> list[Row]:
    """The patient's latest dialogues that the reader may know of. One query."""
    rows = policy.visible_to(actor).filter(patient=patient_id).order_by("-last_message_at", "-pk")
    found = list(rows.select_related("patient", "answerer", "assigned_to", "claimed_by")[:most])
    return [_row(actor, each, now) for each in found]


def left_by(actor: Actor, clinician_id: UUID, now: datetime) -> list[tuple[Row, bool]]:
    """What waits for a doctor, by its date, MANY at most: and whether it was given to her in person. One query."""
    waits = Q(assigned_to__clinician=clinician_id) | Q(answerer=clinician_id)
    rows = policy.visible_to(actor).filter(WAITING, waits, practice__in=actor.practices).order_by("due_date", "pk")
    found = rows.select_related("patient", "answerer", "assigned_to", "claimed_by")[:MANY]
    return [
        (_row(actor, each, now), bool(each.assigned_to and each.assigned_to.clinician_id == clinician_id))
        for each in found
    ]


def is_open_contact(actor: Actor, patient_id: UUID, now: datetime) -> bool:
    """Whether the patient has written, or been written to, so lately that no other reason is needed to open her."""
    since = now - OPEN_CONTACT
    rows = policy.visible_to(actor).filter(patient=patient_id)
    return rows.filter(WAITING | Q(last_message_at__gt=since)).exists()


def _soon(now: datetime) -> date:
    return rules.near(local_day(now))


def _cursor(last: Dialogue, tab: Tab) -> str:
    at = last.last_message_at.isoformat() if tab is Tab.DONE else str(last.due_date)
    return f"{at}_{last.pk}"


def _parts(after: str) -> tuple[str, UUID] | None:
    at, _bar, key = after.rpartition("_")
    row = reading.uuid(key)
    return (at, row) if row else None


def _after_due(rows: QuerySet[Dialogue], after: str) -> QuerySet[Dialogue]:
    parts = _parts(after)
    due = reading.day(parts[0]) if parts else None
    if not parts or due is None:
        return rows  # an address that says nothing: from the top
    return rows.filter(due_date__gte=due).filter(Q(due_date__gt=due) | Q(pk__gt=parts[1]))


def _after_latest(rows: QuerySet[Dialogue], after: str) -> QuerySet[Dialogue]:
    parts = _parts(after)
    at = reading.moment(parts[0]) if parts else None
    if not parts or at is None:
        return rows
    return rows.filter(last_message_at__lte=at).filter(Q(last_message_at__lt=at) | Q(pk__lt=parts[1]))


def _topic(actor: Actor, dialogue: Dialogue) -> str:
    """What the citizen chose. What the office wrote as its own line may say more, so a list does not show it."""
    if actor.role is Role.MANAGER or dialogue.started_by_person_id is None:
        return ""
    return str(dialogue.subject)


def _row(actor: Actor, dialogue: Dialogue, now: datetime) -> Row:
    waits = dialogue.status in rules.WAITING
    today = local_day(now)
    late = (today - dialogue.due_date).days if waits and dialogue.due_date else 0
    held = bool(dialogue.claimed_by and dialogue.claimed_until and dialogue.claimed_until > now)
    return Row(
        id=dialogue.pk,
        kind=dialogue.kind,
        patient_id=dialogue.patient_id,
        patient_name=dialogue.patient.name,
        topic=_topic(actor, dialogue),
        doctor=dialogue.answerer.name if dialogue.answerer else "",
        assigned_to=dialogue.assigned_to.name if dialogue.assigned_to else "",
        is_mine=dialogue.assigned_to_id == actor.employee_id,
        answering=dialogue.claimed_by.name if held and dialogue.claimed_by else "",
        i_answer=held and dialogue.claimed_by_id == actor.employee_id,
        status=dialogue.status,
        due_date=dialogue.due_date if waits else None,
        days_late=max(late, 0),
        urgency=_urgency(dialogue.due_date, today) if waits else Urgency.NONE,
        is_unread=dialogue.status in rules.UNREAD,
        is_escalated=waits and dialogue.escalated_at is not None,
        started_by_office=dialogue.started_by_employee_id is not None,
        last_message_at=dialogue.last_message_at,
        mark=seen.mark(*rules.seen_of(dialogue)),
    )


def _urgency(due: date | None, today: date) -> Urgency:
    if due is None:
        return Urgency.NONE
    if due < today:
        return Urgency.LATE
    if due == today:
        return Urgency.TODAY
    return Urgency.SOON if due <= rules.near(today) else Urgency.LATER


@dataclass(frozen=True, slots=True)
class Head:
    """What stands above a dialogue, and what the reader may do with it. Holds nothing that anybody wrote."""

    row: Row
    practice_id: UUID
    clinician_id: UUID
    doctor_name: str
    birth_date: date
    patient_given_name: str
    patient_phone: str
    patient_language: str
    assigned_to_id: UUID | None
    sent_at: datetime | None
    closed_at: datetime | None
    may_read: bool
    may_answer: bool
    may_move: bool
    can_close: bool
    can_reopen: bool
    is_over: bool


def head(actor: Actor, dialogue_id: UUID, now: datetime) -> Head:
    """Raises NotFound for another office's and for what her role does not see. One query."""
    dialogue = (
        policy.visible_to(actor)
        .select_related("patient", "answerer", "assigned_to", "claimed_by", "clinician")
        .filter(pk=dialogue_id)
        .first()
    )
    if dialogue is None:
        raise NotFound
    may_answer = allows(policy.check_answers, actor, dialogue)
    unanswered = dialogue.kind == Kind.ECONSULTATION and dialogue.status in rules.WAITING
    return Head(
        row=_row(actor, dialogue, now),
        practice_id=dialogue.practice_id,
        clinician_id=dialogue.clinician_id,
        doctor_name=dialogue.clinician.name,
        birth_date=dialogue.patient.birth_date,
        patient_given_name=dialogue.patient.given_name or dialogue.patient.family_name,
        patient_phone=dialogue.patient.phone,
        patient_language=dialogue.patient.language or "nb",
        assigned_to_id=dialogue.assigned_to_id,
        sent_at=dialogue.sent_at,
        closed_at=dialogue.closed_at,
        may_read=allows(policy.check_reads, actor, dialogue),
        may_answer=may_answer and dialogue.status not in rules.OVER,
        may_move=(
            allows(policy.check_reads, actor, dialogue)
            and dialogue.started_by_person_id is not None
            and dialogue.answered_at is None
            and dialogue.status in rules.WAITING
        ),
        can_close=may_answer and dialogue.status not in rules.OVER and not unanswered,
        can_reopen=may_answer and dialogue.status == Status.CLOSED and rules.can_undo(dialogue.closed_at, now),
        is_over=dialogue.status in rules.OVER,
    )


def attachment(actor: Actor, attachment_id: UUID) -> tuple[Attachment, UUID]:
    """A file of a message she may read, and the dialogue it stands in. Raises NotFound, Denied. Leaves no trace."""
    found = attachments.find(attachment_id)
    return found, queries.check_attachment(actor, found)


def colleagues(actor: Actor, kind: str, now: datetime) -> list[tuple[UUID, str]]:
    """Who may be given one of this kind, by name. One query."""
    assert actor.practice_id  # noqa: S101  every employee works at an office
    rows = policy.colleagues(actor.practice_id, kind, local_day(now))
    return list(rows.values_list("pk", "name"))
