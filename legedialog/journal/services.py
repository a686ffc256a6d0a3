"""File what happened in the patient's record, write a note in it, and correct it. Nothing is ever changed or removed.

How another context files: inside the transaction of what happened, after its own audit record,

    journal.file(
        actor, Kind.MESSAGE, message.pk, patient_id=…, practice_id=…,
        contact_type=ContactType.ECONSULTATION, title="Spørsmål fra pasienten", text=message.text, at=now,
        made_of=Made(Content.ECONSULTATION, dialogue.pk, dialogue.restriction),
    )

- The patient is the one it is about: the child, when a parent writes. Who did it and by which right is the actor.
- `title` is one line in bokmål, whatever language the reader has: the record is not translated. `text` is the words as
  they were written. Both are sealed.
- Kind, object and sequence name an entry, so that filing twice makes one. A thing that is told of several times, such
  as an appointment that is booked, moved and cancelled, uses `sequence=NEXT` under a lock on its own row.
- Attachments need no filing: those attached to `object_id` are shown with its first entry.
- `made_of` says who sees it: the content, the thing it tells of, and from whom that is hidden. When that changes, the
  context calls `follow` in the same transaction.
- `problem_code` (ICPC-2) where the doctor has set one, always for consultations. Another code later is a correction.
"""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db import transaction

from legedialog.access.actor import Actor
from legedialog.attachments import services as attachments
from legedialog.audit import services as audit
from legedialog.core import events, writing
from legedialog.core.errors import Refused
from legedialog.core.ids import new_id
from legedialog.journal import icpc2, policy, rules
from legedialog.journal.models import ContactType, Entry, Kind
from legedialog.patients.representation import Restriction
from legedialog.visibility.rules import Content

NEXT = -1  # the sequence after those that are filed about the object; the caller holds a lock on it


@dataclass(frozen=True, slots=True)
class Made:
    """What decides who sees an entry. `thing_id` is the dialogue, appointment or prescription that it tells of."""

    content: Content
    thing_id: UUID
    restriction: str = Restriction.NORMAL.value
    told_reception: bool = False


@dataclass(frozen=True, slots=True)
class Filing:
    """One entry: see `file` for its parts."""

    kind: Kind
    object_id: UUID
    patient_id: UUID
    made_of: Made
    title: str
    text: str = ""
    problem_code: str = ""
    sequence: int = 0


def file(
    actor: Actor,
    kind: Kind,
    object_id: UUID,
    *,
    patient_id: UUID,
    practice_id: UUID,
    contact_type: ContactType,
    made_of: Made,
    title: str,
    text: str = "",
    problem_code: str = "",
    sequence: int = 0,
    at: datetime,
) -> None:
    """One entry for this kind, object and sequence; filing it twice makes one.

    `title` is one line in bokmål, the language of the record; `text` the words themselves, as they were written.
    `problem_code` is ICPC-2 ("S07"), or empty.
    """
    if sequence == NEXT:
        sequence = Entry.objects.filter(kind=kind, object_id=object_id).count()
    filing = Filing(kind, object_id, patient_id, made_of, title, text, problem_code, sequence)
    file_many(actor, [filing], practice_id=practice_id, contact_type=contact_type, at=at)


def file_many(
    actor: Actor, filings: Iterable[Filing], *, practice_id: UUID, contact_type: ContactType, at: datetime
) -> None:
    """As `file`, for what happened in one step."""
    writing.add(
        *(
            Entry(
                practice_id=practice_id,
                patient_id=each.patient_id,
                kind=each.kind,
                contact_type=contact_type,
                problem_code=each.problem_code,
                at=at,
                by_person_id=actor.person_id if actor.is_citizen else None,
                by_employee_id=actor.employee_id,
                ground=actor.ground,
                title=each.title,
                text=each.text,
                object_id=each.object_id,
                sequence=each.sequence,
                content=each.made_of.content,
                thing_id=each.made_of.thing_id,
                restriction=each.made_of.restriction,
                told_reception=each.made_of.told_reception,
            )
            for each in filings
        ),
        or_leave=True,
    )
    events.publish(f"journal:{practice_id}")


