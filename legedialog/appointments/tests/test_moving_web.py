"""A time is moved by the picker it was booked with."""

from __future__ import annotations

from datetime import date, time, timedelta
from typing import TYPE_CHECKING

import pytest
from django.test import Client

from legedialog.appointments.picker import time_value
from legedialog.appointments.tests.factories import NOW, TOMORROW, Office, office
from legedialog.core.times import at_local
from legedialog.patients.models import Person

if TYPE_CHECKING:
    pass
from legedialog.appointments.tests.browsing import BOOK, browser_of, text

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clock")]


def test_she_moves_a_time_by_the_same_picker_and_sees_from_and_to(browser: Client, gp: Office, kari: Person) -> None:
    row = gp.booked(kari, day=date(2026, 12, 1), reason="Hoste")
    shown = browser.get(f"/timeavtaler/{row.pk}/")
    link = f"{BOOK}?move={row.pk}"
    assert f'href="{link}"' in shown.content.decode()
    page = browser.get(link)
    assert "Nå har du time tirsdag 1. desember kl. 08.00. Du beholder den til du har valgt en ny." in text(page)
    value = time_value(gp.calendar.pk, at_local(date(2026, 12, 2), time(9)))
    review = browser.post(link, {"time": value}).headers["Location"]
    shown = browser.get(review)
    assert "Fratirsdag 1. desember kl. 08.00" in text(shown)
    assert "Tilonsdag 2. desember kl. 09.00" in text(shown)
    assert "Vi holder den nye tiden av til deg" in text(shown)
    assert shown.context["form"]["reason"].value() == "Hoste"
    gone = browser.post(review, {"reason": "Hoste og feber", "mark": shown.context["row"].mark})
    assert gone.headers["Location"] == f"/timeavtaler/{row.pk}/"
    row.refresh_from_db()
    assert (row.starts_at, row.reason) == (at_local(date(2026, 12, 2), time(9)), "Hoste og feber")
    calendar = browser.get(f"/timeavtaler/{row.pk}/timeavtale.ics").content.decode()
    assert f"UID:{row.pk}@" in calendar
    assert "SEQUENCE:1" in calendar
    assert "DTSTART:20261202T080000Z" in calendar


def test_a_near_time_says_the_deadline_that_holds_when_she_has_moved_to_it(
    browser: Client, gp: Office, kari: Person
) -> None:
    row = gp.booked(kari, day=date(2026, 12, 1))  # now: nothing is late for half an hour
    value = time_value(gp.calendar.pk, at_local(TOMORROW, time(8)))
    review = browser.post(f"{BOOK}?move={row.pk}", {"time": value}).headers["Location"]
    shown = browser.get(review)
    assert "Avbestill eller flytt senest mandag 23. november kl. 10.30." in text(shown)
    browser.post(review, {"reason": "Hoste", "mark": shown.context["row"].mark})
    assert "Avbestill senest mandag 23. november kl. 10.30." in text(browser.get(f"/timeavtaler/{row.pk}/"))


def test_a_time_that_was_taken_while_she_looked_keeps_the_old_one_and_shows_free_ones(
    browser: Client, gp: Office, kari: Person
) -> None:
    row = gp.booked(kari, day=date(2026, 12, 1))
    gp.booked(gp.patient("Per Testvik"), day=date(2026, 12, 2), clock=time(9))
    value = time_value(gp.calendar.pk, at_local(date(2026, 12, 2), time(9)))
    address = f"/timeavtaler/{row.pk}/flytt/?time={value}"
    taken = browser.post(address, {"reason": "Hoster mer", "mark": browser.get(address).context["row"].mark})
    assert browser.get(address).context["form"]["reason"].value() == "Hoster mer"
    assert taken.status_code == 409
    assert "Timen er ikke flyttet" in text(taken)
    assert 'name="time"' in taken.content.decode()
    row.refresh_from_db()
    assert row.starts_at == at_local(date(2026, 12, 1), time(8))


def test_what_cannot_be_moved_says_why_and_whom_to_call(browser: Client, gp: Office, kari: Person) -> None:
    row = gp.booked(kari, now=NOW - timedelta(minutes=31))
    page = browser.get(f"{BOOK}?move={row.pk}")
    assert page.status_code == 409
    assert "Fristen for å flytte timen var" in text(page)
    assert "55 55 55 55" in text(page)
    assert "Flytt time" not in text(browser.get(f"/timeavtaler/{row.pk}/"))
    stranger = browser_of(office().patient("Per Testvik"))
    assert stranger.get(f"{BOOK}?move={row.pk}").status_code == 404
    assert stranger.get(f"/timeavtaler/{row.pk}/flytt/").status_code == 404
