"""From login to the office's screen, as people walk it."""

import re
from pathlib import Path

from playwright.sync_api import Locator, Page, expect

from tests.system.conftest import Open, check_accessible, log_in, log_in_staff
from tests.system.steps import (
    A_TIME,
    Time,
    focus,
    heading,
    press,
    reload_until,
    the_week_after,
    when_she_books_it,
    when_she_cancels_it,
    when_she_looks_for_a_time,
    when_she_states_a_purpose_if_asked,
    when_she_takes,
)

REASON = "Vondt i kneet siden i går"


def given_the_office_has_the_day_open(page: Page, time: Time) -> None:
    log_in_staff(page, "Mona Haug")
    page.get_by_role("link", name="Kalender").click()
    given_the_day_is_open(page, time)
    page.evaluate("window.isNeverReloaded = true")


def given_the_day_is_open(page: Page, time: Time) -> None:
    if "kalender/?" not in page.url and not page.url.endswith("kalender/"):
        page.get_by_role("link", name="Kalender").first.click()
    page.get_by_label("Dag", exact=True).fill(time.day)
    page.get_by_role("button", name="Vis", exact=True).click()
    expect(heading(page, re.compile(time.words.partition(" kl.")[0]))).to_be_visible()


def in_the_calendar(page: Page, time: Time, words: str) -> Locator:
    """What stands at that time in Ingrid Aas's column."""
    column = page.locator(".column").filter(has=page.get_by_role("heading", name="Ingrid Aas"))
    return column.get_by_role("listitem").filter(has=page.locator(".at", has_text=time.clock), has_text=words)


def then_she_gets_a_file_for_her_own_calendar(page: Page, folder: Path) -> None:
    with page.expect_download() as download:
        page.get_by_role("link", name="Legg i kalenderen din").click()
    file = folder / download.value.suggested_filename
    download.value.save_as(file)
    content = file.read_text(encoding="utf-8")
    assert file.suffix == ".ics"
    assert content.startswith("BEGIN:VCALENDAR")
    assert REASON not in content


# Of each cell that can be pressed: what is too low, or cut, also with the spacing that WCAG 1.4.12 names.
TOO_SMALL = """spaced => {
  const sheet = new CSSStyleSheet();
  if (spaced) sheet.replaceSync("* { line-height: 1.5 !important; letter-spacing: 0.12em !important; word-spacing: 0.16em !important }");
  document.adoptedStyleSheets = [sheet];
  const isCut = cell => cell.scrollHeight > cell.clientHeight + 1 || cell.scrollWidth > cell.clientWidth + 1;
  const cells = [...document.querySelectorAll("#calendar [data-cell], .line, .line a")].filter(cell => cell.checkVisibility());
  const bad = cells.filter(cell => cell.getBoundingClientRect().height < 24 || isCut(cell)).map(cell => cell.textContent);
  if (!cells.length || document.documentElement.scrollWidth > innerWidth) bad.push("the page");
  document.adoptedStyleSheets = [];
  return bad;
}"""  # noqa: E501
PLACE = "cell => [scrollY, Math.round(cell.getBoundingClientRect().top)]"


def then_the_office_sees_why(page: Page, time: Time) -> None:
    """Beside the calendar: neither the page nor the cell moves, and the cell that is open is marked."""
    page.set_viewport_size({"width": 1280, "height": 500})
    cell = in_the_calendar(page, time, "Kari Testdal").get_by_role("link")
    cell.evaluate("cell => scrollTo(0, scrollY + cell.getBoundingClientRect().top - 250)")
    before = cell.evaluate(PLACE)
    cell.click()
    panel = page.get_by_role("complementary", name="Valgt time")
    expect(panel).to_contain_text(REASON)
    expect(cell).to_have_attribute("aria-current", "true")
    assert cell.evaluate(PLACE) == before
    expect(page.get_by_role("heading", name="Ingrid Aas")).to_be_in_viewport(ratio=1)
    page.set_viewport_size({"width": 1280, "height": 720})
    assert page.evaluate(TOO_SMALL, False) == page.evaluate(TOO_SMALL, True) == []
    check_accessible(page)


def test_a_booking_and_its_cancellation_reach_the_offices_open_calendar(open_page: Open, tmp_path: Path) -> None:
    kari, mona = open_page(), open_page()
    log_in(kari, "Kari Testdal")
    time = when_she_looks_for_a_time(kari)[0]
    given_the_office_has_the_day_open(mona, time)
    expect(in_the_calendar(mona, time, "ledig")).to_be_visible()

    when_she_takes(kari, time)
    expect(kari.get_by_text(re.compile(r"Vi holder timen av til deg i \d:\d\d"))).to_be_visible()
    expect(in_the_calendar(mona, time, "holdes av")).to_be_visible()

    when_she_books_it(kari, REASON)
    expect(in_the_calendar(mona, time, "Kari Testdal")).to_be_visible()
    then_the_office_sees_why(mona, time)
    then_she_gets_a_file_for_her_own_calendar(kari, tmp_path)

    when_she_cancels_it(kari)
    expect(in_the_calendar(mona, time, "ledig")).to_be_visible()
    expect(in_the_calendar(mona, time, "Kari Testdal")).to_have_count(0)
    assert mona.evaluate("window.isNeverReloaded")


