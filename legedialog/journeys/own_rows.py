"""Everything the service keeps about one citizen, read once for both files: what each context says is hers."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from legedialog.access.actor import Actor
from legedialog.attachments.queries import Attachment
from legedialog.consent import acting
from legedialog.core import contexts
from legedialog.core.contexts import Own
from legedialog.patients.models import Person


@dataclass(frozen=True, slots=True)
class Part:
    """Its rows, oldest first, and the files of each, as received."""

    own: Own
    rows: Sequence[Any]
    files: Sequence[Sequence[Attachment]]


@dataclass(frozen=True, slots=True)
class Rows:
    person: Person
    parts: list[Part]

    @property
    def files(self) -> list[Attachment]:
        return files_of(self.parts)


def gather(actor: Actor, person: Person, now: datetime) -> Rows:
    """A handful of queries for each part, whatever there is. The actor is what `reader` says of her."""
    return Rows(person, [_part(own, actor, person.pk, now) for own in contexts.own()])


def enclosed(actor: Actor, person: Person, now: datetime) -> list[Attachment]:
    """The files alone. Those that are not sent yet are drafts, and go by themselves."""
    return files_of([_part(own, actor, person.pk, now) for own in contexts.own() if own.files])


def files_of(parts: Sequence[Part]) -> list[Attachment]:
    """Each once, in the order they were received."""
    found = {each.pk: each for part in parts for files in part.files for each in files}
    return sorted(found.values(), key=lambda each: (each.received_at, each.pk))


def reader(person: Person, now: datetime) -> Actor:
    """She herself. Under 16 she gets what she may see alone. Source: docs/facts.md#children.

    Without youth access that is nothing of the office's; with it, not what is hidden from her (9603), not what a parent
    wrote, and not a hospital's.
    """
    return acting.alone(person, now)


def _part(own: Own, actor: Actor, person_id: UUID, now: datetime) -> Part:
    rows = own.rows(actor, person_id, now)
    return Part(own, rows, own.files.of(rows) if own.files else [()] * len(rows))
