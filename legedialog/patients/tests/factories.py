"""Persons on lists, saved as the registers save them. Numbers are synthetic."""

from datetime import UTC, date, datetime, timedelta
from itertools import count

from legedialog.access.actor import Actor, Kind, system
from legedialog.core.identifiers import synthetic_number
from legedialog.patients import services
from legedialog.patients.models import Person
from legedialog.practices.models import Contract
from legedialog.practices.tests.factories import LONG_AGO, NOW

ALWAYS = datetime(2100, 1, 1, tzinfo=UTC)  # confirmed: what grows old has its own tests
_serial = count(1)


def person(name: str = "Kari Testdal", *, born: date = date(1984, 3, 12), on: Contract | None = None) -> Person:
    given, family = name.rsplit(" ", 1)
    serial = next(_serial)
    made = services.save_person(
        actor=system(),
        national_number=synthetic_number(born + timedelta(days=serial // 300), serial % 300),
        given_name=given,
        family_name=family,
        birth_date=born,
        confirmed_at=ALWAYS,
        reservation_confirmed_at=ALWAYS,
        now=NOW,
    )
    if on:
        services.join_list(actor=system(), person_id=made.pk, contract_id=on.pk, starts_date=LONG_AGO, now=NOW)
    return made


def citizen(who: Person) -> Actor:
    return Actor(kind=Kind.CITIZEN, person_id=who.pk, acting_for_id=who.pk, patients=frozenset({who.pk}))
