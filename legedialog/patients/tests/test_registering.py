"""What the population and contact registers answer is taken in."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.db import IntegrityError, transaction

from legedialog.access.actor import system
from legedialog.audit.models import Event
from legedialog.core.errors import Denied
from legedialog.core.identifiers import synthetic_number
from legedialog.patients import queries, registering
from legedialog.patients.models import Guardianship, Person, Responsibility
from legedialog.patients.registers import Contact, Registered
from legedialog.patients.tests import factories

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
TODAY, YESTERDAY = date(2026, 11, 23), date(2026, 11, 22)
EARLIER = NOW - timedelta(days=3)
ONE, OTHER, THIRD = uuid4(), uuid4(), uuid4()


def person(name: str = "Kari Testdal", born: date = date(1984, 3, 12)) -> Person:
    made = factories.person(name, born=born)
    Person.objects.filter(pk=made.pk).update(confirmed_at=EARLIER, reservation_confirmed_at=EARLIER)
    made.refresh_from_db()
    return made


def told(of: Person, **other: Any) -> Registered:
    answer = Registered(
        number=of.national_number,
        former=frozenset(),
        given_name=of.given_name,
        family_name=of.family_name,
        birth_date=of.birth_date,
        death_date=None,
        address="",
        grading="open",
        parents={},
        children={},
        guardians={},
    )
    return replace(answer, **other)


def take(of: Person, answer: Registered, asked_at: datetime = NOW) -> registering.Taken:
    taken = registering.take_person(actor=system(), person_id=of.pk, told=answer, asked_at=asked_at, now=NOW)
    of.refresh_from_db()
    return taken


@pytest.mark.parametrize(
    ("running", "told", "ended", "confirmed", "new"),
    [
        ({}, {}, set(), set(), {}),
        ({ONE: EARLIER.date()}, {ONE: None}, set(), {ONE}, {}),
        ({ONE: EARLIER.date()}, {}, {ONE}, set(), {}),
        ({}, {ONE: YESTERDAY}, set(), set(), {ONE: YESTERDAY}),
        ({}, {ONE: None}, set(), set(), {ONE: TODAY}),  # the register does not say since when
        ({}, {ONE: TODAY + timedelta(days=3)}, set(), set(), {ONE: TODAY}),  # it says that it holds
        ({ONE: TODAY, OTHER: TODAY}, {OTHER: None, THIRD: TODAY}, {ONE}, {OTHER}, {THIRD: TODAY}),
    ],
)
def test_our_relations_become_those_the_register_tells(
    running: Mapping[UUID, date],
    told: Mapping[UUID, date | None],
    ended: set[UUID],
    confirmed: set[UUID],
    new: Mapping[UUID, date],
) -> None:
    found = registering.reconciled(running, told, TODAY)
    assert found == registering.Reconciled(frozenset(ended), frozenset(confirmed), new)


@pytest.mark.django_db
def test_an_answer_confirms_and_an_unchanged_one_leaves_no_line_in_her_log() -> None:
    kari = person()
    before = Event.objects.count()
    assert not take(kari, told(kari)).is_new
    assert kari.confirmed_at == NOW
    assert Event.objects.count() == before


@pytest.mark.django_db
def test_what_is_new_is_taken_and_stands_in_her_log_without_what_it_was() -> None:
    kari = person()
    assert take(kari, told(kari, family_name="Testvik", address="Lia 2, 5599 Fjordbyen")).is_new
    assert (kari.family_name, kari.address) == ("Testvik", "Lia 2, 5599 Fjordbyen")
    assert kari.address_key
    line = Event.objects.get(action="person.changed", patient_id=kari.pk)
    assert line.facts == {"what": "address family_name"}


@pytest.mark.django_db
def test_a_protected_address_has_no_key_and_is_forgotten() -> None:
    kari = person()
    take(kari, told(kari, address="Lia 2, 5599 Fjordbyen"))
    take(kari, told(kari, grading="strictly-confidential"), asked_at=NOW + timedelta(minutes=1))
    assert (kari.address, kari.address_key, kari.address_grading) == ("", None, "strictly-confidential")


@pytest.mark.django_db
def test_a_name_in_capitals_alone_is_the_same_name() -> None:
    kari = person()
    assert not take(kari, told(kari, given_name="KARI", family_name="TESTDAL")).is_new
    assert kari.name == "Kari Testdal"


@pytest.mark.django_db
def test_an_answer_that_was_long_on_its_way_never_undoes_a_later_one() -> None:
    kari = person()
    take(kari, told(kari, grading="confidential"))
    take(kari, told(kari), asked_at=NOW - timedelta(seconds=1))
    assert kari.address_grading == "confidential"
    registering.take_contact(actor=system(), person_id=kari.pk, told=Contact(is_reserved=True), asked_at=NOW, now=NOW)
    registering.take_contact(
        actor=system(), person_id=kari.pk, told=Contact(is_reserved=False), asked_at=NOW - timedelta(seconds=1), now=NOW
    )
    kari.refresh_from_db()
    assert kari.is_reserved


@pytest.mark.django_db
def test_parents_and_guardians_become_those_of_the_register() -> None:
    ola, kari, per, tor = (
        person("Ola Testdal", date(2018, 1, 1)),
        person(),
        person("Per Testdal"),
        person("Tor Testli"),
    )
    kept = Responsibility.objects.create(parent=kari, child=ola, starts_date=date(2018, 1, 1), confirmed_at=EARLIER)
    gone = Responsibility.objects.create(parent=per, child=ola, starts_date=date(2018, 1, 1), confirmed_at=EARLIER)
    stranger = synthetic_number(date(1970, 1, 1), 5)
    answer = told(
        ola,
        parents={kari.national_number: None, stranger: None},
        guardians={tor.national_number: YESTERDAY},
    )
    take(ola, answer)
    kept.refresh_from_db()
    gone.refresh_from_db()
    assert (kept.ends_date, kept.confirmed_at) == (None, NOW)
    assert (gone.ends_date, gone.confirmed_at) == (TODAY, EARLIER)
    ward = Guardianship.objects.get(person=ola)
    assert (ward.guardian, ward.starts_date, ward.confirmed_at) == (tor, YESTERDAY, NOW)

    again = replace(answer, parents={kari.national_number: None, per.national_number: date(2018, 1, 1)})
    take(ola, again, asked_at=NOW + timedelta(minutes=1))
    assert Responsibility.objects.filter(parent=per, child=ola).count() == 2  # it ended, and begins anew
    take(per, told(per, children={}), asked_at=NOW + timedelta(minutes=2))
    assert not Responsibility.objects.filter(parent=per, ends_date=None).exists()  # the parent's answer counts as well


@pytest.mark.django_db
def test_a_death_and_its_correction_are_told_once() -> None:
    kari = person()
    dead = told(kari, death_date=YESTERDAY)
    assert take(kari, dead).has_died
    assert not take(kari, dead, asked_at=NOW + timedelta(minutes=1)).has_died
    assert take(kari, told(kari), asked_at=NOW + timedelta(minutes=2)).lives_again
    assert kari.death_date is None


@pytest.mark.django_db
def test_the_database_refuses_a_death_that_nobody_has_confirmed_since() -> None:
    kari = person()
    with pytest.raises(IntegrityError, match="a_death_is_confirmed_no_earlier_than_it_came"), transaction.atomic():
        Person.objects.filter(pk=kari.pk).update(death_date=EARLIER.date() + timedelta(days=2))


@pytest.mark.django_db
@pytest.mark.parametrize(
    "table", ["patients_person", "patients_membership", "patients_responsibility", "patients_guardianship"]
)
def test_the_database_refuses_a_fact_without_its_day(table: str) -> None:
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT is_nullable FROM information_schema.columns WHERE table_name = %s AND column_name = 'confirmed_at'",
            [table],
        )
        assert cursor.fetchall() == [("NO",)]


@pytest.mark.django_db
def test_the_contact_registers_telephone_is_taken_only_when_confirmed_later_than_here() -> None:
    kari = person()
    older, later = NOW - timedelta(days=40), NOW - timedelta(days=1)
    Person.objects.filter(pk=kari.pk).update(contact_confirmed_at=NOW - timedelta(days=30))
    kari.refresh_from_db()
    kari.phone = "+4799999999"
    kari.save(update_fields=["phone"])

    def contact(at: datetime, asked_at: datetime) -> str:
        answer = Contact(is_reserved=False, phone="55 55 55 55", phone_confirmed_at=at)
        registering.take_contact(actor=system(), person_id=kari.pk, told=answer, asked_at=asked_at, now=NOW)
        kari.refresh_from_db()
        return str(kari.phone)

    assert contact(older, NOW) == "+4799999999"
    assert contact(later, NOW + timedelta(minutes=1)) == "+4755555555"
    assert kari.contact_confirmed_at == later


@pytest.mark.django_db
def test_only_the_system_takes_an_answer() -> None:
    kari = person()
    with pytest.raises(Denied):
        registering.take_person(
            actor=factories.citizen(kari), person_id=kari.pk, told=told(kari), asked_at=NOW, now=NOW
        )


@pytest.mark.django_db
def test_ages_are_counted_for_the_operator() -> None:
    kari, ola = person(), person("Ola Testdal", date(2018, 1, 1))
    Responsibility.objects.create(parent=kari, child=ola, starts_date=TODAY, confirmed_at=NOW - timedelta(days=8))
    found = {age.fact.value: (age.number, age.must_be_asked, age.too_old) for age in queries.ages(NOW)}
    assert found["person"] == (2, 2, 0)
    assert found["parenthood"] == (1, 1, 1)
    assert found["guardianship"] == (0, 0, 0)
    Person.objects.filter(pk=ola.pk).update(death_date=TODAY, confirmed_at=NOW)
    assert {age.fact.value: age.number for age in queries.ages(NOW)}["parenthood"] == 0
