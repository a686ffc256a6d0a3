"""The times to choose from, as a browser without script sees them."""

from __future__ import annotations

import re
from datetime import date, time, timedelta
from html import unescape
from typing import TYPE_CHECKING

import pytest
from django.test import Client

from legedialog.appointments import services
from legedialog.appointments.models import (
    Claim,
    VisitType,
)
from legedialog.appointments.picker import time_value
from legedialog.appointments.tests.factories import NOW, Office
from legedialog.appointments.tests.test_anybody import planned
from legedialog.core.times import at_local
from legedialog.patients.models import Person
from legedialog.practices.models import Clinician, Offer, Service

if TYPE_CHECKING:
    pass
from legedialog.appointments.tests.browsing import BOOK, browser_of, buttons, hold, second_doctor, text

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clock")]


def test_every_time_is_a_button_whose_name_holds_the_whole_date(browser: Client) -> None:
    shown = browser.get(BOOK)
    assert shown.status_code == 200
    assert "tirsdag 24. november kl. 08.00, Ingrid Aas" in buttons(shown)


def test_a_day_says_how_many_times_are_free_and_days_without_are_one_line(browser: Client) -> None:
    seen = text(browser.get(BOOK))
    assert "Tirsdag 24. november · 12 ledige" in seen
    assert "Lørdag 28. november – søndag 29. november: ingen ledige timer" in seen


def test_the_week_after_and_a_date_of_her_own_are_addresses(browser: Client) -> None:
    shown = browser.get(BOOK)
    later = re.search(r'href="([^"]+)#times"[^>]*>Uken etter', shown.content.decode())
    assert later
    week = browser.get(unescape(later[1]))
    assert "tirsdag 1. desember kl. 08.00, Ingrid Aas" in buttons(week)
    assert "Uken før" in text(week)
    jumped = browser.get(BOOK, {"day": "2026-12-09"})
    assert "onsdag 9. desember kl. 08.00, Ingrid Aas" in buttons(jumped)


@pytest.mark.parametrize("day", ["2019-01-01", "2199-01-01", "0001-01-01", "9999-12-31", "neste uke", ""])
def test_an_odd_date_shows_the_nearest_week_with_sense(browser: Client, day: str) -> None:
    assert browser.get(BOOK, {"day": day, "type": "x", "channel": "fax", "doctor": "-"}).status_code == 200


def test_an_empty_week_leads_to_the_next_day_with_a_free_time(browser: Client, gp: Office) -> None:
    secretary = gp.staff()
    for day in (date(2026, 12, 7) + timedelta(days=n) for n in range(5)):
        services.block_time(
            actor=secretary,
            calendar_id=gp.calendar.pk,
            starts_at=at_local(day, time(8)),
            ends_at=at_local(day, time(12)),
            note="Kurs",
            now=NOW,
        )
    shown = browser.get(BOOK, {"day": "2026-12-07"})
    assert "Neste dag med ledig time: mandag 14. desember" in text(shown)
    assert not buttons(shown)


def test_the_first_page_opens_at_the_first_free_time_whatever_the_week(browser: Client, gp: Office) -> None:
    gp.calendar.blocks.update(first_date=date(2026, 12, 10))
    assert "torsdag 10. desember kl. 08.00, Ingrid Aas" in buttons(browser.get(BOOK))


def test_when_nothing_is_free_she_is_told_how_far_was_looked(browser: Client, gp: Office) -> None:
    gp.calendar.blocks.update(first_date=date(2028, 1, 1))
    assert "Det er ingen ledige timer til og med fredag 22. januar 2027" in text(browser.get(BOOK))


def test_kind_channel_and_doctor_are_asked_only_when_there_is_a_choice(browser: Client, gp: Office) -> None:
    first = browser.get(BOOK).content.decode()
    assert 'type="hidden" name="type"' in first
    assert 'type="radio" name="channel"' in first
    assert "Hvem vil du til?" not in first
    long_visit = VisitType.objects.create(practice=gp.practice, name="Lang time", minutes=40, channels=["phone"])
    second_doctor(gp, long_visit)
    second = browser.get(BOOK).content.decode()
    assert 'type="radio" name="type"' in second
    assert "Hvilken som helst" in second
    only_phone = browser.get(BOOK, {"type": str(long_visit.pk)})
    assert 'type="hidden" name="channel" value="phone"' in only_phone.content.decode()


