"""Free times, as everybody asks for them: the facts by one statement, and `free_rules` on top."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any
from uuid import UUID

from legedialog.appointments import free_rules, rules
from legedialog.appointments.free_rules import Busy, Diary, Period, Plan, Search
from legedialog.appointments.models import VisitType
from legedialog.core import sql
from legedialog.core.errors import Refusal, Refused
from legedialog.core.sql import Statement, ask
from legedialog.core.times import CLINIC, local_day, local_period
from legedialog.practices.queries import read_hours

NOON = 12


@dataclass(frozen=True, slots=True)
class FreeTime:
    calendar_id: UUID
    clinician_id: UUID
    clinician_name: str
    starts_at: datetime
    ends_at: datetime


@dataclass(frozen=True, slots=True)
class FreeDay:
    day: date
    times: list[FreeTime]


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is looked for, with whom and for whom.

    A citizen is bound by what she may book herself, and her own hold does not stand in her way; the office sees every
    block. `patient_id` is whose other times must not clash.
    """

    practice_id: UUID
    clinician_ids: Sequence[UUID]
    visit_type: VisitType
    channel: str
    now: datetime
    patient_id: UUID | None = None
    for_citizen: bool = True
    moving_id: UUID | None = None  # the appointment that is moved: its own time is free for it
    minutes: int | None = None  # another length than the kind's
    offer_id: UUID | None = None  # the claim of a time that is offered to her, which she takes
    half: str = ""  # only the times before ("am") or from ("pm") noon are listed

    @property
    def length(self) -> timedelta:
        return timedelta(minutes=self.minutes or self.visit_type.minutes)


@dataclass(frozen=True, slots=True)
class _Facts:
    calendar_id: UUID
    clinician_id: UUID
    clinician_name: str
    plans: str | None  # JSON, here and below
    taken_from: list[datetime] | None
    taken_to: list[datetime] | None
    away: str | None
    weekly: str | None
    exceptions: str | None
    hers_from: list[datetime] | None
    hers_to: list[datetime] | None
    coming: int
    coming_of_kind: int
    ordered: str | None


FACTS = Statement(
    "free",
    """
    WITH hers AS (
        SELECT array_agg(a.starts_at ORDER BY a.starts_at) FILTER (WHERE a.is_within) AS hers_from,
            array_agg(a.ends_at ORDER BY a.starts_at) FILTER (WHERE a.is_within) AS hers_to,
            count(*) FILTER (WHERE a.is_coming) AS coming,
            count(*) FILTER (WHERE a.is_coming AND a.visit_type_id = %(visit_type)s) AS coming_of_kind
        FROM (SELECT starts_at, ends_at, visit_type_id,
                     starts_at < %(ends_at)s AND ends_at > %(starts_at)s AS is_within,
                     booked_by_person_id IS NOT NULL AND starts_at > %(now)s AS is_coming
                FROM appointments_appointment
               WHERE patient_id = %(patient)s AND status IN ('booked', 'arrived') AND ends_at > %(now)s
                 AND id IS DISTINCT FROM %(moving)s) a
    )
    SELECT k.id AS calendar_id, k.clinician_id, c.name AS clinician_name,
        (SELECT jsonb_agg(jsonb_build_array(b.weekday, b.starts, b.ends, b.step_minutes, b.first_date, b.last_date))
            FROM appointments_block b JOIN appointments_block_visit_types v ON v.block_id = b.id
            WHERE b.calendar_id = k.id AND v.visittype_id = %(visit_type)s AND %(channel)s = ANY (b.channels)
            AND (b.is_online OR NOT %(for_citizen)s)
            AND b.first_date <= %(last_day)s AND (b.last_date IS NULL OR b.last_date >= %(first_day)s)) AS plans,
        t.taken_from, t.taken_to,
        (SELECT jsonb_agg(jsonb_build_array(w.first_date, w.last_date)) FROM practices_absence w
            WHERE w.practice_id = k.practice_id AND w.clinician_id = k.clinician_id
            AND w.first_date <= %(last_day)s AND w.last_date >= %(first_day)s) AS away,
        (SELECT jsonb_agg(jsonb_build_array(o.weekday, o.opens, o.closes)) FROM practices_openinghours o
            WHERE o.practice_id = k.practice_id) AS weekly,
        (SELECT jsonb_agg(jsonb_build_array(e.date, e.opens, e.closes)) FROM practices_openingexception e
            WHERE e.practice_id = k.practice_id AND e.date BETWEEN %(first_day)s AND %(last_day)s) AS exceptions,
        hers.*,
        (SELECT jsonb_agg(jsonb_build_array(r.first_date, r.last_date)) FROM appointments_recall r
            JOIN practices_employee e ON e.id = r.asked_by_id
            WHERE r.patient_id = %(patient)s AND r.practice_id = k.practice_id AND r.visit_type_id = %(visit_type)s
            AND %(needs_order)s AND e.role IN ('doctor', 'substitute')
            AND (r.status IN ('asked', 'declined') OR r.appointment_id = %(moving)s)) AS ordered
    FROM appointments_calendar k
    JOIN practices_clinician c ON c.id = k.clinician_id
    CROSS JOIN hers
    CROSS JOIN LATERAL (
        SELECT array_agg(lower(t.period) ORDER BY t.period) AS taken_from,
            array_agg(upper(t.period) ORDER BY t.period) AS taken_to
        FROM appointments_taken t
        WHERE t.calendar_id = k.id AND t.period && tstzrange(%(starts_at)s, %(ends_at)s)
        AND (t.expires_at IS NULL OR t.expires_at > %(now)s)
        AND t.id IS DISTINCT FROM %(offer)s::uuid
        AND t.id IS DISTINCT FROM (SELECT m.claim_id FROM appointments_appointment m WHERE m.id = %(moving)s)
        AND NOT (%(for_citizen)s AND t.expires_at IS NOT NULL AND EXISTS (
            SELECT FROM appointments_claim h WHERE h.id = t.id AND h.kind = 'hold' AND h.holder_id = %(patient)s))
    ) t
    WHERE k.practice_id = %(practice)s AND k.clinician_id = ANY (%(clinicians)s::uuid[]) AND k.is_active
    ORDER BY k.id
    """,
    _Facts,
)


