"""An OpenID Connect client: authorization code with PAR, PKCE and private_key_jwt, and what ends a login again.

Sources: OpenID Connect Core 1.0, Discovery 1.0, RP-Initiated, Front-Channel and Back-Channel Logout 1.0, RFC 9126
(PAR), RFC 7636 (PKCE), RFC 7523 (client assertion), RFC 9207 (issuer in the answer), RFC 9449 (DPoP). What a provider
wants beyond them stands in its own folder.
"""

import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlencode, urlsplit

import httpx
from authlib.oauth2.rfc7523 import private_key_jwt_sign  # type: ignore[import-untyped]
from authlib.oauth2.rfc7636 import create_s256_code_challenge  # type: ignore[import-untyped]
from authlib.oidc.core import CodeIDToken  # type: ignore[import-untyped]
from joserfc import jws, jwt
from joserfc.errors import ExpiredTokenError, InvalidClaimError, JoseError, MissingClaimError
from joserfc.jwk import Key, KeySet

from legedialog.access.actor import Assurance
from legedialog.access.models import LoginAttempt
from legedialog.access.services import Started
from legedialog.core import keys, outside
from legedialog.core.identifiers import NationalNumber
from legedialog.integrations.oidc.errors import LoginFailed

SECONDS = 8.0  # for a whole answer
ANSWER_BYTES = 1_000_000
METADATA_LASTS = timedelta(hours=1)
KEYS_REST = timedelta(seconds=30)  # between two look-ups for an unknown key, so that nobody makes us ask all the time
LEEWAY = 30  # seconds our clock and theirs may differ
ASSERTION_LASTS = 60  # seconds. ID-porten takes at most 120
ALGORITHMS = ["RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512"]
LOGOUT_EVENT = "http://schemas.openid.net/event/backchannel-logout"


@dataclass(frozen=True, slots=True, repr=False)
class Identity:
    """Who the provider says it is."""

    number: NationalNumber
    assurance: Assurance
    issuer: str
    sub: str
    sid: str
    hpr_number: str = ""


@dataclass(frozen=True, slots=True)
class Provider:
    """One counterpart. `identify` reads its claims, and raises LoginFailed when they do not reach."""

    name: str
    issuer: str
    client_id: str
    key_file: str
    scope: str
    identify: Callable[[Mapping[str, Any]], Identity]
    acr_values: str = ""
    dpop: bool = False
    loopback: str = ""  # the demo's provider is in our own process: where we reach it, whatever host the browser uses

    def inside(self, url: str) -> str:
        """The address for us."""
        return url.replace(self.issuer, self.loopback, 1) if self.loopback else url

    def outside(self, url: str, host: str) -> str:
        """The address for a browser that came by `host` ("http://127.0.0.1:8000")."""
        return url.replace(self.issuer, host + urlsplit(self.issuer).path, 1) if self.loopback else url


@dataclass(slots=True)
class _Known:
    """What one provider has published, as this process last read it."""

    metadata: dict[str, Any]
    keys: KeySet
    read_at: datetime


_known: dict[str, _Known] = {}


def forget_providers() -> None:
    _known.clear()


def begin(
    provider: Provider, *, started: Started, redirect_uri: str, language: str, host: str, now: datetime, hint: str = ""
) -> str:
    """Push the request and answer where the browser goes. Raises LoginFailed."""
    metadata = _metadata(provider, now).metadata
    parameters = {
        "client_id": provider.client_id,
        "response_type": "code",
        "redirect_uri": redirect_uri,
        "scope": provider.scope,
        "state": started.state,
        "nonce": started.nonce,
        "code_challenge": create_s256_code_challenge(started.code_verifier),
        "code_challenge_method": "S256",
        "prompt": "login",
        "ui_locales": language,
        **({"acr_values": provider.acr_values} if provider.acr_values else {}),
        **({"login_hint": hint} if hint else {}),
    }
    answer, _ = _post(provider, metadata["pushed_authorization_request_endpoint"], parameters)
    query = urlencode({"client_id": provider.client_id, "request_uri": _text(answer, "request_uri")})
    return f"{provider.outside(metadata['authorization_endpoint'], host)}?{query}"


