from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from legedialog.core.errors import Refused
from legedialog.core.ids import new_id
from legedialog.practices import rules
from legedialog.practices.rules import Away, Hours, Opening, Service, Switch, Why

OSLO = ZoneInfo("Europe/Oslo")
WEEKLY = {weekday: [Hours(time(8), time(15, 30))] for weekday in range(5)}
MONDAY = date(2026, 11, 23)


def at(day: date, clock: str) -> datetime:
    return datetime.combine(day, time.fromisoformat(clock), OSLO).astimezone(UTC)


@pytest.mark.parametrize(
    ("now", "is_open", "changes"),
    [
        (at(MONDAY, "07:59"), False, at(MONDAY, "08:00")),
        (at(MONDAY, "08:00"), True, at(MONDAY, "15:30")),
        (at(MONDAY, "15:29"), True, at(MONDAY, "15:30")),
        (at(MONDAY, "15:30"), False, at(MONDAY + timedelta(days=1), "08:00")),
        (at(date(2026, 11, 27), "16:00"), False, at(date(2026, 11, 30), "08:00")),  # Friday afternoon
        (at(date(2026, 12, 24), "16:00"), False, at(date(2026, 12, 28), "08:00")),  # over Christmas and a weekend
        (at(date(2026, 5, 1), "10:00"), False, at(date(2026, 5, 4), "08:00")),  # a public holiday on a Friday
        (at(date(2026, 3, 27), "16:00"), False, at(date(2026, 3, 30), "08:00")),  # over the change to summer time
        (at(date(2026, 10, 23), "16:00"), False, at(date(2026, 10, 26), "08:00")),  # and back
    ],
)
def test_open_now_or_the_next_opening(now: datetime, is_open: bool, changes: datetime) -> None:
    assert rules.opening(now, WEEKLY, {}) == Opening(is_open, changes)


def test_an_exception_wins_over_the_week_and_over_a_holiday() -> None:
    eve, day = date(2026, 12, 24), date(2026, 12, 25)
    exceptions = {eve: None, day: Hours(time(10), time(12))}
    assert rules.opening(at(eve, "09:00"), WEEKLY, exceptions) == Opening(False, at(day, "10:00"))
    assert rules.opening(at(day, "11:00"), WEEKLY, exceptions) == Opening(True, at(day, "12:00"))


def test_a_day_with_a_lunch_break_is_closed_in_it() -> None:
    weekly = {0: [Hours(time(12), time(15)), Hours(time(8), time(11))]}
    assert rules.opening(at(MONDAY, "11:30"), weekly, {}) == Opening(False, at(MONDAY, "12:00"))


def test_an_office_without_hours_never_opens() -> None:
    assert rules.opening(at(MONDAY, "10:00"), {}, {}) == Opening(False, None)


@given(st.integers(min_value=0, max_value=4 * 365 * 24 * 60))
def test_what_is_said_to_change_next_is_later_and_true(minutes: int) -> None:
    now = at(MONDAY, "00:00") + timedelta(minutes=minutes)
    found = rules.opening(now, WEEKLY, {})
    assert found.changes_at is not None
    assert found.changes_at > now
    assert rules.opening(found.changes_at, WEEKLY, {}).is_open is not found.is_open


AWAY = Away(new_id(), new_id(), "Ingrid Aas", MONDAY, MONDAY + timedelta(days=4), None, "", "")
COVERED = Away(new_id(), new_id(), "Ingrid Aas", MONDAY, MONDAY + timedelta(days=4), new_id(), "Leif Strand", "")
ON = Switch(True, None, "")
OFF = Switch(False, None, "Legen tar ikke imot flere.")
PAUSED = Switch(False, MONDAY + timedelta(days=1), "Legen har kurs.")
OVER = Switch(False, MONDAY, "Legen hadde kurs.")


@pytest.mark.parametrize(
    ("service", "supported", "switch", "away", "why", "until"),
    [
        (Service.BOOK, Service.values, ON, None, None, None),
        (Service.BOOK, [], ON, None, Why.NOT_SUPPORTED, None),
        (Service.BOOK, Service.values, None, None, Why.NOT_OFFERED, None),
        (Service.BOOK, Service.values, OFF, None, Why.CLOSED, None),
        (Service.BOOK, Service.values, PAUSED, None, Why.CLOSED, MONDAY + timedelta(days=1)),
        (Service.BOOK, Service.values, OVER, None, None, None),  # the date it opens again has come
        (Service.BOOK, Service.values, ON, AWAY, None, None),  # times for when she is back
        (Service.CONTACT, Service.values, ON, AWAY, None, None),  # reception answers
        (Service.ECONSULTATION, Service.values, ON, AWAY, Why.AWAY, MONDAY + timedelta(days=5)),
        (Service.RENEW, Service.values, ON, AWAY, Why.AWAY, MONDAY + timedelta(days=5)),
        (Service.RENEW, Service.values, ON, COVERED, None, None),  # the stand-in answers
    ],
)
def test_whether_a_service_is_open(
    service: Service, supported: list[str], switch: Switch | None, away: Away | None, why: Why | None, until: date
) -> None:
    found = rules.offered(service, supported=supported, switch=switch, away=away, today=MONDAY)
    assert (found.why, found.closed_until_date) == (why, until)
    assert bool(found.closed_reason) is not found.is_open


def test_the_office_own_words_are_the_reason() -> None:
    found = rules.offered(Service.BOOK, supported=Service.values, switch=PAUSED, away=None, today=MONDAY)
    assert found.closed_reason == "Legen har kurs."


@pytest.mark.parametrize(
    "hours",
    [
        [Hours(time(8), time(8))],
        [Hours(time(10), time(8))],
        [Hours(time(8), time(12)), Hours(time(11), time(15))],
        [Hours(time(8), time(12)), Hours(time(12), time(15))],  # one period, written as two
    ],
)
def test_hours_of_a_day_come_one_after_another(hours: list[Hours]) -> None:
    with pytest.raises(Refused) as refused:
        rules.check_week({0: hours})
    assert refused.value.code == "overlapping-hours"


def test_a_day_may_have_two_periods_in_any_order() -> None:
    rules.check_week({0: [Hours(time(12, 30), time(15)), Hours(time(8), time(12))]})
