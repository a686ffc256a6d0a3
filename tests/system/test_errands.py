"""I dag and Oppgaver: what one colleague asks of another, by keyboard, without script, and on a narrow phone."""

import re

from playwright.sync_api import Page, ViewportSize, expect

from tests.system.conftest import Open, check_accessible, log_in_staff
from tests.system.steps import focus, heading, press

NARROW: ViewportSize = {"width": 320, "height": 640}


def test_a_task_by_keyboard_from_i_dag_until_it_is_done(open_page: Open) -> None:
    mona, ingrid = open_page(), open_page()
    log_in_staff(mona, "Mona Haug")
    expect(heading(mona, re.compile("^I dag"))).to_be_visible()
    check_accessible(mona)
    when_she_writes_one_by_keyboard(mona, "Ring legevakten om skjemaene", "Ingrid Aas")

    log_in_staff(ingrid, "Ingrid Aas")
    press(ingrid, ingrid.get_by_role("main").get_by_role("link", name=re.compile("Oppgaver")).first, "Enter")
    row = ingrid.get_by_role("listitem").filter(has_text="Ring legevakten om skjemaene")
    expect(row).to_contain_text("Ingrid Aas, fra Mona Haug")
    check_accessible(ingrid)
    press(ingrid, row.get_by_role("link", name="Endre"), "Enter")
    expect(heading(ingrid, "Endre oppgaven")).to_be_visible()
    check_accessible(ingrid)
    press(ingrid, ingrid.get_by_role("link", name="Avbryt"), "Enter")
    press(ingrid, row.get_by_role("button", name="Gjort"), "Enter")
    expect(row).to_have_count(0)
    ingrid.keyboard.press("z")
    expect(row).to_have_count(1)
    press(ingrid, row.get_by_role("button", name="Gjort"), "Enter")
    expect(row).to_have_count(0)
    press(ingrid, ingrid.get_by_role("link", name="Gjort", exact=True), "Enter")
    expect(row).to_contain_text("gjort av Ingrid Aas")
    check_accessible(ingrid)


def when_she_writes_one_by_keyboard(page: Page, text: str, to: str) -> None:
    press(page, page.get_by_role("main").get_by_role("link", name="Ny oppgave"), "Enter")
    expect(heading(page, "Ny oppgave")).to_be_visible()
    check_accessible(page)
    press(page, page.get_by_role("button", name="Lagre oppgaven"), "Enter")
    expect(page.get_by_role("main")).to_contain_text("Skriv hva som skal gjøres.")
    focus(page, page.get_by_label("Hva skal gjøres?"))
    page.keyboard.type(text)
    focus(page, page.get_by_label("Til", exact=True))
    page.keyboard.type(to[:4])
    expect(page.get_by_label("Til", exact=True).locator("option:checked")).to_have_text(to)
    press(page, page.get_by_role("button", name="Lagre oppgaven"), "Enter")
    expect(page.get_by_role("status").first).to_be_visible()


def test_she_chooses_how_she_is_told_when_she_is_away(open_page: Open) -> None:
    page = open_page()
    log_in_staff(page, "Siri Berge")
    press(page, page.locator("summary", has_text="Siri Berge"), "Enter")
    press(page, page.get_by_role("link", name="Varsler til meg"), "Enter")
    expect(heading(page, "Varsler til meg")).to_be_visible()
    check_accessible(page)
    page.get_by_label("Én gang om dagen, hvis noe venter").check()
    press(page, page.get_by_role("button", name="Lagre"), "Enter")
    expect(page.get_by_role("main")).to_contain_text("Skriv nummeret du vil ha SMS på.")
    check_accessible(page)
    page.get_by_label("Mobilnummer").fill("999 99 999")
    press(page, page.get_by_role("button", name="Lagre"), "Enter")
    expect(page.get_by_role("status").filter(has_text="Valget er lagret.")).to_be_visible()
    page.get_by_label("Aldri").check()
    page.get_by_role("button", name="Lagre").click()
    expect(page.get_by_role("status").filter(has_text="Du får ingen beskjeder.")).to_be_visible()


def test_without_script_on_a_narrow_phone_and_pasienter_is_within_reach(open_page: Open) -> None:
    page = open_page(script=False)
    page.set_viewport_size(NARROW)
    log_in_staff(page, "Mona Haug")
    expect(page.get_by_role("navigation").get_by_role("link", name="Pasienter")).to_be_in_viewport()
    page.get_by_role("main").get_by_role("link", name="Ny oppgave").click()
    page.get_by_label("Hva skal gjøres?").fill("Bestill sprøyter")
    page.get_by_label("Til", exact=True).select_option(label="Meg selv")
    page.get_by_role("button", name="Lagre oppgaven").click()
    page.goto("/kontor/oppgaver/")
    row = page.get_by_role("listitem").filter(has_text="Bestill sprøyter")
    row.get_by_role("button", name="Gjort").click()
    expect(row).to_have_count(0)
    page.get_by_role("link", name="Gjort", exact=True).click()
    row.get_by_role("button", name="Åpne igjen").click()
    page.goto("/kontor/oppgaver/")
    row.get_by_role("link", name="Endre").click()
    page.get_by_label("Til", exact=True).select_option(label="Ingrid Aas")
    page.get_by_role("button", name="Lagre").click()
    expect(row).to_have_count(0)
    page.get_by_role("link", name="Hele kontoret").click()
    expect(row).to_contain_text("Ingrid Aas, fra Mona Haug")
