from datetime import UTC, date, datetime, time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from legedialog.appointments import models, rules
from legedialog.core.errors import Refused
from legedialog.core.times import at_local


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
