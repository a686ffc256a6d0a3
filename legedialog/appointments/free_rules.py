"""Whether a time is free, and if it is not, why. No database, no clock.

One function says it for all who ask: the list, a hold, a booking, a move, an offer and the office. See
docs/adr/0074-one-function-says-free.md.
"""

from bisect import bisect_left
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from uuid import UUID

from django.utils.translation import gettext_lazy as _

from legedialog.core.errors import Refusal
from legedialog.core.times import at_local, local_day, local_period
from legedialog.core.workdays import holiday_name
from legedialog.practices.rules import Exceptions, Weekly, hours_on

OFFICE_DAYS = 730  # how far ahead the office books
MOST_COMING = 8  # times of all kinds that one may have booked herself and not been to, where no kind allows more

PASSED = Refusal(
    code="time-passed",
    to_patient=_("Denne tiden har vært. Velg en senere time."),
    to_practice=_("Denne tiden har vært. Velg en senere tid."),
)
TOO_FAR = Refusal(
    code="too-far-ahead",
    to_patient=_("Så langt fram kan ingen bestille. Velg en tidligere time."),
    to_practice=_("Det er mer enn to år til. Velg en tidligere tid."),
)
HOLIDAY = Refusal(
    code="public-holiday",
    to_patient=_("Denne dagen er en helligdag, og legekontoret er stengt. Velg en annen dag."),
    to_practice=_("Denne dagen er en helligdag, og kontoret er stengt."),
)
CLOSED = Refusal(
    code="office-closed",
    to_patient=_("Legekontoret er stengt da. Velg en annen time."),
    to_practice=_("Kontoret er stengt da, etter åpningstidene."),
)
AWAY = Refusal(
    code="doctor-away",
    to_patient=_("Den du skal til, er borte da. Velg en annen time."),
    to_practice=_("Fravær er registrert da."),
)
NOT_PLANNED = Refusal(
    code="not-planned",
    to_patient=_("Slike timer er det ikke da. Velg en av de ledige timene under."),
    to_practice=_("Ukeplanen har ingen slik time som starter da."),
)
TOO_SOON = Refusal(
    code="too-soon",
    to_patient=_("Det er for kort tid igjen til å bestille denne timen her. Ring legekontoret, eller velg en senere."),
)
NOT_RELEASED = Refusal(
    code="not-released",
    to_patient=_("Timer så langt fram er ikke lagt ut ennå. Velg en tidligere time."),
)
CLASHES = Refusal(
    code="clashes",
    to_patient=_("Du har allerede en annen time da. Velg en annen tid, eller avbestill den andre."),
    to_practice=_("Pasienten har allerede en annen time da."),
)
TAKEN = Refusal(
    code="time-taken",
    to_patient=_("Noen andre rakk å ta denne timen. Velg en av de ledige timene under."),
    to_practice=_("Tiden er opptatt."),
)
TOO_MANY_COMING = Refusal(
    code="too-many-coming",
    to_patient=_(
        "Du har allerede så mange timer som du kan bestille selv. Avbestill en av dem, eller ring legekontoret."
    ),
)
NEEDS_ORDER = Refusal(
    code="needs-order",
    to_patient=_("Slike timer kan du bestille når legen har bedt deg om det. Kontakt legekontoret hvis du trenger en."),
)
NOT_THEN_ORDERED = Refusal(
    code="not-then-ordered",
    to_patient=_("Legen har bedt deg bestille denne timen på andre dager. Velg en av dem."),
)
REASONS = (
    *(PASSED, TOO_FAR, HOLIDAY, CLOSED, AWAY, NOT_PLANNED, NEEDS_ORDER, NOT_THEN_ORDERED, TOO_SOON, NOT_RELEASED),
    *(CLASHES, TAKEN),
)


@dataclass(frozen=True, slots=True)
class Plan:
    """A block of the weekly plan, in local time."""

    weekday: int
    starts: time
    ends: time
    step_minutes: int
    first_date: date
    last_date: date | None

    def is_on(self, day: date) -> bool:
        return (
            self.weekday == day.weekday()
            and self.first_date <= day
            and (self.last_date is None or day <= self.last_date)
        )


@dataclass(frozen=True, slots=True)
class Period:
    """From and with, to and without; aware UTC."""

    starts_at: datetime
    ends_at: datetime


class Busy:
    """Periods by start, which may overlap: one look tells whether any of them reaches into another."""

    def __init__(self, periods: Iterable[Period] = ()) -> None:
        self._starts: list[datetime] = []
        self._ends: list[datetime] = []  # the latest so far
        for period in periods:
            self._starts.append(period.starts_at)
            self._ends.append(max(period.ends_at, self._ends[-1]) if self._ends else period.ends_at)

    def overlaps(self, start: datetime, end: datetime) -> bool:
        before = bisect_left(self._starts, end)
        return before > 0 and self._ends[before - 1] > start


