"""File what happened in the patient's record. Called inside the transaction of what happened."""

from datetime import datetime
from uuid import UUID

from legedialog.access.actor import Actor
from legedialog.core import events
from legedialog.journal.models import ContactType, Entry, Kind


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
    Entry.objects.bulk_create(
        [
            Entry(
                practice_id=practice_id,
                patient_id=patient_id,
                kind=kind,
                contact_type=contact_type,
                problem_code=problem_code,
                at=at,
                by_person_id=actor.person_id if actor.is_citizen else None,
                by_employee_id=actor.employee_id,
                ground=actor.ground,
                title=title,
                text=text,
                object_id=object_id,
                sequence=sequence,
                restriction=restriction,
            )
        ],
        ignore_conflicts=True,
    )
    events.publish(f"journal:{practice_id}")
