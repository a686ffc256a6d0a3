"""Where she can go: to a dialogue, and to the pages of what else is open; by name, as they belong to other contexts."""

from collections.abc import Collection
from dataclasses import dataclass
from uuid import UUID

from django.urls import reverse
from django.utils.functional import Promise

from legedialog.access.actor import Actor
from legedialog.patients.representation import Area
from legedialog.practices.rules import Service
from legedialog.practices.texts import SERVICES

PAGES: dict[str, tuple[str, Area]] = {
    Service.BOOK: ("appointments:book", Area.BOOKING),
    Service.REQUEST: ("appointments:request", Area.BOOKING),
    Service.ECONSULTATION: ("dialogues:econsultation", Area.MESSAGES),
    Service.RENEW: ("prescriptions:renew", Area.PRESCRIPTIONS),
    Service.CONTACT: ("dialogues:contact", Area.MESSAGES),
}


@dataclass(frozen=True, slots=True)
class Way:
    title: str | Promise
    text: str | Promise
    icon: str
    url: str


def open_ways(services: Collection[str], actor: Actor, *, but: str = "") -> list[Way]:
    """Those with a page that the actor may open, in the services' order."""
    return [
        Way(SERVICES[each].action, SERVICES[each].about, SERVICES[each].icon, reverse(PAGES[each][0]))
        for each in map(Service, services)
        if each in PAGES and each.value != but and actor.opens(PAGES[each][1])
    ]


def to(dialogue_id: UUID, *, is_unread: bool) -> str:
    """Its page, opened where what she has not read begins: on a phone that lies under all that was said before."""
    return reverse("dialogues:show", args=[dialogue_id]) + ("#nytt" if is_unread else "")
