from datetime import date

from legedialog.core.identifiers import parse_national_number
from legedialog.demo.people import PEOPLE, REFERENCE


def age(born: date, today: date) -> int:
    return today.year - born.year - ((today.month, today.day) < (born.month, born.day))


def test_every_person_has_her_own_synthetic_number_and_key() -> None:
    for person in PEOPLE:
        parse_national_number(person.number, synthetic=True)
    assert len({person.number for person in PEOPLE}) == len({person.key for person in PEOPLE}) == len(PEOPLE)


def test_ages_are_those_of_the_design_on_the_reference_day() -> None:
    ages = {person.name: age(person.birth_date(REFERENCE), REFERENCE) for person in PEOPLE if person.kind == "citizen"}
    assert ages == {
        "Kari Testdal": 42,
        "Ola Testdal": 8,
        "Nora Testdal": 14,
        "Per Testvik": 55,
        "Arne Testmo": 71,
        "Sara Testberg": 16,
        "Emil Testhaug": 14,
        "Lise Testnes": 38,
        "Grethe Testli": 80,
        "Tor Testli": 50,
        "Hassan Testrud": 33,
        "Ida Testhaug": 43,
        "Anders Testberg": 45,
        "Liv Testnes": 10,
        "Jon Testnes": 13,
    }


def test_children_keep_their_age_whenever_the_demo_is_populated() -> None:
    for today in (date(2027, 3, 1), date(2028, 2, 29), date(2031, 12, 31)):
        children = {person.given_name: age(person.birth_date(today), today) for person in PEOPLE if person.is_child}
        assert children == {"Ola": 8, "Nora": 14, "Sara": 16, "Emil": 14, "Liv": 10, "Jon": 13}
        sara = next(person for person in PEOPLE if person.given_name == "Sara")
        assert 28 <= (today.replace(year=today.year - 16, day=1) - sara.birth_date(today).replace(day=1)).days <= 62
