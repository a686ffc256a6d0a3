"""A provider nobody here wrote (npm's oidc-provider), one of ours that can lie, and people to log in."""

import json
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any
from urllib.parse import parse_qs, parse_qsl, urlsplit

import httpx
import pytest
from django.http import HttpResponse
from django.test import Client
from django.utils import timezone
from joserfc import jwt
from joserfc.jwk import ECKey, RSAKey
from pytest_django import Settings

from legedialog.core import keys
from legedialog.core.crypto import blind_index
from legedialog.core.identifiers import synthetic_number
from legedialog.integrations.helseid import mapping as helseid
from legedialog.integrations.oidc import client
from legedialog.patients.models import Person
from legedialog.practices.models import Clinician, Employee, Practice

ROOT = Path(__file__).resolve().parents[4]
KARI = synthetic_number(date(1984, 5, 14), 0)
MONA = synthetic_number(date(1991, 3, 8), 0)
HOST = "http://testserver"
LONG_AGO = date(2020, 1, 1)
TRUSTED = httpx.create_ssl_context()  # reading all authorities anew takes longer than a login


def person(number: str = KARI, **kwargs: Any) -> Person:
    values = {
        "national_number": number,
        "national_number_index": blind_index(number, purpose="national-number"),
        "given_name": "Kari",
        "family_name": "Testdal",
        "birth_date": date(1984, 5, 14),
        "address": "",
        "phone": "",
        "email": "",
    }
    return Person.objects.create(**(values | kwargs))


def practice(number: str = "910000001", name: str = "Fjordbyen legesenter") -> Practice:
    return Practice.objects.create(name=name, organisation_number=number)


def clinician(hpr_number: str = "9000001") -> Clinician:
    return Clinician.objects.create(name="Ingrid Aas", hpr_number=hpr_number)


def employee(at: Practice, number: str = MONA, **kwargs: Any) -> Employee:
    values = {
        "practice": at,
        "name": "Mona Haug",
        "role": "secretary",
        "national_number_index": blind_index(number, purpose="national-number"),
        "starts_date": LONG_AGO,
    }
    return Employee.objects.create(**(values | kwargs))


@pytest.fixture
def kari(db: None) -> Person:
    return person()


@pytest.fixture(autouse=True)
def _new_providers() -> Iterator[None]:
    client.forget_providers()
    yield
    client.forget_providers()


# --- npm's oidc-provider


@dataclass
class OidcProvider:
    issuer: str

    def next(self, **person: Any) -> None:
        """Who comes next: sub, acr, claims; or error."""
        httpx.post(f"{self.issuer}/next", json=person, verify=TRUSTED).raise_for_status()

    def citizen(self, number: str = KARI, acr: str = "idporten-loa-high") -> None:
        self.next(sub="kari", acr=acr, claims={"pid": number})

    def staff(self, number: str = MONA, level: str = "4", hpr: str = "") -> None:
        claims = {helseid.PID: number, helseid.SECURITY_LEVEL: level}
        self.next(sub="mona", claims=claims | ({helseid.HPR_NUMBER: hpr} if hpr else {}))


@pytest.fixture(scope="session")
def oidc_process(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Any]]:
    key_file = str(tmp_path_factory.mktemp("keys") / "client.json")
    public = keys.ensure(key_file).as_dict(private=False)
    signing = RSAKey.generate_key(2048, parameters={"use": "sig", "alg": "RS256"}, auto_kid=True)

    def metadata(name: str) -> dict[str, Any]:
        return {
            "client_id": f"legedialog-{name}",
            "token_endpoint_auth_method": "private_key_jwt",
            "token_endpoint_auth_signing_alg": "ES256",
            "jwks": {"keys": [public]},
            "redirect_uris": [f"{HOST}/logg-inn/svar/{name}/"],
            "post_logout_redirect_uris": [f"{HOST}/logg-ut/"],
            "response_types": ["code"],
            "grant_types": ["authorization_code"],
            "dpop_bound_access_tokens": name == "helseid",
            "backchannel_logout_uri": f"{back_channel.url}/logg-ut/{name}/back/",
            "backchannel_logout_session_required": True,
        }

    back_channel = BackChannel()
    process = subprocess.Popen(
        ["node", str(ROOT / "tests/oidc-provider/provider.mjs")],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    assert process.stdin
    assert process.stdout
    start = {"clients": [metadata("idporten"), metadata("helseid")], "jwks": {"keys": [signing.as_dict(private=True)]}}
    print(json.dumps(start), file=process.stdin, flush=True)
    issuer = process.stdout.readline().strip()
    assert issuer, "node could not start tests/oidc-provider/provider.mjs: run npm ci"
    yield {"issuer": issuer, "key_file": key_file, "back_channel": back_channel}
    process.stdin.close()
    process.wait(timeout=10)
    process.stdout.close()
    back_channel.close()


@pytest.fixture
def outside(oidc_process: dict[str, Any], settings: Settings) -> OidcProvider:
    settings.LOGIN_PROVIDERS = {
        name: {
            "issuer": oidc_process["issuer"],
            "client_id": f"legedialog-{name}",
            "key_file": oidc_process["key_file"],
        }
        for name in ("idporten", "helseid")
    }
    return OidcProvider(oidc_process["issuer"])


class BackChannel:
    """Takes the provider's messages, for the test to hand on to our own address in its transaction."""

    def __init__(self) -> None:
        self.messages: list[tuple[str, dict[str, str]]] = []
        outer = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"])).decode()
                outer.messages.append((self.path, dict(parse_qsl(body))))
                self.send_response(200)
                self.end_headers()

            def log_message(self, *args: Any) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}"
        Thread(target=self.server.serve_forever, daemon=True).start()

    def close(self) -> None:
        self.server.shutdown()
        self.server.server_close()


