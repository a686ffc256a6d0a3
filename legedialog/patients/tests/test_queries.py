from datetime import date
from typing import Any

import pytest

from legedialog.access.actor import Actor, Role
from legedialog.audit.models import Event
from legedialog.core.errors import Denied, NotFound
from legedialog.patients import queries
from legedialog.patients.models import Person
from legedialog.patients.tests.factories import citizen, person
from legedialog.practices.models import Contract
from legedialog.practices.tests.factories import NOW, TODAY, clinician, contract, practice, staff

pytestmark = pytest.mark.django_db


@pytest.fixture
def aas() -> Contract:
    return contract(practice(), clinician("Ingrid Aas"))


@pytest.fixture
def secretary(aas: Contract) -> Actor:
    return staff(aas.practice_id, Role.SECRETARY)


@pytest.fixture
def people(aas: Contract) -> dict[str, Person]:
    elsewhere = contract(practice("Dalen"), clinician("Odd Lund"))
    return {
        "kari": person("Kari Testdal", born=date(1984, 3, 9), on=aas),
        "kaja": person("Kaja Testdalen", born=date(1990, 1, 1), on=aas),
        "ase": person("Åse-Marie Øye", born=date(1940, 1, 2), on=aas),
        "lang": person("Kristoffersine Testdal", on=aas),
        "other": person("Kari Testdal", born=date(1984, 3, 9), on=elsewhere),
        "none": person("Kari Testdal", born=date(1984, 3, 9)),
    }


@pytest.mark.parametrize(
    ("words", "hits"),
    [
        ("testdal", ["kari", "lang", "kaja"]),  # by family name, then given name
        ("ka test", ["kari", "kaja"]),
        ("KARI", ["kari"]),
        ("aase", ["ase"]),
        ("åse", ["ase"]),
        ("ase oye", ["ase"]),
        ("marie", ["ase"]),
        ("kristoffersi", ["lang"]),  # longer than what is indexed
        ("kristofferso", []),
        ("testdal 09.03.1984", ["kari"]),
        ("09.03.1984", ["kari"]),
        ("testdal 10.03.1984", []),
    ],
)
def test_staff_find_patients_on_their_own_lists(
    words: str, hits: list[str], people: dict[str, Person], aas: Contract, secretary: Actor
) -> None:
    found = queries.search(secretary, aas.practice_id, words, now=NOW)
    assert [row.id for row in found.rows] == [people[name].pk for name in hits]
    assert found.is_understood


def test_a_whole_number_finds_her_and_only_on_the_list(
    people: dict[str, Person], aas: Contract, secretary: Actor
) -> None:
    number = people["kari"].national_number
    [row] = queries.search(secretary, aas.practice_id, f"{number[:6]} {number[6:]}", now=NOW).rows
    assert (row.name, row.age, row.doctors) == ("Kari Testdal", 42, "Ingrid Aas")
    assert queries.search(secretary, aas.practice_id, people["other"].national_number, now=NOW).rows == []


def test_a_search_that_says_too_little_says_so(aas: Contract, secretary: Actor) -> None:
    assert not queries.search(secretary, aas.practice_id, "k", now=NOW).is_understood


def test_a_search_leaves_a_trace_without_names(people: dict[str, Person], aas: Contract, secretary: Actor) -> None:
    queries.search(secretary, aas.practice_id, "kari", now=NOW)
    event = Event.objects.get(action="patients.searched")
    assert (event.practice_id, event.facts) == (aas.practice_id, {"hits": 1})


def test_only_staff_search_and_only_at_their_office(people: dict[str, Person], aas: Contract) -> None:
    for actor in (citizen(people["kari"]), staff(practice("Vika").pk, Role.DOCTOR)):
        with pytest.raises(Denied):
            queries.search(actor, aas.practice_id, "kari", now=NOW)


@pytest.mark.parametrize("patients", [1, 20])
def test_a_search_takes_the_same_number_of_queries_for_many(
    patients: int, aas: Contract, secretary: Actor, django_assert_num_queries: Any
) -> None:
    for _number in range(patients):
        person("Kari Testdal", on=aas)
    with django_assert_num_queries(
        7
    ):  # three are of the log: each hit is a read; one finds the index key, which is remembered on commit
        assert len(queries.search(secretary, aas.practice_id, "kari", now=NOW).rows) == patients


def test_more_hits_than_are_shown_are_told_of(aas: Contract, secretary: Actor, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(queries, "HITS", 2)
    for number in range(3):
        found = queries.search(secretary, aas.practice_id, "test", now=NOW)
        assert (len(found.rows), found.is_cut) == (number, False)
        person("Kari Testdal", on=aas)
    found = queries.search(secretary, aas.practice_id, "test", now=NOW)
    assert (len(found.rows), found.is_cut) == (2, True)


@pytest.mark.parametrize("doctors", [1, 5])
def test_the_gp_is_found_with_three_queries(doctors: int, django_assert_num_queries: Any) -> None:
    shared = contract(practice(), *(clinician(f"Lege {n}") for n in range(doctors)), is_common_list=doctors > 1)
    kari = person(on=shared)
    with django_assert_num_queries(3):
        gp = queries.gp_of(kari.pk, TODAY)
    assert gp
    assert len(gp.doctors) == doctors
    assert gp.practice.address == "Storgata 1, 5003 Fjordbyen"


def test_she_sees_her_lists_through_the_years_and_a_stranger_does_not(aas: Contract) -> None:
    kari = person(on=aas)
    [place] = queries.memberships(citizen(kari), kari.pk, TODAY)
    assert (place.practice_name, place.ends_date) == ("Fjordbyen legesenter", None)
    with pytest.raises(NotFound):
        queries.memberships(citizen(person("Per Testvik")), kari.pk, TODAY)
