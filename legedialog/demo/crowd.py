"""Unnamed people: those of the demo's two offices, and as many more as are asked for, which are written in bulk."""

from collections.abc import Callable, Iterator
from datetime import date, time, timedelta

from django.db import transaction
from django.utils import timezone

from legedialog.appointments.models import Block, Calendar, Channel, VisitType
from legedialog.consent.models import Consent, Level
from legedialog.core.crypto import blind_index, create_key
from legedialog.core.identifiers import synthetic_number
from legedialog.core.models import KeyPurpose
from legedialog.demo import register
from legedialog.patients.models import Membership, Person, name_keys
from legedialog.practices.models import Clinician, Contract, ContractDoctor, Offer, Practice, Service

Say = Callable[[int, int], None]  # done, total

SINCE = date(2015, 1, 1)
CROWD = 160  # unnamed patients of the two doctors at Fjordbyen
LIST = 1000  # patients on each list of the large population. Source: docs/facts.md#volumes
GIVEN = (
    "Anne",
    "Bjørn",
    "Camilla",
    "Dag",
    "Eva",
    "Frode",
    "Guro",
    "Hans",
    "Ida",
    "Jan",
    "Karin",
    "Lars",
    "Mia",
    "Nils",
)
FAMILY = ("Testås", "Testdahl", "Testeng", "Testheim", "Testlund", "Testnes", "Testsund", "Testvold", "Testås")


def people() -> list[tuple[str, str, date, str]]:
    """Given name, family name, birth date, number."""
    found = []
    for at in range(CROWD):
        born = date(1940, 1, 1) + timedelta(days=151 * at)
        number = synthetic_number(born, 1)
        found.append((GIVEN[at % len(GIVEN)], FAMILY[at * 5 % len(FAMILY)], born, number))
    return found


def lines() -> Iterator[dict[str, object]]:
    for at, (given, family, born, number) in enumerate(people()):
        yield {
            "type": "person",
            "national_number": number,
            "given_name": given,
            "family_name": family,
            "birth_date": born.isoformat(),
        }
        yield {
            "type": "membership",
            "person": number,
            "contract": register.AAS if at % 3 else register.VIK,
            "starts_date": SINCE.isoformat(),
        }


def grow(persons: int, *, say: Say, each: int = LIST) -> None:
    """`persons` more people, on lists of a thousand (`each`), four doctors to an office, with calendars, plans, offers.

    Written in bulk; may be run again for more.
    """
    begin = Contract.objects.filter(number__startswith="CROWD-").count() * each
    made = 0
    for first in range(begin, begin + persons, each):  # a list at a time, each whole or not at all
        part = range(first, min(first + each, begin + persons))
        with transaction.atomic():
            _write(part, _list(first // each))
        made += len(part)
        say(made, persons)


def _list(number: int) -> Contract:
    office, created = Practice.objects.get_or_create(
        organisation_number=str(990_000_000 + number // 4),
        defaults={
            "name": f"Testbyen legesenter {number // 4 + 1}",
            "street": f"Testveien {number // 4 + 1}",
            "postal_code": "9999",
            "city": "Testbyen",
            "phone": "55550000",
            "supported_services": list(Service.values),
        },
    )
    if created:
        create_key(KeyPurpose.SEAL, office.pk)
        VisitType.objects.create(practice=office, name="Vanlig time", channels=list(Channel.values))
    doctor = Clinician.objects.create(name=f"Lege Test{number + 1}", hpr_number=str(8_000_000 + number))
    contract = Contract.objects.create(practice=office, number=f"CROWD-{number}", max_patients=LIST)
    ContractDoctor.objects.create(contract=contract, clinician=doctor, starts_date=SINCE)
    Offer.objects.bulk_create(Offer(practice=office, clinician=doctor, service=each) for each in Service.values)
    calendar = Calendar.objects.create(practice=office, clinician=doctor)
    for weekday in range(5):
        block = Block.objects.create(
            calendar=calendar,
            weekday=weekday,
            starts=time(8),
            ends=time(15, 20),
            step_minutes=20,
            channels=list(Channel.values),
            first_date=SINCE,
        )
        block.visit_types.set(VisitType.objects.filter(practice=office))
    return contract


def _write(numbers: range, contract: Contract) -> None:
    now = timezone.now()
    people = []
    for at in numbers:
        born = date(1930, 1, 1) + timedelta(days=at * 7919 % 29_000)
        number = synthetic_number(born, 2 + at // 29_000)
        given, family = GIVEN[at % len(GIVEN)], f"{FAMILY[at // 7 % len(FAMILY)]}{at}"
        people.append(
            Person(
                national_number=number,
                national_number_index=blind_index(number, purpose="national-number"),
                given_name=given,
                family_name=family,
                name_keys=name_keys(given, family),
                birth_date=born,
                address="",
                phone="",
                email="",
            )
        )
    Person.objects.bulk_create(people)
    Membership.objects.bulk_create(Membership(person=each, contract=contract, starts_date=SINCE) for each in people)
    Consent.objects.bulk_create(Consent(person=each, level=Level.FULL, starts_at=now, given_by=each) for each in people)
