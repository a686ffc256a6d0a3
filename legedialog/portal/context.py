"""The citizen's places. The words are a contract: design.md section 7."""

from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from legedialog.access.actor import ANONYMOUS
from legedialog.patients.representation import Area, Ground

# View, word, icon. The first five are the bar at the bottom of a phone.
PLACES = (
    ("portal:home", _("Hjem"), "home"),
    ("portal:gp", _("Min fastlege"), "doctor"),
    ("appointments:index", _("Timeavtaler"), "calendar"),
    ("portal:messages", _("Meldinger"), "messages"),
    ("prescriptions:index", _("Legemidler"), "medicine"),
    ("portal:profile", _("Profil"), "profile"),
    ("guidance:help", _("Hjelp"), "help"),
)


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
    urls = [(reverse(view), text, icon) for view, text, icon in PLACES]
    places = [Place(url, text, icon, request.path.startswith(url)) for url, text, icon in urls]
    return {
        "navigation": places,
        "home": urls[0][0],
        "acting": acting,
        "acting_for": acting.name if acting else "",
        "can_book": actor.opens(Area.BOOKING),
        "can_consent": actor.opens(Area.CONSENT),
        "is_youth_alone": actor.ground == Ground.YOUTH,
    }