# --- the browser: Django's client at our pages, httpx at the provider's


@dataclass
class Browser:
    ours: Client = field(default_factory=Client)
    theirs: httpx.Client = field(default_factory=lambda: httpx.Client(verify=TRUSTED))
    seal: dict[str, str] = field(default_factory=dict)  # of the form that stands open

    def send(self, path: str, fields: dict[str, Any], **options: Any) -> Any:
        return self.ours.post(path, fields | self.seal, **options)

    def open(self, path: str) -> Any:
        return self.ours.get(path)

    def begin(self, path: str = "/logg-inn/") -> str:
        """To the provider and through it. Answers our own address that it sends the browser to."""
        return self.through(self.ours.get(path)["Location"])

    def through(self, url: str) -> str:
        while not url.startswith(HOST):
            response = self.theirs.get(url)
            assert response.is_redirect, response.text
            url = str(response.next_request.url) if response.next_request else ""
        return url.removeprefix(HOST)

    def log_in(self, path: str = "/logg-inn/") -> Any:
        return self.ours.get(self.begin(path))


@pytest.fixture
def browser() -> Iterator[Browser]:
    made = Browser()
    yield made
    made.theirs.close()


# --- a provider that can lie


@dataclass
class Liar:
    """Right in everything that a test does not change."""

    issuer: str = ""
    signing: ECKey = field(default_factory=lambda: ECKey.generate_key("P-256", auto_kid=True))
    published: list[ECKey] = field(default_factory=list)
    claims: dict[str, Any] = field(default_factory=dict)  # what differs from a right token; None leaves one out
    header: dict[str, Any] = field(default_factory=dict)
    answers: dict[str, tuple[int, bytes]] = field(default_factory=dict)  # path → status and body instead of the right
    pushed: dict[str, str] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)

    def answer(self, path: str, form: dict[str, str]) -> tuple[int, bytes]:
        self.asked.append(path)
        if path in self.answers:
            return self.answers[path]
        if path == "/.well-known/openid-configuration":
            names = ("authorization_endpoint", "token_endpoint", "jwks_uri", "pushed_authorization_request_endpoint")
            return 200, json.dumps({"issuer": self.issuer} | {name: f"{self.issuer}/{name}" for name in names}).encode()
        if path == "/jwks_uri":
            return 200, json.dumps({"keys": [key.as_dict(private=False) for key in self.published]}).encode()
        if path == "/pushed_authorization_request_endpoint":
            self.pushed = form
            return 201, b'{"request_uri": "urn:a", "expires_in": 60}'
        return 200, json.dumps({"access_token": "a", "token_type": "Bearer", "id_token": self.id_token()}).encode()

    def id_token(self) -> str:
        now = int(timezone.now().timestamp())
        claims: dict[str, Any] = {
            "iss": self.issuer,
            "aud": "legedialog-idporten",
            "sub": "kari",
            "sid": "sid-1",
            "nonce": self.pushed.get("nonce"),
            "iat": now,
            "exp": now + 60,
            "acr": "idporten-loa-high",
            "pid": KARI,
        } | self.claims
        claims = {name: value for name, value in claims.items() if value is not None}
        return jwt.encode({"alg": "ES256", "kid": self.signing.kid} | self.header, claims, self.signing)

    def log_in(self, browser: Client, **answer: str) -> HttpResponse:
        """Begin, and come back with a code."""
        browser.get("/logg-inn/?next=/hjem/")
        query = {"state": self.pushed["state"], "code": "a-code", "iss": self.issuer} | answer
        return browser.get("/logg-inn/svar/idporten/", query)  # type: ignore[return-value]


@pytest.fixture
def liar(settings: Settings, tmp_path: Path) -> Iterator[Liar]:
    made = Liar()
    made.published = [made.signing]

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.give({})

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"])).decode()
            self.give({name: values[0] for name, values in parse_qs(body).items()})

        def give(self, form: dict[str, str]) -> None:
            status, body = made.answer(urlsplit(self.path).path, form)
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *args: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    Thread(target=server.serve_forever, args=[0.02], daemon=True).start()
    made.issuer = f"http://127.0.0.1:{server.server_port}"
    key_file = str(tmp_path / "client.json")
    keys.ensure(key_file)
    settings.LOGIN_PROVIDERS = {
        name: {"issuer": made.issuer, "client_id": f"legedialog-{name}", "key_file": key_file}
        for name in ("idporten", "helseid")
    }
    yield made
    server.shutdown()
    server.server_close()
