"""Scopes, how long things last, and which keys are strong enough. No database, no clock."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from joserfc.errors import JoseError
from joserfc.jwk import KeySet, RSAKey

READ = "system/Appointment.read"
WRITE = "system/Appointment.write"
SCOPES = frozenset({READ, WRITE})

TOKEN_LASTS = timedelta(minutes=5)
ASSERTION_LASTS = timedelta(minutes=5)  # at most, from now to its `exp`
CLOCKS_DIFFER = timedelta(seconds=30)
ALGORITHMS = ("RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512")
SMALLEST_RSA = 2048  # bits. Source: NIST SP 800-131A


def check_keys(jwks: Mapping[str, Any]) -> None:
    """Raises ValueError for anything but a set of public RSA or EC keys that are strong enough."""
    try:
        keys = KeySet.import_key_set({"keys": list(jwks["keys"])}).keys
    except (KeyError, TypeError, ValueError, JoseError) as error:
        raise ValueError("not a set of keys (JWKS)") from error
    for key in keys:
        if key.key_type not in ("RSA", "EC"):
            raise ValueError("only RSA and EC keys")
        if key.is_private:
            raise ValueError("a private key: send the public one, and make a new pair")
        if isinstance(key, RSAKey) and key.raw_value.key_size < SMALLEST_RSA:
            raise ValueError(f"an RSA key below {SMALLEST_RSA} bits")
