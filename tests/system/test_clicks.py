"""What the office's jobs cost in presses and page loads, counted: the table in docs/office.md is held to it."""

import re
from collections.abc import Callable

from playwright.sync_api import Locator, Page, expect

from tests.system.clicks import ILL, Counted, told
from tests.system.conftest import Act, Open, log_in_staff
from tests.system.steps import heading

Job = Callable[[Page], None]
NEEDED_ELSEWHERE = re.compile("Kari Testdal|Grethe Testli|Hassan Testrud")  # by other journeys at the same site


def done(page: Page, words: str | re.Pattern[str]) -> None:
    expect(page.get_by_role("status").filter(has_text=words)).to_be_visible()


def the_morning_look(page: Page) -> None:
    """It is the page that she comes to: what waits, what is late, and the day."""
    expect(heading(page, re.compile("^I dag"))).to_be_visible()
    expect(page.get_by_role("heading", name="Dette venter")).to_be_visible()
    expect(page.get_by_role("heading", name="Timer i dag")).to_be_visible()


def book_the_first_free_time(page: Page) -> None:
    """She answers the telephone on any page: the name, who it is, and the first free time."""
    page.keyboard.press("/")
    page.keyboard.type("per testvik")
    page.keyboard.press("Enter")
    page.get_by_role("link", name=re.compile("^Ny time ?: Per Testvik")).click()
    first = page.get_by_role("button", name=re.compile("^Første ledige"))
    expect(first).to_be_focused()
    page.keyboard.press("Enter")
    done(page, "Pasienten får timen og beskjed om")


def book_in_a_cell(page: Page) -> None:
    """The time is agreed on: its cell has focus, the name is typed in it, before its panel is there."""
    page.get_by_role("link", name="ledig").last.focus()
    page.keyboard.type("per testvik")
    page.keyboard.press("Enter")
    hit = page.locator("#booking .rows a").first
    expect(hit).to_be_focused()
    page.keyboard.press("Enter")
    chosen = page.get_by_role("button", name="Valgt i kalenderen")
    expect(chosen).to_be_focused()
    page.keyboard.press("Enter")
    done(page, "Pasienten får timen og beskjed om")


def move_it(page: Page) -> None:
    page.get_by_role("link", name="Flytt i kalenderen").click()
    column = page.locator(".column").filter(has=page.get_by_role("heading", name="Ingrid Aas"))
    column.get_by_role("button", name="ledig").last.click()
    done(page, "Timen endres, og pasienten får beskjed")


def say_that_she_has_come(page: Page) -> None:
    page.get_by_role("button", name=re.compile("^Ankommet ?: Per Testvik")).first.click()
    done(page, "Pasienten er registrert som ankommet.")


def answer_with_a_template(page: Page) -> None:
    rows(page, "[data-row]").first.click()
    page.get_by_role("button", name="Attesten er klar").click()
    expect(page.get_by_label("Svar til pasienten")).to_have_value(re.compile("Attesten er klar"))
    page.get_by_role("button", name="Send svar").click()
    done(page, "Svaret sendes om")


def prepare_a_renewal(page: Page) -> None:
    rows(page, ".renewal-row a[data-row]").first.click()
    page.get_by_role("button", name="Send til legen").first.click()
    expect(page.get_by_text("Sendt til legen.")).to_be_visible()


def sign_all(page: Page) -> None:
    page.get_by_label("Velg alle").check()
    page.get_by_role("button", name="Se over og forny de valgte").click()
    page.get_by_role("button", name=re.compile(r"^Forny \d+ resept")).click()
    expect(page.get_by_text(re.compile("resept(er)? er fornyet"))).to_be_visible()


def rows(page: Page, which: str) -> Locator:
    expect(page.locator(which).first).to_be_visible()
    return page.locator(which).filter(has_not_text=NEEDED_ELSEWHERE)


def test_each_job_costs_what_the_table_says(open_page: Open, act: Act) -> None:
    act("visit_soon", "Per Testvik")
    moved, day = act("visit_later", "Per Testvik").split()
    mona, jonas = Counted(open_page()), Counted(open_page())
    log_in_staff(mona.page, "Mona Haug")
    log_in_staff(jonas.page, "Jonas Vik")
    jobs: tuple[tuple[str, Counted, str, Job], ...] = (
        ("The morning look", mona, "/kontor/", the_morning_look),
        ("Book the first free time for who rings", mona, "/kontor/", book_the_first_free_time),
        ("Book a free time in the calendar", mona, f"/kontor/kalender/?dag={day}", book_in_a_cell),
        ("Move an appointment", mona, f"/kontor/timer/{moved}/", move_it),
        ("Say that a patient has come", mona, "/kontor/", say_that_she_has_come),
        ("Answer with a template", mona, "/kontor/innboks/?type=contact", answer_with_a_template),
        ("Prepare a renewal", mona, "/kontor/resepter/", prepare_a_renewal),
        ("Sign all renewals that wait", jonas, "/kontor/resepter/", sign_all),
    )
    found = {ILL: told()[ILL]}
    for job, it, begins, does in jobs:
        it.page.goto(begins)
        it.begin()
        does(it.page)
        found[job] = it.cost
    assert told() == found
