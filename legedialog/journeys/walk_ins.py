"""Whom an office has registered itself becomes the register's person, by the register's answer alone; and not, after
all. See docs/adr/0255-who-joins-a-walk-in.md.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta
from uuid import UUID

import structlog
from django.db import transaction
from django.db.models import F, Q

from legedialog.access.actor import Actor, system
from legedialog.audit import services as audit
from legedialog.core import broken, fence
from legedialog.core.errors import NotFound, Refused
from legedialog.core.identifiers import Kind
from legedialog.journeys import changes, merging
from legedialog.outbox import services as outbox
from legedialog.patients import policy, queries, rules, services
from legedialog.patients.models import Grading, Person, WalkIn
from legedialog.patients.registers import Registered
from legedialog.patients.rules import Proof

log = structlog.get_logger("legedialog.walk_ins")

ASK_AGAIN = timedelta(days=1)
REGISTERED = (Kind.BIRTH_NUMBER, Kind.D_NUMBER)  # kinds of number that the population register knows


@fence.system("whom offices have registered, and the population register may know")
def due(now: datetime, most: int) -> dict[UUID, str]:
    """Walk-ins whose number the register is asked about, with it; whom nobody asked about for the longest first."""
    rested = Q(asked_at=None) | Q(asked_at__lte=now - ASK_AGAIN)
    rows = WalkIn.objects.filter(rested, joined_at=None, differs_at=None, number_kind__in=REGISTERED)
    rows = rows.exclude(proof=Proof.NONE).order_by(F("asked_at").asc(nulls_first=True), "pk")
    with broken.reading():  # one that cannot be read is asked about by nobody, and stops nobody else
        found = list(rows.only("number", "practice_id", "person_id")[:most])
    return {row.pk: row.number for row in found if not isinstance(row.number, broken.NotShown)}


@fence.system("an office's own patient is the register's person")
def take(numbers: Mapping[UUID, str], told: Mapping[str, Registered], now: datetime) -> int:
    """The register's answer to those `due`; whom it does not tell of may be known from an earlier one. How many were
    joined. One that cannot be joined stops no other."""
    joined = 0
    for walk_in_id, number in numbers.items():
        try:
            joined += _take(walk_in_id, number, told.get(number), now)
        except Exception:
            log.exception("walk-in not joined")
    return joined


@transaction.atomic
def _take(walk_in_id: UUID, number: str, told: Registered | None, now: datetime) -> bool:
    row = WalkIn.objects.select_for_update(of=("self",)).select_related("person").filter(pk=walk_in_id).first()
    if row is None or row.joined_at or row.number != number:
        return False
    row.asked_at = now
    row.save(update_fields=["asked_at"])
    known_id = queries.id_of(told.number if told else number)
    known = Person.objects.get(pk=known_id) if known_id else None
    other = told or known
    if other is None or other.death_date or _grading(other) != Grading.OPEN:
        return False
    is_same = rules.is_same_person(
        names=row.person.name,
        birth_date=row.person.birth_date,
        register_names=f"{other.given_name} {other.family_name}",
        register_birth_date=other.birth_date,
    )
    if is_same:
        kept_id = known.pk if known else _new(told, now).pk
        try:
            with transaction.atomic():
                return _join(row, kept_id, now)
        except Refused:  # they act for each other: two persons, whatever the number says
            pass
    row.differs_at = now
    row.save(update_fields=["differs_at"])
    return False


def _grading(other: Registered | Person) -> str:
    return other.grading if isinstance(other, Registered) else other.address_grading


def _new(told: Registered | None, now: datetime) -> Person:
    """Nobody here had the number: the register's answer makes her known."""
    assert told  # noqa: S101  known or told
    return services.save_person(
        actor=system(),
        national_number=told.number,
        given_name=told.given_name,
        family_name=told.family_name,
        birth_date=told.birth_date,
        address=told.address,
        address_grading=told.grading,
        now=now,
    )


def _join(row: WalkIn, kept_id: UUID, now: datetime) -> bool:
    practice_id, walk_in_id = row.practice_id, row.pk
    merge = merging.merge(kept_id=kept_id, gone_id=row.person_id, now=now)
    WalkIn.objects.filter(pk=walk_in_id).update(joined_at=now, merge_id=merge.pk)
    audit.record(system(), "walk-in.joined", walk_in_id, at=now, patient_id=kept_id, practice_id=practice_id)
    changes.tell_joined(kept_id, practice_id, now)
    outbox.put("walk-in.joined", kept_id, recipient_id=kept_id, practice_id=practice_id, now=now)
    return True


def undo_until(joined_at: datetime) -> datetime:
    return joined_at + merging.UNDO_LASTS


def part(*, actor: Actor, person_id: UUID, now: datetime) -> UUID:
    """The office says that she is not the register's person after all: hers and theirs are two again, with what the
    office has done since. The id of its own.

    Raises NotFound, Denied, or Refused "merge-too-old".
    """
    with transaction.atomic():
        row = policy.find_walk_in(actor, person_id, lock=True)
        policy.check_register(actor, row.practice_id)
        if row.merge_id is None:
            raise NotFound
        merging.undo(merge_id=row.merge_id, of_office=row.practice_id, now=now)
        own_id = WalkIn.objects.values_list("person_id", flat=True).get(pk=row.pk)
        for each in (person_id, own_id):
            audit.record(actor, "walk-in.parted", row.pk, at=now, patient_id=each, practice_id=row.practice_id)
        outbox.put("walk-in.parted", person_id, recipient_id=person_id, practice_id=row.practice_id, now=now)
    return own_id
