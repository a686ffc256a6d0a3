"""The population register, the contact register and the giver of tokens in one process: a WSGI application.

For tests and the demo. It answers in the registers' own words, asks for a token as they do, and can be told to fail.
"""

import json
import secrets
from collections.abc import Callable, Iterable, Mapping
from datetime import date
from typing import Any
from urllib.parse import parse_qs
from wsgiref.types import StartResponse, WSGIEnvironment

from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import Key

from legedialog.core.times import local_period
from legedialog.integrations.registers.people import GRANT, MOST, SCOPES
from legedialog.integrations.registers.population import GRADINGS, PARTS
from legedialog.patients.registers import Contact, Registered

TOKEN_LASTS = 120  # seconds. As Maskinporten's

Find = Callable[[str], Registered | None]
FindContact = Callable[[str], Contact | None]


class FakePeople:
    """`find` and `find_contact` know the persons by any of their numbers; `key` is the public one of who may ask."""

    def __init__(
        self, find: Find, find_contact: FindContact, key: Key, is_down: Callable[[], bool] = lambda: False
    ) -> None:
        self.find, self.find_contact, self._key, self._is_down = find, find_contact, key, is_down
        self.status = 200  # another: what every look-up answers
        self.asked: list[tuple[str, int]] = []  # which register, and for how many
        self._tokens: dict[str, str] = {}  # token → scope

    def __call__(self, environment: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        body = environment["wsgi.input"].read()
        path = environment["PATH_INFO"]
        if path == "/token":
            status, answer = self._give(parse_qs(body.decode()))
        else:
            status, answer = self._look_up(path, environment, body)
        start_response(f"{status} Said", [("Content-Type", "application/json")])
        return [json.dumps(answer).encode()]

    def _give(self, form: Mapping[str, list[str]]) -> tuple[int, Any]:
        try:
            claims = jwt.decode(form["assertion"][0], self._key).claims
            if form["grant_type"] != [GRANT] or not claims["jti"] or claims["exp"] - claims["iat"] > TOKEN_LASTS:
                raise ValueError("not a grant")
            scope = str(claims["scope"])
        except (JoseError, KeyError, ValueError):
            return 400, {"error": "invalid_grant"}
        token = secrets.token_urlsafe()
        self._tokens[token] = scope
        return 200, {"access_token": token, "token_type": "Bearer", "expires_in": TOKEN_LASTS, "scope": scope}

    def _look_up(self, path: str, environment: WSGIEnvironment, body: bytes) -> tuple[int, Any]:
        register = path.split("/")[1]
        scope = self._tokens.get(environment.get("HTTP_AUTHORIZATION", "").removeprefix("Bearer "))
        if scope != SCOPES.get(register):
            return 401, {}
        if self.status != 200 or self._is_down():
            return (self.status if self.status != 200 else 503), {
                "kode": "FREG-001",
                "melding": "Feil i tjenesten. Vennligst prøv igjen seinere.",
            }
        asked = json.loads(body)
        if register == "population":
            if parse_qs(environment["QUERY_STRING"]).get("part") != list(PARTS):
                return 400, {}
            numbers = asked["foedselsEllerDNummer"]
            answer: Any = {"oppslag": [_row(number, self.find(number)) for number in numbers]}
        else:
            numbers = asked["personidentifikatorer"]
            answer = {"personer": [_contact(number, self.find_contact(number)) for number in numbers]}
        self.asked.append((register, len(numbers)))
        return (200, answer) if len(numbers) <= MOST else (400, {})


def _row(number: str, found: Registered | None) -> dict[str, Any]:
    return {"foedselsEllerDNummer": number} | ({"folkeregisterperson": document(found)} if found else {})


def document(one: Registered) -> dict[str, Any]:
    """As the population register writes a person."""
    words = {grading.value: word for word, grading in reversed(GRADINGS.items())}
    street, _, place = one.address.rpartition(", ")
    postal_code, _, city = place.partition(" ")
    address = {"adressenavn": street, "poststed": {"postnummer": postal_code, "poststedsnavn": city}}
    return {
        "identifikasjonsnummer": [
            *({"foedselsEllerDNummer": number, "status": "opphoert", "erGjeldende": False} for number in one.former),
            {"foedselsEllerDNummer": one.number, "status": "iBruk", "erGjeldende": True},
        ],
        "foedsel": [{"erGjeldende": True, "foedselsdato": one.birth_date.isoformat()}],
        "doedsfall": [{"erGjeldende": True, "doedsdato": one.death_date.isoformat()}] if one.death_date else [],
        "navn": [{"erGjeldende": True, "fornavn": one.given_name, "etternavn": one.family_name}],
        "bostedsadresse": [{"erGjeldende": True, "adressegradering": words[one.grading], "vegadresse": address}]
        if one.address
        else [],
        "adressebeskyttelse": [{"erGjeldende": True, "graderingsnivaa": words[one.grading]}],
        "foreldreansvar": [
            *({"erGjeldende": True, "ansvarlig": number} | _valid(since) for number, since in one.parents.items()),
            *(
                {"erGjeldende": True, "ansvarssubjekt": number} | _valid(since)
                for number, since in one.children.items()
            ),
        ],
        "vergemaalEllerFremtidsfullmakt": [
            {
                "erGjeldende": True,
                "vergemaaltype": "voksen",
                "verge": {"foedselsEllerDNummer": number, "omfang": "personligeInteresser"},
            }
            | _valid(since)
            for number, since in one.guardians.items()
        ],
    }


def _valid(since: date | None) -> dict[str, str]:
    return {"gyldighetstidspunkt": local_period(since)[0].isoformat()} if since else {}


def _contact(number: str, found: Contact | None) -> dict[str, Any]:
    row: dict[str, Any] = {"personidentifikator": number, "reservasjon": "NEI", "status": "IKKE_REGISTRERT"}
    if found is None:
        return row
    reach = {}
    for name, value, at in (
        ("mobiltelefonnummer", found.phone, found.phone_confirmed_at),
        ("epostadresse", found.email, found.email_confirmed_at),
    ):
        if value:
            reach[name] = value
            reach[f"{name}_sist_verifisert"] = at.isoformat() if at else ""
    return row | {
        "reservasjon": "JA" if found.is_reserved else "NEI",
        "status": "AKTIV",
        "kontaktinformasjon": reach,
    }
