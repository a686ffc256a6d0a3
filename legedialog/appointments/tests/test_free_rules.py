"""No database and no clock: whether a time is free, and why not."""

from collections.abc import Sequence
from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from legedialog.appointments import free_rules
from legedialog.appointments.free_rules import (
    AWAY,
    CLASHES,
    CLOSED,
    HOLIDAY,
    NEEDS_ORDER,
    NOT_PLANNED,
    NOT_RELEASED,
    NOT_THEN_ORDERED,
    PASSED,
    TAKEN,
    TOO_FAR,
    TOO_MANY_COMING,
    TOO_SOON,
    Busy,
    Diary,
    Period,
    Plan,
    Search,
)
from legedialog.core.errors import Refusal
from legedialog.core.times import CLINIC, at_local, local_day
from legedialog.core.workdays import holiday_name
from legedialog.practices.rules import Hours

CALENDAR = UUID(int=1)
MONDAY = date(2026, 11, 23)
NOW = datetime(2026, 11, 20, 9, tzinfo=UTC)
WEEK = {weekday: [Hours(time(8), time(15, 30))] for weekday in range(5)}


def plan(
    starts: time = time(8), ends: time = time(9), *, day: date = MONDAY, step: int = 20, last: date | None = None
) -> Plan:
    return Plan(day.weekday(), starts, ends, step, date(2020, 1, 1), last)


def diary(*plans: Plan, taken: Sequence[Period] = (), **other: Any) -> Diary:
    return Diary(CALENDAR, plans or [plan()], Busy(taken), **other)


def search(minutes: int = 20, now: datetime = NOW, **other: Any) -> Search:
    return Search(minutes, now, **other)


def clocks(starts: list[tuple[datetime, UUID]]) -> list[str]:
    return [start.astimezone(CLINIC).strftime("%H:%M") for start, _ in starts]


def free(*plans: Plan, taken: Sequence[Period] = (), day: date = MONDAY, minutes: int = 20, **other: Any) -> list[str]:
    within = {name: other.pop(name) for name in ("earliest", "latest", "buffer_minutes", "hers") if name in other}
    now = other.pop("now", min(NOW, at_local(day, time(0))))
    looked = search(minutes, now, **within)
    return clocks(free_rules.free_starts([diary(*plans, taken=taken, **other)], [day], looked)[day])


def period(starts: time, ends: time, day: date = MONDAY) -> Period:
    return Period(at_local(day, starts), at_local(day, ends))


def test_an_empty_block_offers_a_time_at_each_step_that_fits() -> None:
    assert free(plan()) == ["08:00", "08:20", "08:40"]
    assert free(plan(), minutes=30) == ["08:00", "08:20"]
    assert free(plan(), minutes=90) == []


def test_another_weekday_and_a_block_that_has_ended_offer_nothing() -> None:
    assert free(plan(), day=MONDAY + timedelta(days=1)) == []
    assert free(plan(last=MONDAY - timedelta(days=1))) == []
    assert free(plan(last=MONDAY)) == ["08:00", "08:20", "08:40"]


def test_what_is_taken_is_not_free_and_a_time_may_start_when_another_ends() -> None:
    assert free(plan(), taken=[period(time(8, 10), time(8, 40))]) == ["08:40"]


def test_a_long_claim_that_began_earlier_still_takes_the_time() -> None:
    long, short = period(time(7), time(8, 50)), period(time(7, 30), time(7, 40))
    assert free(plan(), taken=[long, short]) == []


def test_an_absent_doctor_has_no_free_time() -> None:
    assert free(plan(), away=[(MONDAY, MONDAY)]) == []
    assert free(plan(), away=[(MONDAY + timedelta(days=1), MONDAY + timedelta(days=9))]) != []


def test_times_before_the_earliest_and_after_the_latest_are_left_out() -> None:
    nine = at_local(MONDAY, time(8, 20))
    assert free(plan(), earliest=nine) == ["08:20", "08:40"]
    assert free(plan(), latest=nine) == ["08:00", "08:20"]


@pytest.mark.parametrize(
    ("day", "clock"), [(date(2026, 3, 29), "13:00"), (date(2026, 10, 25), "13:00"), (date(2026, 10, 25), "08:00")]
)
def test_on_the_days_the_clock_changes_times_are_the_ones_on_the_wall(day: date, clock: str) -> None:
    starts = time.fromisoformat(clock)
    assert free(plan(starts, time(starts.hour + 1), day=day), day=day)[0] == clock


