from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from legedialog.appointments import models, rules
from legedialog.core.errors import Refused
from legedialog.core.times import CLINIC, at_local

CALENDAR = UUID(int=1)
MONDAY = date(2026, 11, 23)
ALWAYS = (datetime(2000, 1, 1, tzinfo=UTC), datetime(2100, 1, 1, tzinfo=UTC))


def plan(
    starts: time = time(8), ends: time = time(9), *, day: date = MONDAY, step: int = 20, last: date | None = None
) -> rules.Plan:
    return rules.Plan(CALENDAR, day.weekday(), starts, ends, step, date(2020, 1, 1), last)


def clocks(starts: list[tuple[datetime, UUID]]) -> list[str]:
    return [start.astimezone(CLINIC).strftime("%H:%M") for start, _ in starts]


def free(
    *plans: rules.Plan,
    taken: list[rules.Period] | None = None,
    day: date = MONDAY,
    minutes: int = 20,
    absent: list[tuple[date, date]] | None = None,
    earliest: datetime = ALWAYS[0],
    latest: datetime = ALWAYS[1],
) -> list[str]:
    return clocks(
        rules.free_starts(
            plans=plans,
            taken={CALENDAR: taken or []},
            absent={CALENDAR: absent or []},
            days=[day],
            minutes=minutes,
            earliest=earliest,
            latest=latest,
        )[day]
    )


def period(starts: time, ends: time, day: date = MONDAY) -> rules.Period:
    return rules.Period(at_local(day, starts), at_local(day, ends))


def test_every_state_of_an_appointment_is_in_the_table_of_moves() -> None:
    assert set(rules.MOVES) == set(models.Status.values)
    assert set().union(*rules.MOVES.values()) <= set(models.Status.values)


def test_every_state_of_a_request_is_in_the_table_of_moves() -> None:
    assert set(rules.REQUEST_MOVES) == set(models.RequestStatus.values)
    assert set().union(*rules.REQUEST_MOVES.values()) <= set(models.RequestStatus.values)


@pytest.mark.parametrize("status", models.Status.values)
def test_a_move_that_the_table_does_not_name_is_refused(status: str) -> None:
    for other in models.Status.values:
        if other in rules.MOVES[status]:
            rules.check_move(status, other)
        else:
            with pytest.raises(Refused) as refusal:
                rules.check_move(status, other)
            assert refusal.value.code == "cannot-change"


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
    assert free(plan(), absent=[(MONDAY, MONDAY)]) == []
    assert free(plan(), absent=[(MONDAY + timedelta(days=1), MONDAY + timedelta(days=9))]) != []


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
    starts = list(rules.planned_starts(plan(time(1), time(5), day=day, step=30), day, 30))
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
        (rules.Period(at, at + timedelta(minutes=length)) for at, (_, length) in zip(starts, claims, strict=True)),
        key=lambda each: each.starts_at,
    )
    found = rules.free_starts(
        plans=plans,
        taken={CALENDAR: taken},
        absent={},
        days=[day],
        minutes=minutes,
        earliest=ALWAYS[0],
        latest=ALWAYS[1],
    )[day]
    length = timedelta(minutes=minutes)
    for start, _ in found:
        assert not any(each.starts_at < start + length and start < each.ends_at for each in taken)
        assert any(at_local(day, p.starts) <= start and start + length <= at_local(day, p.ends) for p in plans)
    every = {(start, CALENDAR) for p in plans for start in rules.planned_starts(p, day, minutes)}
    for start, _ in every - set(found):
        assert any(each.starts_at < start + length and start < each.ends_at for each in taken)


@pytest.mark.parametrize(
    ("starts", "deadline"),
    [
        ((date(2026, 11, 25), time(10)), (date(2026, 11, 24), time(10))),  # an ordinary Wednesday
        ((date(2026, 11, 23), time(10, 20)), (date(2026, 11, 20), time(10, 20))),  # Monday: the Friday before
        ((date(2026, 5, 18), time(9)), (date(2026, 5, 15), time(9))),  # after 17 May on a Sunday, Friday
        ((date(2026, 4, 7), time(9)), (date(2026, 4, 1), time(9))),  # after Easter: the Wednesday before
        ((date(2026, 3, 30), time(9)), (date(2026, 3, 27), time(9))),  # across the spring change, by the wall clock
        ((date(2026, 10, 26), time(14)), (date(2026, 10, 23), time(14))),  # across the autumn change
    ],
)
def test_the_last_moment_to_cancel_is_a_working_day_ahead(
    starts: tuple[date, time], deadline: tuple[date, time]
) -> None:
    assert rules.cancel_by(at_local(*starts), 24) == at_local(*deadline)


@given(at=st.datetimes(datetime(2025, 1, 1), datetime(2029, 1, 1)), hours=st.integers(0, 200))  # noqa: DTZ001
def test_the_deadline_is_never_after_the_start(at: datetime, hours: int) -> None:
    starts_at = at.replace(tzinfo=UTC)
    assert rules.cancel_by(starts_at, hours) <= starts_at


def test_a_near_appointment_gets_no_reminder_and_a_far_one_two_days_ahead() -> None:
    now = datetime(2026, 11, 23, 9, tzinfo=UTC)
    assert rules.remind_at(now + timedelta(hours=47), now) is None
    assert rules.remind_at(now + timedelta(days=5), now) == now + timedelta(days=3)
