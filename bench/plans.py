"""How many rows PostgreSQL reads for each row that a list shows, at full size: more than three is a plan to look at.

The pages are asked in this process, so that each of their statements can be explained as it is asked, in its scope.
"""

import json
from collections.abc import Iterator
from typing import Any

from django.db import connection, connections

from bench import dialogues, rows
from bench.fence import browser
from bench.results import Row
from bench.world import World

MOST = 3.0  # rows read of one table for each that is shown
SMALL = 2000  # rows of a table: it lies on a few pages, and reading them all is cheaper than an index
CITIZEN = ("/hjem/", "/timeavtaler/", "/timeavtaler/bestill/", "/min-fastlege/", "/meldinger/", "/legemidler/")
OFFICE = ("/kontor/innboks/", "/kontor/kalender/", "/kontor/kalender/?visning=uke")


def measure(world: World) -> Iterator[Row]:
    assert world.employee
    patient = world.patients[-6]
    dialogues.first_of_their_kind(patient)
    one = f"SELECT id FROM patients_person WHERE id = '{patient['person']}'"
    rows.visits(one, 30, "'2060-01-01'::timestamptz")
    rows.dialogues(one, 30, 4)
    with connections["owner"].cursor() as cursor:
        cursor.execute("ANALYZE")  # as the database does by itself, a minute later
        cursor.execute("SELECT relname FROM pg_class WHERE relkind = 'r' AND reltuples > %s", [SMALL])
        large = {name for (name,) in cursor.fetchall()}
    for path, session in [
        *((path, patient["session"]) for path in CITIZEN),
        *((path, world.employee[2]) for path in OFFICE),
    ]:
        worst, name = _worst(session, path, large)
        row = Row(f"{path}: rows read for one shown", {"rows": worst})
        what = f"≤ {MOST:.0f}" + (f" (the most by {name})" if worst > MOST else "")
        yield row.but(what, lambda each: each["rows"] <= MOST)


def _worst(session: str, path: str, large: set[str]) -> tuple[float, str]:
    """Of all statements of the page, and the table."""
    asking, found = browser(session), [(0.0, "")]

    def explain(execute: Any, text: str, values: Any, many: bool, context: Any) -> Any:
        if text.lstrip().startswith(("SELECT", "WITH")) and not busy:
            busy.append(text)
            with connection.cursor() as cursor:
                cursor.execute(f"EXPLAIN (ANALYZE, TIMING OFF, FORMAT JSON) {text}", values)
                plan = cursor.fetchone()[0]
            busy.clear()
            found.append(_read((json.loads(plan) if isinstance(plan, str) else plan)[0]["Plan"], large))
        return execute(text, values, many, context)

    busy: list[str] = []
    asking.get(path)  # the first time some things are remembered
    with connection.execute_wrapper(explain):
        answer = asking.get(path)
    assert answer.status_code == 200, path
    return max(found)


def _read(plan: dict[str, Any], large: set[str]) -> tuple[float, str]:
    """The table of which most is read for one row of the answer. A sum or a count shows the rows it was made of."""
    shown = max(1.0, plan["Actual Rows"] * plan["Actual Loops"])
    return max((each for each in _scans(plan, shown) if each[1] in large), default=(0.0, ""))


def _scans(node: dict[str, Any], shown: float) -> Iterator[tuple[float, str]]:
    if node["Node Type"] in ("Aggregate", "WindowAgg"):
        shown = max(shown, sum(each["Actual Rows"] * each["Actual Loops"] for each in node.get("Plans", ())))
    if table := node.get("Relation Name"):
        dropped = node.get("Rows Removed by Filter", 0) + node.get("Rows Removed by Index Recheck", 0)
        read = (node["Actual Rows"] + dropped) * node["Actual Loops"]
        yield read / shown, table
    for each in node.get("Plans", ()):
        yield from _scans(each, shown)
