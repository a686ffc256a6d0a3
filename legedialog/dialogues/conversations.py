"""One dialogue: who wrote what, with files, offered times and steps. May she write: doors.py. Begun: drafts.py."""

import json
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from datetime import date, datetime
from uuid import UUID

from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from legedialog.access.actor import Actor
from legedialog.access.queries import name_of
from legedialog.attachments.queries import Attachment
from legedialog.core import broken, fence
from legedialog.core.crypto import text_of
from legedialog.core.errors import NotFound
from legedialog.core.sql import Asked, Statement, ask, ask_all, known
from legedialog.dialogues import intake, policy, rules, topics
from legedialog.dialogues.models import Dialogue, OfferedTime
from legedialog.dialogues.queries import DialogueRow, row_of
from legedialog.journal import policy as record
from legedialog.journal.queries import files_of
from legedialog.patients.models import Person
from legedialog.practices.models import Clinician, Practice
from legedialog.visibility import policy as visibility
from legedialog.visibility.rules import Content
from legedialog.visibility.texts import readers


@dataclass(frozen=True, slots=True)
class Offer:
    """A time that the office chose for her. Values of the booking page."""

    calendar_id: UUID
    clinician_id: UUID
    visit_type_id: UUID
    channel: str
    starts_at: datetime


@dataclass(frozen=True, slots=True)
class MessageRow:
    """`by` is who wrote it; `ground` by which right when that was for another (7611)."""

    id: UUID
    number: int
    at: datetime
    from_office: bool
    by: str
    ground: str
    text: str
    answers: list[tuple[str, str]]
    read_at: datetime | None
    offered: list[Offer] = field(default_factory=list)
    files: list[Attachment] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class StepRow:
    what: str
    at: datetime
    by: str
    clinician: str
    due_date: date | None
    kind: str


@dataclass(frozen=True, slots=True)
class Conversation:
    """All of a dialogue but the office's own comments."""

    row: DialogueRow
    patient_id: UUID
    patient_name: str
    clinician_id: UUID
    clinician_name: str
    answerer_id: UUID  # the doctor whose price it is
    practice_id: UUID
    practice_phone: str
    ground: str
    is_reply_open: bool
    sent_at: datetime | None
    opened_at: datetime | None
    answered_at: datetime | None
    closed_at: datetime | None
    readers: list[str]  # who may read it at the office now
    messages: list[MessageRow]
    steps: list[StepRow]

    @property
    def can_withdraw(self) -> bool:
        return (
            self.row.status in rules.UNREAD
            and self.opened_at is None
            and self.answered_at is None
            and not self.row.started_by_office
        )

    @property
    def can_reply(self) -> bool:
        return rules.may_reply(self.row.status, is_open=self.is_reply_open)


@dataclass(frozen=True, slots=True)
class _Written:
    """A message with who wrote it, sealed as it stands. `has_times` and `has_files`: more is to be read of it."""

    id: UUID
    dialogue_id: UUID
    practice_id: UUID
    number: int
    at: datetime
    by_person_id: UUID | None
    by_employee_id: UUID | None
    ground: str
    text: bytes
    answers: bytes
    read_at: datetime | None
    employee: str | None
    given_name: bytes | None
    family_name: bytes | None
    has_times: bool
    has_files: bool


@dataclass(frozen=True, slots=True)
class One:
    """A dialogue with its names, sealed as it stands."""

    id: UUID
    key: UUID
    kind: str
    practice_id: UUID
    contract_id: UUID | None
    clinician_id: UUID
    answerer_id: UUID | None
    patient_id: UUID
    started_by_person_id: UUID | None
    started_by_employee_id: UUID | None
    ground: str
    subject: bytes
    status: str
    status_at: datetime
    started_at: datetime
    sent_at: datetime | None
    delivered_at: datetime | None
    opened_at: datetime | None
    answered_at: datetime | None
    closed_at: datetime | None
    due_date: date | None
    is_reply_open: bool
    restriction: str
    told_reception: bool
    last_message_at: datetime
    practice: str
    phone: str
    secretary_reads: bool
    clinician: str
    answerer: str | None
    given_name: bytes
    family_name: bytes


# With the names of patient, office and doctors: what `dialogue_of` makes a dialogue of.
WITH_NAMES = """d.id, d.key, d.kind, d.practice_id, d.contract_id, d.clinician_id, d.answerer_id, d.patient_id,
           d.started_by_person_id, d.started_by_employee_id, d.ground, d.subject, d.status, d.status_at, d.started_at,
           d.sent_at, d.delivered_at, d.opened_at, d.answered_at, d.closed_at, d.due_date, d.is_reply_open,
           d.restriction, d.told_reception, d.last_message_at, o.name AS practice, o.phone, o.secretary_reads,
           k.name AS clinician, a.name AS answerer, s.given_name, s.family_name"""
