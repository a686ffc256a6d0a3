from datetime import UTC, date, datetime, time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from legedialog.core.times import CLINIC, at_local, local_day, local_period, require_aware

SPRING = date(2026, 3, 29)  # 02:00 becomes 03:00
AUTUMN = date(2026, 10, 25)  # 03:00 becomes 02:00

days = st.dates(date(1981, 1, 1), date(2100, 12, 30))
# The clinic's own clock times without the hour that is skipped on one day of the year.
clocks = st.times().filter(lambda clock: clock.hour != 2)


@pytest.mark.parametrize(
    ("day", "clock", "expected"),
    [
        (SPRING, time(0, 0), datetime(2026, 3, 28, 23, 0, tzinfo=UTC)),
        (SPRING, time(1, 59), datetime(2026, 3, 29, 0, 59, tzinfo=UTC)),
        (SPRING, time(2, 0), datetime(2026, 3, 29, 1, 0, tzinfo=UTC)),  # taken as 03:00
        (SPRING, time(2, 30), datetime(2026, 3, 29, 1, 30, tzinfo=UTC)),  # taken as 03:30
        (SPRING, time(3, 0), datetime(2026, 3, 29, 1, 0, tzinfo=UTC)),
        (SPRING, time(9, 0), datetime(2026, 3, 29, 7, 0, tzinfo=UTC)),
        (SPRING, time(15, 0), datetime(2026, 3, 29, 13, 0, tzinfo=UTC)),
        (AUTUMN, time(0, 0), datetime(2026, 10, 24, 22, 0, tzinfo=UTC)),
        (AUTUMN, time(1, 59), datetime(2026, 10, 24, 23, 59, tzinfo=UTC)),
        (AUTUMN, time(2, 30), datetime(2026, 10, 25, 0, 30, tzinfo=UTC)),  # the first of two
        (AUTUMN, time(3, 0), datetime(2026, 10, 25, 2, 0, tzinfo=UTC)),
        (AUTUMN, time(9, 0), datetime(2026, 10, 25, 8, 0, tzinfo=UTC)),
        (AUTUMN, time(15, 0), datetime(2026, 10, 25, 14, 0, tzinfo=UTC)),
    ],
)
def test_a_clock_time_on_a_change_day_is_one_known_point_in_time(day: date, clock: time, expected: datetime) -> None:
    assert at_local(day, clock) == expected
    assert at_local(day, clock.replace(fold=1)) == expected  # the caller cannot choose the second by accident
    assert at_local(day, clock).tzinfo is UTC


@pytest.mark.parametrize("at", [datetime(2026, 3, 29, 0, 59, tzinfo=UTC), datetime(2026, 3, 29, 21, 59, tzinfo=UTC)])
def test_before_and_after_noon_on_a_spring_change_day_it_is_the_same_local_day(at: datetime) -> None:
    assert local_day(at) == SPRING


@pytest.mark.parametrize("at", [datetime(2026, 10, 24, 22, 0, tzinfo=UTC), datetime(2026, 10, 25, 22, 59, tzinfo=UTC)])
def test_before_and_after_noon_on_an_autumn_change_day_it_is_the_same_local_day(at: datetime) -> None:
    assert local_day(at) == AUTUMN


@pytest.mark.parametrize(
    ("day", "hours"), [(SPRING, 23), (AUTUMN, 25), (date(2026, 3, 28), 24), (date(2026, 7, 1), 24)]
)
def test_a_local_day_has_23_24_or_25_hours(day: date, hours: int) -> None:
    start, end = local_period(day)
    assert end - start == timedelta(hours=hours)


@given(days)
def test_local_days_meet_without_gap_or_overlap(day: date) -> None:
    start, end = local_period(day)
    assert end == local_period(day + timedelta(days=1))[0]
    assert local_day(start) == local_day(end - timedelta(microseconds=1)) == day
    assert start.tzinfo is UTC
    assert end.tzinfo is UTC


@given(days, clocks)
def test_the_wall_shows_the_clock_time_that_was_asked_for(day: date, clock: time) -> None:
    shown = at_local(day, clock).astimezone(CLINIC)
    assert (shown.date(), shown.time()) == (day, clock)


def test_the_local_day_does_not_depend_on_the_zone_the_point_in_time_is_written_in() -> None:
    at = datetime(2026, 1, 31, 23, 30, tzinfo=UTC)
    assert local_day(at) == local_day(at.astimezone(CLINIC)) == date(2026, 2, 1)


def test_a_point_in_time_without_zone_is_refused() -> None:
    naive = datetime(2026, 1, 1, 12, 0)  # noqa: DTZ001
    with pytest.raises(ValueError, match="zone"):
        require_aware(naive)
    with pytest.raises(ValueError, match="zone"):
        local_day(naive)
    aware = datetime(2026, 1, 1, 12, 0, tzinfo=UTC)
    assert require_aware(aware) is aware


def test_a_clock_time_with_a_zone_of_its_own_is_refused() -> None:
    with pytest.raises(ValueError, match="zone"):
        at_local(SPRING, time(9, 0, tzinfo=UTC))
