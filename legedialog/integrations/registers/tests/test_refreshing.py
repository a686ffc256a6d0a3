"""The registers are asked about what is old: at a request, and by the job."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from django.conf import settings as django_settings
from django.db import connection, transaction
from joserfc.jwk import import_key

from legedialog.access.actor import Actor, Kind, Role
from legedialog.core import keys, page
from legedialog.core.identifiers import synthetic_number
from legedialog.integrations.registers import people, refreshing
from legedialog.integrations.registers.fake_people import FakePeople
from legedialog.journeys import registered
from legedialog.patients import queries, walk_ins
from legedialog.patients.models import Membership, Person, Responsibility
from legedialog.patients.registers import Contact, Registered
from legedialog.patients.rules import Proof
from legedialog.patients.tests import factories
from legedialog.practices.models import Employee
from legedialog.practices.tests import factories as offices

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
OLD = NOW - timedelta(days=2)
BORN = date(2018, 3, 12)
told: dict[str, Registered] = {}
contacts: dict[str, Contact] = {}
current: list[FakePeople] = []


def app() -> FakePeople:
    return current[0]


@pytest.fixture(autouse=True)
def registers(settings: Any, tmp_path: Any) -> Iterator[FakePeople]:
    """A population register and a contact register that know what `told` and `contacts` say."""
    settings.PEOPLE_IN_PROCESS = f"{__name__}.app"
    settings.PEOPLE_REGISTERS = django_settings.PEOPLE_REGISTERS | {"key_file": str(tmp_path / "key.json")}
    key = keys.ensure(str(tmp_path / "key.json"))
    current[:] = [FakePeople(told.get, contacts.get, import_key(key.as_dict(private=False)))]
    told.clear()
    contacts.clear()
    people.forget_tokens()
    refreshing.wake()
    yield current[0]
    refreshing.wake()
    people.forget_tokens()


def person(name: str, born: date = date(1984, 3, 12), *, is_old: bool = True, on: Any = None) -> Person:
    made = factories.person(name, born=born, on=on)
    if is_old:
        Person.objects.filter(pk=made.pk).update(confirmed_at=OLD, reservation_confirmed_at=OLD)
        made.refresh_from_db()
    told[made.national_number] = Registered(
        number=made.national_number,
        former=frozenset(),
        given_name=made.given_name,
        family_name=made.family_name,
        birth_date=born,
        death_date=None,
        address="",
        grading="open",
        parents={},
        children={},
        guardians={},
    )
    return made


def tell(who: Person, **other: Any) -> None:
    told[who.national_number] = replace(told[who.national_number], **other)


@pytest.mark.django_db
def test_before_she_acts_both_and_the_childs_other_parents_are_asked_about(registers: FakePeople) -> None:
    kari, ola, per = person("Kari Testdal"), person("Ola Testdal", BORN), person("Per Testdal")
    for parent in (kari, per):
        Responsibility.objects.create(parent=parent, child=ola, starts_date=BORN, confirmed_at=OLD)
    tell(ola, parents={kari.national_number: BORN, per.national_number: BORN}, grading="confidential")
    tell(kari, children={ola.national_number: BORN})
    tell(per, children={ola.national_number: BORN})
    contacts[ola.national_number] = Contact(is_reserved=True)
    assert refreshing.before_acting({kari.pk, ola.pk}, NOW)
    assert registers.asked == [("population", 3), ("contact", 3)]
    ola.refresh_from_db()
    assert (ola.address_grading, ola.is_reserved, ola.confirmed_at) == ("confidential", True, NOW)
    assert set(Responsibility.objects.values_list("confirmed_at", flat=True)) == {NOW}
    assert not Person.objects.exclude(confirmed_at=NOW).exists()


@pytest.mark.django_db
def test_a_register_that_is_down_leaves_everything_as_it_was_and_is_left_alone(registers: FakePeople) -> None:
    kari = person("Kari Testdal")
    registers.status = 503
    assert not refreshing.before_acting({kari.pk}, NOW)
    kari.refresh_from_db()
    assert (kari.confirmed_at, kari.asked_at) == (OLD, NOW)
    registers.status = 200
    assert not refreshing.before_acting({kari.pk}, NOW)  # within half a minute nobody waits for it again
    assert not registers.asked
    refreshing.wake()
    assert refreshing.before_acting({kari.pk}, NOW)


@pytest.mark.django_db
def test_an_answer_that_cannot_be_taken_keeps_no_other_from_it(
    registers: FakePeople, monkeypatch: pytest.MonkeyPatch
) -> None:
    kari, per = person("Kari Testdal"), person("Per Testdal")
    tell(kari, family_name="x" * 10)
    real = registered.take

    def take(**answer: Any) -> None:
        if answer["person_id"] == kari.pk:
            raise ZeroDivisionError
        real(**answer)

    monkeypatch.setattr(registered, "take", take)
    assert refreshing.before_acting({kari.pk, per.pk}, NOW)
    assert Person.objects.get(pk=kari.pk).confirmed_at == OLD
    assert Person.objects.get(pk=per.pk).confirmed_at == NOW


@pytest.mark.django_db(transaction=True)
def test_no_register_is_asked_inside_a_transaction(registers: FakePeople) -> None:
    kari = person("Kari Testdal")
    with pytest.raises(RuntimeError, match="inside a transaction"), transaction.atomic():
        refreshing.before_acting({kari.pk}, NOW)
    seen = []
    find = registers.find
    registers.find = lambda number: (seen.append(connection.in_atomic_block), find(number))[1]  # type: ignore[func-returns-value]
    assert refreshing.before_acting({kari.pk}, NOW)
    assert seen == [False]


@pytest.mark.django_db(transaction=True)
def test_a_page_that_is_one_transaction_is_left_while_a_register_is_asked(registers: FakePeople) -> None:
    kari = person("Kari Testdal")
    seen = []
    find = registers.find
    registers.find = lambda number: (seen.append(connection.in_atomic_block), find(number))[1]  # type: ignore[func-returns-value]
    with page.one_transaction():
        assert refreshing.before_acting({kari.pk}, NOW)
        assert connection.in_atomic_block
    assert seen == [False]


@pytest.mark.django_db
def test_the_job_asks_about_those_who_have_waited_longest_and_about_nobody_twice_a_day(registers: FakePeople) -> None:
    office = offices.practice()
    contract = offices.contract(office)
    kari, per = person("Kari Testdal", on=contract), person("Per Testdal", on=contract)
    fresh, elsewhere = person("Ida Testhaug", is_old=False, on=contract), person("Tor Testli")
    unknown = person("Eva Ukjent", on=contract)
    del told[unknown.national_number]
    Person.objects.filter(pk=per.pk).update(asked_at=OLD)
    assert list(refreshing.due(NOW)) == [kari, unknown, per]
    assert refreshing.gently(NOW, pause=lambda seconds: None) == 3
    assert registers.asked == [("population", 3), ("contact", 3)]
    for each in (fresh, elsewhere, unknown):
        before = each.confirmed_at
        each.refresh_from_db()
        assert each.confirmed_at == before
    assert refreshing.gently(NOW, pause=lambda seconds: None) == 0  # whom the register does not know waits a day too
    later = NOW + timedelta(minutes=1)
    assert refreshing.gently(later, pause=lambda seconds: None, everybody=True) == 4  # an operator knows of a change
    assert refreshing.gently(later, pause=lambda seconds: None, everybody=True) == 0
    assert refreshing.gently(NOW + timedelta(days=2), pause=lambda seconds: None) == 3


@pytest.mark.django_db
def test_the_job_stops_when_the_registers_are_down(registers: FakePeople, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(refreshing, "BATCH", 1)
    contract = offices.contract(offices.practice())
    for name in ("Kari Testdal", "Per Testdal"):
        person(name, on=contract)
    registers.status = 500
    assert refreshing.gently(NOW, pause=lambda seconds: None) == 0
    assert Person.objects.filter(asked_at=NOW).count() == 1


@pytest.mark.django_db
def test_lists_wait_their_turn(registers: FakePeople) -> None:
    contract = offices.contract(offices.practice())
    kari = person("Kari Testdal", on=contract)
    assert not list(refreshing.lists_due(NOW))
    Membership.objects.update(confirmed_at=NOW - timedelta(days=7))
    assert list(refreshing.lists_due(NOW)) == [kari.pk]
    refreshing.gently(NOW, pause=lambda seconds: None)  # the GP register is not set up: asked, and no answer
    assert not list(refreshing.lists_due(NOW))
    assert list(refreshing.lists_due(NOW + timedelta(days=1))) == [kari.pk]
    Membership.objects.update(confirmed_at=NOW)
    later = NOW + timedelta(minutes=1)
    refreshing.gently(later, pause=lambda seconds: None)
    assert not Membership.objects.filter(asked_at=later).exists()
    refreshing.gently(later, pause=lambda seconds: None, everybody=True)
    assert Membership.objects.filter(asked_at=later).count() == 1  # also one that is fresh
    assert not list(refreshing.lists_due(later, everybody=True))


@pytest.mark.django_db
def test_the_job_asks_about_whom_offices_have_registered_and_joins_them() -> None:
    """She is nobody here before the register answers; an answer is asked for once a day."""
    at, born = offices.practice(), date(2001, 5, 4)
    offices.doctor(at, "Mona Haug", Role.SECRETARY)
    mona = Actor(
        kind=Kind.STAFF,
        employee_id=Employee.objects.get(practice=at).pk,
        role=Role.SECRETARY,
        practice_id=at.pk,
        practices=frozenset({at.pk}),
    )
    number = synthetic_number(born, 21)
    given = walk_ins.Told("Hans", "Testmann", born, number, Proof.PASSPORT, "", "nb")
    walk_ins.register(actor=mona, practice_id=at.pk, told=given, is_another=False, now=NOW)
    assert refreshing.ask_of_walk_ins(NOW) == 0
    assert queries.id_of(number) is None
    known = replace(told_of(number), given_name="HANS OLAV", family_name="TESTMANN", birth_date=born)
    told[number] = known
    assert refreshing.ask_of_walk_ins(NOW + timedelta(hours=1)) == 0, "asked today already"
    assert refreshing.ask_of_walk_ins(NOW + timedelta(days=1)) == 1
    joined = Person.objects.get(local_to=None)
    assert joined.pk == queries.id_of(number)
    assert (joined.given_name, joined.local_to_id) == ("HANS OLAV", None)
    assert joined in refreshing.due(NOW + timedelta(days=3)), "and is asked about as others are"


def told_of(number: str) -> Registered:
    return Registered(
        number=number,
        former=frozenset(),
        given_name="",
        family_name="",
        birth_date=BORN,
        death_date=None,
        address="",
        grading="open",
        parents={},
        children={},
        guardians={},
    )
