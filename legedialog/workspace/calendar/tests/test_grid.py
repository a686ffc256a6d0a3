"""No database: rows are made here."""

from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from types import SimpleNamespace
from typing import Any
from uuid import UUID

import pytest

from legedialog.appointments.days import ClaimRow, OfficeDays
from legedialog.core.ids import new_id
from legedialog.core.times import at_local
from legedialog.practices.rules import Exceptions, Hours, Weekly
from legedialog.workspace.calendar import grid

DAY = date(2026, 11, 24)  # a Tuesday
BEFORE = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
CALENDAR, CLINICIAN = new_id(), new_id()


@dataclass
class Plan:
    starts: time = time(8)
    ends: time = time(9)
    step_minutes: int = 20
    weekday: int = 1
    first_date: date = date(2020, 1, 1)
    last_date: date | None = None
    calendar_id: UUID = field(default_factory=lambda: CALENDAR)


def claim(starts: time, ends: time, kind: str = "booking", day: date = DAY) -> ClaimRow:
    return ClaimRow(
        id=new_id(),
        calendar_id=CALENDAR,
        kind=kind,
        starts_at=at_local(day, starts),
        ends_at=at_local(day, ends),
        until=at_local(day, ends),
        note="",
        is_overbooked=False,
        appointment_id=new_id() if kind == "booking" else None,
        status="booked" if kind == "booking" else "",
        patient_name="Kari Testdal",
        visit_name="Vanlig time",
        channel="attendance",
    )


def drawn(
    *claims: ClaimRow,
    plans: list[Plan] | None = None,
    absent: list[tuple[date, date]] | None = None,
    weekly: Weekly | None = None,
    exceptions: Exceptions | None = None,
    day: date = DAY,
    now: datetime = BEFORE,
) -> grid.Grid:
    calendar: Any = SimpleNamespace(id=CALENDAR, clinician_id=CLINICIAN, clinician_name="Ingrid Aas")
    blocks: Any = [Plan()] if plans is None else plans
    office = OfficeDays([calendar], list(claims), blocks, {CALENDAR: absent or []}, weekly or {}, exceptions or {})
    return grid.build(office, clinician_ids=[CLINICIAN], days=[day], now=now)


def words(made: grid.Grid) -> list[str]:
    return [f"{cell.kind} {cell.minutes}" for cell in made.columns[0].cells]


def test_planned_time_is_cut_at_each_step() -> None:
    assert words(drawn()) == ["free 20", "free 20", "free 20"]


def test_taken_time_stands_in_the_middle_and_what_is_left_keeps_the_steps() -> None:
    made = drawn(claim(time(8, 10), time(8, 30)))
    assert words(made) == ["free 10", "booked 20", "free 10", "free 20"]


def test_what_is_planned_while_the_office_is_closed_is_not_free() -> None:
    lunch = {1: [Hours(time(7), time(8, 20)), Hours(time(8, 40), time(15))]}
    assert words(drawn(weekly=lunch)) == ["free 20", "closed 20", "free 20"]
    assert words(drawn(weekly={0: [Hours(time(8), time(15))]})) == ["closed 60"]
    assert words(drawn(exceptions={DAY: None})) == ["closed 60"]
    christmas = date(2026, 12, 25)
    assert words(drawn(plans=[Plan(weekday=4)], day=christmas)) == ["closed 60"]


def test_time_outside_the_plan_fills_the_column() -> None:
    made = drawn(plans=[Plan(starts=time(8), ends=time(8, 40)), Plan(starts=time(9), ends=time(9, 20))])
    assert words(made) == ["free 20", "free 20", "outside 20", "free 20", "outside 40"]


@pytest.mark.parametrize(
    ("kinds", "kind"),
    [(["booking"], "booked"), (["hold"], "held"), (["block"], "blocked"), (["block", "booking"], "booked")],
)
def test_what_takes_time_has_a_kind_of_its_own(kinds: list[str], kind: str) -> None:
    made = drawn(*[claim(time(8), time(8, 20), each) for each in kinds])
    assert made.columns[0].cells[0].kind == kind


def test_overbooked_visits_share_one_cell() -> None:
    made = drawn(claim(time(8), time(8, 40)), claim(time(8, 20), time(9)))
    assert words(made) == ["booked 60"]
    assert len(made.columns[0].cells[0].items) == 2


def test_a_doctor_who_is_away_has_no_free_time_but_keeps_what_is_booked() -> None:
    made = drawn(claim(time(8, 20), time(8, 40)), absent=[(DAY, DAY)])
    assert words(made) == ["absent 20", "booked 20", "absent 20"]
    assert made.columns[0].is_absent


def test_time_that_has_passed_is_not_free() -> None:
    assert words(drawn(now=at_local(DAY, time(8, 0)))) == ["free 20", "free 20", "free 20"]
    assert words(drawn(now=at_local(DAY, time(8, 1)))) == ["past 20", "free 20", "free 20"]
    assert words(drawn(now=at_local(DAY, time(8, 30)))) == ["past 40", "free 20"]
    assert words(drawn(now=at_local(DAY, time(8, 50)))) == ["past 60"]
    assert words(drawn(now=at_local(DAY, time(12)))) == ["past 60"]
    made = drawn(claim(time(8, 10), time(8, 30)), now=at_local(DAY, time(8, 35)))
    assert words(made) == ["past 10", "booked 20", "past 10", "free 20"]


def hours(made: grid.Grid) -> list[str]:
    return [f"{each.starts:%H}-{each.ends:%H} {each.tracks}" for each in made.hours]


def test_every_column_is_as_tall_as_the_day_shown_and_empty_hours_are_folded() -> None:
    made = drawn(claim(time(3, 5), time(3, 12)), claim(time(10, 58), time(11, 3)))
    assert hours(made) == ["03-04 12", "04-08 4", "08-09 12", "09-10 4", "10-11 12", "11-12 12"]
    assert sum(cell.minutes for cell in made.columns[0].cells) == 9 * 60
    assert made.tracks == sum(cell.tracks for cell in made.columns[0].cells) == 56


def test_the_line_for_now_stands_below_what_is_folded() -> None:
    made = drawn(claim(time(3), time(3, 30)), now=at_local(DAY, time(8, 30)))
    assert made.now == 12 + 4 + 6


def test_the_line_for_now_stands_where_the_clock_is() -> None:
    assert drawn(now=at_local(DAY, time(8, 30))).now == 6
    assert drawn(now=at_local(DAY, time(7, 59))).now is None
    assert drawn().now is None


@pytest.mark.parametrize("day", [date(2026, 3, 29), date(2026, 10, 25)])
def test_on_days_that_change_the_clock_the_plan_follows_the_wall(day: date) -> None:
    made = drawn(
        claim(time(8, 20), time(8, 40), day=day), plans=[Plan(weekday=6)], day=day, now=BEFORE - timedelta(400)
    )
    assert words(made) == ["free 20", "booked 20", "free 20"]
    assert hours(made) == ["08-09 12"]


def test_an_empty_day_shows_office_hours() -> None:
    made = drawn(plans=[])
    assert hours(made) == [f"{each:02}-{each + 1:02} 12" for each in range(8, 16)]
    assert words(made) == ["outside 480"]


def test_a_plan_counts_only_between_its_dates() -> None:
    assert words(drawn(plans=[Plan(last_date=DAY - timedelta(days=1))])) == ["outside 480"]
    assert words(drawn(plans=[Plan(first_date=DAY, last_date=DAY)]))[0] == "free 20"
