"""Every page of every side, as axe sees it. Pages that only a journey reaches are checked in the journeys."""

import re

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect

from legedialog.core.times import local_day
from legedialog.core.workdays import add_working_days
from tests.system.conftest import Open, check_accessible, log_in, log_in_staff
from tests.system.steps import (
    the_free_times,
    when_she_books_it,
    when_she_cancels_it,
    when_she_states_a_purpose_if_asked,
    when_she_takes,
)

OFFICE = {
    "Mona Haug": [
        *("innboks/", "onsker/", "kalender/?visning=uke", "kalender/dagsliste/", "kalender/bestill/"),
        *("kalender/sperr/", "videotimer/", "pasienter/"),
    ],
    "Siri Berge": [
        *("kalender/", "innstillinger/", "kalender/fravar/", "innstillinger/apningstider/"),
        *("innstillinger/ansatte/", "innstillinger/ansatte/ny/", "innstillinger/kontoret/"),
    ],
    "Odd Lund": [""],
}


def check(page: Page, *addresses: str) -> None:
    for address in addresses:
        answer = page.goto(address)
        assert answer
        assert answer.status == 200, address
        check_accessible(page)


def test_pages_before_login(open_page: Open) -> None:
    page = open_page()
    check(page, "/", "/hjelp/", "/logg-inn/", "/logg-inn/ansatt/", "/logg-inn/utlogget/", "/logg-ut/", "/demo/varsler/")


@pytest.mark.parametrize(
    ("who", "address", "status"),
    [
        ("", "/finnes-ikke/", 404),
        ("", "/logg-inn/svar/idporten/?state=x", 400),
        ("Kari Testdal", "/timeavtaler/01980000-0000-7000-8000-000000000000/", 404),
        ("Kari Testdal", "/kontor/kalender/", 403),
    ],
)
def test_pages_that_say_no(who: str, address: str, status: int, open_page: Open) -> None:
    page = open_page()
    if who:
        log_in(page, who)
    answer = page.goto(address)
    assert answer
    assert answer.status == status
    expect(page.get_by_role("heading", level=1)).to_be_visible()
    check_accessible(page)


def test_the_citizens_pages(open_page: Open) -> None:
    lise = open_page()
    log_in(lise, "Lise Testnes")
    check(lise, "/hjem/", "/min-fastlege/", "/meldinger/", "/legemidler/", "/profil/", "/profil/kontakt/", "/hjelp/")
    check(lise, "/profil/kontakt-og-beskjeder/", "/profil/innsyn/", "/profil/innlogging/", "/profil/fullmakter/")
    check(lise, "/timeavtaler/", "/timeavtaler/be-om-time/", "/timeavtaler/bestill/")
    when_she_takes(lise, the_free_times(lise)[-1])
    check_accessible(lise)
    when_she_books_it(lise)
    check_accessible(lise)
    receipt = lise.url
    lise.goto(receipt.replace("bestilt/", "avbestill/"))
    check_accessible(lise)
    check(lise, receipt.replace("bestilt/", ""), "/timeavtaler/", "/hjem/", "/profil/samtykke/")
    lise.goto(receipt)
    when_she_cancels_it(lise)
    check_accessible(lise)


@pytest.mark.parametrize("who", OFFICE)
def test_the_offices_pages(who: str, open_page: Open) -> None:
    page = open_page()
    log_in_staff(page, who)
    check(page, *(f"/kontor/{address}" for address in OFFICE[who]))


def test_as_many_as_are_overbooked_at_one_time_fit_a_narrow_phone(open_page: Open) -> None:
    mona = open_page()
    log_in_staff(mona, "Mona Haug")
    mona.goto("/kontor/kalender/")
    mona.locator('[data-chosen] [data-kind="booked"] > a').first.evaluate(
        "each => { for (let n = 0; n < 8; n++) each.after(each.cloneNode(true)); }"
    )
    mona.set_viewport_size({"width": 320, "height": 640})
    assert not mona.evaluate("document.documentElement.scrollWidth > innerWidth")


def test_the_offices_pages_behind_its_lists(open_page: Open) -> None:
    mona, siri = open_page(), open_page()
    log_in_staff(mona, "Mona Haug")
    # The next working day: late in the evening this one has nothing left in it.
    mona.goto(f"/kontor/kalender/?visning=dag&dag={add_working_days(local_day(timezone.now()), 1)}")
    visit = mona.locator('a[data-status="booked"]').last.get_attribute("href") or ""
    free = mona.locator('a[href*="/bestill/"][data-cell]').last.get_attribute("href") or ""
    note = mona.locator('a[href*="/kalender/merknad/"]').first.get_attribute("href") or ""
    check(mona, visit, f"{visit}avbestill/", note, free)
    when_she_finds_the_patient(mona, "Kari Testdal")

    log_in_staff(siri, "Siri Berge")
    siri.goto("/kontor/innstillinger/")
    for part in ("tjenester", "timetyper", "ukeplan"):
        siri.goto("/kontor/innstillinger/")
        siri.goto(siri.locator(f'a[href*="/innstillinger/{part}/"]').first.get_attribute("href") or "")
        check_accessible(siri)
    check(siri, siri.locator('a[href*="/innstillinger/ukeplan/blokk/"]').first.get_attribute("href") or "")


def when_she_finds_the_patient(page: Page, name: str) -> None:
    page.goto("/kontor/pasienter/")
    page.get_by_role("main").get_by_role("searchbox").first.fill(name)
    page.get_by_role("button", name="Søk").click()
    page.get_by_role("link", name=re.compile(f"^{name}")).click()
    found = page.get_by_role("heading", level=1, name=re.compile(name))
    when_she_states_a_purpose_if_asked(page, found)
    check_accessible(page)


def test_the_operators_page(open_page: Open) -> None:
    drift = open_page()
    log_in_staff(drift, "Drift Operatør")
    check(drift, "/drift/")
