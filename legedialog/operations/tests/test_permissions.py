"""Every address of the URL conf, opened and sent to as everybody, with ids of their own and of others.

What must happen is what docs/permissions.md says.
"""

import re
from collections.abc import Iterable
from types import SimpleNamespace
from typing import Any

import pytest
from django.http import HttpResponseBase
from django.test import RequestFactory
from django.urls import resolve
from pytest_django.plugin import DjangoDbBlocker

from legedialog.access import seals
from legedialog.access.middleware import identify
from legedialog.access.tests.pages import Forms
from legedialog.config import middleware
from legedialog.consent.middleware import narrow
from legedialog.core import fence
from legedialog.core.contexts import RowOf
from legedialog.core.ids import new_id
from legedialog.operations import permissions
from legedialog.operations.permissions import VISITORS, Outcome, Route
from legedialog.operations.tests import objects
from legedialog.operations.tests.test_threats import WITHOUT_TOKEN
from legedialog.operations.tests.world import ROUTES, Browser, World, address_of, any_address

INSTEAD = {
    "consent/needed.html": Outcome.CONSENT,
    "consent/under_16.html": Outcome.TOO_YOUNG,
    "consent/closed.html": Outcome.CLOSED,
    "access/own_only.html": Outcome.SWITCH_BACK,
}


def _met(route: Route, response: HttpResponseBase, templates: set[str]) -> Outcome:
    status = response.status_code
    if status == 401:
        return Outcome.TOKEN
    if status == 403:
        return Outcome.DENIED
    if status == 302 and route.gate and response["Location"].startswith("/logg-inn/"):
        return Outcome.LOG_IN
    return next((met for name, met in INSTEAD.items() if name in templates), Outcome.OPEN)