def test_who_comes_too_late_gets_the_next_times_on_the_same_page_and_keeps_what_she_typed(open_page: Open) -> None:
    kari, grethe = open_page(), open_page()
    log_in(kari, "Kari Testdal")
    log_in(grethe, "Grethe Testli")
    first, second, third = when_she_looks_for_a_time(kari)[-3:]  # those that no slow machine lets pass meanwhile
    when_she_looks_for_a_time(grethe)
    given_she_has_typed_her_reason_and_wants_another_time(grethe, second)

    when_she_takes(kari, first)
    with grethe.expect_response(lambda response: response.request.method == "POST") as answer:
        first.button(grethe).click()

    assert answer.value.status == 409
    expect(grethe.get_by_role("alert").filter(has_text="Du har ikke fått time ennå")).to_be_visible()
    expect(first.button(grethe)).to_have_count(0)
    check_accessible(grethe)
    when_she_takes(grethe, third)
    expect(grethe.get_by_label("Hva gjelder det?")).to_have_value(REASON)
    when_she_books_it(grethe)

    when_she_cancels_it(grethe)
    kari.get_by_role("button", name="Avbryt").click()
    expect(kari.get_by_role("status").filter(has_text="Du bestilte ikke.")).to_be_visible()


def given_she_has_typed_her_reason_and_wants_another_time(page: Page, time: Time) -> None:
    when_she_takes(page, time)
    page.get_by_label("Hva gjelder det?").fill(REASON)
    page.get_by_role("button", name="Velg en annen tid").click()
    expect(page.get_by_text("Det du har skrevet til legen, er tatt vare på")).to_be_visible()


def test_everything_works_without_script(open_page: Open) -> None:
    kari = open_page(script=False)
    log_in(kari, "Kari Testdal")
    when_she_looks_for_a_time(kari)
    kari.get_by_label("Telefon").check()
    kari.get_by_role("button", name="Vis ledige timer").click()
    time = the_week_after(kari)[-1]

    when_she_takes(kari, time)
    expect(kari.get_by_text(re.compile(r"Vi holder timen av til deg til kl\. \d\d\.\d\d"))).to_be_visible()
    when_she_books_it(kari, REASON)
    expect(kari.get_by_role("main")).to_contain_text("Legen ringer deg.")

    when_she_cancels_it(kari)


def test_everything_works_with_the_keyboard_alone(open_page: Open) -> None:
    kari = open_page()
    kari.goto("/")
    press(kari, kari.get_by_role("button", name="Logg inn"), "Enter")
    press(kari, kari.get_by_role("button", name="Kari Testdal", exact=True), "Space")
    press(kari, kari.get_by_role("link", name="Min fastlege", exact=True), "Enter")
    press(kari, kari.get_by_role("main").get_by_role("link", name="Bestill time"), "Enter")
    expect(heading(kari, "Bestill time")).to_be_visible()

    kinds = kari.get_by_role("radio", name="Vanlig time"), kari.get_by_role("radio", name="Lang time")
    focus(kari, kinds[0])
    kari.keyboard.press("ArrowDown")
    expect(kinds[1]).to_be_checked()
    expect(kinds[1]).to_be_focused()
    press(kari, kari.get_by_role("link", name="Uken etter"), "Enter")
    expect(kari.get_by_role("heading", level=2, name=re.compile("ledige? time"))).to_be_focused()
    press(kari, kari.get_by_role("button", name=A_TIME).first, "Space")

    focus(kari, kari.get_by_label("Hva gjelder det?"))
    kari.keyboard.type(REASON)
    press(kari, kari.get_by_role("button", name="Bestill time"), "Enter")
    press(kari, kari.get_by_role("main").get_by_role("link", name="Avbestill time"), "Enter")
    press(kari, kari.get_by_role("button", name="Avbestill time"), "Enter")
    expect(kari.get_by_role("status").filter(has_text="Timen er avbestilt.")).to_be_visible()