def finish(provider: Provider, *, attempt: LoginAttempt, answer: Mapping[str, str], now: datetime) -> Identity:
    """Turn the provider's answer at our callback into an identity. Raises LoginFailed; nobody is logged in by this."""
    known = _metadata(provider, now)
    required = known.metadata.get("authorization_response_iss_parameter_supported")
    if answer.get("iss", provider.issuer if not required else "") != provider.issuer:
        raise LoginFailed("wrong-iss")
    if error := answer.get("error"):
        raise LoginFailed("cancelled" if error in ("access_denied", "login_required") else "provider-refused")
    parameters = {
        "grant_type": "authorization_code",
        "code": answer.get("code", ""),
        "redirect_uri": attempt.redirect_uri,
        "code_verifier": attempt.code_verifier,
    }
    token = _token(provider, known.metadata["token_endpoint"], parameters, now)
    claims, header = _open(provider, _text(token, "id_token"), now)
    checked = CodeIDToken(
        claims,
        header,
        options={
            "iss": {"essential": True, "value": provider.issuer},
            "aud": {"essential": True, "value": provider.client_id},
        },
        params={"nonce": attempt.nonce, "client_id": provider.client_id, "access_token": token.get("access_token")},
    )
    _validate(lambda: checked.validate(now=int(now.timestamp()), leeway=LEEWAY))
    return provider.identify(claims)


@dataclass(frozen=True, slots=True)
class LogoutMessage:
    jti: str
    sid: str
    sub: str


def read_logout_token(provider: Provider, token: str, now: datetime) -> LogoutMessage:
    """A back-channel logout token. Raises LoginFailed. Source: Back-Channel Logout 1.0 sections 2.4 and 2.6."""
    claims = _open(provider, token, now)[0]
    registry = jwt.JWTClaimsRegistry(
        now=int(now.timestamp()),
        leeway=LEEWAY,
        iss={"essential": True, "value": provider.issuer},
        aud={"essential": True, "value": provider.client_id},
        iat={"essential": True},
        exp={"essential": True},
        jti={"essential": True},
    )
    _validate(lambda: registry.validate(claims))
    message = LogoutMessage(jti=str(claims["jti"]), sid=str(claims.get("sid", "")), sub=str(claims.get("sub", "")))
    events = claims.get("events")
    if not isinstance(events, dict) or LOGOUT_EVENT not in events or "nonce" in claims:
        raise LoginFailed("not-a-logout-token")
    if not (message.sid or message.sub) or len(message.jti) > 200:
        raise LoginFailed("not-a-logout-token")
    return message


def logout_url(provider: Provider, *, return_to: str, host: str, now: datetime) -> str:
    """Where the browser goes to log out at the provider too; "" when the provider is down or has no such page.

    By client id and not by the ID token, which holds the national number and would stand in an address.
    """
    try:
        endpoint = _metadata(provider, now).metadata.get("end_session_endpoint", "")
    except LoginFailed:
        return ""
    query = urlencode({"client_id": provider.client_id, "post_logout_redirect_uri": return_to})
    return f"{provider.outside(endpoint, host)}?{query}" if endpoint else ""


def origins(provider: Provider, host: str, now: datetime) -> set[str]:
    """Scheme and host of the pages that people see at the provider."""
    try:
        metadata = _metadata(provider, now).metadata
    except LoginFailed:
        metadata = {}
    urls = [provider.issuer, *(metadata.get(name, "") for name in ("authorization_endpoint", "end_session_endpoint"))]
    parts = [urlsplit(provider.outside(url, host)) for url in urls if url]
    return {f"{part.scheme}://{part.netloc}" for part in parts}


def _metadata(provider: Provider, now: datetime) -> _Known:
    known = _known.get(provider.issuer)
    if known and now - known.read_at < METADATA_LASTS:
        return known
    metadata = _get(provider, f"{provider.issuer}/.well-known/openid-configuration")
    if metadata.get("issuer") != provider.issuer:
        raise LoginFailed("wrong-iss")
    for endpoint in ("authorization_endpoint", "token_endpoint", "jwks_uri", "pushed_authorization_request_endpoint"):
        _text(metadata, endpoint)
    known = _Known(metadata, _read_keys(provider, metadata), now)
    _known[provider.issuer] = known
    return known


def _read_keys(provider: Provider, metadata: Mapping[str, Any]) -> KeySet:
    published = _get(provider, metadata["jwks_uri"])
    try:
        return KeySet.import_key_set({"keys": [key for key in published["keys"] if key.get("use", "sig") == "sig"]})
    except (JoseError, KeyError, TypeError, ValueError, AttributeError) as error:
        raise LoginFailed("provider-down") from error


def _open(provider: Provider, token: str, now: datetime) -> tuple[dict[str, Any], dict[str, Any]]:
    """Claims and header of a token that one of the provider's own keys has signed."""
    try:
        header = jws.extract_compact(token.encode()).headers()
        decoded = jwt.decode(token, _key(provider, str(header.get("kid", "")), now), algorithms=ALGORITHMS)
    except (JoseError, ValueError, RecursionError) as error:
        raise LoginFailed("bad-signature") from error
    return dict(decoded.claims), dict(decoded.header)


