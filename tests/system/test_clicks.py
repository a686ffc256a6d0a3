"""What the office's jobs cost in presses and page loads, counted: the table in docs/office.md is held to it."""

import re
from collections.abc import Callable
from pathlib import Path

from playwright.sync_api import Page, expect

from tests.system.conftest import Act, Open, log_in_staff
from tests.system.steps import heading, when_she_states_a_purpose_if_asked

OFFICE = Path(__file__).resolve().parents[2] / "docs" / "office.md"
ROW = re.compile(r"^\| (?P<job>[^|]+?) \| [^|]+ \| (?P<presses>\d+), (?P<pages>\d+) \|$", re.MULTILINE)
# A click, or Enter on what has focus, which is a click too; Enter in a field sends its form.
COUNTS = """sessionStorage.presses ??= 0;
addEventListener("click", event => { if (event.isTrusted) sessionStorage.presses++; }, true);"""
Job = Callable[["Counted"], None]


class Counted:
    """A page of hers, from when `begin` is called."""

    def __init__(self, page: Page) -> None:
        self.page, self.pages = page, 0
        page.context.add_init_script(COUNTS)
        page.on("domcontentloaded", self._loaded)

    def _loaded(self, _page: Page) -> None:
        self.pages += 1

    def begin(self) -> None:
        self.page.evaluate("sessionStorage.presses = 0")
        self.pages = 0

    @property
    def cost(self) -> tuple[int, int]:
        return int(self.page.evaluate("sessionStorage.presses")), self.pages


def the_morning_look(it: Counted) -> None:
    """It is the page that she comes to: what waits, what is late, and the day."""
    expect(heading(it.page, re.compile("^I dag"))).to_be_visible()
    expect(it.page.get_by_role("heading", name="Dette venter")).to_be_visible()
    expect(it.page.get_by_role("heading", name="Timer i dag")).to_be_visible()


def book_for_one_who_rings(it: Counted) -> None:
    it.page.get_by_role("main").get_by_role("link", name="Ny time").click()
    expect(heading(it.page, "Ny time")).to_be_visible()
    it.page.keyboard.type("grethe")
    it.page.keyboard.press("Enter")
    expect(it.page.locator("#booking .rows a").first).to_be_focused()
    it.page.keyboard.press("Enter")
    first = it.page.get_by_role("button", name=re.compile("^Første ledige"))
    when_she_states_a_purpose_if_asked(it.page, first)
    expect(first).to_be_focused()
    it.page.keyboard.press("Enter")
    expect(it.page.get_by_role("status").filter(has_text="Pasienten får timen og beskjed om")).to_be_visible()


def move_it(it: Counted) -> None:
    it.page.get_by_role("link", name="Flytt i kalenderen").click()
    column = it.page.locator(".column").filter(has=it.page.get_by_role("heading", name="Ingrid Aas"))
    column.get_by_role("button", name="ledig").last.click()
    expect(it.page.get_by_role("status").filter(has_text="Timen endres, og pasienten får beskjed")).to_be_visible()


def say_that_she_has_come(it: Counted) -> None:
    it.page.get_by_role("main").get_by_role("link", name=re.compile("Anders Testberg")).first.click()
    it.page.get_by_role("button", name="Ankommet").click()
    expect(it.page.get_by_text("Pasienten er registrert som ankommet.")).to_be_visible()


def sign_several(it: Counted) -> None:
    boxes = it.page.get_by_role("list", name="Fornyelser").get_by_role("checkbox")
    boxes.first.check()
    it.page.get_by_role("button", name="Se over og forny de valgte").click()
    it.page.get_by_role("button", name=re.compile(r"^Forny \d+ resept")).click()
    expect(it.page.get_by_text(re.compile("resept(er)? er fornyet"))).to_be_visible()


def test_each_job_costs_what_the_table_says(open_page: Open, act: Act) -> None:
    act("visit_soon", "Anders Testberg")
    moved = act("visit_soon", "Lise Testnes")
    mona, ingrid = Counted(open_page()), Counted(open_page())
    log_in_staff(mona.page, "Mona Haug")
    log_in_staff(ingrid.page, "Ingrid Aas")
    found = {}
    for job, it, begins, does in (
        ("morning look", mona, "/kontor/", the_morning_look),
        ("book for one who rings", mona, "/kontor/", book_for_one_who_rings),
        ("move an appointment", mona, f"/kontor/timer/{moved}/", move_it),
        ("say that a patient has come", mona, "/kontor/", say_that_she_has_come),
        ("sign renewals", ingrid, "/kontor/resepter/", sign_several),
    ):
        it.page.goto(begins)
        it.begin()
        does(it)
        found[job] = it.cost
    print(found)
    told = {row["job"]: (int(row["presses"]), int(row["pages"])) for row in ROW.finditer(OFFICE.read_text("utf-8"))}
    assert told == found
