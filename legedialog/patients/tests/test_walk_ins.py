"""Whom an office registers itself: its own, and nobody else's."""

from dataclasses import replace
from datetime import date, timedelta

import pytest
from django.db import IntegrityError, transaction

from legedialog.access.actor import Actor, Kind, Role
from legedialog.audit.models import Event
from legedialog.core.errors import Denied, NotFound, Refused
from legedialog.core.identifiers import BadIdentifier, synthetic_number
from legedialog.core.times import local_day
from legedialog.patients import policy, queries, rules, searching, walk_ins
from legedialog.patients.models import Person, WalkIn
from legedialog.patients.rules import Proof
from legedialog.patients.tests.factories import citizen, person
from legedialog.patients.walk_ins import Told
from legedialog.practices.models import Contract, Employee, Practice
from legedialog.practices.tests import factories as offices
from legedialog.practices.tests.factories import NOW

BORN = date(2001, 5, 4)
NUMBER = synthetic_number(BORN, 3)
TODAY = local_day(NOW)
HANS = Told("Hans", "Testmann", BORN, NUMBER, Proof.PASSPORT, "90000001", "en")


def staff(at: Practice, role: Role = Role.SECRETARY) -> Actor:
    offices.doctor(at, "Mona Haug", role)
    employee = Employee.objects.filter(practice=at, role=role).latest("pk")
    return Actor(
        kind=Kind.STAFF,
        employee_id=employee.pk,
        practice_id=at.pk,
        practices=frozenset({at.pk}),
        role=role,
    )


@pytest.fixture
def contract(db: None) -> Contract:
    at = offices.practice()
    return offices.contract(at, offices.clinician())


@pytest.fixture
def practice(contract: Contract) -> Practice:
    return contract.practice


@pytest.fixture
def mona(practice: Practice) -> Actor:
    return staff(practice)


@pytest.fixture
def elsewhere(db: None) -> Actor:
    return staff(offices.practice("Dalen legekontor"))


def register(actor: Actor, told: Told = HANS, *, is_another: bool = False) -> Person:
    assert actor.practice_id
    made = walk_ins.register(actor=actor, practice_id=actor.practice_id, told=told, is_another=is_another, now=NOW)
    return Person.objects.get(pk=made)


def test_the_office_finds_her_by_name_number_and_telephone(mona: Actor, practice: Practice) -> None:
    hans = register(mona)
    for words in ("hans te", NUMBER, "900 00 001", "040501", "040501 hans"):
        (row,) = searching.search(mona, practice.pk, words, now=NOW).rows
        assert (row.id, row.name, row.is_walk_in, row.has_left) == (hans.pk, "Hans Testmann", True, False), words
    assert queries.profile_of_record(mona, hans.pk, NOW).is_local
    assert queries.national_number(mona, hans.pk, NOW) == NUMBER
    assert {*Event.objects.filter(patient_id=hans.pk).values_list("action", flat=True)} >= {
        "walk-in.registered",
        "patient.found",
        "patient.number",
    }


def test_no_other_office_and_no_citizen_knows_of_her(mona: Actor, elsewhere: Actor, contract: Contract) -> None:
    hans, kari = register(mona), person(on=contract)
    assert elsewhere.practice_id
    assert searching.search(elsewhere, elsewhere.practice_id, NUMBER, now=NOW).rows == []
    assert walk_ins.of(elsewhere, hans.pk) is None
    for stranger in (elsewhere, citizen(kari)):
        with pytest.raises(NotFound):
            policy.find(stranger, hans.pk, TODAY)
        with pytest.raises(NotFound):
            policy.find_of_record(stranger, hans.pk, TODAY)
        with pytest.raises(NotFound):
            walk_ins.change(actor=stranger, person_id=hans.pk, told=HANS, now=NOW)
        with pytest.raises((NotFound, Denied)):
            walk_ins.register(actor=stranger, practice_id=contract.practice_id, told=HANS, is_another=True, now=NOW)


def test_nobody_logs_in_as_her(mona: Actor) -> None:
    register(mona)
    assert queries.id_of(NUMBER) is None
    assert queries.id_of("") is None


def test_the_manager_does_not_register(practice: Practice) -> None:
    with pytest.raises(Denied):
        register(staff(practice, Role.MANAGER))


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        (NUMBER, "birth-number"),
        (f"{int(NUMBER[0]) + 4}{NUMBER[1:]}", ""),  # control digits of another number
        ("200112345609", "duf-number"),
        ("", ""),
    ],
)
def test_numbers_of_several_kinds_are_taken_and_wrong_ones_are_not(mona: Actor, text: str, kind: str) -> None:
    told = replace(HANS, number=text)
    if text and not kind:
        with pytest.raises(BadIdentifier):
            register(mona, told)
        return
    hans = register(mona, told)
    assert WalkIn.objects.get(person=hans).number_kind == kind


def test_a_number_the_office_has_leads_to_whom_it_has(mona: Actor, contract: Contract) -> None:
    kari = person(on=contract)
    for told in (replace(HANS, number=kari.national_number), HANS):
        if told is HANS:
            kari = register(mona)
        with pytest.raises(Refused, match="walk-in-known"):
            register(mona, replace(told, given_name="Else"))
        (row,) = walk_ins.known(mona, contract.practice_id, told.number, NOW)
        assert row.id == kari.pk


