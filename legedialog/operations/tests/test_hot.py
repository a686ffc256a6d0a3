"""No page asks the database more often than its line in hot.py says, and none asks the same twice."""

from collections import Counter
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from pytest_django.plugin import DjangoDbBlocker

from legedialog.access import rules
from legedialog.operations import hot, permissions
from legedialog.operations.tests.world import Browser, World, address_of

LEAST = {"full": hot.CITIZEN, "parent": hot.ACTING, "doctor": hot.STAFF, "secretary": hot.STAFF}
WRITES = ("SAVEPOINT", "RELEASE", "ROLLBACK", "INSERT")  # a trace for each thing that is shown is no question


@pytest.mark.parametrize("visitor", LEAST)
def test_no_page_asks_more_often_than_its_line_says_and_none_the_same_twice(
    visitor: str, world: World, django_db_blocker: DjangoDbBlocker, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rules, "SEEN_EVERY", timedelta(days=1))  # a slow machine opens them for more than a minute
    faults = []
    with django_db_blocker.unblock(), Browser(world, visitor) as browser:
        for name, said in _pages(world, browser, visitor):
            most = hot.MORE.get(name, LEAST[visitor])
            twice = [words for words, times in Counter(said).items() if times > 1 and not words.startswith(WRITES)]
            if len(said) > most:
                faults.append(f"{name}: {len(said)} statements, its line in hot.py says {most}")
            if twice and name not in hot.TWICE:
                faults.append(f"{name}: asked twice: {' '.join(twice[0].split())[:200]}")
    assert not faults, "\n".join(["", *faults])


def test_every_line_is_of_a_page() -> None:
    assert {*hot.MORE, *hot.TWICE} <= {route.name for route in permissions.routes()}


def _pages(world: World, browser: Browser, visitor: str) -> Iterator[tuple[str, list[str]]]:
    """Every page of her kind that she may open, with what it asks when it is opened for the second time."""
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
            yield route.name, said


SEEN = 'UPDATE "access_login" SET "seen_at"'  # once in some minutes, which a slow machine comes to in this test


def _listening(said: list[str]) -> Any:
    def listen(execute: Any, words: str, values: Any, many: bool, context: Any) -> Any:
        if not words.startswith(("SAVEPOINT", "RELEASE", "ROLLBACK", SEEN)):
            said.append(words)
        return execute(words, values, many, context)

    return listen
