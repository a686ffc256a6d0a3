"""A file that a page for people names is there. Decisions are not asked: they tell of their day, and stay so."""

import re
from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]
NAMED = re.compile(r"`((?:legedialog|docs|tests|bench)/[\w./-]+)`")


def test_every_file_that_a_page_names_is_there() -> None:
    pages = [*ROOT.glob("*.md"), *(ROOT / "docs").glob("*.md")]
    gone = [
        f"{page.relative_to(ROOT)} names {name}"
        for page in pages
        for name in NAMED.findall(page.read_text(encoding="utf-8"))
        if not (ROOT / name).exists()
    ]
    assert not gone, "\n".join(["", *gone])


def test_a_page_leads_to_pages_that_are_there() -> None:
    for page in [*ROOT.glob("*.md"), *(ROOT / "docs").glob("*.md")]:
        for link in re.findall(r"\]\(([\w./-]+)(?:#[\w-]*)?\)", page.read_text(encoding="utf-8")):
            assert (page.parent / link).exists(), f"{page.relative_to(ROOT)} leads to {link}"