def follow(made_of: Made) -> None:
    """What the entries tell of has become another content, so others read it. Their words are never changed."""
    Entry.objects.filter(thing_id=made_of.thing_id).update(
        content=made_of.content, restriction=made_of.restriction, told_reception=made_of.told_reception
    )


def hide(thing_id: UUID, restriction: str) -> None:
    """What the entries tell of is hidden from somebody, or shown again, so they are too (code 9603)."""
    Entry.objects.filter(thing_id=thing_id).update(restriction=restriction)


@transaction.atomic
def write_note(
    *,
    actor: Actor,
    patient_id: UUID,
    practice_id: UUID,
    key: UUID,
    contact_type: ContactType,
    text: str,
    problem_code: str = "",
    attachment_ids: Collection[UUID] = (),
    now: datetime,
) -> Entry:
    """Staff write in the record themselves. The same key twice makes one note. Who may open her is asked before.

    Raises NotFound, Denied, or Refused "too-many-files".
    """
    policy.check_write(actor, practice_id)
    title = f"Notat: {icpc2.label(problem_code)}" if problem_code else "Notat"
    file(
        actor,
        Kind.NOTE,
        key,
        patient_id=patient_id,
        practice_id=practice_id,
        contact_type=contact_type,
        made_of=Made(Content.NOTE, key),
        title=title,
        text=text,
        problem_code=problem_code,
        at=now,
    )
    note = policy.visible_to(actor).get(kind=Kind.NOTE, object_id=key, sequence=0)
    if attachment_ids:
        attachments.attach(
            actor=actor, ids=attachment_ids, object_id=key, practice_id=practice_id, patient_id=patient_id, now=now
        )
    if note.at == now:
        audit.record(actor, "journal.noted", note.pk, at=now, patient_id=patient_id, practice_id=practice_id)
    return note


@transaction.atomic
def correct(
    *, actor: Actor, entry_id: UUID, seen: int, reason: str, text: str, problem_code: str = "", now: datetime
) -> Entry:
    """A new entry that says what is right, and why; both stay. A correction of a correction corrects the first one.

    `seen` is how many corrections the writer had read. Raises NotFound, Denied, or Refused "corrected-meanwhile" when
    there are more by now. The same text by the same person again is as once.
    """
    entry = policy.find(actor, entry_id)
    entry = policy.find(actor, entry.corrects_id) if entry.corrects_id else entry
    policy.check_correct(actor, entry)
    made = Entry(
        id=new_id(),
        practice_id=entry.practice_id,
        patient_id=entry.patient_id,
        kind=Kind.CORRECTION,
        contact_type=entry.contact_type,
        problem_code=problem_code,
        at=now,
        by_employee_id=actor.employee_id,
        title=f"Rettelse: {entry.title}",
        text=text,
        reason=reason,
        object_id=entry.pk,
        sequence=seen,
        corrects=entry,
        content=entry.content,
        thing_id=entry.thing_id,
        restriction=entry.restriction,
        told_reception=entry.told_reception,
    )
    Entry.objects.bulk_create([made], ignore_conflicts=True)  # two at once: the database lets one be the next
    kept = Entry.objects.get(kind=Kind.CORRECTION, object_id=entry.pk, sequence=seen)
    if kept.pk != made.pk:
        if (kept.by_employee_id, kept.text, kept.reason) == (actor.employee_id, text, reason):
            return kept
        raise Refused(rules.CORRECTED_MEANWHILE)
    audit.record(actor, "journal.corrected", made.pk, at=now, patient_id=made.patient_id, practice_id=made.practice_id)
    events.publish(f"journal:{made.practice_id}")
    return made
