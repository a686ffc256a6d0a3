"""What a client proves and is given: OAuth 2.0 client credentials with private_key_jwt.

Sources: RFC 6749 section 4.4, RFC 7523, OpenID Connect Core section 9.
"""

import binascii
import json
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from joserfc import jws, jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet

from legedialog.api import rules

ASSERTION_TYPE = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"


class OAuthError(Exception):
    """`code` is one of RFC 6749 section 5.2. The text says what to mend and tells nothing of other clients."""

    def __init__(self, code: str, text: str) -> None:
        super().__init__(code)
        self.code = code
        self.text = text

    @property
    def status(self) -> int:
        return 401 if self.code == "invalid_client" else 400


def claimed_client(assertion: str) -> UUID:
    """Whom the assertion says it is from. Nothing is proved yet."""
    try:
        issuer = json.loads(jws.extract_compact(assertion.encode()).payload)["iss"]
        return UUID(issuer)
    except (JoseError, ValueError, KeyError, TypeError, AttributeError, binascii.Error, RecursionError) as error:
        raise OAuthError("invalid_client", "The assertion is not a JWT with your client id as iss.") from error


def check_assertion(
    assertion: str, jwks: Mapping[str, Any], *, client_id: UUID, audiences: set[str], now: datetime
) -> tuple[str, datetime]:
    """Its `jti` and when it ends, if the client itself signed it for us just now."""
    try:
        keys = KeySet.import_key_set({"keys": list(jwks["keys"])})
        claims = jwt.decode(assertion, keys, algorithms=rules.ALGORITHMS).claims
    except (JoseError, ValueError, TypeError, RecursionError) as error:
        raise OAuthError("invalid_client", "The assertion's signature does not fit a registered key.") from error
    if not claims.get("iss") == claims.get("sub") == str(client_id):
        raise OAuthError("invalid_client", "iss and sub must both be the client id.")
    audience = claims.get("aud")
    if not audiences & {
        each for each in (audience if isinstance(audience, list) else [audience]) if isinstance(each, str)
    }:
        raise OAuthError("invalid_client", "aud must be the address of this token endpoint.")
    ends_at = _time(claims.get("exp"))
    if ends_at is None or not now < ends_at <= now + rules.ASSERTION_LASTS + rules.CLOCKS_DIFFER:
        raise OAuthError("invalid_client", "exp must be within the next five minutes.")
    for name in ("nbf", "iat"):
        starts_at = _time(claims.get(name))
        if name in claims and (starts_at is None or starts_at > now + rules.CLOCKS_DIFFER):
            raise OAuthError("invalid_client", f"{name} is in the future.")
    jti = claims.get("jti")
    if not isinstance(jti, str) or not 1 <= len(jti) <= 200 or not jti.isprintable():
        raise OAuthError("invalid_client", "jti must be a text of 1 to 200 characters.")
    return jti, ends_at


def granted(asked: str, allowed: list[str]) -> list[str]:
    """The scopes asked for, or all of the client's when it asks for none."""
    scopes = sorted(set(asked.split())) or sorted(allowed)
    if not set(scopes) <= set(allowed):
        raise OAuthError("invalid_scope", "The client does not have all of these scopes.")
    return scopes


def _time(value: object) -> datetime | None:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    try:
        return datetime.fromtimestamp(value, UTC)
    except (OverflowError, ValueError, OSError):
        return None