OF = """
      FROM dialogues_dialogue d
      JOIN practices_practice o ON o.id = d.practice_id
      JOIN practices_clinician k ON k.id = d.clinician_id
      LEFT JOIN practices_clinician a ON a.id = d.answerer_id
      JOIN patients_person s ON s.id = d.patient_id"""
ONE = Statement(
    "a dialogue of hers",
    f"""
    SELECT {WITH_NAMES}{OF}
     WHERE d.id = %(dialogue_id)s AND d.patient_id = ANY(%(patients)s) AND d.restriction <> ALL(%(hidden)s)
       AND (%(writers)s::uuid[] IS NULL OR d.started_by_person_id IS NULL OR d.started_by_person_id = ANY(%(writers)s))
       AND NOT EXISTS (SELECT FROM journal_moved v WHERE v.object_id = d.id AND v.is_hidden)
    """,  # noqa: S608  of constants
    One,
)


def hers(actor: Actor, dialogue_id: UUID) -> Dialogue:
    """One of hers, or of whom she acts for, with the names of patient, office and doctors. What policy.find says of a
    citizen. Raises NotFound. One query."""
    found = ask(ONE, dialogue_id=dialogue_id, **visibility.values(actor, Content.ECONSULTATION))
    if not found:
        raise NotFound
    return dialogue_of(found[0])


def dialogue_of(one: One) -> Dialogue:
    names = [field.attname for field in Dialogue._meta.concrete_fields if hasattr(one, field.attname)]
    told = {name: getattr(one, name) for name in names if name != "subject"}
    subject = text_of("dialogues.Dialogue", "subject").read(
        one.subject, id=one.id, patient_id=one.patient_id, practice_id=one.practice_id
    )
    dialogue = known(Dialogue, **told, subject=subject)
    dialogue.practice = known(
        Practice, id=one.practice_id, name=one.practice, phone=one.phone, secretary_reads=one.secretary_reads
    )
    dialogue.clinician = known(Clinician, id=one.clinician_id, name=one.clinician)
    dialogue.answerer = known(Clinician, id=one.answerer_id, name=one.answerer) if one.answerer_id else None
    given, family = (
        text_of("patients.Person", name).read(getattr(one, name), id=one.patient_id)
        for name in ("given_name", "family_name")
    )
    dialogue.patient = known(Person, id=one.patient_id, given_name=given, family_name=family)
    return dialogue


WRITTEN = Statement(
    "what was written",
    """
    SELECT m.id, m.dialogue_id, m.practice_id, m.number, m.at, m.by_person_id, m.by_employee_id, m.ground, m.text,
           m.answers, m.read_at, e.name AS employee, p.given_name, p.family_name,
           EXISTS (SELECT FROM dialogues_offeredtime t WHERE t.message_id = m.id) AS has_times,
           EXISTS (SELECT FROM attachments_attachment f WHERE f.object_id = m.id) AS has_files
      FROM dialogues_message m
      LEFT JOIN practices_employee e ON e.id = m.by_employee_id
      LEFT JOIN patients_person p ON p.id = m.by_person_id
     WHERE m.dialogue_id = %(dialogue_id)s
       AND NOT EXISTS (SELECT FROM journal_moved v WHERE v.object_id = m.id AND v.is_hidden)
     ORDER BY m.number
    """,
    _Written,
)
STORY = Statement(
    "a dialogue's story",
    """
    SELECT s.what, s.at, COALESCE(e.name, '') AS by, COALESCE(k.name, '') AS clinician, s.due_date, s.kind
      FROM dialogues_step s
      LEFT JOIN practices_employee e ON e.id = s.by_employee_id
      LEFT JOIN practices_clinician k ON k.id = s.clinician_id
     WHERE s.dialogue_id = %(dialogue_id)s ORDER BY s.at, s.id
    """,
    StepRow,
)


def conversation(actor: Actor, found: Dialogue | UUID, *, language: str = "") -> Conversation:
    """With messages and story, oldest first. `found` is the dialogue's id, or what services.read or services.open_ has
    found: they leave the trace, this leaves none. Raises NotFound, Denied.

    Two queries, one more for an id, and a few where there are answers, times or files.
    """
    dialogue = policy.find(actor, found, with_names=True) if isinstance(found, UUID) else found
    policy.check_reads(actor, dialogue)
    with fence.system("who wrote in it for her is named to those who read it"):
        messages, steps = ask_all(
            Asked(WRITTEN, {"dialogue_id": dialogue.pk}), Asked(STORY, {"dialogue_id": dialogue.pk})
        )
    written: list[_Written] = [
        each for each in messages if visibility.sees(actor, policy.piece(dialogue, each.by_person_id))
    ]
    with_files = [each.id for each in written if each.has_files]
    files = files_of(with_files) if with_files else {}
    times = _times([each.id for each in written if each.has_times])
    doctor = dialogue.answerer.name if dialogue.answerer else ""
    return Conversation(
        row=row_of(dialogue, subject=dialogue.subject, doctor=doctor, practice_name=dialogue.practice.name),
        patient_id=dialogue.patient_id,
        patient_name=dialogue.patient.name,
        clinician_id=dialogue.clinician_id,
        answerer_id=dialogue.answerer_id or dialogue.clinician_id,
        clinician_name=dialogue.clinician.name,
        practice_id=dialogue.practice_id,
        practice_phone=dialogue.practice.phone,
        ground=dialogue.ground,
        is_reply_open=dialogue.is_reply_open,
        sent_at=dialogue.sent_at,
        opened_at=dialogue.opened_at,
        answered_at=dialogue.answered_at,
        closed_at=dialogue.closed_at,
        readers=readers(
            Content(dialogue.kind),
            office=dialogue.practice.name,
            answerer=doctor,
            is_told=dialogue.told_reception and dialogue.practice.secretary_reads,
        ),
        messages=[
            _message(each, files.get(each.id, []), times.get(each.id, []), language or get_language() or "nb")
            for each in written
        ],
        steps=steps,
    )


