from datetime import date

import pytest

from legedialog.access.actor import ANONYMOUS, Actor, Kind, Role, system
from legedialog.access.policy import allows
from legedialog.core.errors import NotFound, Refused
from legedialog.core.ids import new_id
from legedialog.patients import policy
from legedialog.patients.models import Person
from legedialog.patients.tests.factories import citizen, person
from legedialog.practices.tests.factories import TODAY, clinician, contract, practice, staff

pytestmark = pytest.mark.django_db


@pytest.fixture
def kari() -> Person:
    return person(on=contract(practice(), clinician()))


@pytest.fixture
def actors(kari: Person) -> dict[str, Actor]:
    office = kari.memberships.get().contract.practice_id
    return {
        "herself": citizen(kari),
        "another citizen": citizen(person("Per Testvik")),
        "the secretary at her office": staff(office, Role.SECRETARY),
        "staff elsewhere": staff(practice("Dalen").pk, Role.DOCTOR),
        "the operator": Actor(kind=Kind.OPERATOR),
        "a stranger": ANONYMOUS,
        "the register": system(),
    }


@pytest.mark.parametrize(
    ("who", "sees", "edits", "searches"),
    [
        ("herself", True, True, False),
        ("another citizen", False, False, False),
        ("the secretary at her office", True, False, True),
        ("staff elsewhere", False, False, False),
        ("the operator", False, False, False),
        ("a stranger", False, False, False),
        ("the register", True, False, False),
    ],
)
def test_who_may_do_what_with_a_person(
    who: str, sees: bool, edits: bool, searches: bool, actors: dict[str, Actor], kari: Person
) -> None:
    office = kari.memberships.get().contract.practice_id
    assert policy.visible_to(actors[who], TODAY).filter(pk=kari.pk).exists() is sees
    assert allows(policy.check_edit_contact, actors[who], kari.pk) is edits
    assert allows(policy.check_search, actors[who], office) is searches
    assert allows(policy.check_import, actors[who]) is (who == "the register")


def test_the_office_does_not_see_her_when_she_has_left_its_list(kari: Person) -> None:
    place = kari.memberships.get()
    secretary = staff(place.contract.practice_id, Role.SECRETARY)
    place.ends_date = TODAY
    place.save()
    with pytest.raises(NotFound):
        policy.find(secretary, kari.pk, TODAY)


def test_nobody_learns_that_an_unknown_person_is_unknown() -> None:
    with pytest.raises(NotFound):
        policy.find(citizen(person()), new_id(), TODAY)


def test_under_16_is_refused_until_the_birthday() -> None:
    nora = person("Nora Testdal", born=date(2010, 11, 23))
    policy.check_age(nora, date(2026, 11, 23))
    with pytest.raises(Refused) as refused:
        policy.check_age(nora, date(2026, 11, 22))
    assert refused.value.code == "under-16"
