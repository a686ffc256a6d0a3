"""No page reads a whole table that grows with the country or with the years: an index is there for each statement, and
it may be asked. Behind row-level security an operator that may leak, such as an overlap of arrays, asks none."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from django.db import connection
from pytest_django.plugin import DjangoDbBlocker

from legedialog.operations import permissions
from legedialog.operations.tests.world import Browser, World, address_of

GROWING = {
    "access_login",
    "appointments_appointment",
    "appointments_claim",
    "audit_event",
    "dialogues_dialogue",
    "dialogues_message",
    "fees_charge",
    "journal_entry",
    "outbox_notification",
    "patients_person",
    "prescriptions_prescription",
}


@pytest.mark.parametrize("visitor", ["full", "doctor", "secretary"])
def test_no_page_reads_all_rows_of_a_table_that_grows(
    visitor: str, world: World, django_db_blocker: DjangoDbBlocker
) -> None:
    found: set[str] = set()
    kind = permissions.VISITORS[visitor].kind
    with django_db_blocker.unblock(), Browser(world, visitor) as browser, _no_choice_but_an_index():
        for route in permissions.routes():
            path = address_of(route, world.who[visitor], "own") if route.gate and route.gate.kind is kind else None
            if path is None:
                continue
            whole: list[str] = []
            with connection.execute_wrapper(_explaining(whole)):
                browser.ask("GET", path)
            found |= {f"{route.name}: {each}" for each in whole}
    assert not found, "\n".join(["", *sorted(found)])


@contextmanager
def _no_choice_but_an_index() -> Iterator[None]:
    """PostgreSQL reads a whole table only where it cannot do otherwise, however few rows the test has."""
    with connection.cursor() as cursor:
        cursor.execute("SET enable_seqscan TO off")
    yield
    with connection.cursor() as cursor:
        cursor.execute("RESET enable_seqscan")


def _explaining(whole: list[str]) -> Any:
    busy: list[str] = []

    def explain(execute: Any, words: str, values: Any, many: bool, context: Any) -> Any:
        if (
            words.lstrip().startswith(("SELECT", "WITH"))
            and not busy
            and not connection.connection.pgconn.pipeline_status
        ):
            busy.append(words)
            with connection.cursor() as cursor:
                cursor.execute(f"EXPLAIN (FORMAT JSON) {words}", values)
                plan = cursor.fetchone()[0]
            busy.clear()
            read = (json.loads(plan) if isinstance(plan, str) else plan)[0]["Plan"]
            whole.extend(f"{table}: {' '.join(words.split())[:300]}" for table in _whole(read) if table in GROWING)
        return execute(words, values, many, context)

    return explain


def _whole(node: dict[str, Any], is_inner: bool = False) -> Iterator[str]:
    """Read from end to end, or so for each row of another. Not what the policies ask beside each row: how is chosen by
    how many rows there are."""
    is_found = "Index Cond" in node or node["Node Type"] == "Bitmap Heap Scan"
    if node["Node Type"] == "Seq Scan" or (is_inner and "Relation Name" in node and not is_found):
        yield node["Relation Name"]
    for each in node.get("Plans", ()):
        if each["Parent Relationship"] != "SubPlan":
            inner = node["Node Type"] == "Nested Loop" and each["Parent Relationship"] == "Inner"
            yield from _whole(each, inner or (is_inner and node["Node Type"] == "Materialize"))
