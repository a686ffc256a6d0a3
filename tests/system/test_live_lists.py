"""Whoever is inside a part that draws itself anew keeps focus, ticks and what is typed: in every such part there is."""

import re
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.system.conftest import Open, log_in, log_in_staff

ROOT = Path(__file__).resolve().parents[2] / "legedialog"
PART = re.compile(r'<\w+[^>]*\bid="(?P<id>[^"]+)"(?:(?!>)[^{]|\{%(?! live)[^}]*%\}|\{\{[^}]*\}\})*\{% live "', re.S)
NOT_LISTS = {
    "watch": "is never shown",
    "around": "is last in the page of the office, and has one line",
    "presence": "has nothing to press",
    "export": "is there while a file is made",
    "visit-panel": "is in the room, where tests of video are",
    "order": "has nothing to press but one link",
    "next-visit": "draws itself anew on the day of the visit alone",
    "appointment": "draws itself anew on the day of the visit alone",
    "recall": "has one link and one button for each who is asked; its rows change when one answers",
    "recalls": "has nothing to press but links",
    "waitlist": "has one link and one button for each who waits; its rows change when an offer is made",
}
PAGES = {
    "medicines": ("Kari Testdal", "/legemidler/"),
    "appointments": ("Kari Testdal", "/timeavtaler/"),
    "inbox": ("Kari Testdal", "/meldinger/"),
    "dialogue": ("Kari Testdal", "/meldinger/"),
    "inbox-list": ("Mona Haug", "/kontor/innboks/"),
    "inbox-others": ("Mona Haug", "/kontor/innboks/"),
    "requests": ("Mona Haug", "/kontor/onsker/"),
    "prescriptions": ("Mona Haug", "/kontor/resepter/?vis=kontoret"),
    "video": ("Mona Haug", "/kontor/videotimer/"),
    "today": ("Mona Haug", "/kontor/"),
    "errands": ("Mona Haug", "/kontor/oppgaver/"),
    "calendar": ("Mona Haug", "/kontor/kalender/"),
    "delays": ("Mona Haug", "/kontor/kalender/forsinkelser/"),
}
INSIDE = """part => {
  const fields = [...part.querySelectorAll("input[type=checkbox][name]")].slice(0, 2);
  for (const box of fields) box.click();
  const open = part.querySelector("details:not([open])");
  if (open) open.open = true;
  const last = [...part.querySelectorAll("a[href], button")].filter(each => each.checkVisibility()).at(-1);
  last?.focus();
  window.before = { last, fields, open };
  window.drawn = new Promise(done => document.addEventListener("htmx:afterSettle", done, { once: true }));
  part.dispatchEvent(new CustomEvent("live"));
  return Boolean(last);
}"""
STAYED = """async () => {
  await window.drawn;
  const { last, fields, open } = window.before;
  const isThere = document.activeElement === last && last.isConnected;
  return isThere && fields.every(box => box.checked) && (!open || open.open);
}"""


def test_every_part_that_draws_itself_anew_is_tried() -> None:
    found = {match["id"] for path in ROOT.glob("**/*.html") for match in PART.finditer(path.read_text())}
    assert found == set(PAGES) | set(NOT_LISTS)


@pytest.mark.parametrize("part", sorted(PAGES))
def test_who_is_inside_a_part_keeps_her_place_when_it_is_drawn_anew(part: str, open_page: Open) -> None:
    who, address = PAGES[part]
    page = open_page()
    if address.startswith("/kontor/"):
        log_in_staff(page, who)
    else:
        log_in(page, who)
    page.goto(address)
    if part == "dialogue":
        page.get_by_role("region", name="Dialoger med legen og kontoret").get_by_role("link").first.click()  # no draft
    expect(page.locator(f"#{part}")).to_be_visible()
    assert page.locator(f"#{part}").evaluate(INSIDE), "there is nothing to press here: choose another page"
    assert page.evaluate(STAYED)
    then_a_row_that_comes_above_takes_nothing(page, part)


def test_what_comes_while_a_button_is_held_down_waits_until_it_is_let_go(open_page: Open) -> None:
    page = open_page()
    log_in_staff(page, "Mona Haug")
    page.goto("/kontor/innboks/")
    part = page.locator("#inbox-list")
    rows = part.get_by_role("listitem")
    box = part.get_by_role("checkbox").last
    number = rows.count()
    box.scroll_into_view_if_needed()
    box.hover()
    page.mouse.down()
    part.evaluate("part => part.querySelector('li').remove()")  # which what is fetched brings back
    with page.expect_response("**/kontor/innboks/**") as fetched:
        part.evaluate("part => part.dispatchEvent(new CustomEvent('live'))")
    fetched.value.finished()
    page.evaluate("() => new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)))")
    expect(rows).to_have_count(number - 1)
    page.mouse.up()
    expect(box).to_be_checked()
    expect(rows).to_have_count(number)
    expect(box).to_be_checked()


def then_a_row_that_comes_above_takes_nothing(page: Page, part: str) -> None:
    """What has focus is the same thing, not what stands in its place."""
    moved = page.locator(f"#{part}").evaluate(
        """part => {
          const row = [...part.querySelectorAll("li, tr, article")].find(each => each.contains(document.activeElement));
          if (!row || !row.nextElementSibling && !row.previousElementSibling) return false;
          window.thing = each => each.getAttribute("href") ?? each.value ?? each.outerHTML;
          window.before = window.thing(document.activeElement);
          row.previousElementSibling?.remove();
          window.drawn = new Promise(done => document.addEventListener("htmx:afterSettle", done, { once: true }));
          part.dispatchEvent(new CustomEvent("live"));
          return true;
        }"""
    )
    if moved:
        before, after = page.evaluate(
            "async () => { await window.drawn; return [window.before, window.thing(document.activeElement)]; }"
        )
        assert after == before
