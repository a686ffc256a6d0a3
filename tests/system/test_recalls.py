"""Innkalling, from the office's list to the time that answers it, with the reminder between."""

import re

from playwright.sync_api import Page, expect

from tests.system.conftest import Act, Open, check_accessible, log_in, log_in_staff
from tests.system.steps import heading, reload_until, when_she_books_it

ASKS = "Legekontoret ber deg bestille time"


def test_one_is_asked_to_book_is_reminded_and_books(open_page: Open, act: Act) -> None:
    mona, lise = open_page(), open_page()
    log_in_staff(mona, "Mona Haug")
    when_reception_asks_two(mona)
    log_in(lise, "Lise Testnes")
    asked = lise.get_by_role("link", name=ASKS)
    reload_until(lise, asked.is_visible)  # the office could have taken it back until then
    assert act("remind", "Lise Testnes").startswith("Legekontoret venter på at du bestiller time.")

    asked.click()
    expect(heading(lise, ASKS)).to_be_visible()
    check_accessible(lise)
    lise.get_by_role("link", name="Bestill time").click()
    expect(lise.get_by_role("main")).to_contain_text("Legekontoret ber deg bestille denne timen mellom")
    expect(lise.get_by_role("radio", name="Vaksine")).to_be_checked()
    lise.get_by_role("button", name=re.compile("^Første ledige")).click()
    when_she_books_it(lise)
    assert act("remind", "Lise Testnes") == "not told: changed"
    lise.goto("/hjem/")
    expect(heading(lise, re.compile("Lise"))).to_be_visible()
    expect(asked).to_have_count(0)

    mona.reload()
    expect(mona.get_by_role("listitem").filter(has_text="Lise Testnes")).to_contain_text("Har time")
    mona.get_by_role("button", name="Stopp innkallingen av Ida Testhaug").click()
    expect(mona.get_by_role("listitem").filter(has_text="Ida Testhaug")).to_contain_text("Kontoret spør ikke lenger")


def when_reception_asks_two(page: Page) -> None:
    """Both are found by name; the round is open in the end."""
    page.goto("/kontor/pasienter/")
    page.get_by_role("main").get_by_role("link", name="Innkallinger").click()
    page.get_by_role("link", name="Ny innkalling").click()
    page.get_by_label("Timetype").select_option(label="Vaksine · 10 min")
    for name in ("Lise Testnes", "Ida Testhaug"):
        page.get_by_role("main").get_by_label("Finn pasient").fill(name)
        page.get_by_role("button", name="Finn pasienter").click()
        page.get_by_role("checkbox", name=name).check()
    expect(page.get_by_role("checkbox", name="Ida Testhaug")).to_be_checked()
    check_accessible(page)
    page.get_by_role("button", name="Se over").click()
    page.get_by_role("button", name="Be 2 pasienter bestille time").click()
    expect(page.get_by_role("status").filter(has_text="Innkallingen sendes om")).to_be_visible()
    rows = page.get_by_role("link", name=re.compile("Vaksine.*0 av 2 har time"))
    reload_until(page, rows.is_visible)
    rows.click()
    expect(page.get_by_role("main")).to_contain_text("Ikke svart: 2.")
    check_accessible(page)
