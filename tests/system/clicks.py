"""Counting what a job costs, and what docs/office.md says that it costs."""

import re
from pathlib import Path

from playwright.sync_api import Locator, Page

ILL = "A doctor is ill today"  # walked and counted in test_illness.py, the others in test_clicks.py
OFFICE = Path(__file__).resolve().parents[2] / "docs" / "office.md"
ROW = re.compile(r"^\| (?P<job>[^|]+?) \| [^|]* \| [^|]* \| (?P<presses>\d+) \| (?P<pages>\d+) \|$", re.MULTILINE)
# A click, or Enter or Space on what has focus, which is a click too. Enter in a field sends its form, and is typing.
COUNTS = """sessionStorage.presses ??= 0;
addEventListener("click", event => {
  if (event.isTrusted && (event.detail || document.activeElement === event.target)) sessionStorage.presses++;
}, true);"""


def told() -> dict[str, tuple[int, int]]:
    """By job: presses, and whole pages that were loaded."""
    found = ROW.finditer(OFFICE.read_text("utf-8"))
    return {row["job"]: (int(row["presses"]), int(row["pages"])) for row in found}


class Counted:
    """A page of hers, counted from when `begin` is called."""

    def __init__(self, page: Page) -> None:
        self.page, self._pages, self._chosen = page, 0, 0
        page.context.add_init_script(COUNTS)
        page.on("domcontentloaded", self._loaded)

    def _loaded(self, _page: Page) -> None:
        self._pages += 1

    def begin(self) -> None:
        self.page.evaluate("sessionStorage.presses = 0")
        self._pages = self._chosen = 0

    def choose(self, field: Locator, words: str) -> None:
        """In a list to choose from: as good as a click."""
        field.select_option(label=words)
        self._chosen += 1

    @property
    def cost(self) -> tuple[int, int]:
        return int(self.page.evaluate("sessionStorage.presses")) + self._chosen, self._pages