def test_a_number_of_another_offices_says_nothing(mona: Actor, elsewhere: Actor) -> None:
    theirs = register(elsewhere)
    on_a_list = person(on=offices.contract(offices.practice("Åsen"), offices.clinician("Odd Lund")))
    mine = [register(mona), register(mona, replace(HANS, given_name="Ola", number=on_a_list.national_number))]
    assert {each.pk for each in mine}.isdisjoint({theirs.pk, on_a_list.pk})


def test_who_looks_like_another_is_asked_about(mona: Actor) -> None:
    first = register(mona)
    again = replace(HANS, number="")
    with pytest.raises(Refused, match="walk-in-looks-like"):
        register(mona, again)
    assert [row.id for row in walk_ins.alike(mona, again, NOW)] == [first.pk]
    assert register(mona, again, is_another=True).pk != first.pk


def test_what_is_registered_is_put_right(mona: Actor, practice: Practice) -> None:
    hans = register(mona, replace(HANS, proof=Proof.NONE, number=""))
    seen = walk_ins.of(mona, hans.pk)
    assert seen
    assert not seen.waits_for_register
    right = replace(HANS, family_name="Prøve")
    walk_ins.change(actor=mona, person_id=hans.pk, told=right, mark=seen.mark, now=NOW)
    with pytest.raises(Refused, match="changed-since-seen"):
        walk_ins.change(actor=mona, person_id=hans.pk, told=right, mark=seen.mark, now=NOW)
    after = walk_ins.of(mona, hans.pk)
    assert after
    assert after.waits_for_register
    assert after.told.number == NUMBER
    assert [row.name for row in searching.search(mona, practice.pk, "prøve", now=NOW).rows] == ["Hans Prøve"]


def test_a_birth_date_to_come_is_refused(mona: Actor) -> None:
    with pytest.raises(Refused, match="walk-in-born-later"):
        register(mona, replace(HANS, birth_date=TODAY + timedelta(days=1)))


def test_she_is_not_asked_to_book_as_those_on_the_lists_are(mona: Actor, practice: Practice) -> None:
    hans = register(mona)
    assert searching.search(mona, practice.pk, "hans", now=NOW, with_walk_ins=False).rows == []
    assert searching.chosen(mona, [hans.pk], NOW) == []


def test_she_has_no_video(mona: Actor) -> None:
    with pytest.raises(Refused, match="walk-in-no-video"):
        policy.check_can_meet(register(mona).pk, "video")
    policy.check_can_meet(register(mona, replace(HANS, given_name="Ola", number="")).pk, "attendance")


@pytest.mark.parametrize(
    ("values", "name"),
    [
        ({"local_to": None}, "a_person_is_the_registers_or_one_offices"),
        ({"national_number_index": b"x" * 32}, "a_person_is_the_registers_or_one_offices"),
    ],
)
def test_the_database_refuses_one_who_is_neither_or_both(mona: Actor, values: dict[str, object], name: str) -> None:
    hans = register(mona)
    with pytest.raises(IntegrityError, match=name), transaction.atomic():
        Person.objects.filter(pk=hans.pk).update(**values)


@pytest.mark.parametrize(
    ("values", "name"),
    [
        ({"number_kind": ""}, "a_number_that_was_given_is_of_a_kind"),
        ({"joined_at": NOW}, "a_joined_walk_in_tells_by_which_merge"),
    ],
)
def test_the_database_refuses_nonsense(mona: Actor, values: dict[str, object], name: str) -> None:
    hans = register(mona)
    with pytest.raises(IntegrityError, match=name), transaction.atomic():
        WalkIn.objects.filter(person=hans).update(**values)


def test_an_office_has_a_number_once_whatever_was_asked(mona: Actor) -> None:
    one, other = register(mona), register(mona, replace(HANS, given_name="Ola", number=""))
    index = WalkIn.objects.get(person=one).number_index
    with pytest.raises(IntegrityError, match="an_office_registers_a_number_once"), transaction.atomic():
        WalkIn.objects.filter(person=other).update(number_index=index, number_kind="birth-number")


@pytest.mark.parametrize(
    ("names", "born", "same"),
    [
        ("Hans Testmann", BORN, True),
        ("HANS OLAV PRØVE", BORN, True),
        ("Hans Testmann", BORN + timedelta(days=1), False),
        ("Kari Testdal", BORN, False),
    ],
)
def test_who_can_be_the_registers_person(names: str, born: date, same: bool) -> None:
    found = rules.is_same_person(names="Hans Testmann", birth_date=BORN, register_names=names, register_birth_date=born)
    assert found is same


def test_the_office_alone_finds_her_by_the_number_she_gave(mona: Actor, elsewhere: Actor, practice: Practice) -> None:
    hans = register(mona)
    assert walk_ins.with_number(mona, NUMBER) == hans.pk
    assert [walk_ins.with_number(mona, text) for text in ("", "12", "12345678901")] == [None] * 3
    assert walk_ins.with_number(elsewhere, NUMBER) is None
    assert walk_ins.numbers(practice.pk, [hans.pk]) == {hans.pk: NUMBER}
    assert elsewhere.practice_id
    assert walk_ins.numbers(elsewhere.practice_id, [hans.pk]) == {}