def test_the_hour_that_spring_skips_gives_no_time_twice() -> None:
    day = date(2026, 3, 29)
    starts = list(free_rules.planned_starts(plan(time(1), time(5), day=day, step=30), day, 30))
    assert starts == sorted(set(starts))
    assert all(b - a >= timedelta(minutes=30) for a, b in pairwise(starts))


minute_of_day = st.integers(0, 23 * 60)


@given(
    blocks=st.lists(st.tuples(minute_of_day, st.integers(10, 300), st.sampled_from([5, 10, 15, 20, 30])), max_size=4),
    claims=st.lists(st.tuples(minute_of_day, st.integers(5, 200)), max_size=8),
    minutes=st.integers(5, 60),
    day=st.dates(date(2025, 1, 1), date(2028, 12, 31)),
)
def test_a_free_time_never_meets_a_taken_one_and_always_lies_in_a_block(
    blocks: list[tuple[int, int, int]], claims: list[tuple[int, int]], minutes: int, day: date
) -> None:
    def clock(minute: int) -> time:
        return time(*divmod(min(minute, 1439), 60))

    plans = [plan(clock(at), clock(at + length), day=day, step=step) for at, length, step in blocks]
    starts = [at_local(day, clock(at)) for at, _ in claims]
    taken = sorted(
        (Period(at, at + timedelta(minutes=length)) for at, (_, length) in zip(starts, claims, strict=True)),
        key=lambda each: each.starts_at,
    )
    looked = search(minutes, at_local(day, time(0)))
    found = free_rules.free_starts([diary(*plans, taken=taken) if plans else Diary(CALENDAR)], [day], looked)[day]
    length = timedelta(minutes=minutes)
    for start, _ in found:
        assert not any(each.starts_at < start + length and start < each.ends_at for each in taken)
        assert any(at_local(day, p.starts) <= start and start + length <= at_local(day, p.ends) for p in plans)
    every = {(start, CALENDAR) for p in plans for start in free_rules.planned_starts(p, day, minutes)}
    for start, _ in every - set(found):
        assert any(each.starts_at < start + length and start < each.ends_at for each in taken) or holiday_name(
            day, "nb"
        )


AT_EIGHT = at_local(MONDAY, time(8))
THE_RIGHT_REASONS: list[tuple[str, Refusal | None, dict[str, Any], dict[str, Any], datetime]] = [
    ("it is free", None, {}, {}, AT_EIGHT),
    ("it has begun", PASSED, {}, {"now": AT_EIGHT + timedelta(seconds=1)}, AT_EIGHT),
    ("it is years ago", PASSED, {}, {}, at_local(date(2020, 1, 1), time(23, 7))),
    ("it is years ahead", TOO_FAR, {}, {}, AT_EIGHT + timedelta(weeks=105)),
    ("Christmas Day", HOLIDAY, {}, {}, at_local(date(2026, 12, 25), time(8))),
    ("Christmas Day, hours written", HOLIDAY, {"weekly": WEEK}, {}, at_local(date(2026, 12, 25), time(8))),
    ("the office has closed the day", CLOSED, {"exceptions": {MONDAY: None}}, {}, AT_EIGHT),
    ("it ends after closing time", CLOSED, {"weekly": {0: [Hours(time(7), time(8, 10))]}}, {}, AT_EIGHT),
    ("the doctor is away", AWAY, {"away": [(MONDAY, MONDAY)]}, {}, AT_EIGHT),
    ("between two steps", NOT_PLANNED, {}, {}, AT_EIGHT + timedelta(minutes=7)),
    ("outside the plan", NOT_PLANNED, {}, {}, at_local(MONDAY, time(12))),
    ("no doctor has asked for it", NEEDS_ORDER, {}, {"ordered": []}, AT_EIGHT),
    ("ordered for other days", NOT_THEN_ORDERED, {}, {"ordered": [(date(2026, 1, 1), date(2026, 1, 2))]}, AT_EIGHT),
    ("ordered for that day", None, {}, {"ordered": [(MONDAY, MONDAY)]}, AT_EIGHT),
    ("too soon", TOO_SOON, {}, {"earliest": AT_EIGHT + timedelta(minutes=1)}, AT_EIGHT),
    ("not out yet", NOT_RELEASED, {}, {"latest": AT_EIGHT - timedelta(minutes=1)}, AT_EIGHT),
    ("she has another", CLASHES, {}, {"hers": Busy([period(time(8, 10), time(9))])}, AT_EIGHT),
    ("another has it", TAKEN, {"taken": [period(time(7), time(8, 1))]}, {}, AT_EIGHT),
    (
        "another has what is kept free",
        TAKEN,
        {"taken": [period(time(8, 25), time(9))]},
        {"buffer_minutes": 10},
        AT_EIGHT,
    ),
]


