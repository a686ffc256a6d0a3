"""The office's inbox: lists by tab, what nears its date first, and the counts. One open dialogue: conversations.py.

A list shows the topic that was chosen from the office's own list, never what was written: those words are read one
dialogue at a time, and that leaves a trace. Only the rows that are shown are unsealed.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from enum import StrEnum
from typing import Any
from uuid import UUID

from django.db.models import Q

from legedialog.access.actor import Actor, Role
from legedialog.access.policy import allows
from legedialog.access.queries import name_of
from legedialog.attachments import queries as attachments
from legedialog.attachments.queries import Attachment
from legedialog.core import reading, seen
from legedialog.core.crypto import text_of
from legedialog.core.errors import NotFound
from legedialog.core.names import sort_key
from legedialog.core.sql import Asked, Due, Heap, Statement, ask, ask_for, heap
from legedialog.core.times import local_day
from legedialog.dialogues import conversations, policy, rules
from legedialog.dialogues.models import WAITING, Dialogue, Kind, Status
from legedialog.visibility import policy as visibility

PAGE = 50
# Before and after every row, for a list that begins at its top.
FIRST, LAST, NEVER = UUID(int=0), UUID(int=2**128 - 1), datetime(9999, 1, 1, tzinfo=UTC)
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


# What visibility says of dialogues, for somebody at the office: policy.visible_to. A test compares the two.
HERS = """
       (%(clinician_id)s::uuid IS NOT NULL AND (d.assigned_to_id = %(employee_id)s OR d.clinician_id = %(clinician_id)s
        OR d.answerer_id = %(clinician_id)s OR (%(is_substitute)s AND d.escalated_at IS NOT NULL)
        OR EXISTS (SELECT FROM practices_contractdoctor s WHERE s.contract_id = d.contract_id
                   AND s.clinician_id = %(clinician_id)s AND (s.ends_date IS NULL OR s.ends_date > now()))))"""
AT_OFFICE = f"""d.practice_id = %(practice_id)s
       AND (d.kind = ANY(%(whole)s) OR (d.kind = ANY(%(hers)s) AND {HERS})
        OR (d.kind = ANY(%(told)s) AND d.told_reception
            AND (SELECT o.secretary_reads FROM practices_practice o WHERE o.id = %(practice_id)s)))
       AND NOT EXISTS (SELECT FROM journal_moved v WHERE v.object_id = d.id AND v.is_hidden)"""  # noqa: S608  of constants
# Given to her, for a doctor what is hers to answer and nobody else has been given, and for the manager and a substitute
# what nears its date: it was escalated to them.
MINE = """
       (d.assigned_to_id = %(employee_id)s
        OR (d.assigned_to_id IS NULL AND d.answerer_id = %(clinician_id)s)
        OR (%(is_escalated_to)s AND d.escalated_at IS NOT NULL))"""
WAITS = "d.status IN ('sent', 'delivered', 'opened')"
AND_EMPLOYEES = """
      LEFT JOIN practices_employee given ON given.id = d.assigned_to_id
      LEFT JOIN practices_employee claims ON claims.id = d.claimed_by_id"""
# First those of the page, then their names: whatever the plan, nobody's is looked up that is not shown.
OF_PAGE = "SELECT d.* FROM dialogues_dialogue d WHERE"
LISTED = """
    SELECT d.id, d.kind, d.practice_id, d.patient_id, d.started_by_person_id, d.started_by_employee_id, d.subject,
           d.status, d.closed_at, d.due_date, d.last_message_at, d.assigned_to_id, d.claimed_by_id, d.claimed_until,
           d.escalated_at, s.given_name, s.family_name,
           (SELECT a.name FROM practices_clinician a WHERE a.id = d.answerer_id) AS answerer,
           (SELECT e.name FROM practices_employee e WHERE e.id = d.assigned_to_id) AS assigned_to,
           (SELECT e.clinician_id FROM practices_employee e WHERE e.id = d.assigned_to_id) AS given_to_id,
           (SELECT e.name FROM practices_employee e WHERE e.id = d.claimed_by_id) AS claimed_by"""
AND_NAMES = "d JOIN patients_person s ON s.id = d.patient_id"


@dataclass(frozen=True, slots=True)
class _Listed:
    id: UUID
    kind: str
    practice_id: UUID
    patient_id: UUID
    started_by_person_id: UUID | None
    started_by_employee_id: UUID | None
    subject: bytes
    status: str
    closed_at: datetime | None
    due_date: date | None
    last_message_at: datetime
    assigned_to_id: UUID | None
    claimed_by_id: UUID | None
    claimed_until: datetime | None
    escalated_at: datetime | None
    given_name: bytes
    family_name: bytes
    answerer: str | None
    assigned_to: str | None
    given_to_id: UUID | None  # the doctor whom it was given to, if it is one
    claimed_by: str | None


WAITING_ONES = Statement(
    "what waits for the office",
    f"""{LISTED}
      FROM ({OF_PAGE} {AT_OFFICE} AND {WAITS} AND (%(kind)s::text = '' OR d.kind = %(kind)s)
               AND (NOT %(is_mine)s OR {MINE})
               AND d.due_date <= %(until)s AND (d.due_date, d.id) > (%(after)s, %(after_id)s)
             ORDER BY d.due_date, d.id LIMIT %(most)s) {AND_NAMES}
     ORDER BY d.due_date, d.id
    """,
    _Listed,
)
DONE_ONES = Statement(
    "what the office has done",
    f"""{LISTED}
      FROM ({OF_PAGE} {AT_OFFICE} AND NOT {WAITS} AND (%(kind)s::text = '' OR d.kind = %(kind)s)
               AND (d.last_message_at, d.id) < (%(after)s, %(after_id)s)
             ORDER BY d.last_message_at DESC, d.id DESC LIMIT %(most)s) {AND_NAMES}
     ORDER BY d.last_message_at DESC, d.id DESC
    """,
    _Listed,
)
LATEST = Statement(
    "a patient's latest dialogues at the office",
    f"""{LISTED}
      FROM ({OF_PAGE} d.patient_id = %(patient_id)s AND {AT_OFFICE}
             ORDER BY d.last_message_at DESC, d.id DESC LIMIT %(most)s) {AND_NAMES}
     ORDER BY d.last_message_at DESC, d.id DESC
    """,
    _Listed,
)
LEFT = Statement(
    "what waits for a doctor",
    f"""{LISTED}
      FROM ({OF_PAGE} {AT_OFFICE} AND {WAITS}
               AND (d.answerer_id = %(of)s OR d.assigned_to_id IN (
                    SELECT e.id FROM practices_employee e WHERE e.clinician_id = %(of)s))
             ORDER BY d.due_date, d.id LIMIT %(most)s) {AND_NAMES}
     ORDER BY d.due_date, d.id
    """,  # noqa: S608  of constants
    _Listed,
)
FOR_HER = Statement(
    "dialogues that wait for the one who looks",
    f"""
    SELECT d.due_date FROM dialogues_dialogue d WHERE {AT_OFFICE} AND {WAITS} AND (NOT %(is_mine)s OR {MINE})
    """,  # noqa: S608  of constants
    Due,
)
COUNTS = Statement(
    "how many wait",
    f"""
    SELECT count(*) FILTER (WHERE {MINE}) AS mine, count(*) AS office,
           count(*) FILTER (WHERE d.due_date <= %(soon)s) AS soon,
           count(*) FILTER (WHERE d.status IN ('sent', 'delivered')) AS unread
      FROM dialogues_dialogue d
     WHERE {AT_OFFICE} AND {WAITS}
    """,  # noqa: S608  of constants
    Counts,
)


def _at(actor: Actor) -> dict[str, Any]:
    """The values of AT_OFFICE and MINE."""
    values = visibility.office_values(actor, policy.FIELDS.contents, knows=True)
    return {
        "practice_id": actor.practice_id if actor.practice_id in values.pop("practices") else None,
        **values,
        "employee_id": actor.employee_id,
        "clinician_id": actor.clinician_id,
        "is_substitute": actor.role is Role.SUBSTITUTE,
        "is_escalated_to": actor.role in ESCALATED_TO,
    }


def _of_tab(actor: Actor, tab: Tab, now: datetime, kind: str) -> dict[str, Any]:
    values = _at(actor) | {"kind": kind if kind in Kind.values else ""}
    if tab is Tab.DONE:
        return values
    return values | {"is_mine": tab is Tab.MINE, "until": _soon(now) if tab is Tab.SOON else date.max}


def inbox(actor: Actor, tab: Tab, now: datetime, *, kind: str = "", after: str = "") -> Page:
    """One page of a tab. Waiting ones by their date, those that are done the latest first. One query."""
    statement = DONE_ONES if tab is Tab.DONE else WAITING_ONES
    at, key = (_latest if tab is Tab.DONE else _due)(after)
    found = ask(statement, after=at, after_id=key, most=PAGE + 1, **_of_tab(actor, tab, now, kind))
    last = found[PAGE - 1] if len(found) > PAGE else None
    return Page([_row(actor, each, now) for each in found[:PAGE]], _cursor(last, tab) if last else "")


def waiting(actor: Actor, now: datetime) -> Asked[Counts]:
    """What waits, for the tabs. History costs nothing."""
    return Asked(COUNTS, _at(actor) | {"soon": _soon(now)})


def for_her(actor: Actor, now: datetime, tab: Tab) -> Asked[Heap]:
    """How much waits in that tab: hers, or the office's."""
    return heap(Asked(FOR_HER, _at(actor) | {"is_mine": tab is Tab.MINE}), local_day(now), "due_date")


