"""When a time is free, how an appointment may change, and until when it is cancelled in time. No database, no clock."""

from bisect import bisect_left
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from uuid import UUID

from django.utils.translation import gettext_lazy as _

from legedialog.core.errors import Refusal, Refused
from legedialog.core.times import CLINIC, at_local, local_day
from legedialog.core.workdays import is_working_day, last_working_day_before

HOLD = timedelta(minutes=10)
REMIND = timedelta(hours=48)  # before the start. Source: domain.md 3.1
JOIN_BEFORE = timedelta(minutes=15)  # the waiting room on video opens so long before the start. Source: domain.md 3.6
JOIN_AFTER = timedelta(hours=1)  # and stays open so long after the planned end: a doctor may be late
REASON_LENGTH = 1000  # characters. Source: domain.md 6.6, description in the appointment profile
WINDOW_DAYS = 62  # the longest window of days asked for at once

HALF_DAYS = ("am", "pm")
WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday")
COARSE_TIMES = tuple(f"{day}-{half}" for day in WEEKDAYS for half in HALF_DAYS)

MOVES: Mapping[str, frozenset[str]] = {
    "booked": frozenset({"arrived", "completed", "cancelled", "no-show"}),
    "arrived": frozenset({"completed", "booked"}),  # back again: reception pressed the wrong row
    "completed": frozenset({"arrived"}),
    "no-show": frozenset({"booked"}),
    "cancelled": frozenset(),  # its time may already be another's
}
REQUEST_MOVES: Mapping[str, frozenset[str]] = {
    "sent": frozenset({"assigned", "refused", "withdrawn", "ended"}),
    "assigned": frozenset({"declined"}),
    "refused": frozenset(),
    "declined": frozenset(),
    "withdrawn": frozenset(),
    "ended": frozenset({"sent"}),  # her death was a mistake
}

TAKEN = Refusal(
    code="time-taken",
    to_patient=_("Noen andre rakk å ta denne timen. Velg en av de ledige timene under."),
    to_practice=_("Tiden er opptatt. Velg en annen tid, eller dobbeltbook med en grunn."),
)
HOLD_ENDED = Refusal(
    code="hold-ended",
    to_patient=_("Timen var holdt av til deg i ti minutter, og det er nå over. Velg en time på nytt."),
)
TOO_MANY_COMING = Refusal(
    code="too-many-coming",
    to_patient=_(
        "Du har allerede så mange timer som du kan bestille selv. Avbestill en av dem, eller ring legekontoret."
    ),
)
NOT_BOOKABLE = Refusal(
    code="not-bookable",
    to_patient=_("Denne timen kan ikke bestilles her. Velg en annen, eller ring legekontoret."),
    to_practice=_("Timetypen eller kontaktformen passer ikke for denne kalenderen."),
)
CANNOT_CHANGE = Refusal(
    code="cannot-change",
    to_patient=_("Denne timen kan ikke endres lenger. Ring legekontoret hvis du trenger hjelp."),
    to_practice=_("Timen kan ikke endres slik nå. Noen kan ha endret den før deg."),
)
TOO_EARLY = Refusal(
    code="too-early",
    to_patient=_("Dette kan ikke gjøres før timen."),
    to_practice=_("Dette kan ikke registreres før dagen timen er."),
)
REQUEST_OPEN = Refusal(
    code="request-open",
    to_patient=_("Du har allerede et timeønske som ikke er besvart. Trekk det tilbake før du sender et nytt."),
)


@dataclass(frozen=True, slots=True)
class Plan:
    """A block of the weekly plan, in local time."""

    calendar_id: UUID
    weekday: int
    starts: time
    ends: time
    step_minutes: int
    first_date: date
    last_date: date | None


@dataclass(frozen=True, slots=True)
class Period:
    """From and with, to and without; aware UTC."""

    starts_at: datetime
    ends_at: datetime


def planned_starts(plan: Plan, day: date, minutes: int) -> Iterator[datetime]:
    """Every start in the block that day from which `minutes` fit before the block ends. Aware UTC."""
    if plan.weekday != day.weekday() or day < plan.first_date or (plan.last_date and day > plan.last_date):
        return
    ends_at = at_local(day, plan.ends)
    clock = datetime.combine(day, plan.starts)
    last: datetime | None = None
    while clock.date() == day and clock.time() < plan.ends:
        starts_at = at_local(day, clock.time())
        if starts_at + timedelta(minutes=minutes) > ends_at:
            return
        if last is None or starts_at > last:  # clock times in the spring gap are one and the same moment
            yield starts_at
            last = starts_at
        clock += timedelta(minutes=plan.step_minutes)


