from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from legedialog.core.names import words_of
from legedialog.patients import rules
from legedialog.patients.rules import Search

DATES = st.dates(min_value=date(1900, 1, 1), max_value=date(2100, 1, 1))


@pytest.mark.parametrize(
    ("birth_date", "day", "age"),
    [
        (date(2010, 11, 23), date(2026, 11, 22), 15),
        (date(2010, 11, 23), date(2026, 11, 23), 16),
        (date(2008, 2, 29), date(2024, 2, 28), 15),
        (date(2008, 2, 29), date(2024, 2, 29), 16),
        (date(2008, 2, 29), date(2025, 2, 28), 16),  # no such day that year: she turns 17 on 1 March
        (date(2008, 2, 29), date(2025, 3, 1), 17),
        (date(2026, 11, 23), date(2026, 11, 23), 0),
    ],
)
def test_age_in_whole_years(birth_date: date, day: date, age: int) -> None:
    assert rules.age_on(birth_date, day) == age


@given(DATES, DATES)
def test_age_grows_by_one_a_year_and_never_falls(birth_date: date, day: date) -> None:
    if day < birth_date:
        return
    age = rules.age_on(birth_date, day)
    assert 0 <= age <= 201
    assert rules.age_on(birth_date, day + timedelta(days=1)) - age in (0, 1)
    assert rules.age_on(birth_date, day + timedelta(days=366)) - age in (1, 2)


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("Kari Testdal", ["kari", "testdal"]),
        ("Åse-Marie Øye", ["ase", "marie", "asemarie", "oye"]),
        ("ÆGIR  Đorđević", ["agir", "dordevic"]),
        ("José O’Brien", ["jose", "o", "brien", "obrien"]),
        ("Łukasz Ŧuolbma Áŋŋel", ["lukasz", "tuolbma", "annel"]),
        ("Straße", ["strasse"]),
        ("Strandmann 2", ["strandmann"]),
        ("", []),
    ],
)
def test_words_of_a_name_are_folded(name: str, words: list[str]) -> None:
    assert words_of(name) == words


NAMES = st.text(st.characters(categories=["L", "Mn", "Zs"], include_characters="-'"), max_size=40)


@given(NAMES)
def test_folding_twice_is_folding_once(name: str) -> None:
    words = words_of(name)
    assert words_of(" ".join(words)) == words


@given(NAMES, st.data())
def test_who_types_the_beginning_of_a_name_finds_it(name: str, data: st.DataObject) -> None:
    words = [word for word in words_of(name) if len(word) >= rules.SHORTEST]
    if not words:
        return
    word = data.draw(st.sampled_from(words))
    typed = word[: data.draw(st.integers(rules.SHORTEST, len(word)))]
    assert typed[: rules.LONGEST] in rules.beginnings(name)
    assert rules.matches(Search(names=(typed,)), name)


def test_beginnings_are_two_to_eight_letters() -> None:
    assert rules.beginnings("Bo Kristoffersen") == {
        *("bo", "kr", "kri", "kris", "krist", "kristo", "kristof", "kristoff"),
    }


NUMBER = "12838400156"


@pytest.mark.parametrize(
    ("words", "search"),
    [
        ("kari tes", Search(names=("kari", "tes"))),
        ("Testdal 09.03.1984", Search(names=("testdal",), birth_dates=(date(1984, 3, 9),))),
        ("9/3-1984", Search(birth_dates=(date(1984, 3, 9),))),
        ("09031984 kari", Search(names=("kari",), birth_dates=(date(1984, 3, 9),))),
        ("090384", Search(birth_dates=(date(1984, 3, 9), date(2084, 3, 9)))),
        ("kari 09.03.84", Search(names=("kari",), birth_dates=(date(1984, 3, 9), date(2084, 3, 9)))),
        ("kari t", Search(names=("kari", "t"))),
        ("41 23 45 67", Search(phone="+4741234567")),
        ("+47 41234567", Search(phone="+4741234567")),
        ("+46 70 123 45 67", Search(phone="+46701234567")),
        ("k", None),  # one letter finds half the list
        ("", None),
        ("31.02.1984", None),
        ("kari 42", None),
        ("12345678901", None),  # eleven digits that are no number
    ],
)
def test_what_is_typed_is_understood(words: str, search: Search | None) -> None:
    assert rules.understand(words, synthetic=True) == search