def next_after(actor: Actor, dialogue_id: UUID, tab: Tab, now: datetime, *, kind: str = "") -> UUID | None:
    """What comes after this one in a list of what waits, or its first: where she goes when it is done. Three queries
    at most."""
    if tab is Tab.DONE:
        return None
    values = _of_tab(actor, tab, now, kind)
    due = Dialogue.objects.values_list("due_date", flat=True).filter(pk=dialogue_id).first()
    found = ask(WAITING_ONES, after=due, after_id=dialogue_id, most=1, **values) if due else []
    found = found or ask(WAITING_ONES, after=date.min, after_id=FIRST, most=2, **values)
    return next((each.id for each in found if each.id != dialogue_id), None)


def latest(actor: Actor, patient_id: UUID, *, most: int = 5) -> Asked[_Listed]:
    """The patient's latest dialogues that the reader may know of."""
    return Asked(LATEST, {"patient_id": patient_id, "most": most, **_at(actor)})


def rows_from(actor: Actor, found: Iterable[_Listed], now: datetime) -> list[Row]:
    return [_row(actor, each, now) for each in found]


def of_patient(actor: Actor, patient_id: UUID, now: datetime, *, most: int = 5) -> list[Row]:
    """One query."""
    return rows_from(actor, ask_for(latest(actor, patient_id, most=most)), now)