def test_a_time_is_moved_by_her_and_then_by_the_office(open_page: Open) -> None:
    kari, mona = open_page(), open_page()
    log_in(kari, "Kari Testdal")
    when_she_looks_for_a_time(kari)
    time = the_week_after(kari)[-1]
    when_she_takes(kari, time)
    when_she_books_it(kari, REASON)

    moved = when_she_moves_it(kari)
    expect(heading(kari, re.compile(moved))).to_be_visible()
    expect(kari.get_by_role("status").filter(has_text="Timen er flyttet til")).to_be_visible()

    given_the_office_has_the_day_open(mona, time)
    expect(in_the_calendar(mona, time, "ledig")).to_be_visible()
    when_the_office_books_by_typing_a_name_in_a_cell_and_takes_it_back(mona, time)
    then_a_week_is_a_line_for_each_doctor_and_stays_chosen(mona, time)
    when_the_office_moves_it(mona, kari.url)
    kari.reload()
    expect(heading(kari, re.compile(moved))).to_have_count(0)
    when_she_cancels_it(kari)


def when_she_moves_it(page: Page) -> str:
    """To the first time of that week. In words."""
    page.get_by_role("main").get_by_role("link", name="Flytt time").click()
    expect(heading(page, "Flytt time")).to_be_visible()
    check_accessible(page)
    page.get_by_role("button", name=A_TIME).first.click()
    expect(page.get_by_text("Den gamle tiden blir ledig for andre")).to_be_visible()
    expect(page.get_by_label("Hva gjelder det?")).to_have_value(REASON)
    check_accessible(page)
    words = page.locator("dl.facts > div").filter(has_text="Til").locator("strong").first.inner_text()
    page.get_by_role("button", name="Flytt time").click()
    return words


def when_the_office_books_by_typing_a_name_in_a_cell_and_takes_it_back(page: Page, time: Time) -> None:
    """By keyboard alone: the name, the patient, the time; and z. The page is the same all the while."""
    cell = in_the_calendar(page, time, "ledig").get_by_role("link")
    cell.focus()
    page.keyboard.type("grethe")
    words = page.get_by_label("Finn pasient").and_(page.locator("[name=words]:not(#everywhere)"))
    expect(words).to_have_value("grethe")
    expect(words).to_be_focused()
    check_accessible(page)
    page.keyboard.press("Enter")
    expect(page.locator("#booking .rows a").first).to_be_focused()
    page.keyboard.press("Enter")
    when_she_states_a_purpose_if_asked(page, page.get_by_role("heading", name="Ny time"))
    chosen = page.get_by_role("button", name="Valgt i kalenderen")
    expect(chosen).to_be_focused()
    check_accessible(page)
    chosen.press("Enter")
    expect(page.get_by_role("status").filter(has_text="Pasienten får timen og beskjed om")).to_be_visible()
    page.keyboard.press("z")
    expect(page.get_by_role("status").filter(has_text="Ingenting er sendt")).to_be_visible()
    expect(chosen).to_be_visible()  # it stands there again
    given_the_day_is_open(page, time)
    expect(in_the_calendar(page, time, "ledig")).to_be_visible()


def then_a_week_is_a_line_for_each_doctor_and_stays_chosen(page: Page, time: Time) -> None:
    page.get_by_role("link", name="Uke", exact=True).click()
    expect(page.get_by_role("region", name="Ingrid Aas")).to_be_visible()
    assert page.evaluate(TOO_SMALL, False) == page.evaluate(TOO_SMALL, True) == []
    check_accessible(page)
    page.get_by_role("link", name="Kalender").first.click()
    expect(page.get_by_role("region", name="Ingrid Aas")).to_be_visible()
    page.get_by_role("link", name="Dag", exact=True).click()
    expect(page.locator(".column").first).to_be_visible()
    given_the_day_is_open(page, time)


def when_the_office_moves_it(page: Page, her_page: str) -> None:
    """By choosing the new time in the calendar."""
    appointment = her_page.rstrip("/").rpartition("/")[2]
    page.goto(f"/kontor/timer/{appointment}/")
    page.get_by_role("link", name="Flytt eller endre").click()
    expect(page.get_by_role("heading", name="Ledige timer")).to_be_visible()
    check_accessible(page)
    page.goto(f"/kontor/timer/{appointment}/")
    page.get_by_role("link", name="Flytt i kalenderen").click()
    expect(page.get_by_text("Velg en ledig tid til Kari Testdal")).to_be_visible()
    column = page.locator(".column").filter(has=page.get_by_role("heading", name="Ingrid Aas"))
    cell = column.get_by_role("button", name="ledig").last
    expect(cell).to_be_visible()
    check_accessible(page)
    cell.press("Enter")
    expect(page.get_by_role("status").filter(has_text="Timen endres, og pasienten får beskjed")).to_be_visible()
    page.goto(f"/kontor/timer/{appointment}/")
    reload_until(page, lambda: not page.get_by_text("Endres straks").count())  # she could have taken it back