def _times(message_ids: Collection[UUID]) -> dict[UUID, list[Offer]]:
    """What the office offered in each, the earliest first. One query where there are some."""
    found: dict[UUID, list[Offer]] = {}
    rows = OfferedTime.objects.filter(message__in=message_ids).order_by("starts_at") if message_ids else ()
    for each in rows:
        offer = Offer(each.calendar_id, each.clinician_id, each.visit_type_id, each.channel, each.starts_at)
        found.setdefault(each.message_id, []).append(offer)
    return found


def _message(each: _Written, files: list[Attachment], times: list[Offer], language: str) -> MessageRow:
    row = {"id": each.id, "dialogue_id": each.dialogue_id, "practice_id": each.practice_id}
    return MessageRow(
        id=each.id,
        number=each.number,
        at=each.at,
        from_office=each.by_employee_id is not None,
        by=each.employee or name_of(each.by_person_id, each.given_name, each.family_name),
        ground=each.ground,
        text=text_of("dialogues.Message", "text").read(each.text, **row),
        answers=broken.read(
            text_of("dialogues.Message", "answers").read(each.answers, **row),
            lambda answers: _pairs(each.practice_id, answers, language),
            lambda sentence: [(str(_("Svarene")), sentence)],
            of="dialogues_message.answers",
            row=each.id,
        ),
        read_at=each.read_at,
        offered=times,
        files=files,
    )


def check_attachment(actor: Actor, found: Attachment) -> UUID:
    """For attachments.web.answers.serve: the reader of the message reads its files. The dialogue it stands in. Raises
    NotFound, Denied."""
    message = policy.written().filter(pk=found.object_id).first() if found.object_id else None
    if message is None or record.hidden([found.pk]):
        raise NotFound
    dialogue = policy.find(actor, message.dialogue_id)
    policy.check_reads(actor, dialogue)
    if not visibility.sees(actor, policy.piece(dialogue, message.by_person_id)):
        raise NotFound
    return message.dialogue_id


def _pairs(practice_id: UUID, answers: str, language: str) -> list[tuple[str, str]]:
    """Questions and answers of a message's intake, in the reader's language. One query when there are any."""
    if not answers:
        return []
    kept = json.loads(answers)
    return intake.pairs(kept, topics.asked_then(practice_id, kept.get("questionnaire", "")), language)


@dataclass(frozen=True, slots=True)
class CommentRow:
    at: datetime
    by: str
    to: str
    text: str


@dataclass(frozen=True, slots=True)
class _Comment:
    id: UUID
    practice_id: UUID
    dialogue_id: UUID
    at: datetime
    by: str
    to: str | None
    text: bytes


COMMENTS = Statement(
    "words between colleagues",
    """
    SELECT c.id, c.practice_id, c.dialogue_id, c.at, e.name AS by, t.name AS to, c.text
      FROM dialogues_comment c
      JOIN practices_employee e ON e.id = c.by_employee_id
      LEFT JOIN practices_employee t ON t.id = c.to_employee_id
     WHERE c.dialogue_id = %(dialogue_id)s
     ORDER BY c.at, c.id
    """,
    _Comment,
)


def comments(actor: Actor, dialogue: Dialogue) -> Asked[_Comment]:
    """Words between colleagues, oldest first; for staff only, of what services.open_ has found. Raises Denied."""
    if actor.is_citizen:
        raise NotFound
    policy.check_reads(actor, dialogue)
    return Asked(COMMENTS, {"dialogue_id": dialogue.pk})


def comments_from(found: Iterable[_Comment]) -> list[CommentRow]:
    text = text_of("dialogues.Comment", "text")
    return [
        CommentRow(
            *(each.at, each.by, each.to or ""),
            text.read(each.text, id=each.id, practice_id=each.practice_id, dialogue_id=each.dialogue_id),
        )
        for each in found
    ]
