"""From a held time to the receipt, and who does not get that far."""

from __future__ import annotations

import re
from datetime import date, time
from html import unescape
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import pytest
from django.test import Client

from legedialog.access.tests.pages import Tab
from legedialog.appointments import rules
from legedialog.appointments.models import (
    Appointment,
    Claim,
    ClaimKind,
)
from legedialog.appointments.picker import time_value
from legedialog.appointments.tests.factories import TOMORROW, Office, office, person
from legedialog.consent.models import Level
from legedialog.core.times import at_local
from legedialog.patients.models import Person
from legedialog.practices.models import Offer, Service

if TYPE_CHECKING:
    from django.test.client import _MonkeyPatchedWSGIResponse as Response
from legedialog.appointments.tests.browsing import (
    BOOK,
    INDEX,
    REQUEST,
    REVIEW,
    Clock,
    browser_of,
    buttons,
    confirm,
    hold,
    last_step,
    text,
)

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clock")]


def test_from_the_first_page_to_the_receipt(browser: Client, gp: Office, kari: Person) -> None:
    value = buttons(browser.get(BOOK))["tirsdag 24. november kl. 10.20, Ingrid Aas"]
    held = browser.post(BOOK, {"time": value}, follow=True)
    assert held.redirect_chain[0][0].startswith(REVIEW)
    seen = text(held)
    assert "Vi holder timen av til deg til kl. 10.10" in seen
    assert "Tirsdag 24. november kl. 10.20–10.40" in seen
    assert "Avbestill senest mandag 23. november kl. 10.30" in seen
    assert "Fjordbyen legesenter, Storgata 1, 5003 Fjordbyen" in seen
    booked = confirm(browser, held)
    appointment = Appointment.objects.get(patient=kari)
    assert booked.status_code == 302
    assert booked["Location"] == f"/timeavtaler/{appointment.pk}/bestilt/"
    assert appointment.reason == "Vondt i kneet"
    receipt = browser.get(booked["Location"])
    assert "Timen er bestilt" in text(receipt)
    assert "Vondt i kneet" not in text(receipt)


def test_what_is_chosen_follows_through_the_addresses(browser: Client, gp: Office) -> None:
    value = time_value(gp.calendar.pk, at_local(TOMORROW, time(8)))
    held = browser.post(f"{BOOK}?channel=phone&day=2026-11-24", {"time": value})
    assert held["Location"] == f"{REVIEW}?channel=phone&day=2026-11-24"
    assert "Legen ringer deg" in text(browser.get(held["Location"]))


def reason(shown: Response) -> str:
    found = re.search(r"<textarea[^>]*>\s*(.*?)</textarea>", shown.content.decode(), re.DOTALL)
    assert found
    return unescape(found[1])


def test_choosing_another_time_keeps_what_is_typed_and_never_in_an_address(browser: Client, gp: Office) -> None:
    hold(browser, gp)
    left = browser.post(f"{BOOK}?channel=phone", last_step(browser.get(REVIEW), "Vondt i kneet"))
    assert (left.status_code, left["Location"]) == (302, f"{BOOK}?channel=phone#times")
    shown = browser.get(BOOK, {"channel": "phone", "day": "2026-12-09"})
    assert "Det du har skrevet til legen, er tatt vare på" in text(shown)
    assert "kneet" not in shown.content.decode()
    hold(browser, gp, clock=time(9))
    assert reason(browser.get(REVIEW)) == "Vondt i kneet"
    confirm(browser, browser.get(REVIEW), "Vondt i kneet")
    hold(browser, gp, clock=time(10))
    assert reason(browser.get(REVIEW)) == ""


@pytest.mark.parametrize("typed", ["å" * 1000, "你好" * 500, "Linje én\nLinje to", "x"])
def test_long_and_foreign_texts_are_kept_too(browser: Client, gp: Office, typed: str) -> None:
    hold(browser, gp)
    browser.post(BOOK, last_step(browser.get(REVIEW), typed))
    assert reason(browser.get(REVIEW)) == typed


def test_nobody_else_at_the_same_machine_gets_what_was_typed(browser: Client, gp: Office) -> None:
    hold(browser, gp)
    browser.post(BOOK, last_step(browser.get(REVIEW), "Vondt i kneet"))
    cookie = browser.cookies["reason"]
    assert "kneet" not in cookie.value
    assert cookie["httponly"]
    assert cookie["path"] == INDEX
    per = browser_of(gp.patient("Per Testvik"))
    hold(per, gp, clock=time(9))
    for value in (cookie.value, cookie.value[:-8] + "AAAAAAA=", "tull", "é"):
        per.cookies["reason"] = value
        assert reason(per.get(REVIEW)) == ""


