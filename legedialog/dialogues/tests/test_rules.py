from datetime import UTC, date, datetime, time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from legedialog.core.errors import Refused
from legedialog.core.workdays import is_working_day
from legedialog.dialogues import rules
from legedialog.dialogues.rules import MEANINGS, MOVES, Capacity, Status, closed_now, due_date

DAYS = st.dates(date(2024, 1, 1), date(2030, 12, 31))
# Around Easter, the days of May and Christmas, where Norwegian holidays stand close.
HOLIDAYS = st.one_of(
    st.dates(date(2027, 3, 15), date(2027, 4, 5)),
    st.dates(date(2027, 4, 25), date(2027, 5, 25)),
    st.dates(date(2026, 12, 15), date(2027, 1, 6)),
)
AWAY = st.lists(
    st.tuples(DAYS | HOLIDAYS, st.integers(0, 40)).map(lambda each: (each[0], each[0] + timedelta(days=each[1]))),
    max_size=3,
)


def test_every_state_has_moves_and_a_meaning() -> None:
    assert set(MOVES) == set(Status.values) == set(MEANINGS)
    assert all(moves <= set(Status.values) for moves in MOVES.values())


def test_what_was_withdrawn_stays_so_and_what_is_closed_is_never_sent_again() -> None:
    assert not MOVES[Status.WITHDRAWN]
    assert Status.SENT not in MOVES[Status.CLOSED]


def test_nothing_that_was_opened_can_be_withdrawn() -> None:
    assert {state for state, moves in MOVES.items() if Status.WITHDRAWN in moves} == {"sent", "delivered"}


def test_every_state_can_be_reached_from_sent() -> None:
    reached, todo = set(), [Status.SENT.value]
    while todo:
        state = todo.pop()
        if state not in reached:
            reached.add(state)
            todo += MOVES[state]
    assert reached == set(Status.values)


@pytest.mark.parametrize(
    ("sent", "due"),
    [
        (date(2026, 11, 23), date(2026, 11, 30)),  # a Monday
        (date(2026, 11, 27), date(2026, 12, 4)),  # a Friday
        (date(2026, 11, 28), date(2026, 12, 4)),  # the Saturday after
        (date(2027, 3, 24), date(2027, 4, 5)),  # the day before Maundy Thursday 2027
        (date(2026, 12, 23), date(2026, 12, 31)),  # Christmas Eve counts
        (date(2027, 5, 14), date(2027, 5, 24)),  # 17 May is a Monday, and Whit Monday is the same day in 2027
    ],
)
def test_five_working_days_by_the_norwegian_calendar(sent: date, due: date) -> None:
    assert due_date(sent) == due


def test_days_on_which_nobody_is_there_do_not_count() -> None:
    away = [(date(2026, 11, 25), date(2026, 12, 1))]  # Wednesday to Tuesday
    assert due_date(date(2026, 11, 23), away) == date(2026, 12, 7)  # 24 November, then 2, 3, 4 and 7 December


@given(DAYS | HOLIDAYS, AWAY)
def test_the_date_is_a_working_day_on_which_somebody_is_there(sent: date, away: list[tuple[date, date]]) -> None:
    due = due_date(sent, away)
    assert due > sent
    assert is_working_day(due)
    assert not any(first <= due <= last for first, last in away)


@given(DAYS | HOLIDAYS, AWAY)
def test_exactly_five_days_on_which_somebody_could_answer_lie_after_it_was_sent(
    sent: date, away: list[tuple[date, date]]
) -> None:
    due = due_date(sent, away)
    days = [sent + timedelta(days=n) for n in range(1, (due - sent).days + 1)]
    able = [day for day in days if is_working_day(day) and not any(first <= day <= last for first, last in away)]
    assert len(able) == rules.ANSWER_DAYS


@given(DAYS | HOLIDAYS, AWAY, st.tuples(DAYS, st.integers(0, 20)))
def test_another_absence_never_brings_the_date_forward(
    sent: date, away: list[tuple[date, date]], more: tuple[date, int]
) -> None:
    other = (more[0], more[0] + timedelta(days=more[1]))
    assert due_date(sent, [*away, other]) >= due_date(sent, away)


@given(DAYS | HOLIDAYS, AWAY)
def test_what_is_sent_later_is_never_due_earlier(sent: date, away: list[tuple[date, date]]) -> None:
    assert due_date(sent + timedelta(days=1), away) >= due_date(sent, away)


@pytest.mark.parametrize(
    ("due", "escalates"),
    [
        (date(2026, 11, 26), True),  # late
        (date(2026, 11, 27), True),  # today, a Friday
        (date(2026, 11, 30), True),  # Monday is the next working day
        (date(2026, 12, 1), False),
    ],
)
def test_what_nears_its_date_is_shown_to_more(due: date, escalates: bool) -> None:
    assert (due <= rules.near(date(2026, 11, 27))) is escalates


NINE, NIGHT = datetime(2026, 11, 27, 8, 0, tzinfo=UTC), datetime(2026, 11, 27, 21, 0, tzinfo=UTC)  # 09:00, 22:00 Oslo
DAY = Capacity(opens=time(8), closes=time(15))


def refusal(capacity: Capacity, now: datetime, *, open_count: int = 0, sent_today: int = 0) -> Refused | None:
    return closed_now(capacity, open_count=open_count, sent_today=sent_today, now=now)


def test_without_limits_it_is_always_open() -> None:
    assert refusal(Capacity(), NIGHT, open_count=9999, sent_today=9999) is None


def test_outside_its_hours_it_says_when_it_opens() -> None:
    assert refusal(DAY, NINE) is None
    found = refusal(DAY, NIGHT)  # Friday night: Monday at eight
    assert found is not None
    assert (found.code, found.facts["opens_at"]) == ("outside-hours", datetime(2026, 11, 30, 7, 0, tzinfo=UTC))


def test_before_it_opens_it_opens_the_same_day() -> None:
    found = refusal(DAY, datetime(2026, 11, 27, 5, 0, tzinfo=UTC))
    assert found is not None
    assert found.facts["opens_at"] == datetime(2026, 11, 27, 7, 0, tzinfo=UTC)


@pytest.mark.parametrize(("open_count", "code"), [(9, None), (10, "queue-full"), (11, "queue-full")])
def test_the_queue_is_full_at_its_limit(open_count: int, code: str | None) -> None:
    found = refusal(Capacity(max_open=10), NINE, open_count=open_count)
    assert (found.code if found else None) == code


def test_a_full_day_opens_on_the_next_working_day() -> None:
    found = refusal(Capacity(opens=time(8), closes=time(15), max_a_day=2), NINE, sent_today=2)
    assert found is not None
    assert (found.code, found.facts["opens_at"]) == ("queue-full", datetime(2026, 11, 30, 7, 0, tzinfo=UTC))


@pytest.mark.parametrize(("minutes", "can"), [(0, True), (10, True), (11, False)])
def test_a_closing_is_undone_within_ten_minutes(minutes: int, can: bool) -> None:
    assert rules.can_undo(NINE, NINE + timedelta(minutes=minutes)) is can


def test_the_page_names_every_state() -> None:
    page = rules.page()
    assert all(f"| `{status}` |" in page for status in Status.values)
