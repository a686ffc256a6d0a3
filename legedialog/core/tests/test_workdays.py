from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from legedialog.core.workdays import add_working_days, holiday_name, is_working_day, last_working_day_before

days = st.dates(date(2000, 1, 1), date(2100, 1, 1))
years = st.integers(2000, 2100)

# From the church's tables: an early one, a late one, and the years around now.
EASTER_SUNDAYS = [
    date(2008, 3, 23),
    date(2025, 4, 20),
    date(2026, 4, 5),
    date(2027, 3, 28),
    date(2028, 4, 16),
    date(2038, 4, 25),
]


@pytest.mark.parametrize("easter", EASTER_SUNDAYS)
def test_the_days_that_move_with_easter_are_not_working_days(easter: date) -> None:
    names = {
        -3: "Skjærtorsdag",
        -2: "Langfredag",
        0: "Første påskedag",
        1: "Andre påskedag",
        39: "Kristi himmelfartsdag",
        49: "Første pinsedag",
        50: "Andre pinsedag",
    }
    for after, name in names.items():
        day = easter + timedelta(days=after)
        assert not is_working_day(day)
        assert name in (holiday_name(day, "nb") or "")


@pytest.mark.parametrize("easter", EASTER_SUNDAYS)
def test_easter_is_stepped_over_both_ways(easter: date) -> None:
    wednesday, tuesday = easter - timedelta(days=4), easter + timedelta(days=2)
    assert add_working_days(wednesday, 1) == tuesday
    assert last_working_day_before(tuesday) == wednesday


@given(years)
def test_the_fixed_holidays_are_never_working_days(year: int) -> None:
    for month, day in [(1, 1), (5, 1), (5, 17), (12, 25), (12, 26)]:
        assert not is_working_day(date(year, month, day))


@given(years)
def test_from_christmas_eve_the_next_working_day_is_after_the_holidays(year: int) -> None:
    following = add_working_days(date(year, 12, 24), 1)
    assert date(year, 12, 27) <= following <= date(year, 12, 29)
    assert following.weekday() < 5


@given(years)
def test_christmas_eve_and_new_years_eve_count_when_they_are_weekdays(year: int) -> None:
    for eve in (date(year, 12, 24), date(year, 12, 31)):
        assert is_working_day(eve) == (eve.weekday() < 5)


@given(years)
def test_a_deadline_over_17_may_gets_one_day_more_when_it_is_a_weekday(year: int) -> None:
    before, national_day = date(year, 5, 16), date(year, 5, 17)
    following = add_working_days(before, 1)
    assert following > national_day
    assert last_working_day_before(following) < national_day


@pytest.mark.parametrize(
    ("sent", "deadline"),
    [
        (date(2026, 3, 2), date(2026, 3, 9)),  # a plain week
        (date(2026, 3, 6), date(2026, 3, 13)),  # a Friday
        (date(2026, 3, 7), date(2026, 3, 13)),  # the Saturday after it
        (date(2026, 3, 31), date(2026, 4, 10)),  # Tuesday before Easter
        (date(2026, 5, 13), date(2026, 5, 21)),  # Ascension Day in between; 17 May is a Sunday
        (date(2027, 5, 14), date(2027, 5, 24)),  # 17 May and the second day of Pentecost on one Monday
        (date(2026, 12, 24), date(2027, 1, 4)),  # Christmas and New Year
    ],
)
def test_five_working_days_end_on_the_day_a_calendar_shows(sent: date, deadline: date) -> None:
    assert add_working_days(sent, 5) == deadline


@given(days, st.integers(1, 30))
def test_exactly_that_many_working_days_lie_after_the_first_day(day: date, count: int) -> None:
    end = add_working_days(day, count)
    after = (day + timedelta(days=passed) for passed in range(1, (end - day).days + 1))
    assert sum(map(is_working_day, after)) == count
    assert is_working_day(end)


@given(days, st.integers(0, 15), st.integers(0, 15))
def test_working_days_can_be_added_in_two_goes(day: date, first: int, second: int) -> None:
    assert add_working_days(add_working_days(day, first), second) == add_working_days(day, first + second)


@given(days)
def test_the_last_working_day_before_is_followed_only_by_days_off(day: date) -> None:
    last = last_working_day_before(day)
    assert is_working_day(last)
    assert last < day
    off = (last + timedelta(days=passed) for passed in range(1, (day - last).days))
    assert not any(map(is_working_day, off))


@given(days)
def test_saturdays_and_sundays_are_never_working_days_and_a_weekday_off_has_a_name(day: date) -> None:
    if day.weekday() >= 5:
        assert not is_working_day(day)
    else:
        assert is_working_day(day) == (holiday_name(day, "nb") is None)


def test_counting_backwards_is_refused() -> None:
    with pytest.raises(ValueError, match="forward"):
        add_working_days(date(2026, 1, 5), -1)


@pytest.mark.parametrize(
    ("day", "language", "name"),
    [
        (date(2026, 5, 1), "nb", "Arbeidernes dag"),
        (date(2026, 5, 1), "nn", "Arbeidarane sin dag"),
        (date(2026, 5, 1), "en", "Labor Day"),
        (date(2026, 5, 17), "en", "Constitution Day"),
        (date(2026, 4, 3), "nn", "Langfredag"),
        (date(2027, 5, 17), "nb", "Andre pinsedag; Grunnlovsdag"),
        (date(2026, 5, 18), "nb", None),
        (date(2026, 12, 24), "nb", None),
    ],
)
def test_a_holiday_has_its_name_in_the_readers_language(day: date, language: str, name: str | None) -> None:
    assert holiday_name(day, language) == name


def test_every_bokmal_name_is_one_that_nynorsk_was_checked_for() -> None:
    found = set()
    for number in range(366):
        found.update((holiday_name(date(2028, 1, 1) + timedelta(days=number), "nb") or "").split("; "))
    assert found - {""} == {
        "Første nyttårsdag",
        "Skjærtorsdag",
        "Langfredag",
        "Første påskedag",
        "Andre påskedag",
        "Arbeidernes dag",
        "Grunnlovsdag",
        "Kristi himmelfartsdag",
        "Første pinsedag",
        "Andre pinsedag",
        "Første juledag",
        "Andre juledag",
    }
