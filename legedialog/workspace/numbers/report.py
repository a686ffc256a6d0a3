"""What one page of numbers holds, and how numbers are written."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta

from django.utils.translation import gettext as _

from legedialog.ui.charts import Chart, Number

HOUR = 3600  # seconds


@dataclass(frozen=True, slots=True)
class Report:
    """`head` are the columns of all `lines`: on the page a line's cells are words, in the file they are `rows`."""

    first: date
    last: date
    facts: list[tuple[str, str]]
    charts: list[Chart]
    head: list[str]
    lines: list[tuple[str, list[str]]]
    file_head: list[str]
    rows: list[tuple[str, Sequence[str | int]]]
    note: str
    name: str  # of the file
    found: object = field(default=None, repr=False)


def week(monday: date) -> str:
    return _("Uke %(number)d") % {"number": monday.isocalendar().week}


def busiest_says(most: int, monday: date) -> list[str]:
    """No sentence where every week holds too few to be told."""
    return [_("Flest var det i %(week)s: %(most)d.") % {"week": week(monday).lower(), "most": most}] if most else []


def of_week(name: str, monday: date) -> str:
    return _("%(name)s, uke %(number)d") % {"name": name, "number": monday.isocalendar().week}


def count(value: Number) -> str:
    return "–" if value is None else f"{value:.1f}".rstrip("0").rstrip(".").replace(".", _(","))


def percent(share: float | None) -> str:
    return "–" if share is None else _("%(number)s prosent") % {"number": count(round(share * 100, 1))}


def told(value: int | None) -> str:
    """What is too few to be told, or has nothing to measure, is a dash."""
    return "–" if value is None else str(value)


def filed(value: int | None) -> int | str:
    return "" if value is None else value


def too_few() -> str:
    return _("Det som gjelder færre enn fem, vises ikke, og heller ikke det som kunne regnes ut av resten.")


def in_hours(span: timedelta | None) -> Number:
    return None if span is None else round(span.total_seconds() / HOUR, 1)


def hours(span: timedelta | None) -> str:
    return "" if span is None else count(in_hours(span))


def span(span: timedelta | None) -> str:
    """ "2 d 4 t", "3 t 20 min", "3 t", "12 min"; a dash where there is nothing to measure."""
    if span is None:
        return "–"
    minutes = round(span.total_seconds() / 60)
    days, hours = divmod(minutes // 60, 24)
    if days and not hours:
        return _("%(days)d d") % {"days": days}
    if days:
        return _("%(days)d d %(hours)d t") % {"days": days, "hours": hours}
    if hours and not minutes % 60:
        return _("%(hours)d t") % {"hours": hours}
    if hours:
        return _("%(hours)d t %(minutes)d min") % {"hours": hours, "minutes": minutes % 60}
    return _("%(minutes)d min") % {"minutes": minutes}
