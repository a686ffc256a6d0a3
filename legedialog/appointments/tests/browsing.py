"""What the tests of the citizen's pages do in a browser, and what they read there."""

from __future__ import annotations

import re
from datetime import date, time, timedelta
from html import unescape
from typing import TYPE_CHECKING

from django.test import Client

from legedialog.access.tests.logins import logged_in
from legedialog.appointments.models import (
    VisitType,
)
from legedialog.appointments.picker import time_value
from legedialog.appointments.tests.factories import NOW, TOMORROW, Office, citizen, office
from legedialog.core.times import at_local
from legedialog.patients.models import Person
from legedialog.practices.models import Clinician, ContractDoctor, Offer

if TYPE_CHECKING:
    from django.test.client import _MonkeyPatchedWSGIResponse as Response

INDEX, BOOK, REVIEW, REQUEST = (
    "/timeavtaler/",
    "/timeavtaler/bestill/",
    "/timeavtaler/bestill/se-over/",
    "/timeavtaler/be-om-time/",
)


class Clock:
    now = NOW

    def goes(self, **time: int) -> None:
        self.now += timedelta(**time)


def browser_of(who: Person) -> Client:
    return logged_in(citizen(who))


def text(response: Response) -> str:
    """What a reader meets, with single spaces."""
    body = re.sub(r"<(script|style|svg).*?</\1>", "", response.content.decode(), flags=re.DOTALL)
    return " ".join(unescape(re.sub(r"<[^>]+>", "", body)).split())


def buttons(response: Response) -> dict[str, str]:
    """The picker's times: accessible name and value."""
    found = re.findall(
        r'<button class="time" name="time" value="([^"]+)"[^>]*>(.*?)</button>', response.content.decode(), re.DOTALL
    )
    return {" ".join(unescape(re.sub(r"<[^>]+>", "", inner)).split()): value for value, inner in found}


def hidden(response: Response, name: str) -> str:
    found = re.search(rf'name="{name}" value="([^"]*)"', response.content.decode())
    assert found, name
    return unescape(found[1])


def hold(browser: Client, gp: Office, day: date = TOMORROW, clock: time = time(8)) -> Response:
    return browser.post(BOOK, {"time": time_value(gp.calendar.pk, at_local(day, clock))})


def last_step(shown: Response, typed: str) -> dict[str, str]:
    return {"hold": hidden(shown, "hold"), "held_time": hidden(shown, "held_time"), "reason": typed}


def confirm(browser: Client, shown: Response, typed: str = "Vondt i kneet") -> Response:
    return browser.post(REVIEW, last_step(shown, typed))


def second_doctor(gp: Office, *visit_types: VisitType) -> Clinician:
    """Another doctor on the same list, with the same week."""
    other = office(doctor="Jonas Vik")
    ContractDoctor.objects.create(contract=gp.contract, clinician=other.doctor, starts_date=date(2020, 1, 1))
    Offer.objects.filter(clinician=other.doctor).update(practice=gp.practice)
    other.calendar.practice = gp.practice
    other.calendar.save()
    for block in other.calendar.blocks.all():
        block.visit_types.set([gp.visit_type, *visit_types])
    return other.doctor
