"""Consent, akuttsperre and own data in a real browser: what is done in one page works at once in the others."""

import json
import re

import pytest
from playwright.sync_api import Page, expect

from tests.system.conftest import Open, check_accessible, log_in, log_in_staff
from tests.system.steps import heading, reload_until, when_she_states_a_purpose_if_asked


def another_page(page: Page, address: str) -> Page:
    """In the same browser, which has one stream for all its pages."""
    other = page.context.new_page()
    other.goto(address)
    return other


def test_withdrawing_in_one_page_closes_the_others_at_once_and_giving_opens_them(open_page: Open) -> None:
    page = open_page()
    log_in(page, "Sara Testberg")
    page.goto("/profil/samtykke/")
    check_accessible(page)
    booking = another_page(page, "/timeavtaler/bestill/")
    expect(heading(booking, "Bestill time")).to_be_visible()
    home = another_page(page, "/hjem/")
    expect(home.get_by_role("main").get_by_role("link", name="Bestill time").first).to_be_visible()

    page.get_by_role("button", name="Trekk tilbake samtykket").click()
    expect(page.get_by_role("status").filter(has_text="Samtykket er trukket tilbake.")).to_be_visible()
    expect(heading(booking, "Du mangler full tilgang")).to_be_visible()
    check_accessible(booking)
    expect(home.get_by_role("button", name="Gi full tilgang")).to_be_visible()

    page.goto("/profil/samtykke/")
    expect(page.get_by_role("radio")).to_have_count(1)  # from Basis there is one step left
    page.get_by_role("button", name="Trekk tilbake samtykket").click()
    expect(page.get_by_role("status").filter(has_text="er slettet")).to_be_visible()
    expect(heading(booking, "Du har slått av tjenestene")).to_be_visible()

    page.get_by_role("button", name="Gi full tilgang").first.click()
    page.get_by_role("button", name="Gi full tilgang").click()
    expect(heading(booking, "Bestill time")).to_be_visible()


def test_a_lock_ends_every_page_and_only_the_office_opens_again(open_page: Open) -> None:
    page, elsewhere = open_page(), open_page()
    log_in(page, "Lise Testnes")
    log_in(elsewhere, "Lise Testnes")
    with elsewhere.expect_request(re.compile("/live/me/")):
        elsewhere.goto("/profil/")
    check_accessible(elsewhere)

    page.goto("/profil/akuttsperre/")
    check_accessible(page)
    page.get_by_role("button", name="Sperr tilgangen min").click()
    expect(page.get_by_role("alert").or_(page.locator("#lock .ds-validation-message")).first).to_be_visible()
    page.get_by_label("Jeg forstår").check()
    page.get_by_role("button", name="Sperr tilgangen min").click()
    expect(heading(page, "Tilgangen er sperret")).to_be_visible()
    check_accessible(page)

    expect(elsewhere).to_have_url(re.compile("demo-id"))  # its own guard sent it to log in
    elsewhere.get_by_role("button", name="Lise Testnes", exact=True).click()
    expect(heading(elsewhere, "Den digitale tilgangen er sperret")).to_be_visible()

    office = open_page()
    log_in_staff(office, "Mona Haug")
    office.goto("/kontor/pasienter/")
    office.get_by_label("Navn").or_(office.get_by_role("searchbox")).first.fill("Lise Testnes")
    office.keyboard.press("Enter")
    office.get_by_role("link", name=re.compile("Lise Testnes|Testnes, Lise")).first.click()
    lift = office.get_by_role("link", name="Opphev akuttsperren")
    when_she_states_a_purpose_if_asked(office, lift)
    lift.click()
    controlled = office.get_by_label("Jeg har kontrollert")
    expect(controlled).to_be_visible()
    check_accessible(office)
    controlled.check()
    office.get_by_role("button", name="Opphev akuttsperren").click()
    expect(office.get_by_role("status").filter(has_text="Akuttsperren er opphevet.")).to_be_visible()
    log_in(elsewhere, "Lise Testnes")


@pytest.mark.parametrize("script", [True, False])
def test_she_gets_her_own_data_while_she_waits(open_page: Open, script: bool) -> None:
    page = open_page(script=script)
    log_in(page, "Grethe Testli")
    page.goto("/profil/")
    page.get_by_role("link", name="Samtykke og innsyn").click()
    page.get_by_role("link", name="Hent opplysningene dine").click()
    page.get_by_role("button", name=re.compile("Lag filene")).click()
    ready = page.get_by_role("heading", name="Filene er klare")
    again = page.get_by_role("link", name="Se om filene er klare")
    if not script:  # she looks again herself
        expect(again.or_(ready)).to_be_visible()
        if again.is_visible():
            with page.expect_navigation():
                again.click()
        reload_until(page, ready.is_visible)
    expect(ready).to_be_visible()
    if script:
        check_accessible(page)
    with page.expect_download() as download:
        page.get_by_role("link", name="Hent FHIR-fil").click()
    with download.value.path().open(encoding="utf-8") as file:
        bundle = json.load(file)
    assert bundle["entry"][0]["resource"]["name"][0]["family"] == "Testli"
    with page.expect_download() as download:
        page.get_by_role("link", name="Hent PDF").click()
    assert download.value.path().read_bytes().startswith(b"%PDF-")


def test_each_kind_of_notice_is_chosen_by_itself(open_page: Open) -> None:
    page = open_page()
    log_in(page, "Grethe Testli")
    page.goto("/profil/beskjeder/")
    check_accessible(page)
    page.get_by_label("Påminnelse 48 timer før timen").select_option(label="Ingen beskjed")
    page.get_by_role("button", name="Lagre").click()
    expect(page.get_by_text("Ingen beskjed")).to_have_count(1)
