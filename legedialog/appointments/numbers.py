"""How an office's time is used: visits by week, kind and doctor, who did not come, what the waitlist filled, and how
many days it is to the third free time. Counted by PostgreSQL, whatever the period holds.

A visit is one that has begun and was neither cancelled nor missed, also when nobody said that it is done.
"""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID

from django.db import connection

from legedialog.access.actor import Actor
from legedialog.appointments import free, office
from legedialog.appointments.free import Wanted
from legedialog.appointments.models import Channel, VisitType
from legedialog.core.times import local_day
from legedialog.practices import numbers
from legedialog.practices.numbers import Key, Period

VISITS = """
SELECT a.visit_type_id::text AS kind, c.clinician_id::text AS doctor, a.status, a.is_late,
       date_trunc('week', a.starts_at AT TIME ZONE 'Europe/Oslo')::date AS week
  FROM appointments_appointment a JOIN appointments_calendar c ON c.id = a.calendar_id
 WHERE a.practice_id = %(practice)s AND a.starts_at >= %(begin)s AND a.starts_at < %(end)s
"""
COUNTED = """count(*) FILTER (WHERE status IN ('booked', 'arrived', 'completed')),
       count(*) FILTER (WHERE status = 'no-show'), count(*) FILTER (WHERE status = 'cancelled'),
       count(*) FILTER (WHERE status = 'cancelled' AND is_late)"""
OFFERED = """
SELECT date_trunc('week', o.offered_at AT TIME ZONE 'Europe/Oslo')::date AS week,
       count(DISTINCT (o.calendar_id, o.starts_at)) AS offered,
       count(DISTINCT (o.calendar_id, o.starts_at)) FILTER (WHERE o.status = 'accepted') AS filled
  FROM appointments_timeoffer o JOIN appointments_wait w ON w.id = o.wait_id
 WHERE w.practice_id = %(practice)s AND o.offered_at >= %(begin)s AND o.offered_at < %(end)s
 GROUP BY ROLLUP (1)
"""
THIRD = 3  # the first two are often gone before anybody has read them


@dataclass(frozen=True, slots=True)
class Line:
    """`late` are among the cancelled: after the cut-off."""

    held: int = 0
    missed: int = 0
    cancelled: int = 0
    late: int = 0

    @property
    def share_missed(self) -> float | None:
        """Of those that were not cancelled."""
        booked = self.held + self.missed
        return self.missed / booked if booked else None


@dataclass(frozen=True, slots=True)
class Refill:
    """Freed times that were offered from the waitlist, and how many of them somebody took."""

    offered: int = 0
    filled: int = 0


@dataclass(frozen=True, slots=True)
class Used:
    """By week (Mondays, every one of the period), by kind of visit, by doctor, and by doctor and week, where there is
    anything; None where they are too few to be told. `third_free`: days from today by doctor to the third
    time for a visit of the kind `third_of`, the first that citizens may book; None where none can be booked yet."""

    first: date
    last: date
    all: Line | None
    weeks: list[tuple[date, Line | None]]
    kinds: list[tuple[str, Line | None]]
    doctors: list[tuple[str, Line | None]]
    doctor_weeks: list[tuple[str, date, Line | None]]
    refill: Refill | None
    refills: list[tuple[date, Refill | None]]
    third_of: str
    third_free: list[tuple[str, int | None]]


def of_office(actor: Actor, now: datetime, *, weeks: int) -> Used:
    """Of the office she works at. The manager and the doctors. Six queries. Raises Denied."""
    of = numbers.period(actor, now, weeks=weeks)
    counted = {key: Line(*each) for key, each in numbers.grouped(VISITS, COUNTED, of)}
    found = numbers.without_few(counted, lambda line: line.held + line.missed + line.cancelled)
    refills = _refills(of)
    doctors = numbers.doctor_names({which for what, which, _week in found if what == "doctor"})
    visit_types = office.visit_types(actor, active_only=False)
    kinds = {str(each.pk): each.label for each in visit_types}
    booked = next((each for each in visit_types if _is_booked_by_citizens(each)), None)
    by_doctor = sorted(doctors, key=lambda which: doctors[which])
    return Used(
        first=of.first,
        last=of.last,
        all=found.get(("all", "", None), Line()),
        weeks=[(day, found.get(("week", "", day), Line())) for day in of.mondays],
        kinds=[(name, found["kind", which, None]) for which, name in kinds.items() if ("kind", which, None) in found],
        doctors=[(doctors[which], found["doctor", which, None]) for which in by_doctor],
        doctor_weeks=[
            (doctors[which], day, found["doctor-week", which, day])
            for which in by_doctor
            for day in of.mondays
            if ("doctor-week", which, day) in found
        ],
        refill=refills.get(("all", "", None), Refill()),
        refills=[(day, refills.get(("week", "", day), Refill())) for day in of.mondays],
        third_of=booked.label if booked else "",
        third_free=_third_free(actor, booked, now) if booked else [],
    )


def _refills(of: Period) -> dict[Key, Refill | None]:
    with connection.cursor() as cursor:
        cursor.execute(OFFERED, of.values)
        rows = [(week, Refill(offered, filled)) for week, offered, filled in cursor.fetchall()]
    counted: dict[Key, Refill] = {("week" if week else "all", "", week): each for week, each in rows}
    return numbers.without_few(counted, lambda each: each.offered)


def _is_booked_by_citizens(each: VisitType) -> bool:
    return each.is_active and each.is_bookable_by_citizens and Channel.ATTENDANCE in each.channels


def _third_free(actor: Actor, kind: VisitType, now: datetime) -> list[tuple[str, int | None]]:
    """By the calendars' order. Two queries."""
    today, calendars = local_day(now), office.calendars(actor)
    wanted = Wanted(kind.practice_id, [each.clinician_id for each in calendars], kind, Channel.ATTENDANCE, now)
    days: dict[UUID, list[int]] = {each.pk: [] for each in calendars}
    for day in free.days(wanted, today, today + timedelta(days=kind.horizon_days)):
        for each in day.times:
            days[each.calendar_id].append((day.day - today).days)
    return [
        (each.clinician.name, days[each.pk][THIRD - 1] if len(days[each.pk]) >= THIRD else None) for each in calendars
    ]
