"""Whom a freed time suits, and until when she may answer."""

from datetime import date, datetime, time, timedelta

import pytest

from legedialog.appointments import wait_rules
from legedialog.core.times import CLINIC, at_local

TUESDAY = date(2026, 11, 24)
NOON = at_local(TUESDAY, time(12))


@pytest.mark.parametrize(
    ("day", "clock", "coarse_times", "suits"),
    [
        (TUESDAY, time(9), [], True),
        (TUESDAY, time(9), ["tuesday-am"], True),
        (TUESDAY, time(12), ["tuesday-am"], False),
        (TUESDAY, time(12), ["tuesday-pm"], True),
        (TUESDAY, time(9), ["monday-am", "wednesday-am"], False),
        (date(2026, 11, 28), time(9), [], True),
        (date(2026, 11, 28), time(9), ["monday-am"], False),
    ],
    ids=["any", "that half day", "noon is afternoon", "afternoon", "other days", "a Saturday", "no Saturday"],
)
def test_it_suits_on_the_half_days_that_are_named(day: date, clock: time, coarse_times: list[str], suits: bool) -> None:
    assert wait_rules.suits(at_local(day, clock), coarse_times) is suits


@pytest.mark.parametrize(
    ("starts_in", "own_in", "notice", "is_it"),
    [
        (timedelta(hours=2), timedelta(hours=3), 120, True),
        (timedelta(hours=2), timedelta(hours=2, minutes=59), 120, False),
        (timedelta(hours=1, minutes=59), timedelta(hours=8), 120, False),
        (timedelta(days=1), timedelta(days=9), 1440, True),
    ],
    ids=["an hour earlier", "hardly earlier", "too soon for her", "a day's notice"],
)
def test_it_is_earlier_and_not_sooner_than_she_can_come(
    starts_in: timedelta, own_in: timedelta, notice: int, is_it: bool
) -> None:
    found = wait_rules.is_soon_enough(NOON + starts_in, own=NOON + own_in, notice_minutes=notice, now=NOON)
    assert found is is_it


def local(at: datetime | None) -> str:
    return f"{at.astimezone(CLINIC):%d. %H.%M}" if at else ""


FAR = NOON + timedelta(days=30)


@pytest.mark.parametrize(
    ("day", "clock", "minutes", "last", "by"),
    [
        (TUESDAY, time(12), 120, FAR, "24. 14.00"),
        (TUESDAY, time(20), 120, FAR, "25. 09.00"),
        (TUESDAY, time(12), 1440, FAR, "26. 10.00"),  # 9 hours that day, 13 the next
        (TUESDAY, time(12), 120, at_local(TUESDAY, time(13)), "24. 13.00"),
        (TUESDAY, time(12), 120, at_local(TUESDAY, time(12, 10)), ""),
        (TUESDAY, time(19), 240, at_local(date(2026, 11, 25), time(7)), "24. 21.00"),
        (TUESDAY, time(20, 50), 240, at_local(date(2026, 11, 25), time(7)), ""),
        (TUESDAY, time(21), 120, FAR, ""),
        (TUESDAY, time(7, 59), 120, FAR, ""),
        (TUESDAY, time(8), 120, FAR, "24. 10.00"),
        (date(2027, 3, 27), time(20), 120, FAR + timedelta(days=200), "28. 09.00"),
        (date(2026, 10, 24), time(20), 120, FAR, "25. 09.00"),
    ],
    ids=[
        *("two hours", "the night does not count", "a day is as long as one is awake", "not after the last moment"),
        *("too little is no offer", "a last moment at night is the evening", "and then it may be too little"),
        *("none at night", "none in the morning yet", "from eight", "summer time begins", "summer time ends"),
    ],
)
def test_the_night_is_no_time_to_answer_in(day: date, clock: time, minutes: int, last: datetime, by: str) -> None:
    assert local(wait_rules.answer_by(at_local(day, clock), minutes, last)) == by