class Free:
    """What was found between two days: free times, why another is not free, and whether she may book at all."""

    def __init__(self, wanted: Wanted, first_day: date, last_day: date, facts: Sequence[_Facts]) -> None:
        self._wanted, self._first_day, self._last_day = wanted, first_day, last_day
        self._facts = {row.calendar_id: row for row in facts}
        self._diaries = {row.calendar_id: _diary(row) for row in facts}
        self._search = _search(wanted, facts[0] if facts else None)

    def days(self) -> list[FreeDay]:
        """Each local day of the window, also those with none."""
        number = (self._last_day - self._first_day).days + 1
        days = [self._first_day + timedelta(days=each) for each in range(number)]
        free = free_rules.free_starts(self._diaries.values(), days, self._search)
        length = self._wanted.length
        return [
            FreeDay(day, [self._time(calendar, at, length) for at, calendar in free[day] if self._is_listed(at)])
            for day in days
        ]

    def _is_listed(self, at: datetime) -> bool:
        return not self._wanted.half or (at.astimezone(CLINIC).hour < NOON) == (self._wanted.half == "am")

    def refusal(self, calendar_id: UUID, starts_at: datetime) -> Refusal | None:
        """Why the time is not free. A calendar that is not looked in is NOT_BOOKABLE."""
        diary = self._diaries.get(calendar_id)
        return free_rules.refusal(diary, starts_at, self._search) if diary else rules.NOT_BOOKABLE

    def whoever(self, starts_at: datetime) -> list[UUID]:
        """The calendars in which that time is free, the one with the least in it first."""
        free = [each for each in self._diaries if self.refusal(each, starts_at) is None]
        return sorted(free, key=lambda each: (len(self._facts[each].taken_from or ()), each))

    def why_nobody(self, starts_at: datetime) -> Refusal:
        """Of all reasons the one that was nearest to a yes."""
        reasons = [self.refusal(each, starts_at) or free_rules.TAKEN for each in self._diaries]
        return max(reasons, key=free_rules.REASONS.index, default=rules.NOT_BOOKABLE)

    @property
    def limit(self) -> Refusal | None:
        """Why she may book none at all of this kind now. Never for the office."""
        row = next(iter(self._facts.values()), None)
        if row is None or not self._wanted.for_citizen:
            return None
        if self._search.ordered is not None and not self._search.ordered:
            return free_rules.NEEDS_ORDER
        return free_rules.limit(
            coming=row.coming, coming_of_kind=row.coming_of_kind, max_coming=self._wanted.visit_type.max_coming
        )

    def _time(self, calendar_id: UUID, at: datetime, length: timedelta) -> FreeTime:
        row = self._facts[calendar_id]
        return FreeTime(calendar_id, row.clinician_id, row.clinician_name, at, at + length)