def left_by(actor: Actor, clinician_id: UUID, now: datetime) -> list[tuple[Row, bool]]:
    """What waits for a doctor, by its date, MANY at most: and whether it was given to her in person. One query."""
    found = ask(LEFT, of=clinician_id, most=MANY, **_at(actor))
    return [(_row(actor, each, now), each.given_to_id == clinician_id) for each in found]


def is_open_contact(actor: Actor, patient_id: UUID, now: datetime) -> bool:
    """Whether the patient has written, or been written to, so lately that no other reason is needed to open her."""
    since = now - OPEN_CONTACT
    rows = policy.visible_to(actor).filter(patient=patient_id)
    return rows.filter(WAITING | Q(last_message_at__gt=since)).exists()


def _soon(now: datetime) -> date:
    return rules.near(local_day(now))


def _cursor(last: _Listed, tab: Tab) -> str:
    at = last.last_message_at.isoformat() if tab is Tab.DONE else str(last.due_date)
    return f"{at}_{last.id}"


def _due(after: str) -> tuple[date, UUID]:
    """Where a list of what waits goes on. An address that says nothing: from the top."""
    at, _bar, key = after.rpartition("_")
    due, row = reading.day(at), reading.uuid(key)
    return (due, row) if due and row else (date.min, FIRST)


def _latest(after: str) -> tuple[datetime, UUID]:
    at, _bar, key = after.rpartition("_")
    moment, row = reading.moment(at), reading.uuid(key)
    return (moment, row) if moment and row else (NEVER, LAST)


def _topic(actor: Actor, dialogue: "_Listed | _Headed") -> str:
    """What the citizen chose. What the office wrote as its own line may say more, so a list does not show it."""
    if actor.role is Role.MANAGER or dialogue.started_by_person_id is None:
        return ""
    ids = {"id": dialogue.id, "patient_id": dialogue.patient_id, "practice_id": dialogue.practice_id}
    return text_of("dialogues.Dialogue", "subject").read(dialogue.subject, **ids)


