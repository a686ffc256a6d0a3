"""What several journeys have in common: finding a time, booking it, giving it up."""

import re
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from playwright.sync_api import Locator, Page, expect

IS_SEEN_TO_HAVE_FOCUS = """element => [element, element.closest(".ds-field")].some(each => {
  const style = each && getComputedStyle(each);
  return style && (style.outlineStyle !== "none" || style.boxShadow !== "none");
})"""
WORKER = 180  # seconds within which the worker has done what waits for it, also on a slow machine
A_TIME = re.compile(r"\d\. \w+ kl\. \d\d\.\d\d ?, ")  # "tirsdag 24. november kl. 08.20, Ingrid Aas"


@dataclass(frozen=True)
class Time:
    """A free time as the page offers it: `words` are day and clock as all pages say them, `value` its button sends."""

    words: str
    value: str

    @property
    def clock(self) -> str:
        return self.words[-len("08.20") :]

    @property
    def day(self) -> str:
        """2026-11-24, on the clinic's wall."""
        starts_at = datetime.fromisoformat(self.value.partition("@")[2])
        return starts_at.astimezone(ZoneInfo("Europe/Oslo")).date().isoformat()

    def button(self, page: Page) -> Locator:
        """In the list of its day; the first of all has another on top."""
        return page.locator(f'li button[name="time"][value="{self.value}"]')


def when_she_states_a_purpose_if_asked(page: Page, then: Locator) -> None:
    """On the way to a patient: the office says why, unless another journey has given the patient open contact."""
    why = heading(page, "Oppgi formål")
    expect(then.or_(why)).to_be_visible()
    if why.is_visible():
        page.get_by_label("Regning, attest eller annen administrasjon").check()
        page.get_by_role("button", name="Åpne pasienten").click()
    expect(then).to_be_visible()


def focus(page: Page, target: Locator) -> None:
    """Tab until there, or Shift+Tab where that is the way; what has focus is seen to have it."""
    expect(target).to_be_visible()
    for _ in range(60):
        page.keyboard.press("Tab")
        if target.evaluate("element => element === document.activeElement"):
            break
    expect(target).to_be_focused()
    assert target.evaluate(IS_SEEN_TO_HAVE_FOCUS), f"nobody sees that this has focus: {target}"


def press(page: Page, target: Locator, key: str) -> None:
    focus(page, target)
    page.keyboard.press(key)


def reload_until(page: Page, is_there: Callable[[], bool]) -> None:
    """She asks for the page again until the worker has done its part: without script nothing is drawn by itself."""
    end = time.monotonic() + WORKER
    while not is_there():
        assert time.monotonic() < end, f"nothing has happened in {WORKER} seconds: {page.url}"
        page.reload()


def heading(page: Page, text: str | re.Pattern[str]) -> Locator:
    return page.get_by_role("heading", level=1, name=text)


def the_free_times(page: Page) -> list[Time]:
    """Those of the week that is shown, or of the next week that has any."""
    expect(heading(page, "Bestill time")).to_be_visible()
    if page.get_by_text("Neste dag med ledig time:").is_visible():
        page.locator("p", has_text="Neste dag med ledig time:").get_by_role("link").click()
    buttons = page.get_by_role("button", name=A_TIME)
    expect(buttons.first).to_be_visible()
    return [
        Time(" ".join(button.inner_text().partition(",")[0].split()), button.get_attribute("value") or "")
        for button in buttons.all()
    ]


def the_week_after(page: Page) -> list[Time]:
    """Its free times, once that week is the one that is shown."""
    shown = page.locator("#times")
    before = shown.inner_text()
    page.get_by_role("link", name="Uken etter").click()
    expect(shown).not_to_have_text(before)
    return the_free_times(page)


def when_she_looks_for_a_time(page: Page) -> list[Time]:
    page.get_by_role("link", name="Min fastlege", exact=True).click()
    page.get_by_role("main").get_by_role("link", name="Bestill time").click()
    return the_free_times(page)


def when_she_takes(page: Page, time: Time) -> None:
    time.button(page).click()
    expect(heading(page, "Se over og bestill")).to_be_visible()
    expect(page.get_by_role("main")).to_contain_text(time.words, ignore_case=True)


def when_she_books_it(page: Page, reason: str = "") -> None:
    if reason:
        page.get_by_label("Hva gjelder det?").fill(reason)
    page.get_by_role("button", name="Bestill time").click()
    expect(heading(page, "Timen er bestilt")).to_be_visible()


def when_she_cancels_it(page: Page) -> None:
    """From its receipt or its page."""
    page.get_by_role("main").get_by_role("link", name="Avbestill time").click()
    page.get_by_role("button", name="Avbestill time").click()
    expect(page.get_by_role("status").filter(has_text="Timen er avbestilt.")).to_be_visible()