def free_starts(
    *,
    plans: Iterable[Plan],
    taken: Mapping[UUID, list[Period]],
    absent: Mapping[UUID, list[tuple[date, date]]],
    days: Iterable[date],
    minutes: int,
    earliest: datetime,
    latest: datetime,
) -> dict[date, list[tuple[datetime, UUID]]]:
    """Free (start, calendar) for each day, in order. The one function that says a time is free.

    `taken` is sorted by start and may overlap (overbooked time); `absent` holds first and last dates, both included;
    starts lie from `earliest` to `latest`, both included.
    """
    plans = list(plans)
    reach = {calendar: _reach(periods) for calendar, periods in taken.items()}
    free: dict[date, list[tuple[datetime, UUID]]] = {}
    for day in days:
        starts: set[tuple[datetime, UUID]] = set()
        for plan in plans:
            if any(first <= day <= last for first, last in absent.get(plan.calendar_id, ())):
                continue
            busy = reach.get(plan.calendar_id, ([], []))
            for start in planned_starts(plan, day, minutes):
                if earliest <= start <= latest and not _overlaps(busy, start, start + timedelta(minutes=minutes)):
                    starts.add((start, plan.calendar_id))
        free[day] = sorted(starts)
    return free


def _reach(periods: list[Period]) -> tuple[list[datetime], list[datetime]]:
    """Starts in order, and for each the latest end so far: one look tells whether anything earlier reaches in."""
    starts: list[datetime] = []
    ends: list[datetime] = []
    for period in periods:
        starts.append(period.starts_at)
        ends.append(max(period.ends_at, ends[-1]) if ends else period.ends_at)
    return starts, ends


def _overlaps(busy: tuple[list[datetime], list[datetime]], start: datetime, end: datetime) -> bool:
    starts, ends = busy
    before = bisect_left(starts, end)
    return before > 0 and ends[before - 1] > start


def cancel_by(starts_at: datetime, cutoff_hours: int) -> datetime:
    """The last moment that is not late. Aware UTC.

    The cut-off counts back from the start by the wall clock; when it lands on a weekend or holiday, the deadline is the
    same clock time on the last working day before, as someone must be there to use the time. Source: domain.md 3.1.
    """
    local = starts_at.astimezone(CLINIC).replace(tzinfo=None) - timedelta(hours=cutoff_hours)
    day = local.date()
    if not is_working_day(day):
        day = last_working_day_before(day)
    return min(at_local(day, local.time()), starts_at)


def check_move(now_status: str, status: str, moves: Mapping[str, frozenset[str]] = MOVES) -> None:
    if status not in moves[now_status]:
        raise Refused(CANNOT_CHANGE)


def check_day_has_come(starts_at: datetime, now: datetime) -> None:
    """Arrival and what follows belong to the appointment's own day or later."""
    if local_day(now) < local_day(starts_at):
        raise Refused(TOO_EARLY)


def remind_at(starts_at: datetime, now: datetime) -> datetime | None:
    """When to remind, or None when the appointment is so near that the confirmation is reminder enough."""
    at = starts_at - REMIND
    return at.astimezone(UTC) if at > now else None


def joins_at(starts_at: datetime) -> datetime:
    return starts_at - JOIN_BEFORE


def can_join(*, channel: str, status: str, starts_at: datetime, ends_at: datetime, now: datetime) -> bool:
    """Whether the room of a video appointment is open to its patient: the server says so, never the browser's clock."""
    is_open = joins_at(starts_at) <= now < ends_at + JOIN_AFTER
    return channel == "video" and status in ("booked", "arrived") and is_open


def seen_of_visit_type(row: Any) -> tuple[object, ...]:
    """What a page of settings has shown of it (core/seen.py), here and below."""
    return (
        *(row.name, row.name_nn, row.name_en, row.kind, row.minutes, row.channels, row.is_bookable_by_citizens),
        *(row.horizon_days, row.lead_minutes, row.cutoff_hours, row.max_coming, row.preparation),
        *(row.is_active, row.position),
    )


def seen_of_block(row: Any, visit_type_ids: Iterable[UUID]) -> tuple[object, ...]:
    return (
        *(row.weekday, row.starts, row.ends, row.step_minutes, row.channels, row.is_online),
        *(row.first_date, row.last_date, sorted(str(each) for each in visit_type_ids)),
    )