@pytest.mark.parametrize(
    ("reason", "facts", "looked", "start"),
    [each[1:] for each in THE_RIGHT_REASONS],
    ids=[each[0] for each in THE_RIGHT_REASONS],
)
def test_what_is_not_free_is_refused_with_the_true_reason(
    reason: Refusal | None, facts: dict[str, Any], looked: dict[str, Any], start: datetime
) -> None:
    assert free_rules.refusal(diary(**facts), start, search(**looked)) is reason
    listed = free_rules.free_starts([diary(**facts)], [local_day(start)], search(**looked))[local_day(start)]
    assert ((start, CALENDAR) in listed) is (reason is None)


def test_every_reason_has_a_code_of_its_own_and_a_true_one_is_shown_for_each() -> None:
    assert len({each.code for each in free_rules.REASONS}) == len(free_rules.REASONS)
    assert {each[1] for each in THE_RIGHT_REASONS} - {None} == set(free_rules.REASONS)


def test_a_day_that_the_office_opens_itself_is_open_though_it_is_a_holiday() -> None:
    second = date(2026, 12, 26)
    opened = {second: Hours(time(8), time(8, 40))}
    assert free(plan(day=second), day=second, exceptions=opened) == ["08:00", "08:20"]
    assert free(plan(day=second), day=second, exceptions=opened, weekly=WEEK) == ["08:00", "08:20"]
    assert free(plan(day=second), day=second, weekly=WEEK) == []


def test_what_is_kept_free_after_a_visit_may_go_beyond_the_plan_but_into_nobody_s_time() -> None:
    assert free(plan(), buffer_minutes=30) == ["08:00", "08:20", "08:40"]
    assert free(plan(), buffer_minutes=30, taken=[period(time(9), time(9, 20))]) == ["08:00"]


@pytest.mark.parametrize(
    ("clock", "release", "last"),
    [
        (time(7, 59), time(8), date(2026, 11, 29)),
        (time(8), time(8), date(2026, 11, 30)),
        (time(0, 1), None, date(2026, 11, 30)),
    ],
)
def test_the_last_day_of_the_horizon_is_out_when_the_clock_shows_the_release_time(
    clock: time, release: time | None, last: date
) -> None:
    now = at_local(MONDAY, clock)
    assert free_rules.last_day(now, 7, release) == last
    latest = free_rules.bounds(now, lead_minutes=0, horizon_days=7, release=release)[1]
    assert local_day(latest) == last


@pytest.mark.parametrize("day", [date(2026, 3, 29), date(2026, 10, 25)])
def test_times_are_released_by_the_clock_on_the_wall_also_on_the_days_it_changes(day: date) -> None:
    before, after = at_local(day, time(7, 59)), at_local(day, time(8))
    assert free_rules.last_day(before, 7, time(8)) == day + timedelta(days=6)
    assert free_rules.last_day(after, 7, time(8)) == day + timedelta(days=7)


def test_the_office_overbooks_today_and_ahead_but_never_yesterday() -> None:
    now = at_local(MONDAY, time(12))
    assert free_rules.refusal_to_overbook(at_local(MONDAY, time(8)), now) is None
    assert free_rules.refusal_to_overbook(at_local(date(2026, 12, 25), time(3)), now) is None
    assert free_rules.refusal_to_overbook(at_local(MONDAY - timedelta(days=1), time(23, 59)), now) is PASSED
    assert free_rules.refusal_to_overbook(at_local(date(2029, 1, 1), time(8)), now) is TOO_FAR


def test_she_may_book_so_many_of_a_kind_and_so_many_in_all() -> None:
    assert free_rules.limit(coming=1, coming_of_kind=1, max_coming=2) is None
    assert free_rules.limit(coming=2, coming_of_kind=2, max_coming=2) is TOO_MANY_COMING
    assert free_rules.limit(coming=free_rules.MOST_COMING, coming_of_kind=0, max_coming=2) is TOO_MANY_COMING
