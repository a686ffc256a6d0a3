"""What docs/threat-model.md promises: each threat's tests exist, and those that belong to no context stand here."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.http import HttpResponse
from django.test import Client, RequestFactory
from django.urls import reverse
from django.utils import timezone

from legedialog.access import cookies
from legedialog.access.tests import pages
from legedialog.access.tests.logins import logged_in
from legedialog.access.tests.pages import Tab, browser
from legedialog.appointments.tests.factories import NOW, Office, citizen, office
from legedialog.config.middleware import security_headers
from legedialog.core.contexts import Word
from legedialog.operations import permissions
from legedialog.operations.tests import objects
from legedialog.patients.models import Person

ROOT = Path(__file__).resolve().parents[3]
MODEL = ROOT / "docs" / "threat-model.md"
ROUTES = permissions.routes()
# Systems send these; each proves itself by a signature or a token of its own.
WITHOUT_TOKEN = {
    "access:back_channel_logout",
    "api:appointment",
    "api:appointments",
    "api:nothing",
    "api:token",
    "identity:par",
    "identity:token",
    "payments-demo:opens",
    "payments-demo:refunds",
    "payments:told",  # the provider's signature is the proof
    "sms:status",  # the gateway's signature is the proof
}


@pytest.fixture
def clinic(db: None, monkeypatch: pytest.MonkeyPatch) -> Office:
    monkeypatch.setattr(timezone, "now", lambda: NOW)
    return office()


@pytest.fixture
def kari(clinic: Office) -> Person:
    return clinic.patient()


def _promised() -> Iterator[tuple[str, str]]:
    yield from re.findall(r"`([\w/.]+\.py)::(\w+)`", MODEL.read_text(encoding="utf-8"))


def test_every_test_that_the_model_names_exists() -> None:
    promised = list(_promised())
    assert len(promised) > 30
    missing = []
    for file, name in promised:
        path = ROOT / file
        tree = ast.parse(path.read_text(encoding="utf-8")) if path.exists() else ast.Module([], [])
        names = {each.name for each in tree.body if isinstance(each, ast.FunctionDef | ast.AsyncFunctionDef)}
        if name not in names:
            missing.append(f"{file}::{name}")
    assert not missing


def test_every_threat_has_a_defence_and_a_test() -> None:
    rows = [line for line in MODEL.read_text(encoding="utf-8").splitlines() if line.startswith("| ")][1:]
    for row in rows:
        if row.startswith("| ---"):
            continue
        threat, defence, tests = (cell.strip() for cell in row.strip("|").split(" | "))
        assert threat, row
        assert defence, row
        assert "::" in tests, row


def _addresses() -> Iterator[tuple[str, str]]:
    for route in ROUTES:
        values = {
            name: each.value if isinstance(each := objects.of(route.name, name), Word) else objects.unknown_id()
            for name in route.parameters
        }
        yield route.name, reverse(route.name, kwargs=values)


def test_no_address_takes_a_form_without_a_token_of_its_page() -> None:
    client = Client(enforce_csrf_checks=True)
    open_ = {name for name, address in _addresses() if client.post(address).status_code != 403}
    assert open_ <= WITHOUT_TOKEN


def test_a_token_of_another_site_is_none(kari: Person) -> None:
    tab = Tab(logged_in(citizen(kari), browser())).open("/profil/kontakt-og-beskjeder/")
    there = {"Origin": "https://evil.example"}
    assert tab.send("/profil/sprak/", language="en", headers=there).status_code == 403
    assert tab.send("/profil/sprak/", language="en").status_code == 302


def test_a_session_that_somebody_planted_is_never_taken_over(kari: Person) -> None:
    planted = "a" * 43
    client = Client()
    client.cookies[cookies.name("session")] = planted
    assert client.get("/hjem/").status_code == 302
    logged_in(citizen(kari), client)
    assert client.cookies[cookies.name("session")].value != planted
    stranger = Client()
    stranger.cookies[cookies.name("session")] = planted
    assert stranger.get("/hjem/").status_code == 302


def test_no_page_may_be_framed(client: Client, db: None) -> None:
    for address in ("/", "/hjelp/", "/finnes-ikke/"):
        assert "frame-ancestors 'none'" in client.get(address)["Content-Security-Policy"]
    response = security_headers(lambda request: HttpResponse())(RequestFactory().get("/"))
    assert "frame-ancestors 'none'" in response["Content-Security-Policy"]


@pytest.mark.parametrize("bad", ["//evil.example", "https://evil.example", "/\\evil.example", "javascript:alert(1)"])
def test_no_way_back_leads_to_another_site(bad: str, kari: Person) -> None:
    client = logged_in(citizen(kari))
    for address, name in (("/ui/sprak/", "next"), ("/ui/utseende/", "next"), ("/samtykke/", "next")):
        response = client.post(address, {name: bad, "language": "en", "scheme": "dark", "level": "full"})
        assert response.status_code in (302, 400, 422)
        to = response.headers.get("Location", "/")
        assert to.startswith("/"), to
        assert not to.startswith(("//", "/\\")), to


@pytest.mark.parametrize("bad", ["/\r\nSet-Cookie: a=b", "/%0d%0aSet-Cookie:%20a=b", "/\n", "/\x00"])
def test_nothing_typed_becomes_a_header(bad: str, kari: Person) -> None:
    client = logged_in(citizen(kari))
    response = client.post("/ui/sprak/", {"next": bad, "language": "nb\r\nX-Evil: 1"})
    assert response.status_code < 500
    assert "a" not in response.cookies
    assert all("\r" not in value and "\n" not in value for value in response.headers.values())
    assert "X-Evil" not in response.headers


def test_a_form_changes_only_the_fields_it_shows(kari: Person) -> None:
    before = {
        field.attname: getattr(kari, field.attname)
        for field in Person._meta.concrete_fields
        if field.attname not in {"phone", "email", "contact_confirmed_at"}
    }
    extra = dict.fromkeys(before, "1") | {"is_reserved": "on", "birth_date": "2000-01-01", "given_name": "Eva"}
    sent = {**extra, "phone": "+4741234567", "email": "kari@post.example"}
    browser = logged_in(citizen(kari))
    mark = pages.shown(browser, "/profil/kontakt/")["mark"]
    assert browser.post("/profil/kontakt/", sent | {"mark": mark}).status_code == 302
    kari.refresh_from_db()
    assert {name: getattr(kari, name) for name in before} == before


def test_no_address_holds_more_than_ids_and_fixed_words() -> None:
    """What could hold a number or a text would stand in logs of proxies and in histories of browsers."""
    for route in ROUTES:
        for kind, name in re.findall(r"<(?:(\w+):)?(\w+)>", route.address):
            if route.name.startswith("api:") or name == "token":  # a random secret that is sent to one person
                continue
            assert kind in {"uuid", "slug", "int"}, f"{route.name}: {name} may hold anything"
            assert not re.search("number|name_|phone|email|text|title", name), route.name