def test_going_back_her_own_held_time_is_still_there_and_marked(browser: Client, gp: Office) -> None:
    hold(browser, gp)
    shown = browser.get(BOOK)
    assert "tirsdag 24. november kl. 08.00, Ingrid Aas" in buttons(shown)
    assert "Vi holder tirsdag 24. november kl. 08.00 av til deg til kl. 10.10." in text(shown)
    assert shown.content.decode().count('aria-pressed="true"') == 1 + 2  # language and colours are pressed too
    assert hold(browser, gp).status_code == 302


def test_another_sees_a_held_time_as_taken(browser: Client, gp: Office) -> None:
    hold(browser, gp)
    assert "tirsdag 24. november kl. 08.00, Ingrid Aas" not in buttons(browser_of(gp.patient("Per Testvik")).get(BOOK))


def test_choosing_another_time_moves_the_hold(browser: Client, gp: Office) -> None:
    hold(browser, gp)
    hold(browser, gp, clock=time(9))
    assert Claim.objects.get(kind=ClaimKind.HOLD).period.lower == at_local(TOMORROW, time(9))


def test_a_double_click_books_once(browser: Client, gp: Office, kari: Person) -> None:
    hold(browser, gp)
    shown = browser.get(REVIEW)
    first, second = confirm(browser, shown), confirm(browser, shown)
    assert first["Location"] == second["Location"]
    assert Appointment.objects.filter(patient=kari).count() == 1


def test_cancelling_the_hold_frees_the_time(browser: Client, gp: Office) -> None:
    hold(browser, gp)
    left = Tab(browser).open(REVIEW).press(REVIEW, to=f"{BOOK}avbryt/")
    assert "Du bestilte ikke. Timen er ledig for andre igjen." in text(left)
    assert not Claim.objects.exists()


@pytest.mark.parametrize("page", [REVIEW, BOOK])
def test_cancelling_in_one_tab_leaves_what_another_holds(page: str, browser: Client, gp: Office) -> None:
    hold(browser, gp)
    tab, form = Tab(browser).open(page), f"{BOOK}avbryt/" if page == BOOK else page
    hold(browser, gp, clock=time(9))
    tab.press(form, to=f"{BOOK}avbryt/")
    assert Claim.objects.get(kind=ClaimKind.HOLD).period.lower == at_local(TOMORROW, time(9))
    Tab(browser).open(page).press(form, to=f"{BOOK}avbryt/")
    assert not Claim.objects.exists()


def test_without_a_held_time_the_last_step_leads_back_to_the_times(browser: Client) -> None:
    left = browser.get(REVIEW, follow=True)
    assert left.redirect_chain[0][0].startswith(BOOK)
    assert "Ingen time er holdt av til deg nå." in text(left)


def test_a_time_that_another_took_answers_409_with_the_next_free_ones(browser: Client, gp: Office) -> None:
    gp.booked(gp.patient("Per Testvik"))
    lost = hold(browser, gp)
    assert lost.status_code == 409
    assert "Noen andre rakk å ta denne timen." in text(lost)
    assert "tirsdag 24. november kl. 08.20, Ingrid Aas" in buttons(lost)
    assert "tirsdag 24. november kl. 08.00, Ingrid Aas" not in buttons(lost)


def test_a_lost_race_far_ahead_shows_that_week(browser: Client, gp: Office) -> None:
    gp.booked(gp.patient("Per Testvik"), day=date(2026, 12, 9))
    lost = hold(browser, gp, day=date(2026, 12, 9))
    assert lost.status_code == 409
    assert "onsdag 9. desember kl. 08.20, Ingrid Aas" in buttons(lost)


def test_a_hold_that_ended_offers_the_same_time_again_and_keeps_the_reason(
    browser: Client, gp: Office, clock: Clock
) -> None:
    hold(browser, gp)
    shown = browser.get(REVIEW)
    clock.goes(minutes=11)
    ended = confirm(browser, shown)
    assert ended.status_code == 409
    assert "Timen er ikke holdt av til deg lenger." in text(ended)
    assert "Velg tirsdag 24. november kl. 08.00 på nytt" in text(ended)
    assert "Det du har skrevet til legen, er tatt vare på" in text(ended)
    hold(browser, gp)
    assert reason(browser.get(REVIEW)) == "Vondt i kneet"


def test_a_hold_that_another_tab_replaced_is_not_said_to_have_run_out(browser: Client, gp: Office) -> None:
    hold(browser, gp)
    shown = browser.get(REVIEW)
    hold(browser, gp, clock=time(10))
    lost = confirm(browser, shown)
    assert lost.status_code == 409
    assert "Vi holder bare den siste du valgte, i ti minutter." in text(lost)
    assert not Appointment.objects.exists()


def test_a_hold_that_ended_stands_in_nobodys_way(browser: Client, gp: Office, clock: Clock) -> None:
    """Behind the fence too, where she sees no row of another's: what is offered can be taken."""
    per = gp.patient("Per Testvik")
    hold(browser_of(per), gp)
    clock.goes(minutes=11)
    assert hold(browser, gp).status_code == 302
    assert Claim.objects.count() == 1
    assert not Claim.objects.filter(holder=per).exists()


