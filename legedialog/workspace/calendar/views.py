"""The office's calendar, on screen and on paper."""

from dataclasses import dataclass
from datetime import date, timedelta
from itertools import groupby
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django.http import HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from legedialog.access.policy import allows
from legedialog.access.web.guards import staff_required
from legedialog.appointments import days as calendars
from legedialog.appointments import office, requested
from legedialog.core import reading
from legedialog.core.sql import ask_as_one
from legedialog.core.times import CLINIC, local_day
from legedialog.practices import policy as practices_policy
from legedialog.ui import dates, htmx
from legedialog.workspace import policy, texts
from legedialog.workspace.calendar import delays, grid
from legedialog.workspace.common import addresses, practice_of, read_day

WORKING_DAYS = 5
SHORT = 10  # minutes, of a cell with room for one line


@dataclass(frozen=True, slots=True)
class Item:
    """What stands in a cell, in words. Without `url` it cannot be pressed; `in_panel` opens beside the calendar."""

    id: str
    at: str  # seconds since 1970, for the arrow keys
    clock: str
    word: str = ""
    name: str = ""
    kind: str = ""
    more: str = ""  # read aloud after the rest
    status: str = ""
    url: str = ""
    in_panel: bool = False
    is_aside: bool = False  # outside the plan: for those who listen


@dataclass(frozen=True, slots=True)
class ColumnView:
    """`cells`: kind, height in tens and ones of steps, whether it is short, and what stands in it."""

    column: grid.Column
    cells: list[tuple[str, str, str, bool, list[Item]]]


@staff_required(*policy.PAGES["calendar"])
@require_GET
def index(request: htmx.Request) -> HttpResponse:
    now = timezone.now()
    today = local_day(now)
    day = read_day(request.GET.get("dag"), today)
    is_week = request.GET.get("visning") == "uke"
    days = _week(day) if is_week else [day]
    asked = calendars.asks(request.actor, practice_of(request.actor), days[0], days[-1], now)
    wishes = [requested.how_many(request.actor, now)] if policy.may(request.actor, "requests") else []
    *facts, waiting = ask_as_one(*asked, *wishes) if wishes else [*ask_as_one(*asked), []]
    found = calendars.told(*facts)
    days = _with_weekend(days, found) if is_week else days
    everyone = [calendar.clinician_id for calendar in found.calendars]
    wanted = [
        clinician for clinician in map(reading.uuid, request.GET.getlist("lege")) if clinician in everyone
    ] or everyone
    drawn = grid.build(found, clinician_ids=wanted, days=days, now=now)
    may_book = policy.may(request.actor, "booking")
    words = _Words(today)
    columns = [_column(column, words, may_book=may_book) for column in drawn.columns]
    context = {
        "waiting_requests": sum(each.number for each in waiting),
        "grid": drawn,
        "days": [(each, list(of_day)) for each, of_day in groupby(columns, key=lambda each: each.column.day)],
        "day": day,
        "first_day": days[0],
        "last_day": days[-1],
        "today": today,
        "is_week": is_week,
        "chosen": _chosen(request, everyone, wanted),
        "doctors": [(each.clinician_id, each.clinician_name, each.clinician_id in wanted) for each in found.calendars],
        "may_book": may_book,
        "may_report": _may_report(request),
        "links": _links(day, today, is_week, [] if wanted == everyone else wanted),
        "legend": [(kind, word) for kind, word in texts.CELLS.items() if kind != "past"],
        "now": now,
    }
    if today in days and not request.htmx:  # beside the grid, which is fetched without it
        context |= delays.shown(request, now)
    return htmx.page(request, "workspace/calendar/calendar.html", context, part="grid")


@staff_required(*policy.PAGES["calendar"])
@require_GET
def day_list(request: htmx.Request) -> HttpResponse:
    """A day on paper: times, names, kinds of visit; no reasons."""
    now = timezone.now()
    day = read_day(request.GET.get("dag"), local_day(now))
    visits = office.visits_on(request.actor, day, now)
    by_doctor = [(name, list(rows)) for name, rows in groupby(visits, key=lambda visit: visit.clinician_name)]
    return htmx.page(request, "workspace/calendar/day_list.html", {"day": day, "by_doctor": by_doctor, "now": now})


class _Words:
    """What the cells say, each looked up once for a page: a week has hundreds."""

    def __init__(self, today: date) -> None:
        self.today = today
        self.clock = dates.clocks()
        self.cells = {kind: str(word) for kind, word in texts.CELLS.items()}
        self.channels = {channel: str(word) for channel, word in texts.CHANNELS.items()}
        self.statuses = {status: str(word) for status, (word, _color) in texts.STATUSES.items()}
        self.at = _("%(date)s kl. %(clock)s")
        self.with_whom = _("%(when)s hos %(doctor)s")
        self.visit = _("%(channel)s, til %(until)s, %(status)s")
        self.visit_url = addresses("workspace:visit")
        self.block_url = addresses("workspace:blocked")


