"""How a day's calendar is drawn: one column for each doctor and day, cut into cells from the top down.

No database and no clock: rows come from `appointments.days`. Heights are in tracks, which all columns share: one for
five minutes on the clinic's wall, and FOLDED for hours in which nobody has anything. Everything in a column fills it
without holes, so that columns stand in line without positions. A track is as tall as what stands in it needs.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from uuid import UUID

from legedialog.appointments.days import ClaimRow, OfficeDays, Planned
from legedialog.appointments.free_rules import Period, is_away, open_periods
from legedialog.core.times import CLINIC, at_local, local_day

STEP = 5  # minutes
DAY = 24 * 60
HOUR = 60
USUAL = (8 * 60, 16 * 60)  # shown even when nothing is planned
FOLDED = 4  # tracks


@dataclass(frozen=True, slots=True)
class Cell:
    """From `starts_at` to `ends_at`. `kind`: free, past, held, booked, blocked, absent, closed (the office) or
    outside (the plan).

    `items` are the claims in it, several where staff overbooked. `tracks`: how tall it is.
    """

    kind: str
    starts_at: datetime
    ends_at: datetime
    items: tuple[ClaimRow, ...] = ()
    tracks: int = 0

    @property
    def minutes(self) -> int:
        return int((self.ends_at - self.starts_at).total_seconds()) // 60


@dataclass(frozen=True, slots=True)
class Column:
    calendar_id: UUID
    clinician_id: UUID
    clinician_name: str
    day: date
    is_absent: bool
    cells: list[Cell]

    @property
    def free(self) -> int:
        return sum(cell.kind == "free" for cell in self.cells)

    @property
    def booked(self) -> int:
        return sum(cell.kind == "booked" for cell in self.cells for _ in cell.items)

    @property
    def planned(self) -> bool:
        """Whether the doctor is there at all."""
        return any(cell.kind != "outside" for cell in self.cells)


@dataclass(frozen=True, slots=True)
class Stretch:
    """An hour, or hours of which nothing is shown."""

    starts: time
    ends: time
    tracks: int

    @property
    def is_folded(self) -> bool:
        return self.tracks == FOLDED


@dataclass(frozen=True, slots=True)
class Grid:
    """`now` is how far down its line stands, or None when it is not in sight."""

    columns: list[Column]
    hours: list[Stretch]
    now: int | None = None

    @property
    def tracks(self) -> int:
        return sum(each.tracks for each in self.hours)


class _Tracks:
    """Where each minute of the wall stands, from `first` to `last`, whole hours, without those that are `empty`."""

    def __init__(self, first: int, last: int, empty: set[int]) -> None:
        self.first = first
        self.at = {first: 0}
        self.hours: list[Stretch] = []
        is_folded = False
        for hour in range(first, last, HOUR):
            if hour in empty and is_folded:
                before = self.hours.pop()
                self.hours.append(Stretch(before.starts, _clock(hour + HOUR), FOLDED))
                self.at[hour + HOUR] = self.at[hour]
                continue
            is_folded = hour in empty
            tracks = FOLDED if is_folded else HOUR // STEP
            self.hours.append(Stretch(_clock(hour), _clock(hour + HOUR), tracks))
            self.at[hour + HOUR] = self.at[hour] + tracks
        self._empty = empty

    def of(self, minute: int) -> int:
        hour = minute // HOUR * HOUR
        inside = 0 if hour in self._empty else minute % HOUR // STEP
        return self.at[hour] + inside if hour in self.at else max(self.at.values())


def build(office: OfficeDays, *, clinician_ids: Sequence[UUID], days: Sequence[date], now: datetime) -> Grid:
    """Columns day by day, and in each day doctor by doctor, in the order of `office.calendars`."""
    calendars = [each for each in office.calendars if each.clinician_id in clinician_ids]
    claims: dict[tuple[UUID, date], list[ClaimRow]] = {}
    for claim in office.claims:
        claims.setdefault((claim.calendar_id, local_day(claim.starts_at)), []).append(claim)
    planned = {
        (calendar.id, day): [block for block in office.blocks if _is_on(block, calendar.id, day)]
        for calendar in calendars
        for day in days
    }
    shown = [claim for (calendar, _), rows in claims.items() for claim in rows if (calendar, _) in planned]
    used = _used(shown, [block for blocks in planned.values() for block in blocks])
    first, last = _reach(used)
    tracks = _Tracks(first, last, _empty(used, first, last))
    columns = []
    for day in days:
        for calendar in calendars:
            away = is_away(office.absent.get(calendar.id, ()), day)
            cells = _cells(
                planned[calendar.id, day],
                claims.get((calendar.id, day), []),
                opens=at_local(day, _clock(first)),
                closes=_at(day, last),
                is_open=open_periods(day, office.weekly, office.exceptions),
                is_absent=away,
                now=now,
            )
            cells = [replace(cell, tracks=_tall(cell, tracks)) for cell in cells]
            columns.append(
                Column(calendar.id, calendar.clinician_id, calendar.clinician_name, day, is_absent=away, cells=cells)
            )
    today = local_day(now)
    minute = _minute(now, now)
    return Grid(columns, tracks.hours, now=tracks.of(minute) if today in days and first <= minute < last else None)


def _cells(
    blocks: Sequence[Planned],
    claims: list[ClaimRow],
    *,
    opens: datetime,
    closes: datetime,
    is_open: Sequence[Period],
    is_absent: bool,
    now: datetime,
) -> list[Cell]:
    cells: list[Cell] = []
    at = opens
    for starts_at, ends_at, rows in _clusters(claims, closes):
        cells += _between(blocks, at, starts_at, is_open=is_open, is_absent=is_absent, now=now)
        cells.append(Cell(_kind(rows), max(starts_at, at), ends_at, tuple(rows)))
        at = ends_at
    return cells + _between(blocks, at, closes, is_open=is_open, is_absent=is_absent, now=now)


def _clusters(claims: list[ClaimRow], closes: datetime) -> Iterable[tuple[datetime, datetime, list[ClaimRow]]]:
    """Claims that overlap stand in one cell. `claims` is by start."""
    cluster: list[ClaimRow] = []
    for claim in claims:
        if cluster and claim.starts_at >= max(row.ends_at for row in cluster):
            yield cluster[0].starts_at, max(row.ends_at for row in cluster), cluster
            cluster = []
        cluster.append(claim)
    if cluster:
        yield cluster[0].starts_at, min(max(row.ends_at for row in cluster), closes), cluster


def _kind(rows: list[ClaimRow]) -> str:
    kinds = {row.kind for row in rows}
    if "booking" in kinds:
        return "booked"
    return "held" if kinds & {"hold", "offer"} else "blocked"


def _between(
    blocks: Sequence[Planned],
    starts_at: datetime,
    ends_at: datetime,
    *,
    is_open: Sequence[Period],
    is_absent: bool,
    now: datetime,
) -> list[Cell]:
    """What is planned, and not, in a stretch where nothing is taken; planned time is cut at each step of its block."""
    cells: list[Cell] = []
    at = starts_at
    day = local_day(starts_at)
    for block in blocks:
        begins, ends = max(at_local(day, block.starts), at), min(at_local(day, block.ends), ends_at)
        if begins >= ends:
            continue
        if at < begins:
            cells.append(Cell("outside", at, begins))
        if is_absent:
            cells.append(Cell("absent", begins, ends))
        else:
            cells += _while_open(block, begins, ends, is_open, now)
        at = ends
    if at < ends_at:
        cells.append(Cell("outside", at, ends_at))
    return cells


def _while_open(
    block: Planned, begins: datetime, ends: datetime, is_open: Sequence[Period], now: datetime
) -> list[Cell]:
    """Planned time while the office is open, and what is planned while it is not, which nobody can book."""
    cells: list[Cell] = []
    at = begins
    for each in is_open:
        opens, closes = max(each.starts_at, at), min(each.ends_at, ends)
        if opens >= closes:
            continue
        if at < opens:
            cells.append(Cell("closed", at, opens))
        cells += _steps(block, opens, closes, now)
        at = closes
    return [*cells, Cell("closed", at, ends)] if at < ends else cells


def _steps(block: Planned, begins: datetime, ends: datetime, now: datetime) -> list[Cell]:
    """Cut at each step of the block. What has begun is one stretch, as nobody books it any more."""
    step = timedelta(minutes=block.step_minutes)
    cut = at_local(local_day(begins), block.starts)
    starts = [begins]
    while cut < ends:
        if cut > begins:
            starts.append(cut)
        cut += step
    begun = sum(start < now for start in starts)
    pieces = list(zip(starts, [*starts[1:], ends], strict=True))
    past = [Cell("past", begins, pieces[begun - 1][1])] if begun else []
    return past + [Cell("free", start, end) for start, end in pieces[begun:]]


def _is_on(block: Planned, calendar_id: UUID, day: date) -> bool:
    return (
        block.calendar_id == calendar_id
        and block.weekday == day.weekday()
        and block.first_date <= day
        and (block.last_date is None or day <= block.last_date)
    )


def _used(claims: list[ClaimRow], blocks: Sequence[Planned]) -> list[tuple[int, int]]:
    """From which minute to which somebody has something."""
    taken = [(_minute(row.starts_at, row.starts_at), _minute(row.ends_at, row.starts_at)) for row in claims]
    wall = [(block.starts, block.ends) for block in blocks]
    return taken + [(each.hour * HOUR + each.minute, to.hour * HOUR + to.minute) for each, to in wall]


def _reach(used: list[tuple[int, int]]) -> tuple[int, int]:
    """First and last minute shown, whole hours."""
    first, last = (min(start for start, _ in used), max(end for _, end in used)) if used else USUAL
    return first // HOUR * HOUR, min(-(-last // HOUR) * HOUR, DAY)


def _empty(used: list[tuple[int, int]], first: int, last: int) -> set[int]:
    """The hours in which nobody has anything, by their first minute. A day with nothing at all is shown as it is."""
    hours = range(first, last, HOUR)
    return {hour for hour in hours if used and not any(start < hour + HOUR and hour < end for start, end in used)}


def _tall(cell: Cell, tracks: _Tracks) -> int:
    starts, ends = _minute(cell.starts_at, cell.starts_at), _minute(cell.ends_at, cell.starts_at)
    return max(1, tracks.of(ends) - tracks.of(starts))


def _minute(at: datetime, of: datetime) -> int:
    """Minutes on the wall since midnight of the local day of `of`; more than 1440 after the next midnight."""
    local = at.astimezone(CLINIC)
    return (local.date() - local_day(of)).days * DAY + local.hour * 60 + local.minute


def _clock(minute: int) -> time:
    return time(minute // 60 % 24, minute % 60)


def _at(day: date, minute: int) -> datetime:
    return at_local(day + timedelta(days=minute // DAY), _clock(minute))
