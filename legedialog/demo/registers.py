"""The demo's registers of people: they say what the demo was populated with, and what somebody has told them since.

`legedialog persons pretend` tells them of a death, a death taken back, a new number, or an exemption card. They keep it
in a file beside the demo's other files, so that the pages and the worker hear the same.
"""

import json
from dataclasses import dataclass, replace
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

from django.conf import settings
from django.utils import timezone
from joserfc.jwk import import_key

from legedialog.core import fence, keys, reading
from legedialog.core.times import local_day
from legedialog.integrations.cards.fake import FakeCards
from legedialog.integrations.registers import mapping
from legedialog.integrations.registers.fake import FakeRegisters
from legedialog.integrations.registers.fake_people import FakePeople
from legedialog.integrations.registers.mapping import (
    ElectronicAddress,
    GpDetails,
    Organisation,
    Parent,
    Party,
    PostalAddress,
)
from legedialog.integrations.registers.mapping import Person as Doctor
from legedialog.patients import queries
from legedialog.patients.models import Guardianship, Membership, Person, Responsibility
from legedialog.patients.policy import on
from legedialog.patients.registers import Contact, Registered
from legedialog.practices.models import Clinician, ContractDoctor, Practice


@dataclass(frozen=True, slots=True)
class Told:
    """What differs from the demo's own people. `number` is her new one."""

    death_date: date | None = None
    is_alive: bool = False
    number: str = ""
    card_date: date | None = None  # the first day of an exemption card


HAS_CARD = "Grethe Testli"  # of the demo's people, from new year


@cache
def cards() -> FakeCards:
    """The exemption card register."""
    return FakeCards(card, _down(CARDS).exists)


@fence.system("the demo's card register is another machine")
def card(number: str) -> date | None:
    told = _read().get(number, {}).get("card_date")
    if told:
        return reading.day(told)
    person_id = queries.id_of(number)
    person = Person.objects.filter(pk=person_id).first() if person_id else None
    return date(local_day(timezone.now()).year, 1, 1) if person and person.name == HAS_CARD else None


@cache
def app() -> FakePeople:
    key = keys.ensure(settings.PEOPLE_REGISTERS["key_file"])
    return FakePeople(registered, contact, import_key(key.as_dict(private=False)), _down().exists)


@cache
def lists() -> FakeRegisters:
    """The GP register and the Address register: they know the demo's lists, doctors and offices."""
    fake = FakeRegisters()
    fake.gps, fake.parties = _Gps(), _Parties()  # type: ignore[assignment]
    return fake


class _Gps:
    @fence.system("the demo's GP register is another machine")
    def get(self, number: str) -> GpDetails | None:
        today = local_day(timezone.now())
        places = Membership.objects.select_related("contract__practice")
        place = places.filter(on(today), person=queries.id_of(number)).first()
        if place is None:
            return None
        doctors = ContractDoctor.objects.filter(on(today), contract=place.contract, clinician__her_id__isnull=False)
        return GpDetails(
            gp_her_id=doctors.values_list("clinician__her_id", flat=True).first(),
            contract_number=place.contract.number,
            office_organisation_number=place.contract.practice.organisation_number,
            starts_date=place.starts_date,
        )


class _Parties:
    @fence.system("the demo's Address register is another machine")
    def get(self, her_id: int) -> Party | None:
        today = local_day(timezone.now())
        if office := Practice.objects.filter(her_id=her_id).first():
            return _office(office, today)
        doctor = Clinician.objects.filter(her_id=her_id).first()
        work = doctor and ContractDoctor.objects.filter(on(today), clinician=doctor).first()
        if doctor is None or not work:
            return None
        office = work.contract.practice
        return Doctor(
            **_common(her_id, doctor.name, today),
            parent=Parent(office.her_id or 0, office.name, office.organisation_number),
            electronic=(),
            postal=(),
            hpr_number=doctor.hpr_number or "",
            title="Lege",
            is_specialist=doctor.is_specialist,
            organisations=(_office(office, today),),
        )