@dataclass(frozen=True, slots=True)
class Diary:
    """One calendar as far as it matters: its plan for what is looked for, and everything that may stand in the way.

    `away` holds first and last dates, both included. An office that has written no opening hours is bound by public
    holidays and by the days it has closed itself, no more.
    """

    calendar_id: UUID
    plans: Sequence[Plan] = ()
    taken: Busy = field(default_factory=Busy)
    away: Sequence[tuple[date, date]] = ()
    weekly: Weekly = field(default_factory=dict)
    exceptions: Exceptions = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Search:
    """What is looked for. `earliest` and `latest` are what citizens are bound by, both included; None binds nobody.

    `buffer_minutes` after the visit are kept free with it. `hers` is when the patient has other times. `ordered` are
    the first and last days between which a doctor has asked her to come; None where she needs no order.
    """

    minutes: int
    now: datetime
    buffer_minutes: int = 0
    earliest: datetime | None = None
    latest: datetime | None = None
    hers: Busy = field(default_factory=Busy)
    ordered: Sequence[tuple[date, date]] | None = None


def last_day(now: datetime, horizon_days: int, release: time | None) -> date:
    """The last day that citizens may book today; with a release time the day before until the clock shows it."""
    today = local_day(now)
    is_out = release is None or at_local(today, release) <= now
    return today + timedelta(days=horizon_days if is_out else horizon_days - 1)


def bounds(now: datetime, *, lead_minutes: int, horizon_days: int, release: time | None) -> tuple[datetime, datetime]:
    """`earliest` and `latest` of a Search for citizens."""
    end = local_period(last_day(now, horizon_days, release))[1]
    return now + timedelta(minutes=lead_minutes), end - timedelta(seconds=1)


def planned_starts(plan: Plan, day: date, minutes: int) -> Iterator[datetime]:
    """Every start in the block that day from which `minutes` fit before the block ends. Aware UTC."""
    if not plan.is_on(day):
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


def open_periods(day: date, weekly: Weekly, exceptions: Exceptions) -> list[Period]:
    """When the office is open that day, in order."""
    if not weekly and day not in exceptions:
        return [] if holiday_name(day, "nb") else [Period(*local_period(day))]
    return [
        Period(at_local(day, hours.opens), at_local(day, hours.closes)) for hours in hours_on(day, weekly, exceptions)
    ]


def is_away(away: Sequence[tuple[date, date]], day: date) -> bool:
    return any(first <= day <= last for first, last in away)


def free_starts(
    diaries: Iterable[Diary], days: Iterable[date], search: Search
) -> dict[date, list[tuple[datetime, UUID]]]:
    """Free (start, calendar) for each day, in order: the planned starts that nothing speaks against."""
    diaries = list(diaries)
    free: dict[date, list[tuple[datetime, UUID]]] = {}
    for day in days:
        starts = set()
        for diary in diaries:
            is_open = open_periods(day, diary.weekly, diary.exceptions)
            for plan in diary.plans:
                for start in planned_starts(plan, day, search.minutes):
                    if _refusal(diary, is_open, day, start, search) is None:
                        starts.add((start, diary.calendar_id))
        free[day] = sorted(starts)
    return free


def refusal(diary: Diary, start: datetime, search: Search) -> Refusal | None:
    """Why the visit may not start then, or None when it is free. First match wins."""
    day = local_day(start)
    is_planned = any(start in planned_starts(plan, day, search.minutes) for plan in diary.plans)
    return _refusal(diary, open_periods(day, diary.weekly, diary.exceptions), day, start, search, is_planned=is_planned)


def refusal_to_overbook(start: datetime, now: datetime) -> Refusal | None:
    """The office may go beyond the plan and the clock of today, not back to another day."""
    if local_day(start) < local_day(now):
        return PASSED
    return TOO_FAR if local_day(start) > local_day(now) + timedelta(days=OFFICE_DAYS) else None


def _refusal(
    diary: Diary, is_open: Sequence[Period], day: date, start: datetime, search: Search, *, is_planned: bool = True
) -> Refusal | None:
    end = start + timedelta(minutes=search.minutes)
    if start < search.now:
        return PASSED
    if day > local_day(search.now) + timedelta(days=OFFICE_DAYS):
        return TOO_FAR
    if not any(each.starts_at <= start and end <= each.ends_at for each in is_open):
        return HOLIDAY if holiday_name(day, "nb") and day not in diary.exceptions else CLOSED
    if is_away(diary.away, day):
        return AWAY
    if not is_planned:
        return NOT_PLANNED
    if search.ordered is not None and not any(first <= day <= last for first, last in search.ordered):
        return NOT_THEN_ORDERED if search.ordered else NEEDS_ORDER
    if search.earliest and start < search.earliest:
        return TOO_SOON
    if search.latest and start > search.latest:
        return NOT_RELEASED
    if search.hers.overlaps(start, end):
        return CLASHES
    if diary.taken.overlaps(start, end + timedelta(minutes=search.buffer_minutes)):
        return TAKEN
    return None


def limit(*, coming: int, coming_of_kind: int, max_coming: int) -> Refusal | None:
    """Whether she may book one more herself, of this kind and at all."""
    return TOO_MANY_COMING if coming_of_kind >= max_coming or coming >= max(MOST_COMING, max_coming) else None
