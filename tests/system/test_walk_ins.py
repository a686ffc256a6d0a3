"""Somebody who is on no list comes to the office: registered, booked, told on paper, and written of in the record."""

import re

from playwright.sync_api import Page, expect

from tests.system.conftest import Open, check_accessible, log_in_staff
from tests.system.steps import focus, heading, press, reload_until

NAME = "Greta Prøvestad"


def test_a_tourist_is_registered_booked_and_written_of(open_page: Open) -> None:
    mona = open_page()
    log_in_staff(mona, "Mona Haug")
    when_reception_looks_for_her_and_registers_her(mona)
    when_reception_books_the_first_free_time(mona)
    then_her_note_says_when_and_where(mona)
    when_a_note_is_written(mona)
    then_she_is_found_there(mona)


def test_without_script_she_is_registered_and_booked(open_page: Open) -> None:
    mona = open_page(script=False)
    log_in_staff(mona, "Mona Haug")
    mona.goto("/kontor/kalender/bestill/")
    mona.get_by_role("main").get_by_label("Finn pasient").fill("bodil prøvemo")
    mona.get_by_role("main").get_by_role("button", name="Søk").click()
    mona.get_by_role("button", name="Registrer ny pasient").click()
    expect(mona.get_by_label("Fornavn")).to_have_value("bodil")
    mona.get_by_label("Fødselsdato").fill("1991-02-03")
    mona.get_by_role("button", name="Registrer og velg time").click()
    expect(mona.get_by_role("main")).to_contain_text("identiteten")
    expect(mona.get_by_label("Etternavn")).to_have_value("prøvemo")  # what was typed stays
    mona.get_by_label("Pass", exact=True).check()
    mona.get_by_role("button", name="Registrer og velg time").click()
    expect(mona.get_by_role("main")).to_contain_text("født 03.02.1991")
    mona.get_by_role("button", name=re.compile("^Første ledige")).click()
    expect(mona.get_by_role("status").filter(has_text="Pasienten får timen og beskjed om")).to_be_visible()


def test_with_the_keyboard_alone_she_is_registered_and_booked(open_page: Open) -> None:
    mona = open_page()
    log_in_staff(mona, "Mona Haug")
    mona.goto("/kontor/kalender/bestill/")
    focus(mona, mona.get_by_role("main").get_by_label("Finn pasient"))
    mona.keyboard.type("siv prøveås")
    mona.keyboard.press("Enter")
    expect(mona.get_by_role("heading", name="Ingen treff")).to_be_visible()
    press(mona, mona.get_by_role("button", name="Registrer ny pasient"), "Enter")
    expect(heading(mona, "Registrer ny pasient")).to_be_visible()
    expect(mona.get_by_label("Fornavn")).to_have_value("siv")
    focus(mona, mona.get_by_label("Fødselsdato"))
    mona.keyboard.type("02031992")  # month first, as the browser's own field has it
    expect(mona.get_by_label("Fødselsdato")).to_have_value("1992-02-03")
    press(mona, mona.get_by_role("radio").first, "Space")
    press(mona, mona.get_by_role("button", name="Registrer og velg time"), "Enter")
    expect(mona.get_by_role("main")).to_contain_text("siv prøveås, født 03.02.1992")
    press(mona, mona.get_by_role("button", name=re.compile("^Første ledige")), "Enter")
    expect(mona.get_by_role("status").filter(has_text="Pasienten får timen og beskjed om")).to_be_visible()


def when_reception_looks_for_her_and_registers_her(page: Page) -> None:
    """What was typed in the search comes along, and the time is chosen after."""
    page.goto("/kontor/kalender/bestill/")
    page.get_by_role("main").get_by_label("Finn pasient").fill("greta prøvestad")
    page.get_by_role("main").get_by_role("button", name="Søk").click()
    expect(page.get_by_role("heading", name="Ingen treff")).to_be_visible()
    page.get_by_role("button", name="Registrer ny pasient").click()
    expect(heading(page, "Registrer ny pasient")).to_be_visible()
    assert "prøvestad" not in page.url
    expect(page.get_by_label("Fornavn")).to_have_value("greta")
    check_accessible(page)
    page.get_by_label("Fornavn").fill("Greta")
    page.get_by_label("Etternavn").fill("Prøvestad")
    page.get_by_label("Fødselsdato").fill("1990-02-03")
    page.get_by_label("Mobilnummer").fill("900 00 077")
    page.get_by_label("Språk").select_option(label="English")
    page.get_by_role("button", name="Registrer og velg time").click()
    expect(page.get_by_role("alert").or_(page.locator("ds-error-summary"))).to_contain_text("identiteten")
    page.get_by_label("Pass", exact=True).check()
    page.get_by_role("button", name="Registrer og velg time").click()


def when_reception_books_the_first_free_time(page: Page) -> None:
    expect(page.get_by_role("main")).to_contain_text(f"{NAME}, født 03.02.1990")
    page.get_by_role("button", name=re.compile("^Første ledige")).click()
    expect(page.get_by_role("status").filter(has_text="Pasienten får timen og beskjed om")).to_be_visible()


def then_her_note_says_when_and_where(page: Page) -> None:
    """In her language, and without why."""
    page.goto("/kontor/pasienter/")
    page.get_by_role("main").get_by_label("Finn pasient").fill("90000077")
    page.get_by_role("main").get_by_role("button", name="Søk").click()
    page.get_by_role("main").get_by_role("link", name=re.compile(f"^{NAME}")).click()
    expect(page.get_by_role("heading", name="Registrert bare hos dere")).to_be_visible()
    visit = page.get_by_role("main").get_by_role("link", name=re.compile("Vanlig time")).first
    reload_until(page, visit.is_visible)  # the office could have taken it back until then
    check_accessible(page)
    visit.click()
    page.get_by_role("link", name="Skriv ut timelapp").click()
    expect(heading(page, "Your appointment")).to_be_visible()
    expect(page.get_by_role("main")).to_contain_text(NAME)
    expect(page.get_by_role("main")).not_to_contain_text("Vanlig time")
    check_accessible(page)


def when_a_note_is_written(page: Page) -> None:
    page.go_back()
    page.get_by_role("link", name="Åpne pasienten").click()
    page.get_by_role("link", name="Skriv notat").click()
    page.get_by_label("Notat").fill("Kom uten time, fikk en. Har med seg egne papirer.")
    page.get_by_role("button", name="Lagre notatet").click()
    expect(page.get_by_role("main")).to_contain_text("Har med seg egne papirer")


def then_she_is_found_there(page: Page) -> None:
    page.goto("/kontor/pasienter/")
    page.get_by_role("main").get_by_label("Finn pasient").fill("030290")
    page.get_by_role("main").get_by_role("button", name="Søk").click()
    expect(page.get_by_role("main").get_by_role("link", name=re.compile(f"^{NAME}"))).to_contain_text("ikke på listene")
