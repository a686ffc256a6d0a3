"""A doctor falls ill: from the office's first page until each of her patients is seen to, counted in clicks."""

import re
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from playwright.sync_api import Locator, Page, expect

from legedialog.core.workdays import is_working_day
from tests.system.conftest import Open, check_accessible, log_in_staff
from tests.system.steps import heading

MOST = 6  # clicks
SLOW = 90_000  # milliseconds: ten seconds to regret in, then one appointment at a time on a busy machine
WITH_SUBSTITUTE = (1, 3)  # Leif Strand sees patients on Tuesdays and Thursdays


@dataclass
class Mouse:
    clicks: int = 0

    def click(self, what: Locator) -> None:
        what.click()
        self.clicks += 1

    def choose(self, field: Locator, words: str) -> None:
        field.select_option(label=words)
        self.clicks += 1


def a_day_that_nobody_else_here_uses() -> date:
    today = datetime.now(ZoneInfo("Europe/Oslo")).date()
    days = [day for day in (today + timedelta(days=number) for number in range(3, 10)) if is_working_day(day)]
    return next((day for day in days if day.weekday() in WITH_SUBSTITUTE), days[0])


def test_a_doctor_is_ill_and_all_who_are_booked_are_seen_to_in_six_clicks(open_page: Open) -> None:
    page, mouse, day = open_page(), Mouse(), a_day_that_nobody_else_here_uses()
    log_in_staff(page, "Mona Haug")
    page.goto("/kontor/kalender/")
    expect(heading(page, re.compile("Kalender"))).to_be_visible()

    mouse.click(page.get_by_role("link", name="Meld fravær"))
    expect(page.get_by_label("Første dag")).to_be_visible()
    when_she_says_who_and_when(page, mouse, day)
    mouse.click(page.get_by_role("button", name="Se hva fraværet gjelder"))
    expect(page.get_by_role("heading", name=re.compile(r"Dette gjelder \d+ time"))).to_be_visible()
    expect(page.get_by_text("Slik det står nå:")).to_be_visible()
    check_accessible(page)
    mouse.click(page.get_by_role("button", name="Registrer fraværet og gi beskjed"))

    expect(page.get_by_role("status").filter(has_text="Fraværet registreres om")).to_be_visible()
    absence = page.locator("#absences li", has=page.get_by_role("link", name=re.compile("står igjen.*Jonas Vik")))
    mine = absence.filter(has=page.get_by_role("button", name=re.compile(f" {day.day}\\. ")))
    expect(mine.get_by_role("link", name="Ingen timer står igjen")).to_be_visible(timeout=SLOW)
    check_accessible(page)
    assert mouse.clicks <= MOST
    mine.get_by_role("link").click()
    expect(page.get_by_text(re.compile(r"(\d+) av \1 ble gjort"))).to_be_visible(timeout=SLOW)


def when_she_says_who_and_when(page: Page, mouse: Mouse, day: date) -> None:
    """The days are typed, as she has them in her head."""
    mouse.choose(page.get_by_role("combobox", name=re.compile("^Lege")), "Jonas Vik")
    for label in ("Første dag", "Siste dag"):
        page.get_by_label(label).fill(day.isoformat())
    substitute = page.get_by_role("combobox", name=re.compile("^Vikar"))
    mouse.choose(substitute, "Leif Strand")
    expect(substitute.locator("option:checked")).to_have_text(re.compile("Leif Strand"))
