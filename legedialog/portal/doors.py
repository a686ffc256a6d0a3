"""Which of a doctor's services have a page here, and why the others are closed."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date

from django.urls import reverse
from django.utils.functional import Promise

from legedialog.core import contexts
from legedialog.patients.representation import Area
from legedialog.practices.rules import Offered, Why
from legedialog.practices.texts import SERVICES


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
    """Those that `opens`, of whoever acts, leaves open: another may book for her and yet not write for her.

    What has no page here is done by telephone, and the pages say so: nobody is shown a door that leads nowhere. A video
    appointment is chosen while booking.
    """
    pages = contexts.every(lambda about: about.doors)
    doors, closed = [], []
    for row in offers:
        page = pages.get(row.service)
        if not opens(page.area if page else Area.BOOKING):
            continue
        text = SERVICES[row.service]
        if row.is_open and page:
            doors.append(Door(text.action, text.about, text.icon, reverse(page.route), page.is_for_writing))
        elif row.why in {Why.CLOSED, Why.NOT_READY, Why.AWAY} or (row.why and page):
            closed.append(Closed(text.name, row.closed_reason, row.closed_until_date))
    is_digital = any(row.is_open or row.why in {Why.CLOSED, Why.NOT_READY, Why.AWAY} for row in offers)
    return Services(doors, closed, is_digital)
