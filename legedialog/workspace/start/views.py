"""I dag: what waits for the one who looks, and the visits of the day, hers first. Until the office is ready: what it
still lacks."""

from dataclasses import dataclass
from datetime import datetime
from itertools import groupby

from django.http import HttpResponse
from django.utils import timezone
from django.views.decorators.http import require_GET

from legedialog.access.actor import Actor
from legedialog.access.policy import allows
from legedialog.access.web.guards import staff_required
from legedialog.appointments import office
from legedialog.appointments.office import Visit
from legedialog.core.sql import ask_as_one
from legedialog.core.times import local_day
from legedialog.journeys import getting_started
from legedialog.practices import policy as practices
from legedialog.ui import htmx
from legedialog.workspace import policy
from legedialog.workspace.common import practice_of
from legedialog.workspace.start import piles
from legedialog.workspace.start.texts import STEPS

NEXT = 8  # who come, for reception
OVER = frozenset({"completed", "no-show"})


@dataclass(frozen=True, slots=True)
class Day:
    """A doctor's visits of today: `coming` are not over, `over` are."""

    name: str
    is_mine: bool
    coming: list[Visit]
    over: list[Visit]

    @property
    def next(self) -> Visit | None:
        return next((each for each in self.coming if each.status == "booked"), None)


@staff_required(*policy.PAGES["start"])
@require_GET
def home(request: htmx.Request) -> HttpResponse:
    now = timezone.now()
    done = getting_started.done(practice_of(request.actor), local_day(now))
    if not done.is_ready:
        return _lacks(request, done)
    asked = piles.asked(request.actor, now)
    found = ask_as_one(*(one for *_where, one in asked))
    days = _days(request.actor, now)
    context = {
        "today": local_day(now),
        "piles": piles.told(asked, found, now),
        "days": days,
        "soon": [] if any(day.is_mine for day in days) else _soon(days),
        "may_book": policy.may(request.actor, "booking"),
    }
    return htmx.page(request, "workspace/start/today.html", context, part="today")


def _days(actor: Actor, now: datetime) -> list[Day]:
    """Hers first, the others by name. One query."""
    visits = office.visits_on(actor, local_day(now), now)
    days = [
        Day(
            rows[0].clinician_name,
            clinician_id == actor.clinician_id,
            [each for each in rows if not _is_over(each, now)],
            [each for each in rows if _is_over(each, now)],
        )
        for clinician_id, of_one in groupby(visits, key=lambda each: each.clinician_id)
        if (rows := list(of_one))
    ]
    return sorted(days, key=lambda day: not day.is_mine)


def _soon(days: list[Day]) -> list[Visit]:
    """For who has no visits of her own: who comes next, to any doctor."""
    return sorted((each for day in days for each in day.coming), key=lambda each: each.starts_at)[:NEXT]


def _is_over(visit: Visit, now: datetime) -> bool:
    """One who has come is with the doctor until somebody says that it is done."""
    return visit.status in OVER or (visit.status == "booked" and visit.ends_at <= now)


def _lacks(request: htmx.Request, done: getting_started.Done) -> HttpResponse:
    steps = [(STEPS[name], getattr(done, name)) for name in getting_started.STEPS]
    context = {
        "steps": steps,
        "left": sum(not is_done for _, is_done in steps),
        "may": allows(practices.check_edit_practice, request.actor, practice_of(request.actor)),
    }
    return htmx.page(request, "workspace/start/home.html", context)
