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
from django.utils.safestring import SafeString
from django.views.decorators.http import require_GET

from legedialog.access.policy import allows
from legedialog.access.web.guards import staff_required
from legedialog.appointments import days as calendars
from legedialog.appointments import office, requested
from legedialog.core import reading
from legedialog.core.sql import ask_as_one
from legedialog.core.times import local_day
from legedialog.practices import policy as practices_policy
from legedialog.ui import htmx
from legedialog.workspace import policy, texts
from legedialog.workspace.calendar import cells, delays, grid
from legedialog.workspace.common import practice_of, read_day

WORKING_DAYS = 5


@dataclass(frozen=True, slots=True)
class ColumnView:
    column: grid.Column
    cells: SafeString


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
    words = cells.Words(today)
    columns = [ColumnView(each, cells.drawn(each, words, may_book=may_book)) for each in drawn.columns]
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
