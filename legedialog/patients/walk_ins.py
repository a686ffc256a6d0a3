"""Whom an office registers itself, as she is on no list of its: seen there alone. docs/adr/0254-walk-ins.md."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import IntegrityError, transaction
from django.db.models import Q, QuerySet

from legedialog.access.actor import Actor
from legedialog.audit import services as audit
from legedialog.core import seen, writing
from legedialog.core.crypto import blind_index
from legedialog.core.errors import NotFound, Refused
from legedialog.core.identifiers import BadIdentifier
from legedialog.core.times import local_day
from legedialog.patients import policy, rules, searching
from legedialog.patients.models import Person, WalkIn, name_keys
from legedialog.patients.queries import PatientRow
from legedialog.patients.rules import Given, Proof

LATELY = timedelta(days=14)


@dataclass(frozen=True, slots=True, repr=False)
class Told:
    """What she, or her papers, told the office. `number` as it was typed, maybe empty; `phone` too."""

    given_name: str
    family_name: str
    birth_date: date
    number: str
    proof: Proof
    phone: str
    language: str


@dataclass(frozen=True, slots=True)
class WalkInRow:
    """What the office has registered. The number is masked."""

    told: Told
    masked_number: str
    number_kind: str
    registered_by: str
    registered_at: datetime
    joined_at: datetime | None
    differs_at: datetime | None

    @property
    def is_local(self) -> bool:
        return self.joined_at is None

    @property
    def waits_for_register(self) -> bool:
        """The number is one that the register knows, and who she is is proven: she is joined when it answers."""
        number = Given(self.told.number, self.number_kind)
        return self.is_local and not self.differs_at and number.is_in_register and self.told.proof != Proof.NONE

    @property
    def mark(self) -> str:
        return seen.mark(*_facts(self.told))


@transaction.atomic
def register(*, actor: Actor, practice_id: UUID, told: Told, is_another: bool, now: datetime) -> UUID:
    """A patient of this office alone. Her id.

    `is_another`: the one who has the same name and birth date is somebody else. Raises NotFound, Denied, BadIdentifier,
    ValueError for a bad telephone number, or Refused "walk-in-born-later", "walk-in-known" with `known` when the office
    has the number already, or "walk-in-looks-like".
    """
    policy.check_register(actor, practice_id)
    assert actor.employee_id  # noqa: S101  only an office's employee registers
    today = local_day(now)
    number = _number(actor, practice_id, told, today)
    if not is_another and alike(actor, told, now):
        raise Refused(rules.LOOKS_LIKE)
    person = Person(
        local_to_id=practice_id,
        birth_date=told.birth_date,
        confirmed_at=now,
        reservation_confirmed_at=now,
        **_of_person(told),
    )
    writing.add(person)
    row = WalkIn(
        practice_id=practice_id,
        person=person,
        proof=told.proof,
        registered_by_id=actor.employee_id,
        registered_at=now,
        **_of_number(number),
    )
    try:
        with transaction.atomic():
            writing.add(row)
    except IntegrityError as error:  # a colleague registered the number in the same moment
        raise Refused(rules.NUMBER_KNOWN) from error
    audit.record(actor, "walk-in.registered", row.pk, at=now, patient_id=person.pk, practice_id=practice_id)
    return person.pk


@transaction.atomic
def change(*, actor: Actor, person_id: UUID, told: Told, mark: str | None = None, now: datetime) -> None:
    """What the office has registered is put right; the register is asked again about the number.

    Raises as `register`, and Refused "changed-since-seen", or "walk-in-joined" for one who is the register's now.
    """
    row = policy.find_walk_in(actor, person_id, lock=True)
    if row.person.local_to_id is None:
        raise Refused(rules.JOINED)
    seen.check(mark, *_facts(_told(row)))
    number = _number(actor, row.practice_id, told, local_day(now), but=person_id)
    person = row.person
    person.birth_date = told.birth_date
    for name, value in (values := _of_person(told)).items():
        setattr(person, name, value)
    person.save(update_fields=["birth_date", *values])
    row.proof, row.asked_at, row.differs_at = told.proof, None, None
    for name, value in (columns := _of_number(number)).items():
        setattr(row, name, value)
    row.save(update_fields=["proof", "asked_at", "differs_at", *columns])
    audit.record(actor, "walk-in.changed", row.pk, at=now, patient_id=person_id, practice_id=row.practice_id)


def has_contact(actor: Actor, patient_id: UUID, now: datetime) -> bool:
    """Whether the office registered her itself lately, and she is its own alone: that she came is the contact."""
    rows = policy.walk_ins_visible_to(actor).filter(person=patient_id, person__local_to__isnull=False)
    return actor.is_staff and rows.filter(registered_at__gt=now - LATELY).exists()


def of(actor: Actor, person_id: UUID) -> WalkInRow | None:
    """None for one whom the office has not registered itself. One query."""
    try:
        row = policy.find_walk_in(actor, person_id)
    except NotFound:
        return None
    return WalkInRow(
        told=_told(row),
        masked_number=rules.masked(row.number),
        number_kind=row.number_kind,
        registered_by=row.registered_by.name,
        registered_at=row.registered_at,
        joined_at=row.joined_at,
        differs_at=row.differs_at,
    )


def looked(actor: Actor, person_id: UUID, now: datetime) -> None:
    """What `of` found is shown by itself, with the whole number: a line in her log."""
    audit.looked(actor, "walk-in.read", None, at=now, patient_id=person_id, practice_id=actor.practice_id)


def known(actor: Actor, practice_id: UUID, text: str, now: datetime) -> list[PatientRow]:
    """Who of those the office has, has this number: at most one. Leaves a line in her log. Raises BadIdentifier."""
    policy.check_register(actor, practice_id)
    today = local_day(now)
    number = rules.given_number(text, synthetic=settings.SYNTHETIC_PERSONS)
    return _shown(actor, _with_number(actor, practice_id, number, today), now)


def alike(actor: Actor, told: Told, now: datetime) -> list[PatientRow]:
    """Those the office has who were born the same day and whose name begins alike. Leaves a line in the log of each."""
    today = local_day(now)
    keys = name_keys(told.given_name, told.family_name, whole=True)
    rows = policy.visible_to(actor, today).filter(birth_date=told.birth_date, name_keys__contains=keys)
    return _shown(actor, rows, now)


def with_number(actor: Actor, text: str) -> UUID | None:
    """Which of the office's own has this number; None too where it is not a number at all."""
    try:
        number = rules.given_number(text, synthetic=settings.SYNTHETIC_PERSONS)
    except BadIdentifier:
        return None
    if not number.digits:
        return None
    rows = policy.walk_ins_visible_to(actor).filter(number_index=_index(number))
    return rows.values_list("person_id", flat=True).first()


