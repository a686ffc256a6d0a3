from datetime import UTC, date, datetime, timedelta

import pytest

from legedialog.core.workdays import is_working_day
from legedialog.prescriptions import story


@pytest.mark.parametrize("day", [date(2026, 1, 5) + timedelta(days=at) for at in range(0, 730, 3)])
def test_the_demo_s_oldest_order_was_never_too_early(day: date) -> None:
    """Around Christmas and Easter twelve working days are three weeks."""
    now = datetime(day.year, day.month, day.day, 12, tzinfo=UTC)
    days = story._days_for(12, now)
    assert is_working_day(day - timedelta(days=days))
    assert days + story.LONGEST <= 30
