"""Context processor: the office's places, those that the role may open. See docs/house.md#words-on-the-screen."""

from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest
from django.urls import reverse

from legedialog.access.actor import Actor
from legedialog.core import contexts
from legedialog.workspace import policy, undo


@dataclass(frozen=True, slots=True)
class Place:
    url: str
    text: str
    icon: str
    current: bool
    counts: bool


def places(request: HttpRequest) -> dict[str, Any]:
    """Nothing for citizens and strangers."""
    actor: Actor | None = getattr(request, "actor", None)
    if actor is None or not actor.is_staff:
        return {}
    match = request.resolver_match
    here = match.view_name if match else ""
    return {
        "navigation": [
            Place(
                reverse(each.route), str(each.word), each.icon, current=each.holds(here), counts=each.counts is not None
            )
            for each in contexts.menu(lambda about: about.office_menu)
            if policy.may(actor, each.page)
        ],
        "searches_patients": policy.may(actor, "patients"),
        "undo": undo.shown(request, actor),
    }
