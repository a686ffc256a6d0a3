"""When the help line answers: weekdays from 08:00 to 15:30, not on public holidays. Source: docs/facts.md#help-line."""

from datetime import datetime, time

from legedialog.practices import rules as practices
from legedialog.practices.rules import Hours, Opening

HOURS = Hours(time(8, 0), time(15, 30))
WEEKLY = {weekday: [HOURS] for weekday in range(5)}


def opening(now: datetime) -> Opening:
    return practices.opening(now, WEEKLY, {})
