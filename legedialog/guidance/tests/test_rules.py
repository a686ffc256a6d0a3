from datetime import UTC, date, datetime, time
from zoneinfo import ZoneInfo

import pytest

from legedialog.guidance import rules
from legedialog.practices.rules import Opening


def oslo(day: date, clock: str) -> datetime:
    return datetime.combine(day, time.fromisoformat(clock), ZoneInfo("Europe/Oslo")).astimezone(UTC)


@pytest.mark.parametrize(
    ("now", "is_open", "changes"),
    [
        (oslo(date(2026, 11, 23), "08:00"), True, oslo(date(2026, 11, 23), "15:30")),  # a Monday
        (oslo(date(2026, 11, 23), "07:59"), False, oslo(date(2026, 11, 23), "08:00")),
        (oslo(date(2026, 11, 27), "15:30"), False, oslo(date(2026, 11, 30), "08:00")),  # Friday afternoon
        (oslo(date(2026, 11, 28), "12:00"), False, oslo(date(2026, 11, 30), "08:00")),  # Saturday
        (oslo(date(2026, 12, 24), "12:00"), True, oslo(date(2026, 12, 24), "15:30")),  # Christmas Eve is a weekday
        (oslo(date(2026, 12, 24), "16:00"), False, oslo(date(2026, 12, 28), "08:00")),
        (oslo(date(2027, 3, 24), "16:00"), False, oslo(date(2027, 3, 30), "08:00")),  # over Easter and summer time
        (oslo(date(2027, 5, 17), "10:00"), False, oslo(date(2027, 5, 18), "08:00")),  # two holidays on one day
        (oslo(date(2026, 5, 13), "16:00"), False, oslo(date(2026, 5, 15), "08:00")),  # Ascension Day
    ],
)
def test_the_help_line_answers_on_weekdays_that_are_no_holidays(
    now: datetime, is_open: bool, changes: datetime
) -> None:
    assert rules.opening(now) == Opening(is_open, changes)
