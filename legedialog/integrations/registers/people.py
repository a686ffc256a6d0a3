"""Ask the population register and the contact register: JSON over HTTPS with a token from Maskinporten.

Sources: Skatteetaten's and Digdir's descriptions of the look-up services; Digdir's of Maskinporten; RFC 7523.
"""

import json
import time
from collections.abc import Collection
from dataclasses import dataclass
from types import TracebackType
from typing import Any, Self
from urllib.parse import urlencode
from uuid import uuid4

import httpx
from django.conf import settings
from django.utils.module_loading import import_string
from joserfc import jwt

from legedialog.core import keys, outside
from legedialog.integrations.registers import contact, population
from legedialog.integrations.registers.mapping import RegisterError
from legedialog.patients.registers import Contact, Registered

PATIENT = 15.0  # seconds for a whole answer, in a job
BRIEF = 2.0  # while somebody waits for a page
LARGEST_ANSWER = 20_000_000  # bytes; a thousand persons' documents are a quarter of it
MOST = 1000  # persons in one question, at both
ASSERTION_LASTS = 60  # seconds. Maskinporten takes at most 120
GRANT = "urn:ietf:params:oauth:grant-type:jwt-bearer"
SCOPES = {
    "population": "folkeregister:deling/offentligmedhjemmel",
    "contact": "krr:global/kontaktinformasjon.read",
}


@dataclass(slots=True)
class _Token:
    text: str
    until: float  # monotonic


_tokens: dict[tuple[str, str], _Token] = {}  # this process's, by endpoint and scope


class People:
    """Both registers: patients/registers.py's port. Close it, or use it in a `with`."""

    def __init__(
        self,
        *,
        population_url: str,
        contact_url: str,
        token_url: str,
        issuer: str,
        client_id: str,
        key_file: str,
        seconds: float = PATIENT,
        transport: httpx.BaseTransport | None = None,
    ) -> None:
        self._urls = {"population": population_url, "contact": contact_url}
        self._token_url, self._issuer, self._client_id, self._key_file = token_url, issuer, client_id, key_file
        self._http, self._seconds = outside.client(transport=transport), seconds

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._http.close()

    def registered(self, numbers: Collection[str]) -> dict[str, Registered]:
        """Raises RegisterError."""
        parts = urlencode([("part", part) for part in population.PARTS])
        asked = {"foedselsEllerDNummer": sorted(numbers)}
        return population.registered(self._ask("population", f"/personer/bulkoppslag?{parts}", asked))

    def contacts(self, numbers: Collection[str]) -> dict[str, Contact]:
        """Raises RegisterError."""
        return contact.contacts(self._ask("contact", "/personer", {"personidentifikatorer": sorted(numbers)}))

    def _ask(self, register: str, path: str, asked: object) -> Any:
        if not self._urls[register]:
            raise RegisterError("not-set-up")
        if len(next(iter(asked.values()))) > MOST:  # type: ignore[attr-defined]
            raise ValueError("more than a register answers at once")
        headers = {"Authorization": f"Bearer {self._token(SCOPES[register])}", "Accept": "application/json"}
        status, answer = self._post(f"{self._urls[register]}{path}", json=asked, headers=headers)
        if status == httpx.codes.UNAUTHORIZED:  # a token that is withdrawn before its time
            _tokens.pop((self._token_url, SCOPES[register]), None)
        if status != httpx.codes.OK:
            raise RegisterError(_fault(status))
        return _json(answer)

    def _token(self, scope: str) -> str:
        known = _tokens.get((self._token_url, scope))
        if known and time.monotonic() < known.until:
            return known.text
        try:
            key = keys.load(self._key_file)
        except (OSError, ValueError):
            raise RegisterError("not-set-up") from None
        seconds = int(time.time())
        claims = {
            "iss": self._client_id,
            "aud": self._issuer,
            "scope": scope,
            "iat": seconds,
            "exp": seconds + ASSERTION_LASTS,
            "jti": str(uuid4()),
        }
        assertion = jwt.encode({"alg": keys.algorithm(key), "kid": key.kid}, claims, key)
        status, answer = self._post(self._token_url, data={"grant_type": GRANT, "assertion": assertion})
        if status != httpx.codes.OK:
            raise RegisterError("not-allowed" if status < httpx.codes.INTERNAL_SERVER_ERROR else "register-fault")
        given = _json(answer)
        try:
            text, lasts = str(given["access_token"]), int(given.get("expires_in", 0))
        except (KeyError, TypeError, ValueError):
            raise RegisterError("unreadable") from None
        _tokens[self._token_url, scope] = _Token(text, time.monotonic() + lasts * 0.9)
        return text

    def _post(self, url: str, **content: Any) -> tuple[int, bytes]:
        try:
            answer = outside.ask(*("POST", url), seconds=self._seconds, most=LARGEST_ANSWER, http=self._http, **content)
        except outside.TooMuch:
            raise RegisterError("unreadable") from None
        except (httpx.HTTPError, httpx.InvalidURL):
            raise RegisterError("unreachable") from None  # its text may hold an address
        return answer.status_code, answer.content


def connect(*, seconds: float = PATIENT) -> People:
    """To the registers of the settings; in the demo to its own, which are in this process."""
    transport = None
    if settings.PEOPLE_IN_PROCESS:
        transport = httpx.WSGITransport(app=import_string(settings.PEOPLE_IN_PROCESS)())
    return People(**settings.PEOPLE_REGISTERS, seconds=seconds, transport=transport)


def forget_tokens() -> None:
    _tokens.clear()


def _fault(status: int) -> str:
    if status in (httpx.codes.UNAUTHORIZED, httpx.codes.FORBIDDEN):
        return "not-allowed"
    if status == httpx.codes.TOO_MANY_REQUESTS:
        return "too-many"
    return "refused" if status < httpx.codes.INTERNAL_SERVER_ERROR else "register-fault"


def _json(body: bytes) -> Any:
    try:
        return json.loads(body)
    except (ValueError, RecursionError):
        raise RegisterError("unreadable") from None
