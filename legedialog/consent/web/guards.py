"""A citizen who lacks something meets a page that says what it is and mends it, instead of a refusal.

Each guard asks for the login itself, so a view needs one guard only. They cost one query besides the login's.
"""

from collections.abc import Callable
from dataclasses import replace
from datetime import date
from functools import wraps
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.urls import reverse
from django.utils import timezone

from legedialog.access.actor import Actor
from legedialog.access.queries import Session
from legedialog.access.web import citizen_or_proxy_required, instead
from legedialog.consent import queries, rules
from legedialog.consent.rules import Level
from legedialog.core.times import local_day
from legedialog.patients import queries as patients
from legedialog.patients.representation import Area
from legedialog.patients.rules import is_too_young

View = Callable[..., HttpResponseBase]


def adult_required(view: View) -> View:
    """For pages that need no consent: about the consent itself. Under 16 she meets a kind page instead."""
    return _guarded(view, Level.NONE, Area.CONSENT)


def home_required(view: View) -> View:
    """For the page that shows whatever is open, for herself or for the one she acts for."""
    return _guarded(view, Level.NONE, None)


def anything_required(view: View) -> View:
    """For a page that shows what is open to whoever acts, row by row: visibility/rules.py. What she owes she sees
    whatever she has chosen to use, so Basis is enough: docs/adr/0215-a-bill-is-seen-at-basis.md."""
    return _guarded(view, Level.BASIS, None)


def basis_required(view: View) -> View:
    """For what Basis opens: who the GP is and how to reach the office."""
    return _guarded(view, Level.BASIS, Area.GP)


def services_required(view: View) -> View:
    """For what is booked or sent at the office: old enough or with the right, and Full."""
    return _guarded(view, Level.FULL, Area.BOOKING)


def area_required(area: Area, level: Level = Level.FULL) -> Callable[[View], View]:
    """For one area, such as seeing appointments, where less is asked for than to book."""

    def decorate(view: View) -> View:
        return _guarded(view, level, area)

    return decorate


def _guarded(view: View, needed: Level, area: Area | None) -> View:
    @wraps(view)
    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        actor: Actor = request.actor  # type: ignore[attr-defined]
        assert actor.acting_for_id  # noqa: S101  citizen_or_proxy_required
        is_open = bool(actor.areas) or actor.areas is None if area is None else actor.opens(area)
        birth_date, level = _standing(request, actor.acting_for_id)
        today = local_day(timezone.now())
        if not actor.acts_for_another and (not is_open or (actor.areas is None and is_too_young(birth_date, today))):
            gp = patients.gp_of(actor.acting_for_id, today)
            return instead(request, "consent/under_16.html", {"gp": gp, "has_access": bool(actor.areas)})
        if not rules.is_enough(level, needed) and (is_open or actor.opens(Area.CONSENT)):
            return needs(request, level, needed)
        if not is_open:
            return instead(request, "consent/closed.html", {"reasons": request.acting.reasons(area)})  # type: ignore[attr-defined]
        watch(request, level, needed)
        request.level = level  # type: ignore[attr-defined]  # for views that show less below Full
        return view(request, *args, **kwargs)

    opened = citizen_or_proxy_required(guarded)
    opened.needed_level = needed  # type: ignore[attr-defined]  # for docs/consent.md
    opened.gate = replace(  # type: ignore[attr-defined]  # for docs/permissions.md
        opened.gate,  # type: ignore[attr-defined]
        is_consented=True,
        area=area.value if area else "",
        level=needed.value,
    )
    return opened


def _standing(request: HttpRequest, person_id: UUID) -> tuple[date, Level]:
    """As the session has told already, unless what she chose is not what she may."""
    session: Session | None = request.session_row  # type: ignore[attr-defined]
    if session and session.about_id == person_id and session.about_birth_date:
        return session.about_birth_date, Level(session.about_level or rules.DEFAULT)
    return queries.standing(person_id)


def watch(request: HttpRequest, drawn: Level, needed: Level, page: str = "") -> None:
    """The page asks `consent:now` whenever something of hers changes: see ui/citizen.html."""
    query = urlencode({"drawn": drawn.value, "needed": needed.value, "page": page or request.path})
    request.watch = f"{reverse('consent:now')}?{query}"  # type: ignore[attr-defined]


def needs(request: HttpRequest, level: Level, needed: Level, page: str = "") -> HttpResponse:
    """What is missing for `page` (this one when empty) and the way to mend it. It opens by itself when that is done."""
    watch(request, level, needed, page)
    actor: Actor = request.actor  # type: ignore[attr-defined]
    context = {"needed": needed, "level": level, "can_choose": actor.opens(Area.CONSENT)}
    return instead(request, "consent/needed.html", context, page)
