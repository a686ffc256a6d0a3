"""The pages of help. What they tell of is collected from the contexts' `topics`."""

from datetime import datetime
from typing import Any

from django.conf import settings
from django.http import Http404, HttpResponse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from legedialog.core import contexts
from legedialog.guidance import rules, topics
from legedialog.guidance.texts import GROUPS, OWNER
from legedialog.practices import queries as practices
from legedialog.practices.texts import SERVICES, WEEKDAYS, opening_change
from legedialog.ui import htmx

LONGEST = 100  # signs of a search


@require_safe
def help_page(request: htmx.Request) -> HttpResponse:
    """By what people want to do. The same before and after login, and no queries of its own."""
    return htmx.page(request, "guidance/help.html", _first_page(request))


@require_http_methods(["GET", "HEAD", "POST"])
def search(request: htmx.Request) -> HttpResponse:
    """A POST, as what she looks for may tell of her health and addresses are logged."""
    words = request.POST.get("words", "").strip()[:LONGEST]
    context = {"words": words, "found": topics.found(words)}
    return htmx.page(request, "guidance/help.html", _first_page(request) | context, part="found")


def _first_page(request: htmx.Request) -> dict[str, Any]:
    groups = [(GROUPS[group], rows) for group, rows in topics.grouped()]
    return {"layout": _layout(request), "groups": groups, **_help_line(timezone.now())}


@require_safe
def topic_page(request: htmx.Request, topic: str) -> HttpResponse:
    """One topic. A citizen sees what holds at her own office."""
    every, now = contexts.topics(), timezone.now()
    if topic not in every:
        raise Http404
    found = every[topic]
    mine = topics.mine(request.actor, found, now)
    context: dict[str, Any] = {
        "layout": _layout(request),
        "topic": found,
        "sections": topics.sections(found),
        "related": [every[slug] for slug in found.related],
        "updated": found.dated.date,
        "owner": OWNER,
        "mine": mine,
        "is_citizen": request.actor.is_citizen,
        **_help_line(now),
        **(found.shown() if found.shown else {}),
    }
    if mine:
        week = practices.week(mine.gp.practice.id, now)
        context |= {
            "week": week,
            "change": opening_change(week.opening, now),
            "weekdays": list(zip(WEEKDAYS, week.weekdays, strict=True)),
            "has_hours": any(week.weekdays),
            "closed": [(SERVICES[each.service].name, each) for each in mine.closed],
        }
    return htmx.page(request, "guidance/topic.html", context)


def _layout(request: htmx.Request) -> str:
    return "ui/citizen.html" if request.actor.is_citizen else "ui/public.html"


def _help_line(now: datetime) -> dict[str, Any]:
    opening = rules.opening(now)
    return {
        "helpline": settings.HELPLINE_PHONE,
        "line": opening,
        "line_change": opening_change(opening, now),
        "hours": rules.HOURS,
    }
