"""Whatever people write, a word of 300 letters: at 320 pixels no page grows wider, and nothing is cut off."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Route as Asked
from playwright.sync_api import sync_playwright
from pytest_django.plugin import DjangoDbBlocker

from legedialog import ui
from legedialog.core.crypto import EncryptedTextField
from legedialog.dialogues.models import Intake, Template, Topic
from legedialog.operations import permissions
from legedialog.operations.tests.world import Browser, World, address_of
from legedialog.practices.models import Absence, Offer, Practice

WORD = ("etordsomaldrislutter" * 15)[:300]
# Sealed text that somebody types. The others are codes, numbers, names that a register has, and JSON.
TYPED = {
    *("answer", "assessment", "end_reason", "family_name", "message", "note", "pack", "pickup_place", "reaction"),
    *("reason", "relation", "staff_note", "subject", "substance", "text", "title", "use", "what", "why", "withdrawal"),
    *("attachments.Attachment.name", "prescriptions.Prescription.name", "video.Seat.name"),
}
MEASURE = (Path(__file__).parent / "long_words.js").read_text(encoding="utf-8")


@pytest.mark.parametrize("visitor", ["full", "parent", "doctor"])
def test_a_word_without_end_widens_no_page_and_is_cut_off_on_none(
    visitor: str, world: World, django_db_blocker: DjangoDbBlocker, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(EncryptedTextField, "_text", _long(EncryptedTextField._text))
    with django_db_blocker.unblock(), Browser(world, visitor) as browser:
        _what_offices_write()
        pages = dict(_pages(world, browser, visitor))
    assert sum(WORD in html for html in pages.values()) > 5
    with ThreadPoolExecutor(1) as apart:  # its loop is not ours
        faults = apart.submit(_faults, pages).result()
    assert not faults, "\n".join(["", *faults])


def _long(opened: Any) -> Any:
    def read(self: EncryptedTextField, sealed: bytes, row: bytes) -> str:
        text: str = opened(self, sealed, row)
        is_typed = not TYPED.isdisjoint((self.name, f"{self.model._meta.label}.{self.name}"))
        return WORD if text and is_typed else text

    return read


def _what_offices_write() -> None:
    Practice.objects.update(name=WORD[:200], street=WORD[:200], directions=WORD)
    Absence.objects.update(note=WORD)
    Offer.objects.update(closed_reason=WORD[:200])
    for number, topic in enumerate(Topic.objects.all()):
        Topic.objects.filter(pk=topic.pk).update(name=WORD[:76] + str(number))
    Template.objects.update(text_nb=WORD)
    Intake.objects.update(guidance=WORD, contact_guidance=WORD)


def _pages(world: World, browser: Browser, visitor: str) -> Iterator[tuple[str, str]]:
    kind = permissions.VISITORS[visitor].kind
    for route in permissions.routes():
        path = address_of(route, world.who[visitor], "own") if route.gate and route.gate.kind is kind else None
        response: Any = browser.ask("GET", path)[0] if path else None
        if response is None or response.status_code != 200 or response.streaming:
            continue
        html = response.content.decode(errors="replace")
        if 'id="content"' in html:
            yield route.name, html


def _faults(pages: dict[str, str]) -> list[str]:
    static = Path(ui.__file__).parent / "static"

    def answer(asked: Asked) -> None:
        name = asked.request.url.partition("/static/")[2].partition("?")[0]
        if name.endswith((".css", ".woff2")) and (static / name).is_file():
            asked.fulfill(path=static / name)
        elif html := pages.get(asked.request.url.rpartition("/")[2]):
            asked.fulfill(body=html, content_type="text/html; charset=utf-8")
        else:
            asked.fulfill(status=204)

    faults = []
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(
            executable_path="/usr/bin/chromium", args=["--no-sandbox", "--disable-gpu"]
        )
        page = chromium.new_page(viewport={"width": 320, "height": 640})
        page.route("**/*", answer)
        for name in pages:
            page.goto(f"http://pages.invalid/{name}", wait_until="load")
            faults += [f"{name}: {fault}" for fault in page.evaluate(MEASURE, WORD[:40])]
        chromium.close()
    return faults
