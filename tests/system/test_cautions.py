"""What a patient does not tolerate: written by the office, met before a renewal, read by her, and ended."""

import json
import re

from playwright.sync_api import Page, expect

from tests.system.conftest import Open, check_accessible, log_in, log_in_staff
from tests.system.steps import heading, reload_until, when_she_states_a_purpose_if_asked

WHO, SUBSTANCE, REACTION = "Sara Testberg", "Desloratadin", "Utslett på armene etter to dager"
WHY = "Tålt uten reaksjon ved ny prøve"


def given_she_has_ordered_a_medicine_that_is_like_it(page: Page) -> None:
    """In the demo she has; another journey may have withdrawn all that she had asked for."""
    page.goto("/legemidler/")
    expect(heading(page, "Legemidler")).to_be_visible()
    orders = page.get_by_role("main").get_by_role("link", name="Forny resept")
    if not orders.count():
        return
    orders.click()
    expect(heading(page, "Forny resept")).to_be_visible()
    box = page.get_by_role("checkbox", name=re.compile("Aerius"))
    if box.count() and box.is_enabled():
        box.check()
        page.get_by_role("button", name="Forny resept").click()
        expect(heading(page, "Bestilling av resept")).to_be_visible()


def when_reception_writes_it(page: Page) -> None:
    page.goto("/kontor/")
    page.keyboard.press("/")
    page.keyboard.type(WHO)
    page.keyboard.press("Enter")
    page.get_by_role("main").get_by_role("link", name=re.compile(f"^{WHO}")).click()
    tab = page.get_by_role("link", name="CAVE og allergier")
    when_she_states_a_purpose_if_asked(page, tab)
    tab.click()
    page.get_by_label("Hva tåler ikke pasienten?").fill(SUBSTANCE)
    page.get_by_label("ATC-kode").fill("R06AX27")
    page.get_by_label("Hva skjer?").fill(REACTION)
    for choice in ("Middels", "Sannsynlig", "Pasienten har fortalt det"):
        page.get_by_label(choice).check()
    expect(page.get_by_label("Pasienten har fortalt det")).to_be_checked()
    check_accessible(page)
    page.get_by_role("button", name="Legg til advarselen").click()
    expect(page.get_by_role("region", name="Gjelder nå")).to_contain_text(SUBSTANCE)
    page.get_by_role("link", name="Oversikt").click()
    expect(page.get_by_role("region", name="CAVE")).to_contain_text(f"CAVE: {SUBSTANCE}")


def when_the_doctor_meets_it_before_she_renews(page: Page) -> None:
    """It has a tick of its own, and nothing is renewed without it. She leaves the order as it is."""
    page.goto("/kontor/resepter/?vis=kontoret")
    row = page.get_by_role("list", name="Fornyelser").get_by_role("listitem").filter(has_text=WHO)
    expect(row).to_contain_text("CAVE")
    row.get_by_role("link", name=WHO).click()
    expect(page.get_by_label(f"Jeg har sett CAVE {SUBSTANCE} hos {WHO}")).to_be_visible()
    page.get_by_role("button", name="Forny", exact=True).click()
    expect(page.get_by_text("Se på den, og sett haken før du fornyer")).to_be_visible()
    expect(heading(page, re.compile(WHO))).to_be_visible()
    check_accessible(page)


def then_she_reads_it_and_has_it_in_her_own_data(page: Page) -> None:
    page.goto("/legemidler/")
    expect(page.get_by_role("region", name="Allergier og advarsler")).to_contain_text(REACTION)
    check_accessible(page)
    page.goto("/profil/")
    page.get_by_role("link", name="Samtykke og innsyn").click()
    page.get_by_role("link", name="Hent opplysningene dine").click()
    page.get_by_role("button", name=re.compile("Lag filene")).click()
    reload_until(page, page.get_by_role("heading", name="Filene er klare").is_visible)
    with page.expect_download() as download:
        page.get_by_role("link", name="Hent FHIR-fil").click()
    with download.value.path().open(encoding="utf-8") as file:
        resources = [each["resource"] for each in json.load(file)["entry"]]
    told = [each for each in resources if each["resourceType"] == "AllergyIntolerance"]
    assert SUBSTANCE in json.dumps(told)


def when_it_is_ended(page: Page) -> None:
    page.get_by_role("link", name="CAVE og allergier").click()
    page.get_by_role("link", name=re.compile(f"^Avslutt ?: {SUBSTANCE}")).click()
    page.get_by_label("Hvorfor avsluttes advarselen?").fill(WHY)
    expect(page.get_by_label("Hvorfor avsluttes advarselen?")).to_have_value(WHY)
    check_accessible(page)
    page.get_by_role("button", name="Avslutt advarselen").click()
    expect(page.get_by_role("region", name="Avsluttet")).to_contain_text(WHY)
    page.get_by_role("link", name="Oversikt").click()
    expect(heading(page, re.compile(WHO))).to_be_visible()
    expect(page.get_by_role("region", name="CAVE")).to_have_count(0)


def test_what_she_does_not_tolerate_is_met_read_and_ended(open_page: Open) -> None:
    mona, ingrid, sara = open_page(), open_page(), open_page()
    log_in(sara, WHO)
    given_she_has_ordered_a_medicine_that_is_like_it(sara)
    log_in_staff(mona, "Mona Haug")
    when_reception_writes_it(mona)
    log_in_staff(ingrid, "Ingrid Aas")
    when_the_doctor_meets_it_before_she_renews(ingrid)
    then_she_reads_it_and_has_it_in_her_own_data(sara)

    when_it_is_ended(mona)
    sara.goto("/legemidler/")
    sara.get_by_text("Advarsler som er avsluttet").click()
    expect(sara.get_by_text(WHY)).to_be_visible()
    ingrid.reload()
    expect(ingrid.get_by_text(re.compile(f"CAVE: {SUBSTANCE}"))).to_have_count(0)


def test_the_record_and_the_medicines_are_opened_beside_a_message(open_page: Open) -> None:
    page = open_page()
    log_in_staff(page, "Ingrid Aas")
    page.goto("/kontor/innboks/?fane=mine&type=econsultation")
    page.locator("[data-row]").first.click()
    record, medicines = page.locator("#record-beside"), page.locator("#medicines-beside")
    expect(record).not_to_be_visible()
    for fold, words in (("Journal", record), ("Legemidler nå", medicines)):
        summary = page.locator("aside summary", has_text=fold)
        summary.focus()
        page.keyboard.press("Enter")
        expect(words.get_by_role("listitem").first).to_be_visible()
    expect(page.locator("#medicines-beside").get_by_role("listitem").first).to_be_visible()
    check_accessible(page)