def _row(actor: Actor, dialogue: "_Listed | _Headed", now: datetime) -> Row:
    waits = dialogue.status in rules.WAITING
    today = local_day(now)
    late = (today - dialogue.due_date).days if waits and dialogue.due_date else 0
    held = bool(dialogue.claimed_by and dialogue.claimed_until and dialogue.claimed_until > now)
    return Row(
        id=dialogue.id,
        kind=dialogue.kind,
        patient_id=dialogue.patient_id,
        patient_name=name_of(dialogue.patient_id, dialogue.given_name, dialogue.family_name),
        topic=_topic(actor, dialogue),
        doctor=dialogue.answerer or "",
        assigned_to=dialogue.assigned_to or "",
        is_mine=dialogue.assigned_to_id == actor.employee_id,
        answering=(dialogue.claimed_by or "") if held else "",
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
    dialogue: Dialogue  # as it stands, for services.open_
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


@dataclass(frozen=True, slots=True)
class _Headed(conversations.One):
    assigned_to_id: UUID | None
    claimed_by_id: UUID | None
    claimed_until: datetime | None
    escalated_at: datetime | None
    assigned_to: str | None
    claimed_by: str | None
    birth_date: date
    patient_phone: bytes
    patient_language: str


HEAD = Statement(
    "a dialogue at the office",
    f"""
    SELECT {conversations.WITH_NAMES}, d.assigned_to_id, d.claimed_by_id, d.claimed_until, d.escalated_at,
           given.name AS assigned_to, claims.name AS claimed_by, s.birth_date, s.phone AS patient_phone,
           s.language AS patient_language{conversations.OF}{AND_EMPLOYEES}
     WHERE d.id = %(dialogue_id)s AND {AT_OFFICE}
    """,
    _Headed,
)


def head(actor: Actor, dialogue_id: UUID, now: datetime) -> Head:
    """Raises NotFound for another office's and for what her role does not see. One query."""
    found = ask(HEAD, dialogue_id=dialogue_id, **_at(actor))
    if not found:
        raise NotFound
    one, dialogue = found[0], conversations.dialogue_of(found[0])
    may_read, may_answer = allows(policy.check_reads, actor, dialogue), allows(policy.check_answers, actor, dialogue)
    unanswered = dialogue.kind == Kind.ECONSULTATION and dialogue.status in rules.WAITING
    return Head(
        row=_row(actor, one, now),
        dialogue=dialogue,
        practice_id=dialogue.practice_id,
        clinician_id=dialogue.clinician_id,
        doctor_name=dialogue.clinician.name,
        birth_date=one.birth_date,
        patient_given_name=dialogue.patient.given_name or dialogue.patient.family_name,
        patient_phone=text_of("patients.Person", "phone").read(one.patient_phone, id=one.patient_id),
        patient_language=one.patient_language or "nb",
        assigned_to_id=one.assigned_to_id,
        sent_at=dialogue.sent_at,
        closed_at=dialogue.closed_at,
        may_read=may_read,
        may_answer=may_answer and dialogue.status not in rules.OVER,
        may_move=(
            may_read
            and dialogue.started_by_person_id is not None
            and dialogue.answered_at is None
            and dialogue.status in rules.WAITING
        ),
        can_close=may_answer and dialogue.status not in rules.OVER and not unanswered,
        can_reopen=may_answer and dialogue.status == Status.CLOSED and rules.can_undo(dialogue.closed_at, now),
        is_over=dialogue.status in rules.OVER,
    )


def opened(head: Head, dialogue: Dialogue) -> Head:
    """As `head` would tell it now that services.open_ has opened the dialogue."""
    row = replace(head.row, status=dialogue.status, is_unread=dialogue.status in rules.UNREAD)
    return replace(head, row=row, dialogue=dialogue)


def attachment(actor: Actor, attachment_id: UUID) -> tuple[Attachment, UUID]:
    """A file of a message she may read, and the dialogue it stands in. Raises NotFound, Denied. Leaves no trace."""
    found = attachments.find(attachment_id)
    return found, conversations.check_attachment(actor, found)


@dataclass(frozen=True, slots=True)
class Colleague:
    id: UUID
    name: str


# policy.colleagues; a test compares.
ABLE = Statement(
    "who may be given a dialogue",
    """
    SELECT e.id, e.name FROM practices_employee e
     WHERE e.practice_id = %(practice_id)s AND e.role = ANY(%(roles)s) AND e.starts_date <= %(today)s
       AND (e.ends_date IS NULL OR e.ends_date > %(today)s)
    """,
    Colleague,
)


def able(actor: Actor, kind: str, now: datetime) -> Asked[Colleague]:
    """Who may be given one of this kind."""
    values = {"practice_id": actor.practice_id, "roles": list(policy.roles_for(kind)), "today": local_day(now)}
    return Asked(ABLE, values)


def by_name(found: Iterable[Colleague]) -> list[tuple[UUID, str]]:
    return [(each.id, each.name) for each in sorted(found, key=lambda each: (sort_key(each.name), each.id))]
