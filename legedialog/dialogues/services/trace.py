"""What every move of a dialogue leaves behind: a step in its story, an audit row, a notice, word to open pages."""

import json
from collections.abc import Collection
from datetime import date, datetime
from uuid import UUID

from legedialog.access.actor import Actor, Kind
from legedialog.attachments import queries as files
from legedialog.attachments import services as attachments
from legedialog.audit import services as audit
from legedialog.core import broken, events, writing
from legedialog.dialogues.intake import pairs
from legedialog.dialogues.models import Dialogue, Message, Step, What
from legedialog.dialogues.rules import Kind as DialogueKind
from legedialog.fees import proposing
from legedialog.fees import queries as fee_queries
from legedialog.fees import services as fees
from legedialog.fees.rules import Service
from legedialog.journal import services as journal
from legedialog.journal.models import ContactType
from legedialog.journal.models import Kind as EntryKind
from legedialog.journal.services import Made
from legedialog.outbox import services as outbox
from legedialog.visibility.rules import Content

CONTACT_TYPES = {
    DialogueKind.ECONSULTATION.value: ContactType.ECONSULTATION,
    DialogueKind.CONTACT.value: ContactType.OFFICE_CONTACT,
}


def happened(
    actor: Actor,
    dialogue: Dialogue,
    what: What,
    now: datetime,
    *,
    clinician_id: UUID | None = None,
    due_date: date | None = None,
    kind: str = "",
) -> None:
    """One step of the story, the audit's row of it, and word to the pages of both sides."""
    step = Step(
        dialogue=dialogue,
        practice_id=dialogue.practice_id,
        what=what,
        at=now,
        by_employee_id=actor.employee_id,
        clinician_id=clinician_id,
        due_date=due_date,
        kind=kind,
    )
    writing.add(step)
    audit.record(
        actor,
        f"dialogue.{what}",
        dialogue.pk,
        at=now,
        patient_id=dialogue.patient_id,
        practice_id=dialogue.practice_id,
        kind=dialogue.kind,
    )
    publish(dialogue)


def publish(dialogue: Dialogue) -> None:
    events.publish(f"inbox:{dialogue.practice_id}", f"person:{dialogue.patient_id}")


def tell_patient(dialogue: Dialogue, event: str, now: datetime) -> None:
    """A notice without content. The sequence grows, so that each happening is told once. Saved by the caller."""
    dialogue.sequence += 1
    outbox.put(
        event,
        dialogue.pk,
        recipient_id=dialogue.patient_id,
        practice_id=dialogue.practice_id,
        now=now,
        sequence=dialogue.sequence,
    )


def is_hidden(dialogue: Dialogue, message: Message) -> bool:
    """Whether a part of it cannot be shown: then it is read, and filed, when it is mended."""
    lines = broken.read(message.answers, _lines, lambda _: None, of="dialogues_message.answers", row=message.pk)
    return lines is None or any(isinstance(text, broken.NotShown) for text in (dialogue.subject, message.text))


def _lines(answers: str) -> list[str] | None:
    given = pairs(json.loads(answers)) if answers else []
    return [f"{question} {answer}" if question.endswith("?") else f"{question}: {answer}" for question, answer in given]


def file_message(dialogue: Dialogue, message: Message, *, title: str, problem_code: str = "") -> None:
    """Into the patient's record as it was written, by who wrote it. Filing twice makes one entry."""
    lines = _lines(message.answers) or []
    writer = Actor(
        kind=Kind.STAFF if message.by_employee_id else Kind.CITIZEN,
        person_id=message.by_person_id,
        employee_id=message.by_employee_id,
        ground=message.ground,
    )
    journal.file(
        writer,
        EntryKind.MESSAGE,
        message.pk,
        patient_id=dialogue.patient_id,
        practice_id=dialogue.practice_id,
        contact_type=CONTACT_TYPES[dialogue.kind],
        title=title,
        text="\n\n".join(part for part in ("\n".join(lines), message.text) if part),
        problem_code=problem_code,
        made_of=_made(dialogue),
        at=message.at,
    )
    for file in files.of([message.pk]).get(message.pk, []):
        journal.file(
            writer,
            EntryKind.ATTACHMENT,
            file.pk,
            patient_id=dialogue.patient_id,
            practice_id=dialogue.practice_id,
            contact_type=CONTACT_TYPES[dialogue.kind],
            title=f"Vedlegg: {file.name}",
            made_of=_made(dialogue),
            at=message.at,
        )


def file_decision(actor: Actor, dialogue: Dialogue, object_id: UUID, *, title: str, text: str, now: datetime) -> None:
    journal.file(
        actor,
        EntryKind.DECISION,
        object_id,
        patient_id=dialogue.patient_id,
        practice_id=dialogue.practice_id,
        contact_type=CONTACT_TYPES[dialogue.kind],
        title=title,
        text=text,
        made_of=_made(dialogue),
        at=now,
    )


def follow(dialogue: Dialogue) -> None:
    """The record and the price show what is of it to those who may see the dialogue now."""
    journal.follow(_made(dialogue))
    fees.hide(dialogue.pk, dialogue.restriction)


def promise(actor: Actor, dialogue: Dialogue, now: datetime, *, mark: str | None = None, is_new: bool = False) -> None:
    """What an e-consultation costs her is kept as she was told it; writing to the office costs nothing."""
    if dialogue.kind == DialogueKind.ECONSULTATION:
        fees.promise(
            actor=actor,
            object_id=dialogue.pk,
            patient_id=dialogue.patient_id,
            practice_id=dialogue.practice_id,
            service=Service.ECONSULTATION,
            clinician_id=dialogue.answerer_id or dialogue.clinician_id,
            restriction=dialogue.restriction,
            mark=mark,
            is_new=is_new,
            now=now,
        )


def promise_once(actor: Actor, dialogue: Dialogue, now: datetime, *, mark: str | None = None) -> None:
    """With her first answer to what the office began; the price of one that she began stands already."""
    if fee_queries.promised(dialogue.pk) is None:
        promise(actor, dialogue, now, mark=mark, is_new=True)


def _made(dialogue: Dialogue) -> Made:
    return Made(Content(dialogue.kind), dialogue.pk, dialogue.restriction, dialogue.told_reception)


def charge(actor: Actor, dialogue: Dialogue, now: datetime, *, code: str = "", approves: bool = False) -> None:
    """An e-consultation is answered and closed: by the hour of the answer. `code` and `approves` as fees.proposing.
    What the office writes unasked costs nothing: docs/adr/0160-what-the-office-begins-is-free.md."""
    if not fee_queries.may_cost(dialogue.pk, by_office=dialogue.started_by_employee_id is not None):
        return
    assert dialogue.answered_at  # noqa: S101  its status says so
    proposing.complete(
        actor=actor,
        object_id=dialogue.pk,
        patient_id=dialogue.patient_id,
        practice_id=dialogue.practice_id,
        service=Service.ECONSULTATION,
        clinician_id=actor.clinician_id or dialogue.answerer_id or dialogue.clinician_id,
        at=dialogue.answered_at,
        restriction=dialogue.restriction,
        code=code,
        approves=approves,
        now=now,
    )


def attach(actor: Actor, dialogue: Dialogue, message: Message, ids: Collection[UUID], now: datetime) -> None:
    """Her uploaded files become the message's. Raises NotFound for another's, Refused for too many."""
    if not ids:
        return
    attachments.attach(
        actor=actor,
        ids=ids,
        object_id=message.pk,
        practice_id=dialogue.practice_id,
        patient_id=dialogue.patient_id,
        now=now,
    )