def test_a_hold_that_ended_and_was_taken_does_not_offer_that_time(browser: Client, gp: Office, clock: Clock) -> None:
    hold(browser, gp)
    shown = browser.get(REVIEW)
    clock.goes(minutes=11)
    gp.booked(gp.patient("Per Testvik"), now=clock.now)
    ended = confirm(browser, shown)
    assert ended.status_code == 409
    assert "på nytt" not in text(ended).replace("Velg på nytt.", "")
    assert "tirsdag 24. november kl. 08.20, Ingrid Aas" in buttons(ended)


def test_a_reason_that_is_too_long_is_kept_and_said_at_the_field(browser: Client, gp: Office) -> None:
    hold(browser, gp)
    long = "å" * (rules.REASON_LENGTH + 1)
    refused = confirm(browser, browser.get(REVIEW), long)
    assert refused.status_code == 422
    assert "Kort den ned til 1000 tegn." in text(refused)
    assert long in refused.content.decode()
    assert not Appointment.objects.exists()


def test_enough_coming_ones_is_told_before_she_writes_anything(browser: Client, gp: Office, kari: Person) -> None:
    gp.booked(kari)
    gp.booked(kari, clock=time(9))
    refused = hold(browser, gp, clock=time(10))
    assert refused.status_code == 409
    assert "Du har allerede så mange timer" in text(refused)


NOBODYS = "01980000-0000-4000-8000-000000000000"  # the same in every process that collects the tests


@pytest.mark.parametrize("value", ["", "x", "x@y", f"{NOBODYS}@2026-11-24T08:00:00", f"{NOBODYS}@"])
def test_a_time_that_makes_no_sense_shows_the_times_again(browser: Client, value: str) -> None:
    shown = browser.post(BOOK, {"time": value})
    assert shown.status_code == 409
    assert buttons(shown)


def test_another_offices_calendar_is_not_found(browser: Client) -> None:
    assert hold(browser, office("Dalen legekontor", "Odd Lund")).status_code == 404


def test_anothers_hold_is_not_found(browser: Client, gp: Office) -> None:
    per = browser_of(gp.patient("Per Testvik"))
    hold(per, gp)
    shown = per.get(REVIEW)
    assert confirm(browser, shown).status_code == 404
    assert not Appointment.objects.exists()


# ---- who does not get this far


def test_a_stranger_is_sent_to_log_in_and_comes_back() -> None:
    answer = Client().get(BOOK)
    assert answer.status_code == 302
    assert urlsplit(answer["Location"]).query == "next=%2Ftimeavtaler%2Fbestill%2F"


@pytest.mark.parametrize("address", [INDEX, BOOK, REQUEST])
def test_basis_is_told_what_is_missing(gp: Office, address: str) -> None:
    shown = browser_of(gp.patient("Per Testvik", level=Level.BASIS)).get(address)
    assert "Gi full tilgang" in text(shown)
    assert not buttons(shown)


def test_a_doctor_without_digital_services_is_said_plainly_with_the_phone(browser: Client, gp: Office) -> None:
    gp.practice.supported_services = []
    gp.practice.save()
    for address in (BOOK, REQUEST):
        seen = text(browser.get(address))
        assert "Journalsystemet til legekontoret støtter ikke dette." in seen
        assert "Ring Fjordbyen legesenter for å få time. 55 55 55 55" in seen
    assert hold(browser, gp).status_code == 409
    assert not Claim.objects.exists()
    shown = browser.get(INDEX)
    assert "Ring Fjordbyen legesenter for å få time. 55 55 55 55" in text(shown)
    for address in (BOOK, REQUEST):
        assert f'href="{address}"' not in shown.content.decode()


def test_a_doctor_with_requests_only_leads_to_them_and_the_other_way_round(browser: Client, gp: Office) -> None:
    offers = Offer.objects.filter(clinician=gp.doctor)
    offers.filter(service=Service.BOOK).update(is_open=False, closed_until_date=date(2026, 12, 1))
    shown = browser.get(BOOK)
    assert "Det åpner igjen tirsdag 1. desember." in text(shown)
    assert f'href="{REQUEST}"' in shown.content.decode()
    offers.filter(service=Service.BOOK).update(is_open=True)
    offers.filter(service=Service.REQUEST).update(is_open=False)
    assert f'href="{BOOK}"' in browser.get(REQUEST).content.decode()


def test_without_a_gp_she_is_told_what_to_do() -> None:
    browser = browser_of(person())
    for address in (BOOK, REQUEST):
        assert "Du er ikke på listen til noen fastlege" in text(browser.get(address))


def test_an_office_without_online_times_says_so(browser: Client, gp: Office) -> None:
    gp.calendar.blocks.update(is_online=False)
    assert "Legen har ikke lagt ut timer." in text(browser.get(BOOK))
