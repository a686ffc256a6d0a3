"""What row-level security costs: the statements of whole pages, by turns on a fenced connection and on the owner's,
whom no policy binds. Same statements, same rows, same process, so that a busy machine slows both.
"""

import time
from collections.abc import Iterator
from uuid import UUID

from django.db import connection, connections
from django.db.backends.base.base import BaseDatabaseWrapper
from django.test import Client
from django.test.utils import CaptureQueriesContext

from bench.results import Row
from bench.world import World
from legedialog.access import cookies
from legedialog.core import fence

CITIZEN = ("/hjem/", "/timeavtaler/", "/timeavtaler/bestill/", "/min-fastlege/", "/profil/logg/")
OFFICE = ("/kontor/kalender/", "/kontor/pasienter/")
TURNS = 100

Page = tuple[tuple[UUID, ...], list[str]]  # for whom, and its statements


def measure(world: World) -> Iterator[Row]:
    assert world.employee
    employee, citizen = world.employee, (world.patients[0]["person"], world.patients[0]["session"])
    turns = 20 if world.is_quick else TURNS
    pages: list[Page] = [((citizen[0],), _statements(citizen[1], path)) for path in CITIZEN]
    pages += [(employee[:2], _statements(employee[2], path)) for path in OFFICE]
    took: dict[str, list[float]] = {"owner": [], "default": []}
    for turn in range(turns):
        for alias in ("owner", "default") if turn % 2 else ("default", "owner"):
            took[alias].append(_replay(connections[alias], pages))
    whole = _whole_pages(citizen[1], employee[2], turns)
    for name, each in ((f"statements of {len(pages)} pages", took), (f"{len(pages)} whole pages", whole)):
        yield Row(f"{name}, without row-level security", _figures(each["owner"]))
        yield Row(f"{name}, with it", _figures(each["default"]))


def _whole_pages(citizen: str, employee: str, turns: int) -> dict[str, list[float]]:
    """Milliseconds for all of them, with the connection of pages and with the owner's in its place."""
    fenced, plain = connections["default"], connections.create_connection("owner")
    browsers = [(browser(citizen), path) for path in CITIZEN] + [(browser(employee), path) for path in OFFICE]
    took: dict[str, list[float]] = {"owner": [], "default": []}
    try:
        for turn in range(turns):
            for alias in ("owner", "default") if turn % 2 else ("default", "owner"):
                connections["default"] = plain if alias == "owner" else fenced
                began = time.perf_counter()
                for each, path in browsers:
                    assert each.get(path).status_code == 200, path
                took[alias].append((time.perf_counter() - began) * 1000)
    finally:
        connections["default"] = fenced
        plain.close()
    return took


def browser(session: str) -> Client:
    made = Client(SERVER_NAME="localhost")
    made.cookies[cookies.name("session")] = session
    return made


def _statements(session: str, path: str) -> list[str]:
    asking = browser(session)
    asking.get(path)  # the first time some things are remembered
    with CaptureQueriesContext(connection) as captured:
        answer = asking.get(path)
    assert answer.status_code == 200, path
    texts = [str(query["sql"]) for query in captured]
    bare = [text.partition("';")[2] if text.startswith("SET LOCAL") else text for text in texts]
    return [text for text in bare if text.startswith("SELECT")]


def _replay(on: BaseDatabaseWrapper, pages: list[Page]) -> float:
    """Milliseconds for all of them."""
    began = time.perf_counter()
    for scope, statements in pages:
        with fence.works_for(*scope):
            for statement in statements:
                with on.cursor() as cursor:
                    cursor.execute(statement)
                    cursor.fetchall()
    return (time.perf_counter() - began) * 1000


def _figures(took: list[float]) -> dict[str, float]:
    """By the median turn: on a busy machine the sum tells of others' work."""
    took = sorted(took)
    middle = took[len(took) // 2]
    return {"rate": 1000 / middle, "p50": middle, "p95": took[len(took) * 95 // 100]}
