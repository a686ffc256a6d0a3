"""The calendar's days, as its page asks for them together with other things."""

from typing import Any

from legedialog.appointments import days
from legedialog.core.sql import ask_as_one


def office_days(*asked: Any) -> days.OfficeDays:
    return days.told(*ask_as_one(*days.asks(*asked)))
