from datetime import date, timedelta
from typing import Any

import pytest

from legedialog.access.actor import Actor, Role
from legedialog.audit.models import Event
from legedialog.core.errors import Denied, NotFound
from legedialog.patients import queries, searching
from legedialog.patients.models import Person
from legedialog.patients.tests.factories import citizen, person
from legedialog.practices.models import Absence, Contract, ContractDoctor, Offer
from legedialog.practices.rules import Service
from legedialog.practices.tests.factories import NOW, TODAY, clinician, contract, doctor, practice, staff

TOMORROW = TODAY + timedelta(days=1)

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
    found = searching.search(secretary, aas.practice_id, words, now=NOW)
    assert [row.id for row in found.rows] == [people[name].pk for name in hits]
    assert found.is_understood


def test_a_whole_number_finds_her_and_only_on_the_list(
    people: dict[str, Person], aas: Contract, secretary: Actor
) -> None:
    number = people["kari"].national_number
    [row] = searching.search(secretary, aas.practice_id, f"{number[:6]} {number[6:]}", now=NOW).rows
    assert (row.name, row.age, row.doctors) == ("Kari Testdal", 42, "Ingrid Aas")
    assert searching.search(secretary, aas.practice_id, people["other"].national_number, now=NOW).rows == []


def test_a_search_that_says_too_little_says_so(aas: Contract, secretary: Actor) -> None:
    assert not searching.search(secretary, aas.practice_id, "k", now=NOW).is_understood


def test_a_search_leaves_a_trace_without_names(people: dict[str, Person], aas: Contract, secretary: Actor) -> None:
    searching.search(secretary, aas.practice_id, "kari", now=NOW)
    event = Event.objects.get(action="patients.searched")
    assert (event.practice_id, event.facts) == (aas.practice_id, {"hits": 1})


def test_only_staff_search_and_only_at_their_office(people: dict[str, Person], aas: Contract) -> None:
    for actor in (citizen(people["kari"]), staff(practice("Vika").pk, Role.DOCTOR)):
        with pytest.raises(Denied):
            searching.search(actor, aas.practice_id, "kari", now=NOW)


@pytest.mark.parametrize("patients", [1, 8])
def test_a_search_takes_the_same_number_of_queries_for_many(
    patients: int, aas: Contract, secretary: Actor, django_assert_num_queries: Any
) -> None:
    for _number in range(patients):
        person("Kari Testdal", on=aas)
    with django_assert_num_queries(7):  # three are of the log: each hit is a read; one of the office's own
        assert len(searching.search(secretary, aas.practice_id, "kari", now=NOW).rows) == patients


def test_more_hits_than_are_shown_are_told_of(aas: Contract, secretary: Actor, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(searching, "HITS", 2)
    for number in range(3):
        found = searching.search(secretary, aas.practice_id, "test", now=NOW)
        assert (len(found.rows), found.is_cut) == (number, False)
        person("Kari Testdal", on=aas)
    found = searching.search(secretary, aas.practice_id, "test", now=NOW)
    assert (len(found.rows), found.is_cut) == (2, True)


@pytest.mark.parametrize("doctors", [1, 5])
def test_the_gp_is_found_with_one_query(doctors: int, django_assert_num_queries: Any) -> None:
    at = practice()
    kari = person(on=contract(at, *(doctor(at, f"Lege {n}") for n in range(doctors)), is_common_list=doctors > 1))
    with django_assert_num_queries(1):
        gp = queries.gp_of(kari.pk, TODAY)
    assert gp
    assert (gp.practice.name, len(gp.doctors)) == ("Fjordbyen legesenter", doctors)


def test_the_gp_is_who_serves_the_list_that_day_with_who_stands_in(aas: Contract) -> None:
    kari, vik, lind = person(on=aas), clinician("Jonas Vik"), clinician("Åse Lind")
    for each in (lind, vik):
        ContractDoctor.objects.create(contract=aas, clinician=each, starts_date=TODAY)
    Absence.objects.create(
        **{"practice_id": aas.practice_id, "clinician": vik, "substitute": lind},
        **{"first_date": TODAY, "last_date": TODAY, "note": "Kurs."},
    )
    gp = queries.gp_of(kari.pk, TODAY)
    yesterday, tomorrow = (queries.gp_of(kari.pk, TODAY + timedelta(days=days)) for days in (-1, 1))
    assert gp
    assert yesterday
    assert tomorrow
    assert gp.name == "Ingrid Aas, Jonas Vik, Åse Lind"
    assert [doctor.away and (doctor.away.substitute_name, doctor.away.note) for doctor in gp.doctors] == [
        *(None, ("Åse Lind", "Kurs."), None)
    ]
    assert (yesterday.name, tomorrow.doctors[1].away) == ("Ingrid Aas", None)


def test_a_list_that_nobody_serves_has_an_office_and_offers_nothing() -> None:
    gp = queries.gp_of(person(on=contract(practice())).pk, TODAY)
    assert gp
    assert (gp.practice.name, gp.doctors, gp.offers) == ("Fjordbyen legesenter", [], [])


def test_a_common_list_offers_what_any_of_its_doctors_offers(aas: Contract) -> None:
    vik = clinician("Jonas Vik")
    ContractDoctor.objects.create(contract=aas, clinician=vik, starts_date=TODAY)
    Offer.objects.create(practice_id=aas.practice_id, clinician=vik, service=Service.REQUEST)
    Offer.objects.create(
        **{"practice_id": aas.practice_id, "clinician": vik, "service": Service.RENEW, "is_open": False},
        **{"closed_until_date": TOMORROW, "closed_reason": "Kurs."},
    )
    gp = queries.gp_of(person(on=aas).pk, TODAY)
    assert gp
    assert [each.service for each in gp.offers if each.is_open] == [Service.REQUEST]
    renew = gp.doctors[1].offers_on(Service.RENEW)
    assert (renew.is_open, renew.closed_reason, renew.closed_until_date) == (False, "Kurs.", TOMORROW)


def test_she_sees_her_lists_through_the_years_and_a_stranger_does_not(aas: Contract) -> None:
    kari = person(on=aas)
    [place] = queries.memberships(citizen(kari), kari.pk, TODAY)
    assert (place.practice_name, place.ends_date) == ("Fjordbyen legesenter", None)
    with pytest.raises(NotFound):
        queries.memberships(citizen(person("Per Testvik")), kari.pk, TODAY)