def test_with_any_doctor_a_clock_time_is_shown_once_while_somebody_is_free(browser: Client, gp: Office) -> None:
    jonas = second_doctor(gp)
    at_eight = [name for name in buttons(browser.get(BOOK)) if name.startswith("tirsdag 24. november kl. 08.00")]
    assert len(at_eight) == 1
    names = buttons(browser.get(BOOK, {"doctor": str(jonas.pk)}))
    assert {name.rpartition(", ")[2] for name in names} == {"Jonas Vik"}
    one_taken = hold(browser_of(gp.patient("Per Testvik")), gp)
    assert one_taken.status_code == 302
    names = buttons(browser.get(BOOK))
    assert "tirsdag 24. november kl. 08.00, Jonas Vik" in names
    assert "tirsdag 24. november kl. 08.00, Ingrid Aas" not in names


def test_video_is_not_a_choice_when_the_doctor_has_closed_it(browser: Client, gp: Office) -> None:
    assert 'value="video"' in browser.get(BOOK).content.decode()
    Offer.objects.filter(clinician=gp.doctor, service=Service.VIDEO).update(is_open=False)
    assert 'value="video"' not in browser.get(BOOK).content.decode()
    assert browser.get(BOOK, {"channel": "video"}).status_code == 200


def test_htmx_gets_the_part_and_focus_goes_to_the_times_only_when_she_asked_for_them(browser: Client) -> None:
    changed = browser.get(BOOK, headers={"HX-Request": "true", "HX-Trigger": "choice"}).content.decode()
    asked = browser.get(BOOK, {"show": "1"}, headers={"HX-Request": "true", "HX-Trigger": "choice"}).content.decode()
    turned = browser.get(BOOK, {"day": "2026-12-01"}, headers={"HX-Request": "true"}).content.decode()
    assert "<html" not in changed + asked + turned
    assert ["data-focus" in part for part in (changed, asked, turned)] == [False, True, True]


def test_the_limit_of_own_times_is_told_before_she_chooses(browser: Client, gp: Office, kari: Person) -> None:
    assert "Nå er timene til og med" not in text(browser.get(BOOK))
    gp.visit_type.max_coming = 1
    gp.visit_type.release_clock = time(8)
    gp.visit_type.save()
    assert "Nye timer legges ut hver dag kl. 08.00. Nå er timene til og med" in text(browser.get(BOOK))
    gp.booked(kari)
    page = browser.get(BOOK)
    assert "Du har allerede så mange timer" in text(page)
    assert 'name="time"' not in page.content.decode()


def test_a_day_beyond_the_plan_shows_the_nearest_week_and_says_so(browser: Client, gp: Office) -> None:
    page = text(browser.get(f"{BOOK}?day=2027-12-01"))
    assert "til og med fredag 22. januar 2027. Her er den nærmeste uken." in page


def test_the_first_free_time_the_half_of_the_day_and_the_month_are_a_press_away(browser: Client, gp: Office) -> None:
    block = gp.block_by_weekday[1]
    block.ends = time(14)
    block.save()
    page = browser.get(BOOK)
    assert "Første ledige: " in text(page)
    afternoon = browser.get(f"{BOOK}?half=pm")
    assert set(re.findall(r"@2026-\d\d-\d\dT(\d\d)", afternoon.content.decode())) == {"11", "12"}  # UTC
    assert "half=pm" in afternoon.context["week"].later
    month = browser.get(f"{BOOK}?view=month&day=2026-12-01")
    assert "Desember 2026: 22 dager med ledige timer" in text(month)  # 23 weekdays, and Christmas Day is closed
    days = {day.day: day.count for week in month.context["month"].weeks for day in week if day}
    assert (days[date(2026, 12, 1)], days[date(2026, 12, 25)], days[date(2026, 12, 26)]) == (18, 0, 0)
    assert "view=month" in month.content.decode()


def test_with_anybody_the_button_names_nobody_and_who_it_is_stands_on_the_next_page(
    browser: Client, gp: Office, kari: Person
) -> None:
    planned(gp, Clinician.objects.create(name="Siv Moe", hpr_number="8999999"))
    gp.visit_type.is_with_anybody = True
    gp.visit_type.save()
    page = browser.get(BOOK)
    assert "Siv Moe" in text(page)
    value = time_value(None, at_local(date(2026, 11, 24), time(8)))
    assert value in page.content.decode()
    review = browser.post(BOOK, {"time": value})
    assert Claim.objects.get().holder_id == kari.pk
    assert Claim.objects.get().calendar.clinician.name in text(browser.get(review.headers["Location"]))
