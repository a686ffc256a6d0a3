"""No page asks the database more often than it says or the same twice, none is heavier, none is hard to read, and all
are HTML."""

import gzip
import json
import re
import shutil
import subprocess
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from functools import cache
from pathlib import Path
from typing import Any

import brotli  # type: ignore[import-untyped]
import pytest
from django.db import connection
from pytest_django.plugin import DjangoDbBlocker

from legedialog import ui
from legedialog.access import rules
from legedialog.access.actor import Kind
from legedialog.core import contexts
from legedialog.operations import hot, permissions
from legedialog.operations.tests.world import Browser, World, address_of
from legedialog.ui.tests import lix

LEAST = {"full": hot.CITIZEN, "parent": hot.ACTING, "doctor": hot.STAFF, "secretary": hot.STAFF, "manager": hot.STAFF}
FOR_ANOTHER = {"parent": hot.ACTING - hot.CITIZEN}
BYTES = {Kind.CITIZEN: hot.CITIZEN_BYTES, Kind.STAFF: hot.STAFF_BYTES}
ROOT = Path(ui.__file__).parent / "static"
BUILT = re.compile(r"(?:src|href)=[^ >]*/(build/[^\"' >]+)")  # what a page needs once: style, script, letters
CHECKER = Path(ui.__file__).parents[2] / "node_modules" / "vnu-jar" / "build" / "dist" / "vnu.jar"
HTMX = ".*Attribute .hx-[a-z-]+. not allowed on element.*"  # htmx's own attributes, which are no part of the standard
WRITES = ("SAVEPOINT", "RELEASE", "ROLLBACK", "INSERT")  # a trace for each thing that is shown is no question


@dataclass(frozen=True, slots=True)
class Page:
    """What it asks and answers when it is opened for the second time."""

    name: str
    said: list[str]
    answer: bytes
    is_page: bool  # else a file, or too short to be compressed

    @property
    def html(self) -> str:
        return gzip.decompress(self.answer).decode()


Walk = Callable[[str], list[Page]]


@pytest.fixture(scope="module")
def walk(world: World, django_db_blocker: DjangoDbBlocker) -> Iterator[Walk]:
    """Every page of a visitor's kind that she may open, opened for all tests of them once."""
    walked: dict[str, list[Page]] = {}

    def pages(visitor: str) -> list[Page]:
        if visitor not in walked:
            with django_db_blocker.unblock(), Browser(world, visitor, is_compressed=True) as browser:
                walked[visitor] = list(_pages(world, browser, visitor))
        return walked[visitor]

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(rules, "SEEN_EVERY", timedelta(days=1))  # a slow machine opens them for more than a minute
        yield pages


@pytest.mark.parametrize("visitor", LEAST)
def test_no_page_asks_more_often_than_its_line_says_or_twice_none_is_heavier_and_none_hard_to_read(
    visitor: str, walk: Walk
) -> None:
    faults, shown, more = [], 0, contexts.every(lambda about: about.statements)
    heaviest = BYTES[permissions.VISITORS[visitor].kind]
    for page in walk(visitor):
        most = more[page.name] + FOR_ANOTHER.get(visitor, 0) if page.name in more else LEAST[visitor]
        twice = [words for words, times in Counter(page.said).items() if times > 1 and not words.startswith(WRITES)]
        if len(page.said) > most:
            faults.append(f"{page.name}: {len(page.said)} statements, and may {most} (`statements` in its about.py)")
        faults += [f"{page.name}: asked twice: {' '.join(words.split())[:200]}" for words in twice]
        if not page.is_page:
            continue
        shown += 1
        size, first = len(page.answer), _first(page)
        hard = lix.of_page(page.html) if heaviest == hot.CITIZEN_BYTES else None
        if hard and hard > lix.HARDEST:
            faults.append(f"{page.name}: LIX {hard:.0f}, of {lix.HARDEST}: shorter sentences, shorter words")
        if size > heaviest or first > hot.FIRST_BYTES:
            faults.append(f"{page.name}: {size} bytes, of {heaviest}; {first} the first time, of {hot.FIRST_BYTES}")
    assert shown > 15
    assert not faults, "\n".join(["", *faults])


@pytest.mark.skipif(not shutil.which("java"), reason="the Nu HTML checker needs Java: .ci/need java")
def test_every_page_is_html_as_the_checker_of_the_standard_reads_it(walk: Walk, tmp_path: Path) -> None:
    for visitor in LEAST:
        for page in walk(visitor):
            if page.is_page and "<!doctype html>" in page.html:
                (tmp_path / f"{visitor}-{page.name.replace(':', '-')}.html").write_text(page.html)
    assert len(list(tmp_path.iterdir())) > 100

    checked = subprocess.run(
        ["java", "-Xmx600m", "-jar", CHECKER, "--format", "json", "--filterpattern", HTMX, tmp_path],
        capture_output=True,
        text=True,
        check=False,
    )
    found = json.loads(checked.stderr)["messages"]
    assert [f"{Path(each['url']).stem}: {each['message']} {each.get('extract', '')}" for each in found] == []


def _first(page: Page) -> int:
    """With what the page needs once, as it is sent."""
    return len(page.answer) + sum(_sent(ROOT / name) for name in set(BUILT.findall(page.html)))


@cache
def _sent(file: Path) -> int:
    return file.stat().st_size if file.suffix == ".woff2" else len(brotli.compress(file.read_bytes()))


def test_every_line_is_of_a_page() -> None:
    said = contexts.every(lambda about: about.statements)
    assert said.keys() <= {route.name for route in permissions.routes()}


def _pages(world: World, browser: Browser, visitor: str) -> Iterator[Page]:
    kind = permissions.VISITORS[visitor].kind
    for route in permissions.routes():
        path = address_of(route, world.who[visitor], "own") if route.gate and route.gate.kind is kind else None
        if path is None:
            continue
        browser.ask("GET", path)  # the first time some things are remembered
        said: list[str] = []
        with connection.execute_wrapper(_listening(said)):
            response, _ = browser.ask("GET", path)
        if response.status_code == 200:
            is_page = response.get("Content-Encoding") == "gzip"
            yield Page(route.name, said, response.content if is_page else b"", is_page)  # type: ignore[attr-defined]


SEEN = 'UPDATE "access_login" SET "seen_at"'  # once in some minutes, which a slow machine comes to in this test


def _listening(said: list[str]) -> Any:
    def listen(execute: Any, words: str, values: Any, many: bool, context: Any) -> Any:
        if not words.startswith(("SAVEPOINT", "RELEASE", "ROLLBACK", SEEN)):
            said.append(words)
        return execute(words, values, many, context)

    return listen
