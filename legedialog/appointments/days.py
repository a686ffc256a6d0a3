"""What the office's calendar shows between two local days: whose calendars, what takes time, the plan, who is away."""

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import date, datetime, time
from typing import Any
from uuid import UUID

from legedialog.access.actor import Actor
from legedialog.access.queries import name_of
from legedialog.appointments.models import in_language
from legedialog.core.crypto import text_of
from legedialog.core.names import sort_key
from legedialog.core.sql import Asked, Statement
from legedialog.core.times import local_period
from legedialog.practices import queries as practices
from legedialog.practices.rules import Exceptions, Weekly


@dataclass(frozen=True, slots=True)
class CalendarRow:
    id: UUID
    clinician_id: UUID
    clinician_name: str


@dataclass(frozen=True, slots=True)
class ClaimRow:
    """Something that takes time in an office's calendar. `appointment` is None for holds, offers and blocks."""

    id: UUID
    calendar_id: UUID
    kind: str
    starts_at: datetime
    ends_at: datetime
    until: datetime  # the visit's own end; what is left is kept free after it
    note: str
    is_overbooked: bool
    appointment_id: UUID | None
    status: str
    patient_name: str
    visit_name: str
    channel: str
    arrived_at: datetime | None = None
    visit_kind: str = ""


@dataclass(frozen=True, slots=True)
class Planned:
    """A block of the weekly plan."""

    calendar_id: UUID
    weekday: int
    starts: time
    ends: time
    step_minutes: int
    first_date: date
    last_date: date | None


@dataclass(frozen=True, slots=True)
class OfficeDays:
    calendars: list[CalendarRow]  # by the doctor's name
    claims: list[ClaimRow]  # by start
    blocks: list[Planned]
    absent: dict[UUID, list[tuple[date, date]]]
    weekly: Weekly
    exceptions: Exceptions
    notes: dict[tuple[UUID, date], str] = field(default_factory=dict)  # of a calendar's day


@dataclass(frozen=True, slots=True)
class _Claim:
    id: UUID
    calendar_id: UUID
    kind: str
    starts_at: datetime
    ends_at: datetime
    note: bytes | None
    is_overbooked: bool
    channel: str
    appointment_id: UUID | None
    visit_ends_at: datetime | None
    status: str | None
    visit_channel: str | None
    arrived_at: datetime | None
    name: str | None
    name_nn: str | None
    name_en: str | None
    visit_kind: str | None
    patient_id: UUID | None
    given_name: bytes | None
    family_name: bytes | None


@dataclass(frozen=True, slots=True)
class _Away:
    calendar_id: UUID
    first_date: date
    last_date: date


@dataclass(frozen=True, slots=True)
class _Note:
    id: UUID
    calendar_id: UUID
    day: date
    text: bytes


ACTIVE = """
    SELECT k.id FROM appointments_calendar k
     WHERE k.practice_id = %(practice_id)s AND k.practice_id = ANY(%(practices)s) AND k.is_active"""
