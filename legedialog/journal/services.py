"""File what happened in the patient's record. Called inside the transaction of what happened."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from legedialog.access.actor import Actor
from legedialog.core import events
from legedialog.journal.models import ContactType, Entry, Kind


@dataclass(frozen=True, slots=True)
class Filing:
    """One entry: see `file` for its parts."""

    kind: Kind
    object_id: UUID
    patient_id: UUID
    title: str
    text: str = ""
    problem_code: str = ""
    restriction: str = "N"
    sequence: int = 0


def file(
    actor: Actor,
    kind: Kind,
    object_id: UUID,
    *,
    patient_id: UUID,
    practice_id: UUID,
    contact_type: ContactType,
    title: str,
    text: str = "",
    problem_code: str = "",
    restriction: str = "N",
    sequence: int = 0,
    at: datetime,
) -> None:
    """One entry for this kind, object and sequence; filing it twice makes one.

    `title` is one line in bokmål, the language of the record; `text` the words themselves, as they were written.
    `problem_code` is ICPC-2 ("S07"), or empty.
    """
    filing = Filing(kind, object_id, patient_id, title, text, problem_code, restriction, sequence)
    file_many(actor, [filing], practice_id=practice_id, contact_type=contact_type, at=at)


def file_many(
    actor: Actor, filings: Iterable[Filing], *, practice_id: UUID, contact_type: ContactType, at: datetime
) -> None:
    """As `file`, for what happened in one step, in two statements."""
    Entry.objects.bulk_create(
        [
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
                restriction=each.restriction,
            )
            for each in filings
        ],
        ignore_conflicts=True,
    )
    events.publish(f"journal:{practice_id}")
