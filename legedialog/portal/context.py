"""The citizen's places. The words are a contract: docs/house.md#words-on-the-screen."""

from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest
from django.urls import reverse
from django.utils.functional import Promise

from legedialog.access.actor import ANONYMOUS
from legedialog.core import contexts
from legedialog.patients.representation import Area, Ground


@dataclass(frozen=True, slots=True)
class Place:
    url: str
    text: str | Promise
    icon: str
    current: bool


def navigation(request: HttpRequest) -> dict[str, Any]:
    """Context processor, for citizens: `navigation` and `home`, whom she acts for, and whether she may book."""
    actor = getattr(request, "actor", ANONYMOUS)
    if not actor.is_citizen:
        return {}
    acting = getattr(request, "acting", None)
    menu = [(reverse(each.route), each) for each in contexts.menu(lambda about: about.menu)]
    places = [Place(url, each.word, each.icon, request.path.startswith(url)) for url, each in menu]
    return {
        "navigation": places,
        "home": places[0].url,
        "acting": acting,
        "acting_for": acting.name if acting else "",
        "can_book": actor.opens(Area.BOOKING),
        "can_consent": actor.opens(Area.CONSENT),
        "is_youth_alone": actor.ground == Ground.YOUTH,
    }