def _key(provider: Provider, kid: str, now: datetime) -> Key:
    known = _metadata(provider, now)
    found = _find(known, kid)
    if found is None and now - known.read_at >= KEYS_REST:  # the provider may have got new keys
        known.keys, known.read_at = _read_keys(provider, known.metadata), now
        found = _find(known, kid)
    if found is None:
        raise LoginFailed("unknown-key")
    return found


def _find(known: _Known, kid: str) -> Key | None:
    return next((key for key in known.keys.keys if key.kid == kid), None)


def _validate(check: Callable[[], None]) -> None:
    try:
        check()
    except ExpiredTokenError as error:
        raise LoginFailed("token-expired") from error
    except (InvalidClaimError, MissingClaimError) as error:
        claim = str(error.claim)
        raise LoginFailed("clock-skew" if claim in ("iat", "nbf") else f"wrong-{claim}") from error
    except (JoseError, ValueError, TypeError) as error:
        raise LoginFailed("bad-token") from error


def _token(provider: Provider, url: str, parameters: dict[str, str], now: datetime) -> dict[str, Any]:
    """DPoP: on `use_dpop_nonce` once more, with the nonce of the answer. Source: RFC 9449 section 8."""
    proof_key = keys.temporary() if provider.dpop else None
    answer, nonce = _post(provider, url, parameters, _proof(proof_key, url, "", now))
    if answer.get("error") == "use_dpop_nonce" and nonce:
        answer, _ = _post(provider, url, parameters, _proof(proof_key, url, nonce, now))
    if "error" in answer:
        raise LoginFailed("code-refused" if answer["error"] == "invalid_grant" else "provider-refused")
    return answer


def _proof(key: Key | None, url: str, nonce: str, now: datetime) -> str:
    """That the one who asks holds a key, which the token is then bound to. Source: RFC 9449 section 4.2."""
    if key is None:
        return ""
    claims = {"jti": secrets.token_urlsafe(16), "htm": "POST", "htu": url, "iat": int(now.timestamp())}
    header = {"typ": "dpop+jwt", "alg": "ES256", "jwk": key.as_dict(private=False)}
    return jwt.encode(header, claims | ({"nonce": nonce} if nonce else {}), key)


def _post(provider: Provider, url: str, parameters: Mapping[str, str], proof: str = "") -> tuple[dict[str, Any], str]:
    """Send as the client that holds the key. Answers the body, and the DPoP nonce the provider wants next time."""
    try:
        key = keys.load(provider.key_file)
    except (OSError, ValueError, JoseError) as error:
        raise LoginFailed("our-key") from error
    assertion = private_key_jwt_sign(
        key,
        client_id=provider.client_id,
        token_endpoint=provider.issuer,  # the audience: the issuer, as ID-porten, HelseID and FAPI 2.0 want it
        alg=keys.algorithm(key),
        header={"kid": key.kid},
        expires_in=ASSERTION_LASTS,
    )
    body = {
        **parameters,
        "client_id": provider.client_id,
        "client_assertion_type": "urn:ietf:params:oauth:client-assertion-type:jwt-bearer",
        "client_assertion": assertion,
    }
    headers = {"DPoP": proof} if proof else {}
    return _send(provider, "POST", url, data=body, headers=headers)


def _get(provider: Provider, url: str) -> dict[str, Any]:
    answer, _ = _send(provider, "GET", url)
    return answer


def _send(provider: Provider, method: str, url: str, **kwargs: Any) -> tuple[dict[str, Any], str]:
    """A JSON object, also of a 400 with an `error`. Everything else is a provider that is down."""
    try:
        response = outside.ask(
            *(method, provider.inside(url)),
            seconds=SECONDS,
            most=ANSWER_BYTES,
            trust_env=not provider.loopback,
            **kwargs,
        )
        body = response.json()
    except (httpx.HTTPError, httpx.InvalidURL, outside.TooMuch, ValueError, RecursionError) as error:
        raise LoginFailed("provider-down") from error
    refused = response.status_code in (400, 401, 403) and isinstance(body, dict) and "error" in body
    if not isinstance(body, dict) or not (response.is_success or refused):
        raise LoginFailed("provider-down")
    return body, response.headers.get("DPoP-Nonce", "")


def _text(answer: Mapping[str, Any], name: str) -> str:
    value = answer.get(name)
    if not isinstance(value, str) or not value:
        raise LoginFailed("provider-refused" if "error" in answer else "provider-down")
    return value