def find(wanted: Wanted, first_day: date, last_day: date) -> Free:
    """Between two local days, both included, WINDOW_DAYS at most. One statement."""
    last_day = max(first_day, min(last_day, first_day + timedelta(days=rules.WINDOW_DAYS - 1)))
    facts = ask(
        FACTS,
        patient=wanted.patient_id,
        moving=wanted.moving_id,
        offer=wanted.offer_id,
        practice=wanted.practice_id,
        clinicians=list(wanted.clinician_ids),
        visit_type=wanted.visit_type.pk,
        channel=wanted.channel,
        for_citizen=wanted.for_citizen,
        needs_order=wanted.for_citizen and wanted.visit_type.needs_order,
        first_day=first_day,
        last_day=last_day,
        starts_at=local_period(first_day)[0],
        ends_at=local_period(last_day)[1],
        now=wanted.now,
    )
    return Free(wanted, first_day, last_day, facts)


def days(wanted: Wanted, first_day: date, last_day: date) -> list[FreeDay]:
    return find(wanted, first_day, last_day).days()


def check(wanted: Wanted, calendar_id: UUID, starts_at: datetime) -> None:
    """Raises Refused with the reason unless the time is free, and she may book one more."""
    day = local_day(starts_at)
    found = find(wanted, day, day)
    if refusal := found.limit or found.refusal(calendar_id, starts_at):
        raise Refused(refusal)


def next_week(wanted: Wanted, after: date) -> list[FreeDay]:
    """Monday to Sunday of the first week after `after`, a Sunday, in which a citizen finds a time; empty when none is.

    Most often it is the next one, so that is asked for alone before the rest of the horizon.
    """
    end = local_day(wanted.now) + timedelta(days=wanted.visit_type.horizon_days)
    first, weeks = after + timedelta(days=1), 1
    while first <= end:
        window = days(wanted, first, first + timedelta(days=7 * weeks - 1))
        for at in range(0, len(window), 7):
            if any(free.times for free in window[at : at + 7]):
                return window[at : at + 7]
        first += timedelta(days=7 * weeks)
        weeks = rules.WINDOW_DAYS // 7
    return []


def next_times(wanted: Wanted, after: datetime, count: int = 6) -> list[FreeTime]:
    """The first free ones from `after` on, four weeks ahead; when there are none then, the first ones from now."""
    for start in dict.fromkeys((max(after, wanted.now), wanted.now)):
        first = local_day(start)
        window = days(wanted, first, first + timedelta(days=27))
        times = [each for day in window for each in day.times if each.starts_at >= start]
        if times:
            return times[:count]
    return []


def _search(wanted: Wanted, row: _Facts | None) -> Search:
    kind = wanted.visit_type
    earliest = latest = None
    if wanted.for_citizen:
        earliest, latest = free_rules.bounds(
            wanted.now, lead_minutes=kind.lead_minutes, horizon_days=kind.horizon_days, release=kind.release_clock
        )
    return Search(
        minutes=wanted.minutes or kind.minutes,
        buffer_minutes=kind.buffer_minutes,
        now=wanted.now,
        earliest=earliest,
        latest=latest,
        hers=_busy(row.hers_from, row.hers_to) if row else Busy(),
        ordered=_ordered(wanted, row),
    )


def _ordered(wanted: Wanted, row: _Facts | None) -> list[tuple[date, date]] | None:
    if not wanted.for_citizen or not wanted.visit_type.needs_order or wanted.patient_id is None:
        return None
    return [(sql.day(first), sql.day(last)) for first, last in _rows(row.ordered if row else None)]


def _diary(row: _Facts) -> Diary:
    weekly, exceptions = read_hours(row.weekly, row.exceptions)
    return Diary(
        calendar_id=row.calendar_id,
        plans=[_plan(*each) for each in _rows(row.plans)],
        taken=_busy(row.taken_from, row.taken_to),
        away=[(sql.day(first), sql.day(last)) for first, last in _rows(row.away)],
        weekly=weekly,
        exceptions=exceptions,
    )


def _rows(found: str | None) -> list[Any]:
    return json.loads(found) if found else []


def _plan(weekday: int, starts: str, ends: str, step: int, first: str, last: str | None) -> Plan:
    until = sql.day(last) if last else None
    return Plan(weekday, time.fromisoformat(starts), time.fromisoformat(ends), step, sql.day(first), until)


def _busy(starts: list[datetime] | None, ends: list[datetime] | None) -> Busy:
    return Busy(Period(start, end) for start, end in zip(starts or (), ends or (), strict=True))
