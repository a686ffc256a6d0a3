"""An interpreter: the patient says the language, the office sees it on top and on the visit, and notes an order."""

import re

from playwright.sync_api import Page, expect

from tests.system.conftest import Open, check_accessible, log_in, log_in_staff
from tests.system.steps import heading, when_she_states_a_purpose_if_asked


def test_hassan_changes_the_language_and_the_office_orders_again(open_page: Open) -> None:
    hassan, mona = open_page(), open_page()
    log_in(hassan, "Hassan Testrud")
    log_in_staff(mona, "Mona Haug")

    when_he_says_in_profil(hassan, was="Urdu", language="Punjabi")
    when_she_opens_his_next_visit(mona)
    expect(mona.get_by_text("Trenger tolk på panjabi")).to_be_visible()
    ordered = mona.get_by_role("region", name="Behov for tolk")
    expect(ordered).to_contain_text("Tolk på urdu er bestilt")
    expect(ordered).to_contain_text("Nå trenger pasienten tolk på panjabi.")
    check_accessible(mona)
    mona.get_by_role("button", name="Angre at tolk er bestilt").click()
    expect(ordered).to_contain_text("Ikke notert bestilt")

    when_he_changes_it_while_he_asks_for_a_time(hassan, language="Urdu")
    mona.reload()
    expect(mona.get_by_text("Trenger tolk på urdu")).to_be_visible()
    mona.get_by_role("button", name="Noter at tolk er bestilt").click()
    expect(ordered).to_contain_text("Tolk på urdu er bestilt")
    expect(ordered).to_contain_text("Mona Haug")
    check_accessible(mona)


def when_he_says_in_profil(page: Page, was: str, language: str) -> None:
    page.get_by_role("link", name="Profile", exact=True).click()
    page.get_by_role("link", name="Contact and notices").click()
    expect(page.get_by_text(f"You have said that you need an interpreter in {was}.")).to_be_visible()
    check_accessible(page)
    page.get_by_role("link", name="Change the interpreter's language").click()
    when_he_chooses(page, language)
    expect(page.get_by_text(f"You have said that you need an interpreter in {language}.")).to_be_visible()


def when_he_changes_it_while_he_asks_for_a_time(page: Page, language: str) -> None:
    page.goto("/timeavtaler/be-om-time/")
    expect(heading(page, "Ask for an appointment")).to_be_visible()
    check_accessible(page)
    page.get_by_role("link", name="Change the interpreter's language").click()
    when_he_chooses(page, language)
    expect(heading(page, "Ask for an appointment")).to_be_visible()
    expect(page.get_by_text(f"You have said that you need an interpreter in {language}.")).to_be_visible()


def when_he_chooses(page: Page, language: str) -> None:
    expect(heading(page, "Need for an interpreter")).to_be_visible()
    check_accessible(page)
    page.get_by_label("Which language do you need an interpreter in?").select_option(language)
    page.get_by_role("button", name="Save").click()


def when_she_opens_his_next_visit(page: Page) -> None:
    page.get_by_role("searchbox", name="Finn pasient").fill("Hassan Testrud")
    page.keyboard.press("Enter")
    page.get_by_role("main").get_by_role("link", name=re.compile("^Hassan Testrud")).click()
    coming = page.get_by_role("heading", name="Kommende timer")
    when_she_states_a_purpose_if_asked(page, coming)
    expect(page.get_by_text("Trenger tolk på panjabi")).to_be_visible()
    check_accessible(page)
    page.locator("section", has=coming).get_by_role("link").last.click()
    expect(page.get_by_role("region", name="Behov for tolk")).to_be_visible()
