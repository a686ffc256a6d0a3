"""Which of a doctor's services have a page here, and why the others are closed."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date

from django.urls import reverse
from django.utils.functional import Promise

from legedialog.patients.representation import Area
from legedialog.practices.rules import Offered, Service, Why
from legedialog.practices.texts import SERVICES

# What has no page here is done by telephone, and the pages say so: nobody is shown a door that leads nowhere.
# A video appointment is chosen while booking.
PAGES = {
    Service.BOOK: "appointments:book",
    Service.REQUEST: "appointments:request",
    Service.ECONSULTATION: "dialogues:econsultation",
    Service.RENEW: "prescriptions:renew",
    Service.CONTACT: "dialogues:contact",
}
AREAS = {
    Service.ECONSULTATION: Area.MESSAGES,
    Service.CONTACT: Area.MESSAGES,
    Service.RENEW: Area.PRESCRIPTIONS,
}  # the others are Area.BOOKING


@dataclass(frozen=True, slots=True)
class Door:
    title: str | Promise
    text: str | Promise
    icon: str
    url: str
    is_for_writing: bool = False  # to the doctor or the office


@dataclass(frozen=True, slots=True)
class Closed:
    title: str | Promise
    reason: str | Promise
    until: date | None


@dataclass(frozen=True, slots=True)
class Services:
    """What a citizen can do at her doctor's. `is_digital` is False for a doctor who offers nothing of it."""

    doors: list[Door]
    closed: list[Closed]
    is_digital: bool


def services(offers: Sequence[Offered], opens: Callable[[str], bool]) -> Services:
    """Those that `opens`, of whoever acts, leaves open: another may book for her and yet not write for her."""
    doors, closed = [], []
    for row in offers:
        if not opens(AREAS.get(row.service, Area.BOOKING)):
            continue
        text = SERVICES[row.service]
        if row.is_open and row.service in PAGES:
            writes = AREAS.get(row.service) is Area.MESSAGES
            doors.append(Door(text.action, text.about, text.icon, reverse(PAGES[row.service]), writes))
        elif row.why in {Why.CLOSED, Why.AWAY} or (row.why and row.service in PAGES):
            closed.append(Closed(text.name, row.closed_reason, row.closed_until_date))
    is_digital = any(row.is_open or row.why in {Why.CLOSED, Why.AWAY} for row in offers)
    return Services(doors, closed, is_digital)
