"""From login to the office's screen, as people walk it."""

import re
from collections.abc import Callable

from playwright.sync_api import Page, expect

from tests.system.conftest import check_accessible, log_in, log_in_staff

Open = Callable[..., Page]

TIMES = re.compile(r"kl\. \d\d\.\d\d")


def given_the_secretary_has_tomorrows_calendar_open(page: Page) -> str:
    """Returns the calendar's address on a day far enough ahead to have free times."""
    log_in_staff(page, "Mona Haug")
    page.goto("/kontor/kalender/")
    expect(page.get_by_role("heading", level=1)).to_be_visible()
    return page.url


def when_she_books_the_first_free_time(page: Page, reason: str) -> str:
    """Returns what the receipt says about when."""
    page.goto("/min-fastlege/")
    page.get_by_role("link", name="Bestill time").first.click()
    page.get_by_role("button", name=TIMES).or_(page.get_by_role("radio", name=TIMES)).first.click()
    expect(page.get_by_text("Vi holder").first).to_be_visible()
    page.get_by_role("textbox").first.fill(reason)
    page.get_by_role("button", name="Bestill time").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("bestilt")
    return page.get_by_role("main").inner_text()


def test_kari_sees_her_gp_books_and_cancels_and_the_office_sees_it_happen(open_page: Open) -> None:
    mona, kari = open_page(), open_page()
    log_in(kari, "Kari Testdal")
    expect(kari).to_have_url(re.compile("/hjem/"))
    kari.get_by_role("link", name="Min fastlege").first.click()
    expect(kari.get_by_role("main")).to_contain_text("Ingrid Aas")
    expect(kari.get_by_role("main")).to_contain_text("Fjordbyen legesenter")
    check_accessible(kari)

    receipt = when_she_books_the_first_free_time(kari, "Vondt i kneet siden i går")
    check_accessible(kari)
    when = re.search(r"(\d{1,2})\. (\w+)", receipt)
    assert when, receipt

    given_the_secretary_has_tomorrows_calendar_open(mona)
    check_accessible(mona)
