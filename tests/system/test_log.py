"""Who has seen and changed: the office says why, the citizen reads it and asks, the office answers."""

import re
from pathlib import Path

from playwright.sync_api import Page, expect

from tests.system.conftest import Open, check_accessible, log_in, log_in_staff
from tests.system.steps import heading

PATIENT = "Anders Testberg"


def when_the_office_opens_a_patient_without_contact(page: Page) -> None:
    page.get_by_role("link", name="Pasienter", exact=True).click()
    page.get_by_role("main").get_by_label("Finn pasient").fill(PATIENT)
    page.get_by_role("button", name="Søk").click()
    page.get_by_role("main").get_by_role("link", name=re.compile(f"^{PATIENT}")).click()
    expect(heading(page, "Oppgi formål")).to_be_visible()
    check_accessible(page)


def when_she_says_why(page: Page) -> None:
    page.get_by_label("Regning, attest eller annen administrasjon").check()
    page.get_by_label("Med egne ord").fill("Attest til skolen")
    page.get_by_role("button", name="Åpne pasienten").click()
    expect(heading(page, PATIENT)).to_be_visible()


def then_she_sees_who_did_what_and_why(page: Page) -> None:
    page.get_by_role("link", name="Profil", exact=True).click()
    page.get_by_role("link", name="Samtykke og innsyn").click()
    page.get_by_role("link", name="Hvem har sett og endret").click()
    expect(heading(page, "Hvem har sett og endret")).to_be_visible()
    check_accessible(page)
    page.get_by_role("main").get_by_role("link", name="Mona Haug, helsesekretær").first.click()
    expect(page.get_by_role("main")).to_contain_text("Viser bare «Mona Haug»")
    row = page.get_by_role("listitem").filter(has_text="Åpnet siden din").first
    expect(row).to_contain_text("Mona Haug, helsesekretær")
    expect(row).to_contain_text("Fjordbyen legesenter")
    expect(row).to_contain_text("Regning, attest eller annen administrasjon")
    stated = page.get_by_role("listitem").filter(has_text="Oppga hvorfor").first
    expect(stated).to_contain_text("Attest til skolen")
    check_accessible(page)


def when_she_asks_the_office(page: Page) -> None:
    row = page.get_by_role("listitem").filter(has_text="Åpnet siden din").first
    row.locator("summary").click()
    row.get_by_role("link", name=re.compile("Reager på dette.*Åpnet siden din")).first.click()
    question = page.get_by_label("Hva vil du spørre om?")
    expect(question).to_be_visible()
    check_accessible(page)
    question.fill("Jeg har ikke bedt om noen attest.")
    page.get_by_role("button", name="Send til kontoret").click()
    expect(page.get_by_role("main")).to_contain_text("Kommer innen")


def when_the_doctor_answers(page: Page) -> None:
    log_in_staff(page, "Ingrid Aas")
    page.get_by_role("link", name="Innboks").click()
    row = page.get_by_role("main").get_by_role("link", name=PATIENT)
    expect(row).to_be_visible()
    check_accessible(page)
    row.click()
    expect(page.get_by_role("main")).to_contain_text("Jeg har ikke bedt om noen attest.")
    check_accessible(page)
    page.get_by_label("Svar til innbyggeren").fill("Skolen ba om den. Vi skulle ha spurt deg.")
    page.get_by_role("button", name="Send svaret").click()
    expect(heading(page, "Innboks")).to_be_visible()


def test_a_citizen_asks_about_a_reading_and_gets_an_answer(open_page: Open) -> None:
    mona, sara, ingrid = open_page(), open_page(), open_page()
    log_in_staff(mona, "Mona Haug")
    when_the_office_opens_a_patient_without_contact(mona)
    when_she_says_why(mona)
    log_in(sara, PATIENT)
    then_she_sees_who_did_what_and_why(sara)
    when_she_asks_the_office(sara)
    when_the_doctor_answers(ingrid)
    sara.reload()
    expect(sara.get_by_role("main")).to_contain_text("Skolen ba om den. Vi skulle ha spurt deg.")


def test_the_log_is_downloaded(open_page: Open, tmp_path: Path) -> None:
    page = open_page()
    log_in(page, "Kari Testdal")
    page.goto("/profil/logg/")
    with page.expect_download() as download:
        page.get_by_role("link", name="Last ned som regneark (CSV)").click()
    file = tmp_path / download.value.suggested_filename
    download.value.save_as(file)
    assert file.read_text(encoding="utf-8-sig").startswith("Tidspunkt;Hvem;Rolle")
