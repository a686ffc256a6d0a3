"""What an office received and how soon it answered, of one kind of thing: counted by PostgreSQL, whatever the period.

A context brings the SELECT of what it received: `kind`, `doctor` (an id, "" for reception), `week` (its Monday),
`seconds` until it was answered (NULL: not yet) and whether it is, or was answered, `late`.

A line of fewer than five is told to nobody, nor what it could be reckoned from (decision 280): None stands there.
"""

from collections import defaultdict
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any, TypeVar

from django.db import connection
from django.utils.translation import gettext_lazy as _

from legedialog.access.actor import Actor, Role
from legedialog.core.errors import Denied
from legedialog.core.names import sort_key
from legedialog.core.times import at_local, local_day
from legedialog.practices.models import Clinician

READERS = frozenset({Role.MANAGER, Role.DOCTOR})
WEEKS = (4, 12, 26, 52)  # that may be asked for
FEWEST = 5  # in a line that is told: files of numbers are passed on, and one of three is soon known
BY = """
SELECT CASE WHEN GROUPING(doctor, week) = 0 THEN 'doctor-week' WHEN GROUPING(week) = 0 THEN 'week'
            WHEN GROUPING(kind) = 0 THEN 'kind' WHEN GROUPING(doctor) = 0 THEN 'doctor' ELSE 'all' END,
       COALESCE(kind, doctor, ''), week, {numbers}
  FROM ({received}) received
 GROUP BY GROUPING SETS ((week), (kind), (doctor), (doctor, week), ())
"""
ANSWERED = """count(*), count(seconds), percentile_cont(0.5) WITHIN GROUP (ORDER BY seconds),
       percentile_cont(0.9) WITHIN GROUP (ORDER BY seconds), count(*) FILTER (WHERE late)"""
Key = tuple[str, str, date | None]  # of what, which one, which week
L = TypeVar("L")


@dataclass(frozen=True, slots=True)
class Line:
    """`median` and `ninety` are how long half and nine of ten waited, None where nothing is answered."""

    received: int = 0
    answered: int = 0
    median: timedelta | None = None
    ninety: timedelta | None = None
    overdue: int = 0

    @property
    def waiting(self) -> int:
        return self.received - self.answered


@dataclass(frozen=True, slots=True)
class Numbers:
    """By week (Mondays, every one of the period), by kind, by doctor ("Ingrid Aas"; "" is reception), and by doctor and
    week, where there is anything."""

    first: date
    last: date
    all: Line | None
    weeks: list[tuple[date, Line | None]]
    kinds: list[tuple[str, Line | None]]
    doctors: list[tuple[str, Line | None]]
    doctor_weeks: list[tuple[str, date, Line | None]]


@dataclass(frozen=True, slots=True)
class Period:
    """Whole weeks to today."""

    first: date
    last: date
    values: Mapping[str, Any]  # of the statement

    @property
    def mondays(self) -> list[date]:
        return [self.first + timedelta(weeks=number) for number in range((self.last - self.first).days // 7 + 1)]


def period(actor: Actor, now: datetime, *, weeks: int) -> Period:
    """For those who run the office: numbers hold nobody's words, but they compare colleagues. Raises Denied."""
    if not actor.is_staff or actor.role not in READERS:
        raise Denied(_("Bare lederen og legene ser tallene."))
    today = local_day(now)
    first = today - timedelta(days=today.weekday(), weeks=weeks - 1)
    values = {"practice": actor.practice_id, "begin": at_local(first, time.min), "end": now, "today": today}
    return Period(first, today, values)


def of_office(actor: Actor, now: datetime, *, received: str, kinds: Sequence[str], weeks: int) -> Numbers:
    """`received`: SQL of a constant. Two queries. Raises Denied."""
    of = period(actor, now, weeks=weeks)
    counted = {key: Line(*_read(numbers)) for key, numbers in grouped(received, ANSWERED, of)}
    found = without_few(counted, lambda line: line.received)
    names = doctor_names({which for what, which, _week in found if what == "doctor"})
    by_doctor = sorted((sort_key(names.get(which, "")), which) for what, which, _week in found if what == "doctor")
    return Numbers(
        first=of.first,
        last=of.last,
        all=found.get(("all", "", None), Line()),
        weeks=[(day, found.get(("week", "", day), Line())) for day in of.mondays],
        kinds=[(kind, found.get(("kind", kind, None), Line())) for kind in kinds],
        doctors=[(names.get(which, ""), found["doctor", which, None]) for _sort, which in by_doctor],
        doctor_weeks=[
            (names.get(which, ""), day, found["doctor-week", which, day])
            for _sort, which in by_doctor
            for day in of.mondays
            if ("doctor-week", which, day) in found
        ],
    )


def grouped(received: str, numbers: str, of: Period) -> list[tuple[Key, Sequence[Any]]]:
    """Both are SQL of constants. One query."""
    with connection.cursor() as cursor:
        cursor.execute(BY.format(received=received, numbers=numbers), of.values)
        return [((what, which, week), rest) for what, which, week, *rest in cursor.fetchall()]


def without_few(counted: Mapping[Key, L], size: Callable[[L], int]) -> dict[Key, L | None]:
    """None in place of each line of fewer than five. In each sum no line is hidden alone, nor with fewer than five
    together, or the sum would tell: the least beside it goes too, and if need be the sum itself."""
    sums: dict[tuple[str, Key], list[Key]] = defaultdict(list)  # what adds up to what
    for key in sorted(counted, key=lambda key: size(counted[key])):
        for of in _adds_to(key):
            sums[key[0], of].append(key)
    for (_what, of), keys in sums.items():
        keys.extend([of] if of in counted else [])
    hidden = {key for key, line in counted.items() if 0 < size(line) < FEWEST}
    before = -1
    while before < len(hidden):
        before = len(hidden)
        for keys in sums.values():
            few = hidden.intersection(keys)
            for key in keys:
                if few and (len(few) < 2 or sum(size(counted[each]) for each in few) < FEWEST):
                    few.add(key)
            hidden |= few
    return {key: None if key in hidden else line for key, line in counted.items()}


def _adds_to(key: Key) -> list[Key]:
    what, which, week = key
    return [("doctor", which, None), ("week", "", week)] if what == "doctor-week" else [("all", "", None)]


def doctor_names(ids: Collection[str]) -> dict[str, str]:
    """By the id as text. One query."""
    rows = Clinician.objects.filter(pk__in=[each for each in ids if each])
    return {str(key): name for key, name in rows.values_list("pk", "name")}


def _read(numbers: Sequence[Any]) -> tuple[int, int, timedelta | None, timedelta | None, int]:
    received, answered, median, ninety, late = numbers
    return received, answered, _span(median), _span(ninety), late


def _span(seconds: float | None) -> timedelta | None:
    return None if seconds is None else timedelta(seconds=round(seconds))