def _methods(place: int, route: Route, visitor: str) -> tuple[str, ...]:
    """Both; but of those whom the guard refuses for what they are, every third tries one, in turn: there are many of
    them, and it is one guard."""
    if route.gate and VISITORS[visitor].kind is not route.gate.kind:
        turn = place + list(VISITORS).index(visitor)
        return () if turn % 3 else (("GET", "POST")[turn // 3 % 2],)
    return ("GET", "POST")


def _says_it_otherwise(route: Route, expected: Outcome, status: int, own: str | None) -> bool:
    """A system's own login is no person's; and where a policy would refuse, a row that is not hers is not found."""
    if route.name in permissions.for_everybody():
        return status == 401
    return expected is Outcome.DENIED and route.name in permissions.finer() and own is None and status == 404


def _kept(route: Route, visitor: str, status: int) -> str:
    """What a browser may keep: nothing, but for the named few pages of who is nobody."""
    is_public = route.name in middleware.PUBLIC and visitor == "anonymous" and status == 200
    return middleware.HERE if is_public else middleware.NOWHERE


def test_every_address_has_a_guard_or_a_reason() -> None:
    missing = permissions.faults(ROUTES)
    assert not missing, "\n".join(["", *missing])


def test_every_parameter_of_an_address_names_rows() -> None:
    missing = sorted(
        {
            f'`parameters` of its about.py needs a line for {route.name} (/{route.address}):\n    "{name}": '
            f'RowOf("context.Model", patient="lookup to the patient", practice="lookup to the office"),'
            for route in ROUTES
            for name in route.parameters
            if objects.of(route.name, name) is None
        }
    )
    assert not missing, "\n".join(["", *missing])


@pytest.mark.parametrize("visitor", VISITORS)
def test_everybody_meets_what_the_matrix_says(visitor: str, world: World, django_db_blocker: DjangoDbBlocker) -> None:
    who, faults = world.who[visitor], []
    with django_db_blocker.unblock(), Browser(world, visitor) as browser:
        for place, route in enumerate(ROUTES):
            if route.gate is None and visitor not in ("anonymous", "full", "secretary"):
                continue
            own = address_of(route, who, "own")
            path = own or any_address(route)
            for method in _methods(place, route, visitor):
                response, templates = browser.ask(method, path)
                expected = permissions.outcome(route, visitor, method)
                met = _met(route, response, templates)
                status = response.status_code
                if status == 500:
                    faults.append(f"{method} {route.name}: failed with {browser.errors}")
                elif status != 405 and response["Cache-Control"] != _kept(route, visitor, status):
                    faults.append(f"{method} {route.name}: {response['Cache-Control']}")
                elif status != 405 and met is not expected and not _says_it_otherwise(route, expected, status, own):
                    faults.append(f"{method} {route.name}: the matrix says “{expected}”, she met “{met}” ({status})")
    assert not faults, "\n".join(["", f"{VISITORS[visitor].title}:", *faults])


@pytest.mark.parametrize("visitor", VISITORS)
def test_ids_of_others_are_not_found(visitor: str, world: World, django_db_blocker: DjangoDbBlocker) -> None:
    who, faults = world.who[visitor], []
    with django_db_blocker.unblock(), Browser(world, visitor) as browser:
        for route in ROUTES:
            if not any(isinstance(objects.of(route.name, name), RowOf) for name in route.parameters):
                continue
            if permissions.outcome(route, visitor) is not Outcome.OPEN or route.gate is None:
                continue
            path = address_of(route, who, "foreign")
            for method in ("GET", "POST"):
                if permissions.outcome(route, visitor, method) is not Outcome.OPEN:
                    continue
                response, _ = browser.ask(method, path or any_address(route))
                if response.status_code not in (404, 405):
                    faults.append(f"{method} {route.name}: {response.status_code} {browser.errors or ''}")
    assert not faults, "\n".join(["", f"{VISITORS[visitor].title} with somebody else's id:", *faults])


def test_the_rows_in_the_addresses_are_there(world: World, django_db_blocker: DjangoDbBlocker) -> None:
    """Rows that nobody can open, or that are nobody else's, would make the two tests above prove nothing."""
    faults = []
    with django_db_blocker.unblock():
        for route in ROUTES:
            if not any(isinstance(objects.of(route.name, name), RowOf) for name in route.parameters):
                continue
            may = [key for key in VISITORS if permissions.outcome(route, key) is Outcome.OPEN]
            if not any(_opens(world, key, route) for key in may):
                faults.append(f"{route.name}: none of {', '.join(may)} has a row of her own that opens")
            if (
                route.gate
                and may != ["operator"]
                and not any(address_of(route, world.who[key], "foreign") for key in may)
            ):
                faults.append(f"{route.name}: there is no row that is somebody else's to {', '.join(may)}")
    assert not faults, "\n".join(["", "Add to the demo, or to _rows_that_the_demo_lacks in world.py:", *faults])


def _opens(world: World, visitor: str, route: Route) -> bool:
    path = address_of(route, world.who[visitor], "own")
    if path is None:
        return False
    with Browser(world, visitor) as browser:
        return any(browser.ask(method, path)[0].status_code not in (404, 405) for method in ("GET", "POST"))


# ---- a form acts only for the person, actor and office it was drawn for: access/seals.py

# Nobody's affairs: how the browser shows pages, and the way out.
FOR_ANYONE = {"access:logout", "ui:language", "ui:scheme"}
A_FEW = {"portal:contact", "portal:choose", "appointments:book", "workspace:book", "attachments:receive"}
ASKS_ITSELF = {"video:send"}  # a guest's page stays hers when somebody logs in beside it

# Who sends what was drawn for whom, in one browser: the first two to every address, the others to a few.
OTHERS = [
    ("parent", "full"),  # she has begun to act for her child
    ("doctor", "elsewhere"),  # another office
    ("full", "basis"),  # another person logged in since
    ("full", "parent"),  # she has gone back to herself
    ("parent", "parent-12"),  # she acts for another child
    ("doctor", "secretary"),  # another employee of the same office
    ("full", "doctor"),
    ("operator", "full"),
    ("full", "anonymous"),  # it was drawn before she logged in
]


class Sender(Browser):
    """With the CSRF token that the browser has now, and a seal drawn for `drawn_for`."""

    def __init__(self, world: World, visitor: str, drawn_for: str) -> None:
        super().__init__(world, visitor)
        drawn = RequestFactory()
        drawn.cookies = Browser(world, drawn_for).factory.cookies
        request: Any = drawn.get("/")
        with fence.system("tests"):
            identify(request)
            narrow(request)
        self.drawn = request
        self.seal = seals.draw(request)
        self.factory.cookies["csrf"] = "a" * 32

    def draw(self, names: Iterable[str]) -> None:
        """By a page with a row of each in its address, which no other has."""
        self.drawn.resolver_match = SimpleNamespace(kwargs={name: new_id() for name in names})
        self.seal = seals.draw(self.drawn)

    def request(self, method: str, path: str) -> Any:
        headers = {"X-CSRFToken": "a" * 32, "Accept": "text/html"}
        return self.factory.post(path, {seals.FIELD: self.seal, "text": "noe jeg skrev"}, headers=headers)


def _refusing(sender: Browser, world: World, visitor: str, routes: list[Route]) -> set[str]:
    """The addresses where nothing was done for that reason."""
    found = set()
    for route in routes:
        response, templates = sender.ask("POST", address_of(route, world.who[visitor], "own") or any_address(route))
        if "access/refused.html" in templates or response.get("Location") == "/logg-inn/tekst/":
            found.add(route.name)
    return found


@pytest.mark.parametrize(("visitor", "drawn_for"), OTHERS)
def test_a_form_that_was_drawn_for_another_does_nothing_at_any_address(
    visitor: str, drawn_for: str, world: World, django_db_blocker: DjangoDbBlocker
) -> None:
    routes = ROUTES if (visitor, drawn_for) in OTHERS[:2] else [each for each in ROUTES if each.name in A_FEW]
    with django_db_blocker.unblock(), Sender(world, visitor, drawn_for) as sender:
        taken = {route.name for route in routes} - _refusing(sender, world, visitor, routes)
    assert taken == (FOR_ANYONE | ASKS_ITSELF | WITHOUT_TOKEN if routes is ROUTES else set())


def _uuids(route: Route) -> list[str]:
    found = [(name, objects.of(route.name, name)) for name in route.parameters]
    return [name for name, each in found if isinstance(each, RowOf)]


@pytest.mark.parametrize("visitor", ["full", "doctor", "secretary"])
def test_what_was_typed_in_one_rows_page_is_not_sent_to_another(
    visitor: str, world: World, django_db_blocker: DjangoDbBlocker
) -> None:
    """Every address that names a row: a patient, a dialogue, a visit, a prescription."""
    routes = [route for route in ROUTES if _uuids(route) and route.name not in FOR_ANYONE | ASKS_ITSELF | WITHOUT_TOKEN]
    with django_db_blocker.unblock():
        sender = Sender(world, visitor, visitor)
    with django_db_blocker.unblock(), sender:
        taken = {route.name for route in routes}
        for rows in {tuple(_uuids(route)) for route in routes}:
            sender.draw(rows)
            taken -= _refusing(sender, world, visitor, [route for route in routes if tuple(_uuids(route)) == rows])
    assert not taken


@pytest.mark.parametrize("visitor", ["full", "parent", "doctor", "secretary", "manager", "operator"])
def test_every_form_of_a_page_about_a_row_acts_on_that_row(
    visitor: str, world: World, django_db_blocker: DjangoDbBlocker
) -> None:
    """So none that is ours is refused for it."""
    astray, seen = set(), 0
    with django_db_blocker.unblock(), Browser(world, visitor) as browser:
        for route in (each for each in ROUTES if _uuids(each)):
            path = address_of(route, world.who[visitor], "own")
            response, _templates = browser.ask("GET", path) if path else (None, None)
            if path is None or response is None or "text/html" not in response.get("Content-Type", ""):
                continue
            here = resolve(path).kwargs
            html = getattr(response, "content", b"").decode()
            addresses = re.findall(r'\bhx-(?:post|put|patch|delete)="(/[^"]+)"', html)
            addresses += [each for form in Forms(html).found for each in (form.action or path, *form.addresses)]
            for address in addresses:
                there = resolve(re.split(r"[?#]", address)[0]).kwargs
                seen += 1
                astray |= {f"{route.name}: {address}" for name in here if there.get(name, here[name]) != here[name]}
    assert not astray
    assert seen or visitor == "operator"


# ---- and a part is drawn only into a page of the same


class Part(Sender):
    """What htmx asks for, from a page that was drawn for `drawn_for`, or by one that does not say."""

    def request(self, method: str, path: str) -> Any:
        headers = {"HX-Request": "true", **({seals.PAGE: self.seal} if self.seal else {})}
        return self.factory.get(path, headers=headers)


def _undrawn(part: Part, world: World, visitor: str) -> set[str]:
    found = set()
    for route in ROUTES:
        response, templates = part.ask("GET", address_of(route, world.who[visitor], "own") or any_address(route))
        if response.status_code == 409 and "access/another.html" in templates:
            assert response["HX-Retarget"] == "#another"
            assert templates == {"access/another.html"}
            found.add(route.name)
    return found


@pytest.mark.parametrize(("visitor", "drawn_for"), [*OTHERS[:2], ("anonymous", "full"), ("full", "anonymous")])
def test_nothing_is_drawn_into_a_page_of_another_at_any_address(
    visitor: str, drawn_for: str, world: World, django_db_blocker: DjangoDbBlocker
) -> None:
    with django_db_blocker.unblock(), Part(world, visitor, drawn_for) as part:
        assert {route.name for route in ROUTES} - _undrawn(part, world, visitor) == FOR_ANYONE | ASKS_ITSELF


def test_nothing_is_drawn_into_a_page_that_does_not_say_whom_it_is_for(
    world: World, django_db_blocker: DjangoDbBlocker
) -> None:
    with django_db_blocker.unblock(), Part(world, "full", "full") as part:
        part.seal = ""
        assert {route.name for route in ROUTES} - _undrawn(part, world, "full") == FOR_ANYONE | ASKS_ITSELF


@pytest.mark.parametrize("visitor", ["anonymous", "full", "parent", "doctor", "operator"])
def test_every_part_is_drawn_into_a_page_of_her_own(
    visitor: str, world: World, django_db_blocker: DjangoDbBlocker
) -> None:
    with django_db_blocker.unblock(), Part(world, visitor, visitor) as part:
        assert not _undrawn(part, world, visitor)


@pytest.mark.parametrize("visitor", ["full", "parent", "doctor", "operator"])
def test_one_that_was_drawn_for_her_is_never_refused_so(
    visitor: str, world: World, django_db_blocker: DjangoDbBlocker
) -> None:
    with django_db_blocker.unblock(), Sender(world, visitor, visitor) as sender:
        assert not _refusing(sender, world, visitor, [each for each in ROUTES if each.name in A_FEW])


def test_every_page_of_one_who_acts_for_another_says_whom_it_is_about(
    world: World, django_db_blocker: DjangoDbBlocker
) -> None:
    silent, shown = [], 0
    with django_db_blocker.unblock(), Browser(world, "parent") as browser:
        for route in ROUTES:
            if route.gate is None or permissions.outcome(route, "parent") is not Outcome.OPEN:
                continue
            response: Any = browser.ask("GET", address_of(route, world.who["parent"], "own") or any_address(route))[0]
            if response.status_code != 200 or b'id="content"' not in getattr(response, "content", b""):
                continue
            shown += 1
            words = " ".join(re.sub("<[^>]+>", " ", response.content.decode().split('id="content"')[1]).split())
            if not re.search(r"Hvem: Ola Testdal, \d+ år", words):
                silent.append(route.name)
    assert shown > 15
    assert not silent
