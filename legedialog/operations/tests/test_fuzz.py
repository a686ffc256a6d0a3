"""Nonsense to every address of the URL conf, as people of each kind: no answer is a fault of ours (5xx).

What is sent comes from the forms' own fields, found in the pages, and from values that break things. The seed is fixed;
`FUZZ=2000 SEED=7` in the environment sends more and other things.
"""

import os
import random
import re
from typing import Any
from urllib.parse import urlencode

import pytest
from django.db import transaction
from django.http import StreamingHttpResponse
from pytest_django.plugin import DjangoDbBlocker

from legedialog.core.tests import owner
from legedialog.operations import permissions
from legedialog.operations.permissions import Outcome
from legedialog.operations.tests.world import ROUTES, Browser, World, address_of, any_address

ROUNDS = int(os.environ.get("FUZZ", "0"))  # more requests for each kind of person
SEED = os.environ.get("SEED", "legedialog")
AS: tuple[str, ...] = ("full", "youth", "doctor", "manager", "anonymous")
if ROUNDS:
    AS += ("parent", "secretary", "substitute", "elsewhere", "operator")
NAMES = ("next", "to", "from", "day", "dag", "uke", "q", "time", "date", "page", "level", "key", "id", "lege", "type")
DATES = ("dag", "day", "date", "fra", "til", "from", "to", "before", "etter", "start", "time", "last_date")
ENDS = ("9999-12-31", "0001-01-01", "9999-12-31T23:59:59Z", "0001-01-01T00:00:00+14:00", "2149-12-31", "1850-01-01")
VALUES = (
    "", " ", "0", "-1", "1", "99999999999999999999", "1e999", "NaN", "true", "null", "[]", "{}", "æøå", "😀", "\x00",
    "a\x00b", "\ud7ff", "‮", "%", "%s", "{0}", "'", '"', "<script>", "../..", "//evil", "\r\nX: 1", "2026-02-30",
    "9999-12-31", "0001-01-01", "2026-13-01T99:99", "2026-11-28T10:00", "10:00", "25:00", "a" * 20_000,
    "00000000-0000-0000-0000-000000000000", "01a21fbc-45d6-7ad8-8fe3-ee2c70531e99@2026-11-30T08:00:00+01:00", "@",
    "13000000000", "+4741234567", "on", "yes", "full", "attendance",
)  # fmt: skip
FIELD = re.compile(r'name="([\w-]{1,40})"')


class Fuzzer(Browser):
    def __enter__(self) -> "Fuzzer":
        super().__enter__()
        return self

    def send(self, method: str, path: str, fields: list[tuple[str, str]], headers: dict[str, str]) -> Any:
        self.errors.clear()
        query = urlencode(fields)
        address = f"{path}?{query}" if method == "GET" else path
        body = "" if method == "GET" else query
        request: Any = self.factory.generic(
            method, address, body, content_type="application/x-www-form-urlencoded", headers=headers
        )
        request._dont_enforce_csrf_checks = True
        with owner.rolled_back():
            response = self.handler.get_response(request)
            if response.streaming and method == "GET":  # what comes in parts may break off in the middle
                assert isinstance(response, StreamingHttpResponse)
                for _part in zip(range(50), iter(response), strict=False):
                    pass
            transaction.set_rollback(True)
        return response


@pytest.mark.parametrize("visitor", AS)
def test_nonsense_never_makes_a_page_fail(visitor: str, world: World, django_db_blocker: DjangoDbBlocker) -> None:
    chance = random.Random(f"{SEED} {visitor}")
    who, faults = world.who[visitor], []
    with django_db_blocker.unblock(), Fuzzer(world, visitor) as browser:
        open_ = [route for route in ROUTES if permissions.outcome(route, visitor) in (Outcome.OPEN, Outcome.TOKEN)]
        open_ = [route for route in open_ if route.gate or visitor == "anonymous"]
        extra = [chance.choice(open_) for _ in range(ROUNDS)] if open_ else []
        for route in [*open_, *extra]:
            path = address_of(route, who, "own") or any_address(route)
            shown = browser.send("GET", path, [], {})
            if shown.status_code == 302 or not hasattr(shown, "content"):
                names = list(NAMES)
            else:
                found = FIELD.findall(shown.content.decode("utf-8", "replace"))
                names = sorted({*found, *NAMES} - {"csrfmiddlewaretoken", "viewport", "htmx-config"})
            for method in ("GET", "POST", "POST"):
                fields = [(name, chance.choice(VALUES)) for name in names if chance.random() < 0.8]
                headers = {"HX-Request": "true"} if chance.random() < 0.3 else {}
                response = browser.send(method, path, fields, headers)
                if response.status_code >= 500 and not (
                    route.name in permissions.for_everybody() and response.status_code == 503
                ):
                    faults.append(f"{method} {route.name}: {browser.errors} from {fields[:30]}"[:900])
    assert not faults, "\n".join(["", *faults])


@pytest.mark.parametrize("visitor", ["full", "doctor"])
def test_the_ends_of_time_never_make_a_page_fail(
    visitor: str, world: World, django_db_blocker: DjangoDbBlocker
) -> None:
    who, faults = world.who[visitor], []
    with django_db_blocker.unblock(), Fuzzer(world, visitor) as browser:
        for place, route in enumerate(ROUTES):
            if not route.gate or permissions.outcome(route, visitor) is not Outcome.OPEN:
                continue
            path = address_of(route, who, "own") or any_address(route)
            for end in ENDS[place % 2 :: 2]:  # the years and the instants, in turn
                response = browser.send("GET", path, [(name, end) for name in DATES], {})
                if response.status_code >= 500 and route.name not in permissions.for_everybody():
                    faults.append(f"{route.name}?…={end}: {browser.errors}"[:300])
    assert not faults, "\n".join(["", *faults])