CALENDARS = Statement(
    "an office's calendars",
    f"""
    SELECT k.id, k.clinician_id, c.name AS clinician_name
      FROM appointments_calendar k JOIN practices_clinician c ON c.id = k.clinician_id
     WHERE k.id IN ({ACTIVE})
    """,  # noqa: S608  of constants
    CalendarRow,
)
# By the view, whose index on periods can be used, and then by the claims' own keys through the fence.
CLAIMS = Statement(
    "what takes time in an office's calendars",
    f"""
    SELECT t.id, t.calendar_id, t.kind, lower(t.period) AS starts_at, upper(t.period) AS ends_at, t.note,
           t.is_overbooked, t.channel, a.id AS appointment_id, a.ends_at AS visit_ends_at, a.status,
           a.channel AS visit_channel, a.arrived_at, v.name, v.name_nn, v.name_en, v.kind AS visit_kind, a.patient_id,
           p.given_name, p.family_name
      FROM appointments_claim t
      LEFT JOIN appointments_appointment a ON a.claim_id = t.id
      LEFT JOIN appointments_visittype v ON v.id = a.visit_type_id
      LEFT JOIN patients_person p ON p.id = a.patient_id
     WHERE t.id IN (SELECT there.id FROM appointments_taken there
                     WHERE there.calendar_id IN ({ACTIVE}) AND there.period && tstzrange(%(starts_at)s, %(ends_at)s))
       AND (t.expires_at IS NULL OR t.expires_at > %(now)s)
     ORDER BY t.period
    """,  # noqa: S608  of constants
    _Claim,
)
PLANS = Statement(
    "an office's weekly plans",
    f"""
    SELECT b.calendar_id, b.weekday, b.starts, b.ends, b.step_minutes, b.first_date, b.last_date
      FROM appointments_block b
     WHERE b.calendar_id IN ({ACTIVE}) AND b.first_date <= %(last_day)s
       AND (b.last_date IS NULL OR b.last_date >= %(first_day)s)
     ORDER BY b.calendar_id, b.weekday, b.starts
    """,  # noqa: S608  of constants
    Planned,
)
AWAY = Statement(
    "who is away",
    f"""
    SELECT k.id AS calendar_id, w.first_date, w.last_date
      FROM practices_absence w
      JOIN appointments_calendar k ON k.clinician_id = w.clinician_id AND k.practice_id = w.practice_id
     WHERE k.id IN ({ACTIVE}) AND w.first_date <= %(last_day)s AND w.last_date >= %(first_day)s
    """,  # noqa: S608  of constants
    _Away,
)


NOTES = Statement(
    "what is written of the days",
    f"""
    SELECT n.id, n.calendar_id, n.day, n.text
      FROM appointments_daynote n
     WHERE n.calendar_id IN ({ACTIVE}) AND n.day >= %(first_day)s AND n.day <= %(last_day)s
    """,  # noqa: S608  of constants
    _Note,
)


def asks(actor: Actor, practice_id: UUID, first_day: date, last_day: date, now: datetime) -> list[Asked[Any]]:
    """What `told` needs for the days, both included.

    Cancelled ones are left out, no-shows stay: their time is still theirs.
    """
    where = {"practice_id": practice_id, "practices": list(actor.practices)}
    days = where | {"first_day": first_day, "last_day": last_day}
    period = {"starts_at": local_period(first_day)[0], "ends_at": local_period(last_day)[1], "now": now}
    return [
        *(Asked(CALENDARS, where), Asked(CLAIMS, where | period), Asked(PLANS, days), Asked(AWAY, days)),
        Asked(NOTES, days),
        practices.hours_from(practice_id, first_day),
    ]


def told(
    calendars: list[CalendarRow],
    claims: list[_Claim],
    plans: list[Planned],
    away: list[_Away],
    notes: list[_Note],
    hours: list[Any],
) -> OfficeDays:
    absent: dict[UUID, list[tuple[date, date]]] = defaultdict(list)
    for each in away:
        absent[each.calendar_id].append((each.first_date, each.last_date))
    weekly, exceptions = practices.read_hours(hours[0].weekly, hours[0].exceptions)
    by_name = sorted(calendars, key=lambda each: (sort_key(each.clinician_name), each.id))
    sealed = text_of("appointments.DayNote", "text")
    written = {
        (each.calendar_id, each.day): sealed.read(each.text, id=each.id, calendar_id=each.calendar_id) for each in notes
    }
    return OfficeDays(by_name, [_claim_row(each) for each in claims], plans, absent, weekly, exceptions, written)


def _claim_row(claim: _Claim) -> ClaimRow:
    note = text_of("appointments.Claim", "note")
    return ClaimRow(
        id=claim.id,
        calendar_id=claim.calendar_id,
        kind=claim.kind,
        starts_at=claim.starts_at,
        ends_at=claim.ends_at,
        until=claim.visit_ends_at or claim.ends_at,
        note=note.read(claim.note, id=claim.id, calendar_id=claim.calendar_id),
        is_overbooked=claim.is_overbooked,
        appointment_id=claim.appointment_id,
        status=claim.status or "",
        patient_name=name_of(claim.patient_id, claim.given_name, claim.family_name),
        visit_name=in_language(claim.name or "", claim.name_nn or "", claim.name_en or ""),
        channel=claim.visit_channel or claim.channel,
        arrived_at=claim.arrived_at,
        visit_kind=claim.visit_kind or "",
    )
