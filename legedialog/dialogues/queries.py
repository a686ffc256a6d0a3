"""The lists of her dialogues that the citizen's pages show. One of them: conversations.py. Office lists: office.py."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from legedialog.access.actor import Actor
from legedialog.core.crypto import text_of
from legedialog.core.sql import Asked, Statement, ask_for
from legedialog.dialogues import policy, rules
from legedialog.dialogues.models import Dialogue
from legedialog.patients.representation import Restriction
from legedialog.visibility import policy as visibility
from legedialog.visibility.rules import Content

PAGE = 20
SEARCHED = 200  # of a patient's latest dialogues: texts are sealed, so they are opened to be searched


@dataclass(frozen=True, slots=True)
class DialogueRow:
    """A line in Meldinger."""

    id: UUID
    kind: str
    status: str
    status_at: datetime
    subject: str
    doctor: str  # who answers; empty where reception does
    practice_name: str
    started_by_office: bool
    started_at: datetime
    last_message_at: datetime
    due_date: date | None
    is_waiting: bool  # for the office
    is_unread: bool
    restriction: str

    @property
    def is_hidden_from_parents(self) -> bool:
        return self.restriction == Restriction.FROM_PARENTS


def mine(
    actor: Actor, person_id: UUID, *, words: str = "", before: datetime | None = None, page: int = PAGE
) -> list[DialogueRow]:
    """The patient's dialogues, the latest first, a page at a time: `before` is the last row's `last_message_at`.

    With `words`, those among the latest SEARCHED in which every word stands somewhere. One query; two with words.
    """
    if words.split():
        found = _found(actor, person_id, words)
        return [row for row in _mine(_asked(actor, person_id, most=SEARCHED)) if row.id in found]
    return _mine(_asked(actor, person_id, before=before, most=page))


@dataclass(frozen=True, slots=True)
class _Mine:
    id: UUID
    kind: str
    status: str
    status_at: datetime
    subject: bytes
    patient_id: UUID
    practice_id: UUID
    practice_name: str
    doctor: str | None
    started_by_employee_id: UUID | None
    started_at: datetime
    last_message_at: datetime
    due_date: date | None
    restriction: str
    is_unread: bool


# What visibility says of dialogues, for her whose they are or who acts for her: policy.visible_to.
MINE = Statement(
    "her dialogues",
    """
    SELECT d.id, d.kind, d.status, d.status_at, d.subject, d.patient_id, d.practice_id, p.name AS practice_name,
           k.name AS doctor, d.started_by_employee_id, d.started_at, d.last_message_at, d.due_date, d.restriction,
           u.is_unread
      FROM dialogues_dialogue d
      JOIN practices_practice p ON p.id = d.practice_id
      LEFT JOIN practices_clinician k ON k.id = d.answerer_id
     CROSS JOIN LATERAL (SELECT EXISTS (
           SELECT FROM dialogues_message m WHERE m.dialogue_id = d.id AND m.by_person_id IS NULL AND m.read_at IS NULL
              AND NOT EXISTS (SELECT FROM journal_moved v WHERE v.object_id = m.id AND v.is_hidden)) AS is_unread) u
     WHERE d.patient_id = %(person_id)s AND d.patient_id = ANY(%(patients)s) AND d.restriction <> ALL(%(hidden)s)
       AND (%(writers)s::uuid[] IS NULL OR d.started_by_person_id IS NULL OR d.started_by_person_id = ANY(%(writers)s))
       AND NOT EXISTS (SELECT FROM journal_moved v WHERE v.object_id = d.id AND v.is_hidden)
       AND (%(before)s::timestamptz IS NULL OR d.last_message_at < %(before)s)
       AND (NOT %(is_open)s OR d.status <> ALL(%(over)s))
       AND (NOT %(is_news)s OR u.is_unread OR d.status = 'needs-appointment')
     ORDER BY d.last_message_at DESC, d.id DESC LIMIT %(most)s
    """,
    _Mine,
)


def _asked(
    actor: Actor,
    person_id: UUID,
    *,
    most: int,
    before: datetime | None = None,
    is_open: bool = False,
    is_news: bool = False,
) -> Asked[_Mine]:
    values = {"person_id": person_id, "before": before, "is_open": is_open, "is_news": is_news, "most": most}
    values |= visibility.values(actor, Content.ECONSULTATION)  # contacts are hers alike: a test compares
    return Asked(MINE, values | {"over": list(rules.OVER)})


def _mine(asked: Asked[_Mine]) -> list[DialogueRow]:
    return rows_from(ask_for(asked))


def rows_from(found: Iterable[_Mine]) -> list[DialogueRow]:
    """Of what MINE has told among other facts."""
    subject = text_of("dialogues.Dialogue", "subject")
    return [
        row_of(
            each,
            subject=subject.read(each.subject, id=each.id, patient_id=each.patient_id, practice_id=each.practice_id),
            doctor=each.doctor or "",
            practice_name=each.practice_name,
            is_unread=each.is_unread,
        )
        for each in found
    ]


def _found(actor: Actor, person_id: UUID, words: str) -> set[UUID]:
    """Dialogues in which all the words stand, in the subject or in what was written."""
    texts: dict[UUID, list[str]] = {}
    latest = policy.visible_to(actor).filter(patient=person_id).order_by("-last_message_at").values("pk")[:SEARCHED]
    for message in policy.messages_visible_to(actor).filter(dialogue__in=latest).select_related("dialogue"):
        texts.setdefault(message.dialogue_id, [message.dialogue.subject]).append(message.text)
    wanted = words.casefold().split()
    return {key for key, parts in texts.items() if all(word in " ".join(parts).casefold() for word in wanted)}


def news(actor: Actor, person_id: UUID) -> Asked[_Mine]:
    """What waits for her: unread answers, and those that ask her to book, the latest first."""
    return _asked(actor, person_id, is_news=True, most=PAGE)


def open_ones(actor: Actor, person_id: UUID) -> Asked[_Mine]:
    """Not over: for what a withdrawal of consent leads to."""
    return _asked(actor, person_id, is_open=True, most=SEARCHED)


def row_of(
    each: Dialogue | _Mine, *, subject: str, doctor: str, practice_name: str, is_unread: bool = False
) -> DialogueRow:
    return DialogueRow(
        id=each.id,
        kind=each.kind,
        status=each.status,
        status_at=each.status_at,
        subject=subject,
        doctor=doctor,
        practice_name=practice_name,
        started_by_office=each.started_by_employee_id is not None,
        started_at=each.started_at,
        last_message_at=each.last_message_at,
        due_date=each.due_date if each.status in rules.WAITING else None,
        is_waiting=each.status in rules.WAITING,
        is_unread=is_unread,
        restriction=each.restriction,
    )
