"""What the provider signs and checks."""

import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from authlib.oauth2.rfc7636 import create_s256_code_challenge  # type: ignore[import-untyped]
from django.conf import settings
from django.core import signing
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import Key

from legedialog.access import services
from legedialog.core import keys
from legedialog.demo.people import PEOPLE, DemoPerson

REQUEST_LASTS = 600  # seconds
CODE_LASTS = 60  # seconds
ID_TOKEN_LASTS = 120  # seconds
ASSERTION_TYPE = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
REQUEST_URI = "urn:ietf:params:oauth:request_uri:"

STAFF_PREFIX = "helseid://claims/"


class Refused(Exception):
    """An OAuth error code. Source: RFC 6749 section 5.2."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


@dataclass(frozen=True, slots=True)
class Client:
    name: str  # "idporten" or "helseid"
    id: str
    key_file: str


def issuer() -> str:
    return f"{settings.BASE_URL}/demo-id"


def key() -> Key:
    """One for all processes, made at the first use."""
    return keys.ensure(str(settings.VAR / "demo-id" / "provider.json"))


def client(client_id: str) -> Client:
    for name, ours in settings.LOGIN_PROVIDERS.items():
        if ours["client_id"] == client_id:
            return Client(name, client_id, ours["key_file"])
    raise Refused("invalid_client")


def authenticate(form: Mapping[str, str], now: datetime) -> Client:
    """private_key_jwt. Source: RFC 7523 section 3. Each assertion works once."""
    if form.get("client_assertion_type") != ASSERTION_TYPE:
        raise Refused("invalid_client")
    asking = client(form.get("client_id", ""))
    try:
        claims = jwt.decode(form.get("client_assertion", ""), keys.ensure(asking.key_file)).claims
        jwt.JWTClaimsRegistry(
            now=int(now.timestamp()),
            leeway=10,
            iss={"essential": True, "value": asking.id},
            sub={"essential": True, "value": asking.id},
            aud={"essential": True, "value": issuer()},
            exp={"essential": True},
            jti={"essential": True},
        ).validate(claims)
    except (JoseError, ValueError) as error:
        raise Refused("invalid_client") from error
    if not services.first_use(issuer=asking.id, token=str(claims["jti"])[:200], now=now):
        raise Refused("invalid_client")
    return asking


def push(asking: Client, form: Mapping[str, str]) -> str:
    """The request as a signed text that stands in its own address. Source: RFC 9126 section 2."""
    if form.get("response_type") != "code" or form.get("code_challenge_method") != "S256":
        raise Refused("invalid_request")
    if not all(form.get(name) for name in ("redirect_uri", "state", "nonce", "code_challenge")):
        raise Refused("invalid_request")
    names = ("redirect_uri", "state", "nonce", "code_challenge", "acr_values", "login_hint")
    request = {name: form.get(name, "") for name in names} | {"client_id": asking.id}
    return REQUEST_URI + signing.dumps(request, salt="demo-id.request")


def pushed(request_uri: str, client_id: str) -> dict[str, str]:
    request = _read(request_uri.removeprefix(REQUEST_URI), "demo-id.request", REQUEST_LASTS)
    if request["client_id"] != client_id:
        raise Refused("invalid_request")
    return request


def code(request: Mapping[str, str], person: DemoPerson) -> str:
    return signing.dumps(
        {**request, "person": person.key, "sid": secrets.token_urlsafe(16), "jti": secrets.token_urlsafe(16)},
        salt="demo-id.code",
    )


def redeem(asking: Client, form: Mapping[str, str], now: datetime) -> dict[str, str]:
    """What the code stands for, once. Sources: RFC 6749 section 4.1.3, RFC 7636 section 4.6."""
    granted = _read(form.get("code", ""), "demo-id.code", CODE_LASTS)
    challenge = create_s256_code_challenge(form.get("code_verifier", ""))
    if (granted["client_id"], granted["redirect_uri"], granted["code_challenge"]) != (
        asking.id,
        form.get("redirect_uri"),
        challenge,
    ):
        raise Refused("invalid_grant")
    if not services.first_use(issuer=issuer(), token=granted["jti"], now=now):
        raise Refused("invalid_grant")
    return granted


def id_token(asking: Client, granted: Mapping[str, str], now: datetime) -> str:
    person = next(person for person in PEOPLE if person.key == granted["person"])
    claims: dict[str, Any] = {
        "iss": issuer(),
        "aud": asking.id,
        "sub": person.key,
        "sid": granted["sid"],
        "nonce": granted["nonce"],
        "iat": int(now.timestamp()),
        "auth_time": int(now.timestamp()),
        "exp": int(now.timestamp()) + ID_TOKEN_LASTS,
    }
    if asking.name == "idporten":
        claims |= {"pid": person.number, "acr": "idporten-loa-high", "amr": ["TestID"], "locale": "nb"}
    else:
        claims |= {f"{STAFF_PREFIX}identity/pid": person.number, f"{STAFF_PREFIX}identity/security_level": "4"}
        if person.hpr:
            claims[f"{STAFF_PREFIX}hpr/hpr_number"] = person.hpr
    return jwt.encode({"alg": keys.algorithm(key()), "kid": key().kid, "typ": "JWT"}, claims, key())


def _read(text: str, salt: str, seconds: int) -> dict[str, str]:
    try:
        return signing.loads(text, salt=salt, max_age=seconds)  # type: ignore[no-any-return]
    except signing.BadSignature as error:
        raise Refused("invalid_grant") from error
