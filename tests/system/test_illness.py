"""A doctor falls ill: from the office's first page until each of her patients is seen to, counted in clicks."""

import re
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from playwright.sync_api import expect

from legedialog.core.workdays import is_working_day
from tests.system.clicks import ILL, Counted, told
from tests.system.conftest import Open, check_accessible, log_in_staff
from tests.system.steps import heading

MOST = 6  # clicks
SLOW = 90_000  # milliseconds: ten seconds to regret in, then one appointment at a time on a busy machine
WITH_SUBSTITUTE = (1, 3)  # Leif Strand sees patients on Tuesdays and Thursdays


def a_day_that_nobody_else_here_uses() -> date:
    today = datetime.now(ZoneInfo("Europe/Oslo")).date()
    days = [day for day in (today + timedelta(days=number) for number in range(3, 10)) if is_working_day(day)]
    return next((day for day in days if day.weekday() in WITH_SUBSTITUTE), days[0])


def test_a_doctor_is_ill_and_all_who_are_booked_are_seen_to_in_six_clicks(open_page: Open) -> None:
    page, day = open_page(), a_day_that_nobody_else_here_uses()
    it = Counted(page)
    log_in_staff(page, "Mona Haug")
    page.goto("/kontor/kalender/")
    expect(heading(page, re.compile("Kalender"))).to_be_visible()
    it.begin()

    page.get_by_role("link", name="Meld fravær").click()
    expect(page.get_by_label("Første dag")).to_be_visible()
    when_she_says_who_and_when(it, day)
    page.get_by_role("button", name="Se hva fraværet gjelder").click()
    expect(page.get_by_role("heading", name=re.compile(r"Dette gjelder \d+ time"))).to_be_visible()
    expect(page.get_by_text("Slik det står nå:")).to_be_visible()
    check_accessible(page)
    page.get_by_role("button", name="Registrer fraværet og gi beskjed").click()

    expect(page.get_by_role("status").filter(has_text="Fraværet registreres om")).to_be_visible()
    absence = page.locator("#absences li", has=page.get_by_role("link", name=re.compile("står igjen.*Jonas Vik")))
    mine = absence.filter(has=page.get_by_role("button", name=re.compile(f" {day.day}\\. ")))
    expect(mine.get_by_role("link", name="Ingen timer står igjen")).to_be_visible(timeout=SLOW)
    check_accessible(page)
    assert it.cost == told()[ILL]
    assert it.cost[0] <= MOST
    mine.get_by_role("link").click()
    expect(page.get_by_text(re.compile(r"(\d+) av \1 ble gjort"))).to_be_visible(timeout=SLOW)


def when_she_says_who_and_when(it: Counted, day: date) -> None:
    """The days are typed, as she has them in her head."""
    page = it.page
    it.choose(page.get_by_role("combobox", name=re.compile("^Lege")), "Jonas Vik")
    for label in ("Første dag", "Siste dag"):
        page.get_by_label(label).fill(day.isoformat())
    substitute = page.get_by_role("combobox", name=re.compile("^Vikar"))
    it.choose(substitute, "Leif Strand")
    expect(substitute.locator("option:checked")).to_have_text(re.compile("Leif Strand"))
