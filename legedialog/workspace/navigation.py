"""Context processor: the office's places, those that the role may open. See design.md section 7."""

from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext as _

from legedialog.access.actor import Actor
from legedialog.appointments import office
from legedialog.workspace import policy

PLACES = (
    (
        "inbox",
        "inbox",
        "workspace:inbox",
        (
            "workspace:inbox",
            "workspace:dialogue",
            "workspace:numbers",
            "workspace:requests",
            "workspace:request",
            "workspace:concern",
        ),
    ),
    ("calendar", "calendar", "workspace:calendar", ("workspace:calendar", "workspace:visit", "workspace:book")),
    (
        "prescriptions",
        "prescription",
        "workspace:prescriptions",
        (
            *("workspace:prescriptions", "workspace:prescription-order", "workspace:prescriptions-summary"),
            "workspace:medicine-list",
        ),
    ),
    ("video", "video", "workspace:video", ("workspace:video", "workspace:video-room", "workspace:video-postpone")),
    ("patients", "people", "workspace:patients", ("workspace:patients", "workspace:patient", "workspace:purpose")),
    ("settings", "settings", "workspace:settings", ("workspace:settings",)),
)
SETTINGS = ("workspace:settings", "workspace:intake")  # beginnings of the pages under Innstillinger


@dataclass(frozen=True, slots=True)
class Place:
    url: str
    text: str
    icon: str
    current: bool


def places(request: HttpRequest) -> dict[str, Any]:
    """One query, the count of requests that wait; nothing for citizens and strangers."""
    actor: Actor | None = getattr(request, "actor", None)
    if actor is None or not actor.is_staff:
        return {}
    words = {
        "inbox": _("Innboks"),
        "calendar": _("Kalender"),
        "prescriptions": _("Resepter"),
        "video": _("Videotimer"),
        "patients": _("Pasienter"),
        "settings": _("Innstillinger"),
    }
    match = request.resolver_match
    here = match.view_name if match else ""
    return {
        "navigation": [
            Place(
                reverse(url),
                words[page],
                icon,
                current=here in pages
                or (page == "settings" and here.startswith(("workspace:settings", "workspace:intake"))),
            )
            for page, icon, url, pages in PLACES
            if policy.may(actor, page)
        ],
        "watches_door": policy.may(actor, "video"),
        "waiting_requests": office.waiting_requests(actor) if policy.may(actor, "requests") else 0,
    }
