"""What a register answers is taken in. Called outside any conversation with it: the answer is in hand.

An answer counts from the moment it was asked for, so one that was long on its way never undoes a later one.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import F, QuerySet
from django.db.models.functions import Greatest

from legedialog.access.actor import Actor
from legedialog.audit import services as audit
from legedialog.core import writing
from legedialog.core.crypto import blind_index
from legedialog.core.times import local_day
from legedialog.patients import policy, queries
from legedialog.patients.models import Guardianship, Person, Responsibility, address_key, name_keys
from legedialog.patients.registers import Contact, Registered
from legedialog.patients.rules import clean_phone


@dataclass(frozen=True, slots=True)
class Taken:
    """What of an answer the rest of the product must act on."""

    has_died: bool = False
    lives_again: bool = False  # the register has taken her death back
    is_new: bool = False  # anything at all was another


@dataclass(frozen=True, slots=True)
class Reconciled:
    """How the relations we have become those the register tells: keys of running rows, and those to be made."""

    ended: frozenset[UUID]
    confirmed: frozenset[UUID]
    new: Mapping[UUID, date]


def reconciled(running: Mapping[UUID, date], told: Mapping[UUID, date | None], today: date) -> Reconciled:
    """By the other person. What the register does not tell any more has ended; a row that would hold no day too."""
    return Reconciled(
        ended=frozenset(running.keys() - told.keys()),
        confirmed=frozenset(running.keys() & told.keys()),
        new={other: min(since or today, today) for other, since in told.items() if other not in running},
    )


@transaction.atomic
def take_person(*, actor: Actor, person_id: UUID, told: Registered, asked_at: datetime, now: datetime) -> Taken:
    """Names, birth and death, address and its protection, parents, children and guardians. Raises Denied, NotFound.

    The number itself is another story: journeys/merging.py.
    """
    policy.check_import(actor)
    today = local_day(now)
    person = policy.find(actor, person_id, today, lock=True)
    if person.confirmed_at >= asked_at:
        return Taken()
    values = _values(person, told)
    changed = {name for name, value in values.items() if getattr(person, name) != value}
    taken = Taken(
        has_died=person.death_date is None and told.death_date is not None,
        lives_again=person.death_date is not None and told.death_date is None,
        is_new=bool(changed),
    )
    for name, value in values.items():
        setattr(person, name, value)
    person.confirmed_at = asked_at
    more = set()
    if changed & {"given_name", "family_name"}:
        person.name_keys = name_keys(person.given_name, person.family_name)
        more.add("name_keys")
    if changed & {"address", "address_grading"}:
        person.address_key = address_key(person.address, person.address_grading)
        more.add("address_key")
    person.save(update_fields=["confirmed_at", *changed, *more])

    parents = Responsibility.objects.filter(child=person)
    changed |= _relate(parents, "parent_id", {"child_id": person.pk}, told.parents, asked_at, today)
    children = Responsibility.objects.filter(parent=person)
    changed |= _relate(children, "child_id", {"parent_id": person.pk}, told.children, asked_at, today)
    guardians = Guardianship.objects.filter(person=person)
    changed |= _relate(guardians, "guardian_id", {"person_id": person.pk}, told.guardians, asked_at, today)
    if changed:
        audit.record(actor, "person.changed", person_id, at=now, patient_id=person_id, what=" ".join(sorted(changed)))
    return taken


@transaction.atomic
def take_contact(*, actor: Actor, person_id: UUID, told: Contact, asked_at: datetime, now: datetime) -> None:
    """The reservation as told; telephone and e-mail only when they were confirmed later than what she has said here.

    Raises Denied, NotFound.
    """
    policy.check_import(actor)
    person = policy.find(actor, person_id, local_day(now), lock=True)
    if person.reservation_confirmed_at >= asked_at:
        return
    changed = []
    if person.is_reserved != told.is_reserved:
        person.is_reserved = told.is_reserved
        changed.append("is_reserved")
    changed += _take_reach(person, told)
    person.reservation_confirmed_at = asked_at
    person.save(update_fields=["reservation_confirmed_at", *changed])
    if changed:
        audit.record(actor, "contact.changed", person_id, at=now, patient_id=person_id, what=" ".join(sorted(changed)))


def _values(person: Person, told: Registered) -> dict[str, Any]:
    """A name that differs only in its capitals stays as it is: the register writes older ones in capitals alone."""
    names = {"given_name": told.given_name, "family_name": told.family_name}
    return {
        **{
            name: kept if (kept := getattr(person, name)).casefold() == new.casefold() else new
            for name, new in names.items()
        },
        "birth_date": told.birth_date,
        "death_date": told.death_date,
        "address": told.address,
        "address_grading": told.grading,
    }


def _take_reach(person: Person, told: Contact) -> list[str]:
    """Which columns changed. One of the two is enough, and what the register does not have stays as it was."""
    at = max((each for each in (told.phone_confirmed_at, told.email_confirmed_at) if each), default=None)
    if at is None or (person.contact_confirmed_at and person.contact_confirmed_at >= at):
        return []
    person.contact_confirmed_at = at
    changed = ["contact_confirmed_at"]
    try:
        phone = clean_phone(told.phone)
    except ValueError:
        phone = ""
    for name, value in (("phone", phone), ("email", told.email.strip())):
        if value and value != getattr(person, name):
            setattr(person, name, value)
            changed.append(name)
    return changed


def _relate(
    rows: "QuerySet[Any]",
    other: str,
    own: Mapping[str, UUID],
    told: Mapping[str, date | None],
    asked_at: datetime,
    today: date,
) -> set[str]:
    """Whom we do not know is left out: nobody acts here for somebody who is not here."""
    running = {getattr(row, other): row for row in rows.filter(policy.on(today)).select_for_update()}
    plan = reconciled({key: row.starts_date for key, row in running.items()}, _known(told), today)
    for key in plan.ended:
        row = running[key]
        if row.starts_date >= today:
            writing.remove(row)
        else:
            row.ends_date = today
            row.save(update_fields=["ends_date"])
    rows.filter(pk__in=[running[key].pk for key in plan.confirmed]).update(
        confirmed_at=Greatest(F("confirmed_at"), asked_at)
    )
    made = False
    for key, since in plan.new.items():
        since = max(
            [since, *rows.filter(**{other: key}).values_list("ends_date", flat=True)], key=lambda day: day or today
        )
        if since <= today and not rows.filter(**{other: key, "ends_date": None}).exists():
            rows.model._default_manager.create(**own, **{other: key}, starts_date=since, confirmed_at=asked_at)
            made = True
    return {other.removesuffix("_id")} if plan.ended or made else set()


def _known(told: Mapping[str, date | None]) -> dict[UUID, date | None]:
    indexes = {blind_index(number, purpose="national-number"): since for number, since in told.items()}
    return {pk: indexes[index] for index, pk in queries.by_indexes(list(indexes)).items()}