def _column(column: grid.Column, words: _Words, *, may_book: bool) -> ColumnView:
    book = f"{reverse('workspace:book')}?kalender={column.calendar_id}&start={column.day}T" if may_book else ""
    key = f"{column.calendar_id.hex[-12:]}-{column.day:%m%d}"
    day = dates.long_date(column.day, today=words.today)
    cells = []
    for cell in column.cells:
        tens, ones = divmod(cell.steps, 10)
        if cell.items:
            items = [_taken(claim, words) for claim in cell.items]
        else:
            items = [_untaken(cell, column, day, key, book, words)]
        cells.append((cell.kind, str(tens), str(ones), cell.minutes <= SHORT, items))
    return ColumnView(column, cells)


def _untaken(cell: grid.Cell, column: grid.Column, day: str, key: str, book: str, words: _Words) -> Item:
    at, clock = str(int(cell.starts_at.timestamp())), words.clock(cell.starts_at)
    name, word = f"{cell.kind}-{key}-{at}", words.cells[cell.kind]
    if cell.kind == "free":
        when = {"when": words.at % {"date": day, "clock": clock}, "doctor": column.clinician_name}
        url = f"{book}{cell.starts_at.astimezone(CLINIC):%H:%M}" if book else ""
        return Item(name, at, clock, word, more=words.with_whom % when, url=url)
    if cell.kind != "past":
        clock = f"{clock}–{words.clock(cell.ends_at)}"
    return Item(name, at, clock, word, is_aside=cell.kind == "outside")


def _taken(claim: calendars.ClaimRow, words: _Words) -> Item:
    at, clock = str(int(claim.starts_at.timestamp())), words.clock(claim.starts_at)
    until = words.clock(claim.until)
    if claim.kind == "hold":
        return Item(f"hold-{claim.id}", at, clock, words.cells["held"])
    if claim.kind == "offer":
        return Item(f"offer-{claim.id}", at, clock, str(texts.OFFERED))
    if claim.kind == "block":
        url = words.block_url(claim.id)
        word = words.cells["blocked"]
        return Item(f"block-{claim.id}", at, f"{clock}–{until}", word, kind=claim.note, url=url, in_panel=True)
    assert claim.appointment_id  # noqa: S101  neither a hold nor a block
    channel, status = words.channels[claim.channel], words.statuses[claim.status]
    if claim.status == "arrived" and claim.arrived_at:
        status = f"{status} {words.clock(claim.arrived_at)}"
    over = _("dobbeltbooket") if claim.is_overbooked else ""
    return Item(
        id=f"visit-{claim.appointment_id}",
        at=at,
        clock=clock,
        word=" ".join(each for each in (status if claim.status != "booked" else "", over) if each),
        name=claim.patient_name,
        kind=claim.visit_name if claim.channel == "attendance" else f"{channel} · {claim.visit_name}",
        more=words.visit % {"channel": channel, "until": until, "status": status},
        status=claim.status,
        url=words.visit_url(claim.appointment_id),
        in_panel=True,
    )


def _may_report(request: htmx.Request) -> bool:
    """Anybody's absence, or her own."""
    actor = request.actor
    who = actor.clinician_id or practice_of(actor)  # nobody's: what is left is what her role may
    return allows(practices_policy.check_edit_absence, actor, practice_of(actor), who)


def _week(day: date) -> list[date]:
    monday = day - timedelta(days=day.weekday())
    return [monday + timedelta(days=number) for number in range(7)]


def _with_weekend(days: list[date], found: calendars.OfficeDays) -> list[date]:
    """Saturday and Sunday only when something is planned or booked then."""
    used = {local_day(claim.starts_at) for claim in found.claims}
    used |= {
        day
        for day in days[WORKING_DAYS:]
        for block in found.blocks
        if block.weekday == day.weekday() and block.first_date <= day <= (block.last_date or day)
    }
    last = max((number for number, day in enumerate(days) if day in used), default=0)
    return days[: max(WORKING_DAYS, last + 1)]


def _chosen(request: htmx.Request, everyone: list[UUID], wanted: list[UUID]) -> UUID | None:
    """Whose column a phone shows: the one asked for, else her own, else the first."""
    for clinician in (reading.uuid(request.GET.get("valgt")), request.actor.clinician_id, *wanted):
        if clinician in wanted:
            return clinician
    return None


def _links(day: date, today: date, is_week: bool, clinicians: list[UUID]) -> dict[str, Any]:
    def link(to: date, view: str) -> str:
        query = [("dag", to.isoformat()), ("visning", view), *(("lege", str(clinician)) for clinician in clinicians)]
        return f"{reverse('workspace:calendar')}?{urlencode(query)}"

    view = "uke" if is_week else "dag"
    step = timedelta(days=7 if is_week else 1)
    previous, following = day - step, day + step
    if not is_week:  # offices are closed in weekends; a Saturday is one choice of date away
        while previous.weekday() >= WORKING_DAYS:
            previous -= step
        while following.weekday() >= WORKING_DAYS:
            following += step
    return {
        "previous": link(previous, view),
        "next": link(following, view),
        "today": link(today, view),
        "day": link(day, "dag"),
        "week": link(day, "uke"),
        "here": link(day, view),
        "of_day": {each: link(each, "dag") for each in _week(day)},
    }
