"""The office's calendar, on screen and on paper."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import groupby
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django.http import HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.safestring import SafeString
from django.views.decorators.http import require_GET

from legedialog.access import cookies
from legedialog.access.policy import allows
from legedialog.access.web.guards import staff_required
from legedialog.appointments import days as calendars
from legedialog.appointments import free, office, requested
from legedialog.core import reading
from legedialog.core.sql import ask_as_one
from legedialog.core.times import local_day
from legedialog.practices import policy as practices_policy
from legedialog.ui import htmx
from legedialog.workspace import policy, texts
from legedialog.workspace.calendar import cells, delays, grid
from legedialog.workspace.common import practice_of, read_day

WORKING_DAYS = 5
VIEW = "calendar"  # the cookie


@dataclass(frozen=True, slots=True)
class ColumnView:
    column: grid.Column
    url: str  # of its day
    note: str
    drawn: SafeString


@dataclass(frozen=True, slots=True)
class View:
    """A day or a week, and which doctors; nobody named is everybody. It stays hers until she chooses another."""

    is_week: bool
    clinicians: list[UUID]


@staff_required(*policy.PAGES["calendar"])
@require_GET
def index(request: htmx.Request) -> HttpResponse:
    now = timezone.now()
    today = local_day(now)
    day = read_day(request.GET.get("dag"), today)
    view = _view(request)
    days = _week(day) if view.is_week else [day]
    asked = calendars.asks(request.actor, practice_of(request.actor), days[0], days[-1], now)
    wishes = [requested.how_many(request.actor, now)] if policy.may(request.actor, "requests") else []
    *facts, waiting = ask_as_one(*asked, *wishes) if wishes else [*ask_as_one(*asked), []]
    found = calendars.told(*facts)
    days = _with_weekend(days, found) if view.is_week else days
    everyone = [calendar.clinician_id for calendar in found.calendars]
    wanted = [clinician for clinician in view.clinicians if clinician in everyone] or everyone
    drawn = grid.build(found, clinician_ids=wanted, days=days, now=now)
    may_book = policy.may(request.actor, "booking")
    moving = _moving(request, now) if may_book else None
    words, press = cells.Words(today), cells.Press(may_book=may_book, fits=_fits(request, moving, wanted, days, now))
    links = _links(request, day, today, view.is_week, [] if wanted == everyone else wanted, moving)
    is_lines = view.is_week and len(wanted) > 1
    context = {
        "waiting_requests": sum(each.number for each in waiting),
        "day": day,
        "days": days,
        "today": today,
        "is_week": view.is_week,
        "is_lines": is_lines,
        "chosen": _chosen(request, everyone, wanted),
        "doctors": [(each.clinician_id, each.clinician_name, each.clinician_id in wanted) for each in found.calendars],
        "may_book": may_book,
        "may_report": _may_report(request),
        "moving": moving,
        "links": links,
        "legend": [(kind, word) for kind, word in texts.CELLS.items() if kind != "past"],
        "kinds": [(kind, word) for kind, word in texts.KINDS.items() if kind != "ordinary"],
        "now": now,
        "grid": drawn,
    }
    if is_lines:
        by_doctor = groupby(sorted(drawn.columns, key=_of_doctor(wanted)), key=lambda each: each.clinician_name)
        context["lines"] = [
            (name, [cells.line(each, words, press, links["of_day"][each.day], _note(found, each)) for each in columns])
            for name, columns in by_doctor
        ]
        context["of_day"] = links["of_day"].items()
    else:
        context["columns"] = [
            ColumnView(
                each,
                links["of_day"][each.day],
                _note(found, each),
                cells.drawn(each, words, press),
            )
            for each in drawn.columns
        ]
        context["size"] = cells.span(drawn.tracks)
        context["hours"] = [(each, cells.span(each.tracks)) for each in drawn.hours]
        context["now_at"] = None if drawn.now is None else cells.span(drawn.now)
    if today in days and not request.htmx:  # beside the grid, which is fetched without it
        context |= delays.shown(request, now)
    response = htmx.page(request, "workspace/calendar/calendar.html", context, part="grid")
    if _is_chosen(request) and "X-Live" not in request.headers:
        cookies.put(response, VIEW, _kept(view))
    return response


def _is_chosen(request: htmx.Request) -> bool:
    return "visning" in request.GET or "lege" in request.GET


def _view(request: htmx.Request) -> View:
    """What the address says, else what she chose last: a booking leads back to the week and the doctors she had."""
    if _is_chosen(request):
        view, clinicians = request.GET.get("visning", ""), request.GET.getlist("lege")
    else:
        view, *clinicians = request.COOKIES.get(cookies.name(VIEW), "").split(".")
    return View(view == "uke", [each for each in map(reading.uuid, clinicians) if each])


def _kept(view: View) -> str:
    return ".".join(["uke" if view.is_week else "dag", *map(str, view.clinicians)])


def _moving(request: htmx.Request, now: datetime) -> office.Visit | None:
    """What is moved to the free time that is pressed."""
    appointment_id = reading.uuid(request.GET.get("flytt"))
    return office.brief(request.actor, appointment_id, now) if appointment_id else None


def _fits(
    request: htmx.Request, moving: office.Visit | None, clinicians: list[UUID], days: list[date], now: datetime
) -> frozenset[tuple[UUID, datetime]] | None:
    """The free times that what is moved fits in, as it is. One query."""
    if moving is None:
        return None
    wanted = free.Wanted(
        practice_of(request.actor),
        clinicians,
        office.visit_type(request.actor, moving.visit_type_id),
        moving.channel,
        now,
        moving.patient_id,
        for_citizen=False,
        moving_id=moving.id,
        minutes=moving.minutes,
    )
    found = [each for day in free.days(wanted, days[0], days[-1]) for each in day.times]
    return frozenset((each.calendar_id, each.starts_at) for each in found)


def _note(found: calendars.OfficeDays, column: grid.Column) -> str:
    return found.notes.get((column.calendar_id, column.day), "")


def _of_doctor(wanted: list[UUID]) -> Callable[[grid.Column], tuple[int, date]]:
    place = {clinician: at for at, clinician in enumerate(wanted)}
    return lambda column: (place[column.clinician_id], column.day)


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


def _links(
    request: htmx.Request, day: date, today: date, is_week: bool, clinicians: list[UUID], moving: office.Visit | None
) -> dict[str, Any]:
    moves = [("flytt", str(moving.id))] if moving else []

    def link(to: date, view: str, *more: tuple[str, str]) -> str:
        query = [("dag", to.isoformat()), ("visning", view), *(("lege", str(clinician)) for clinician in clinicians)]
        return f"{reverse('workspace:calendar')}?{urlencode([*query, *moves, *more])}"

    view = "uke" if is_week else "dag"
    step = timedelta(days=7 if is_week else 1)
    previous, following = day - step, day + step
    if not is_week:  # offices are closed in weekends; a Saturday is one choice of date away
        while previous.weekday() >= WORKING_DAYS:
            previous -= step
        while following.weekday() >= WORKING_DAYS:
            following += step
    chosen = request.GET.get("valgt")
    return {
        "previous": link(previous, view),
        "next": link(following, view),
        "today": link(today, view),
        "day": link(day, "dag"),
        "week": link(day, "uke"),
        "here": link(day, view),
        "part": link(
            day, view, *([("valgt", chosen)] if chosen else [])
        ),  # what it is now, whatever she chooses beside it
        "of_day": {each: link(each, "dag") for each in _week(day)},
    }