def _office(office: Practice, today: date) -> Organisation:
    reach = ((mapping.PHONE, office.phone), (mapping.EMAIL, office.email), (mapping.WEBSITE, office.website))
    return Organisation(
        **_common(office.her_id or 0, office.name, today),
        parent=None,
        electronic=tuple(ElectronicAddress(kind, value, False) for kind, value in reach if value),
        postal=(PostalAddress("RES", office.street, office.postal_code, office.city, False),),
        organisation_number=office.organisation_number,
        business_type="103",
        services=(),
    )


def _common(her_id: int, name: str, today: date) -> dict[str, Any]:
    return {
        "her_id": her_id,
        "name": name,
        "is_active": True,
        "can_receive": True,
        "valid_from": date(today.year - 5, 1, 1),
        "valid_to": None,
    }


def pretend(number: str, told: Told) -> None:
    said = _read()
    said[number] = {
        "death_date": told.death_date.isoformat() if told.death_date else None,
        "is_alive": told.is_alive,
        "number": told.number,
        "card_date": told.card_date.isoformat() if told.card_date else None,
    }
    _file().parent.mkdir(parents=True, exist_ok=True)
    draft = _file().with_suffix(".new")
    draft.write_text(json.dumps(said), encoding="utf-8")
    draft.rename(_file())


PERSONS, CARDS = "registers", "cards"  # what fails by itself


def fail(*, is_down: bool, which: str = PERSONS) -> None:
    """The registers of people, or the one of exemption cards, answer nothing from now on, or again."""
    if is_down:
        _down(which).parent.mkdir(parents=True, exist_ok=True)
        _down(which).touch()
    else:
        _down(which).unlink(missing_ok=True)


@fence.system("the demo's population register is another machine")
def registered(number: str) -> Registered | None:
    person_id = queries.id_of(number)
    person = Person.objects.filter(pk=person_id).first() if person_id else None
    if person is None:
        return None
    today = local_day(timezone.now())
    found = Registered(
        number=person.national_number,
        former=frozenset(),
        given_name=person.given_name,
        family_name=person.family_name,
        birth_date=person.birth_date,
        death_date=person.death_date,
        address=person.address,
        grading=person.address_grading,
        parents=_numbers(Responsibility.objects.filter(on(today), child=person), "parent"),
        children=_numbers(Responsibility.objects.filter(on(today), parent=person), "child"),
        guardians=_numbers(Guardianship.objects.filter(on(today), person=person), "guardian"),
    )
    told = _read().get(person.national_number)
    if told is None:
        return found
    death = None if told["is_alive"] else told["death_date"]
    if told["is_alive"] or death:
        found = replace(found, death_date=reading.day(death))
    if told["number"]:
        found = replace(found, number=told["number"], former=frozenset({person.national_number}))
    return found


@fence.system("the demo's contact register is another machine")
def contact(number: str) -> Contact | None:
    person_id = queries.id_of(number)
    person = Person.objects.filter(pk=person_id).first() if person_id else None
    if person is None:
        return None
    return Contact(
        is_reserved=person.is_reserved,
        phone=person.phone,
        phone_confirmed_at=person.contact_confirmed_at if person.phone else None,
        email=person.email,
        email_confirmed_at=person.contact_confirmed_at if person.email else None,
    )


def _numbers(rows: Any, other: str) -> dict[str, date | None]:
    return {getattr(row, other).national_number: row.starts_date for row in rows.select_related(other)}


def _down(which: str = PERSONS) -> Path:
    return _file().with_name(f"{which}.down")


def _file() -> Path:
    return Path(settings.VAR) / "demo-id" / "registers.json"


def _read() -> dict[str, Any]:
    try:
        found: dict[str, Any] = json.loads(_file().read_text(encoding="utf-8"))
    except FileNotFoundError:
        return {}
    return found