@pytest.mark.parametrize(
    ("confirmed", "now", "fresh"),
    [
        (datetime(2025, 5, 24, 9, tzinfo=UTC), datetime(2026, 11, 23, 9, tzinfo=UTC), True),
        (datetime(2025, 5, 23, 9, tzinfo=UTC), datetime(2026, 11, 23, 9, tzinfo=UTC), False),
        (datetime(2025, 5, 22, 22, 30, tzinfo=UTC), datetime(2026, 11, 22, 22, 30, tzinfo=UTC), True),  # local days
        (datetime(2024, 8, 31, 9, tzinfo=UTC), datetime(2026, 2, 27, 9, tzinfo=UTC), True),
        (datetime(2024, 8, 31, 9, tzinfo=UTC), datetime(2026, 2, 28, 9, tzinfo=UTC), False),
        (None, datetime(2026, 11, 23, 9, tzinfo=UTC), False),
    ],
)
def test_contact_data_lasts_18_months(confirmed: datetime | None, now: datetime, fresh: bool) -> None:
    assert rules.is_fresh(confirmed, now) is fresh


@given(DATES, st.integers(0, 60))
def test_months_after_is_in_that_month(day: date, months: int) -> None:
    later = rules.months_after(day, months)
    assert (later.year * 12 + later.month) - (day.year * 12 + day.month) == months
    assert later.day == day.day or (later + timedelta(days=1)).day == 1


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("", ""),
        ("  ", ""),
        ("412 34 567", "+4741234567"),
        ("+47 412 34 567", "+4741234567"),
        ("0047 41234567", "+4741234567"),
        ("+46 70-123 45 67", "+46701234567"),
        ("\u202a+47 412 34 567\u202c", "+4741234567"),
        ("٤١٢٣٤٥٦٧", "+4741234567"),
        ("tel:+47-412-34-567", "+4741234567"),
    ],
)
def test_a_telephone_number_is_kept_in_one_form(typed: str, kept: str) -> None:
    assert rules.clean_phone(typed) == kept


@pytest.mark.parametrize(
    "typed", ["4123456", "112", "+47 123", "ring meg", "+4701234567", "+1234", "90000ABC", "90000000a"]
)
def test_what_is_no_telephone_number_is_refused(typed: str) -> None:
    with pytest.raises(ValueError, match="not a telephone number"):
        rules.clean_phone(typed)


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("", ""),
        (" kari@Example.NO ", "kari@example.no"),
        ("\u202akari@example.no\u202c", "kari@example.no"),
        ("kari@blåbær.no", "kari@blåbær.no"),
    ],
)
def test_an_e_mail_address_is_kept_as_it_was_meant(typed: str, kept: str) -> None:
    assert rules.clean_email(typed) == kept


@pytest.mark.parametrize(
    "typed",
    [
        *("kari", "kari@", "@example.no", "kari@no", "kari@a@b.no", "ka ri@b.no", "k@-x-.no", "kari@127.0.0.1"),
        *("k" * 65 + "@example.no", "\ud800@example.no", "kari@example.no\r\nBcc: ola@example.no"),
    ],
)
def test_what_no_mail_can_be_sent_to_is_refused(typed: str) -> None:
    with pytest.raises(ValueError, match="not an e-mail address"):
        rules.clean_email(typed)


def test_a_number_is_shown_without_its_last_five_digits() -> None:
    assert rules.masked(NUMBER) == "128384 *****"
    assert rules.masked("") == ""
