"""A citizen who lacks something meets a page that says what it is and mends it, instead of a refusal.

Each guard asks for the login itself, so a view needs one guard only. They cost one query besides the login's.
"""

from collections.abc import Callable
from functools import wraps
from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone

from legedialog.access.actor import Actor
from legedialog.access.web import citizen_required
from legedialog.consent import queries, rules
from legedialog.consent.rules import Level
from legedialog.core.times import local_day
from legedialog.patients import queries as patients
from legedialog.patients.rules import is_too_young

View = Callable[..., HttpResponseBase]


def adult_required(view: View) -> View:
    """For pages that need no consent. Under 16 she meets a kind page instead."""
    return _guarded(view, Level.NONE)


def basis_required(view: View) -> View:
    """For what Basis opens: who the GP is and how to reach the office."""
    return _guarded(view, Level.BASIS)


def services_required(view: View) -> View:
    """For every service at the office: old enough, and Full."""
    return _guarded(view, Level.FULL)


def _guarded(view: View, needed: Level) -> View:
    @wraps(view)
    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        actor: Actor = request.actor  # type: ignore[attr-defined]
        assert actor.person_id  # noqa: S101  citizen_required
        birth_date, level = queries.standing(actor.person_id)
        today = local_day(timezone.now())
        if is_too_young(birth_date, today):
            return _instead(request, "consent/under_16.html", {"gp": patients.gp_of(actor.person_id, today)})
        if not rules.is_enough(level, needed):
            return needs(request, level, needed)
        watch(request, level, needed)
        return view(request, *args, **kwargs)

    opened = citizen_required(guarded)
    opened.needed_level = needed  # type: ignore[attr-defined]  # for docs/consent.md
    return opened


def watch(request: HttpRequest, drawn: Level, needed: Level, page: str = "") -> None:
    """The page asks `consent:now` whenever something of hers changes: see ui/citizen.html."""
    query = urlencode({"drawn": drawn.value, "needed": needed.value, "page": page or request.path})
    request.watch = f"{reverse('consent:now')}?{query}"  # type: ignore[attr-defined]


def needs(request: HttpRequest, level: Level, needed: Level, page: str = "") -> HttpResponse:
    """What is missing for `page` (this one when empty) and the way to mend it. It opens by itself when that is done."""
    watch(request, level, needed, page)
    return _instead(request, "consent/needed.html", {"needed": needed, "level": level}, page)


def _instead(request: HttpRequest, template: str, context: dict[str, Any], page: str = "") -> HttpResponse:
    """200 for a page that was asked for, 409 for something that was sent and not done."""
    is_reading = request.method in {"GET", "HEAD"}
    back = page or (request.get_full_path() if is_reading else request.path)
    html = render_to_string(template, {**context, "next": back}, request)
    response = HttpResponse(html, status=200 if is_reading else 409)
    if request.headers.get("HX-Request"):
        response["HX-Retarget"] = response["HX-Reselect"] = "#content"
        response["HX-Reswap"] = "outerHTML"
    return response