def numbers(practice_id: UUID, person_ids: Collection[UUID]) -> dict[UUID, str]:
    """What those of them whom the office has registered itself gave as their number, for who may see it. One query."""
    rows = WalkIn.objects.filter(practice=practice_id, person__in=person_ids, person__local_to=practice_id)
    return {row.person_id: row.number for row in rows.only("person_id", "number", "practice_id")}


def _index(number: Given) -> bytes:
    return blind_index(number.digits, purpose="national-number")


def _shown(actor: Actor, rows: QuerySet[Person], now: datetime) -> list[PatientRow]:
    found = [searching.person_row(row, local_day(now)) for row in rows.order_by("pk")[: searching.HITS]]
    audit.looked_many(actor, "patient.found", {row.id for row in found}, at=now, practice_id=actor.practice_id)
    return found


def _with_number(actor: Actor, practice_id: UUID, number: Given, today: date) -> QuerySet[Person]:
    """Of another office's nothing is said, whatever the number is."""
    if not number.digits:
        return Person.objects.none()
    index = _index(number)
    here = WalkIn.objects.filter(practice=practice_id, number_index=index).values("person")
    hers = Q(national_number_index=index) | Q(former_numbers__national_number_index=index)
    return policy.visible_to(actor, today).filter(Q(pk__in=here) | hers).distinct()


def _number(actor: Actor, practice_id: UUID, told: Told, today: date, but: UUID | None = None) -> Given:
    if told.birth_date > today:
        raise Refused(rules.BORN_LATER)
    number = rules.given_number(told.number, synthetic=settings.SYNTHETIC_PERSONS)
    others = _with_number(actor, practice_id, number, today)
    if (others.exclude(pk=but) if but else others).exists():
        raise Refused(rules.NUMBER_KNOWN)
    return number


def _of_person(told: Told) -> dict[str, Any]:
    return {
        "given_name": told.given_name,
        "family_name": told.family_name,
        "name_keys": name_keys(told.given_name, told.family_name),
        "phone": rules.clean_phone(told.phone),
        "language": told.language,
    }


def _of_number(number: Given) -> dict[str, Any]:
    index = _index(number) if number.digits else None
    return {"number": number.digits, "number_index": index, "number_kind": number.kind}


def _told(row: WalkIn) -> Told:
    person = row.person
    return Told(
        given_name=person.given_name,
        family_name=person.family_name,
        birth_date=person.birth_date,
        number=row.number,
        proof=Proof(row.proof),
        phone=person.phone,
        language=person.language,
    )


def _facts(told: Told) -> tuple[object, ...]:
    who = (told.given_name, told.family_name, told.birth_date, told.number)
    return (*who, told.proof.value, told.phone, told.language)
