"""No page asks the database more often than it says or the same twice, none is heavier, and none is hard to read."""

import gzip
import re
from collections import Counter
from collections.abc import Iterator
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

LEAST = {"full": hot.CITIZEN, "parent": hot.ACTING, "doctor": hot.STAFF, "secretary": hot.STAFF}
BYTES = {Kind.CITIZEN: hot.CITIZEN_BYTES, Kind.STAFF: hot.STAFF_BYTES}
ROOT = Path(ui.__file__).parent / "static"
BUILT = re.compile(r"(?:src|href)=[^ >]*/(build/[^\"' >]+)")  # what a page needs once: style, script, letters
WRITES = ("SAVEPOINT", "RELEASE", "ROLLBACK", "INSERT")  # a trace for each thing that is shown is no question


@pytest.mark.parametrize("visitor", LEAST)
def test_no_page_asks_more_often_than_its_line_says_or_twice_none_is_heavier_and_none_hard_to_read(
    visitor: str, world: World, django_db_blocker: DjangoDbBlocker, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rules, "SEEN_EVERY", timedelta(days=1))  # a slow machine opens them for more than a minute
    faults, shown, more = [], 0, contexts.every(lambda about: about.statements)
    heaviest = BYTES[permissions.VISITORS[visitor].kind]
    with django_db_blocker.unblock(), Browser(world, visitor, is_compressed=True) as browser:
        for name, said, response in _pages(world, browser, visitor):
            most = more.get(name, LEAST[visitor])
            twice = [words for words, times in Counter(said).items() if times > 1 and not words.startswith(WRITES)]
            if len(said) > most:
                faults.append(f"{name}: {len(said)} statements, and may {most} (`statements` in its about.py)")
            faults += [f"{name}: asked twice: {' '.join(words.split())[:200]}" for words in twice]
            if response.get("Content-Encoding") != "gzip":
                continue  # a file, or too short to be worth it
            shown += 1
            size, first = len(response.content), _first(response)
            hard = lix.of_page(gzip.decompress(response.content).decode()) if heaviest == hot.CITIZEN_BYTES else None
            if hard and hard > lix.HARDEST:
                faults.append(f"{name}: LIX {hard:.0f}, of {lix.HARDEST}: shorter sentences, shorter words")
            if size > heaviest or first > hot.FIRST_BYTES:
                faults.append(f"{name}: {size} bytes, of {heaviest}; {first} the first time, of {hot.FIRST_BYTES}")
    assert shown > 15
    assert not faults, "\n".join(["", *faults])


def _first(response: Any) -> int:
    """With what the page needs once, as it is sent."""
    needed = {ROOT / name for name in BUILT.findall(gzip.decompress(response.content).decode())}
    return len(response.content) + sum(_sent(each) for each in needed)


@cache
def _sent(file: Path) -> int:
    return file.stat().st_size if file.suffix == ".woff2" else len(brotli.compress(file.read_bytes()))


def test_every_line_is_of_a_page() -> None:
    said = contexts.every(lambda about: about.statements)
    assert said.keys() <= {route.name for route in permissions.routes()}


def _pages(world: World, browser: Browser, visitor: str) -> Iterator[tuple[str, list[str], Any]]:
    """Every page of her kind that she may open, with what it asks and answers when it is opened for the second time."""
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
            yield route.name, said, response


SEEN = 'UPDATE "access_login" SET "seen_at"'  # once in some minutes, which a slow machine comes to in this test


def _listening(said: list[str]) -> Any:
    def listen(execute: Any, words: str, values: Any, many: bool, context: Any) -> Any:
        if not words.startswith(("SAVEPOINT", "RELEASE", "ROLLBACK", SEEN)):
            said.append(words)
        return execute(words, values, many, context)

    return listen
