"""Days and clock times in words, in the active language and the clinic's zone. Points in time are aware."""

from collections.abc import Callable
from datetime import date, datetime

from django.utils import timezone
from django.utils.dates import MONTHS, WEEKDAYS
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from legedialog.core.times import CLINIC, local_day, require_aware

SOON = 14  # days ahead that are still said as "om 9 dager"


def _day(value: date) -> date:
    return local_day(value) if isinstance(value, datetime) else value


def long_date(value: date, *, today: date | None = None) -> str:
    """`tirsdag 24. november`, with the year when it is another than `today`'s."""
    day = _day(value)
    today = today or local_day(timezone.now())
    names = {"weekday": WEEKDAYS[day.weekday()], "day": day.day, "month": MONTHS[day.month], "year": day.year}
    if day.year == today.year:
        return _("%(weekday)s %(day)d. %(month)s") % names
    return _("%(weekday)s %(day)d. %(month)s %(year)d") % names


def month(value: date) -> str:
    """`November 2026`, as a heading."""
    name = str(MONTHS[value.month])
    return f"{name[0].upper()}{name[1:]} {value.year}"


def short_date(value: date) -> str:
    """`24.11.2026`, for tables."""
    day = _day(value)
    return _("%(day)02d.%(month)02d.%(year)d") % {"day": day.day, "month": day.month, "year": day.year}


def short_datetime(value: datetime) -> str:
    """`24.11.2026 10.20`, for tables."""
    return f"{short_date(value)} {clock(value)}"


def clock(value: datetime) -> str:
    """`10.20`."""
    return clocks()(value)


def clocks() -> Callable[[datetime], str]:
    """As `clock`, for a page with hundreds: how it is said is looked up once."""
    said = _("%(hour)02d.%(minute)02d")

    def say(value: datetime) -> str:
        local = require_aware(value).astimezone(CLINIC)
        return said % {"hour": local.hour, "minute": local.minute}

    return say


def long_datetime(value: datetime, *, today: date | None = None) -> str:
    """`tirsdag 24. november kl. 10.20`."""
    return _("%(date)s kl. %(clock)s") % {"date": long_date(value, today=today), "clock": clock(value)}


def whole_date(value: date) -> str:
    """`tirsdag 24. november 2026`: on what is kept, the year is never understood."""
    return long_date(value, today=date.min)


def whole_datetime(value: datetime) -> str:
    """`tirsdag 24. november 2026 kl. 10.20`, as `whole_date`."""
    return long_datetime(value, today=date.min)


def period(start: datetime, end: datetime, *, today: date | None = None) -> str:
    """`tirsdag 24. november kl. 10.20–10.40`; both ends in full when they are on two days."""
    if _day(start) == _day(end):
        return f"{long_datetime(start, today=today)}–{clock(end)}"
    return f"{long_datetime(start, today=today)} – {long_datetime(end, today=today)}"


def relative_day(value: date, *, today: date | None = None) -> str:
    """`i går`, `i dag`, `i morgen`, `om 9 dager`; empty for all other days."""
    days = (_day(value) - (today or local_day(timezone.now()))).days
    if days in (-1, 0, 1):
        return {-1: _("i går"), 0: _("i dag"), 1: _("i morgen")}[days]
    if 1 < days <= SOON:
        return ngettext("om %(days)d dag", "om %(days)d dager", days) % {"days": days}
    return ""
