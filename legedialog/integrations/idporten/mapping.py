"""ID-porten's claims to our values. Source: docs/facts.md#login-of-citizens."""

from collections.abc import Mapping
from typing import Any

from django.conf import settings

from legedialog.access.actor import Assurance
from legedialog.core.identifiers import BadIdentifier, parse_national_number
from legedialog.integrations.oidc.client import Identity
from legedialog.integrations.oidc.errors import LoginFailed

SCOPE = "openid profile"
HIGH = "idporten-loa-high"


def identify(claims: Mapping[str, Any]) -> Identity:
    """`amr` is not looked at: its values change. `pid` may be missing for foreign electronic identities."""
    if claims.get("acr") != HIGH:
        raise LoginFailed("wrong-acr")
    try:
        number = parse_national_number(str(claims.get("pid", "")), synthetic=settings.SYNTHETIC_PERSONS)
    except BadIdentifier as error:
        raise LoginFailed("no-number") from error
    return Identity(
        number=number,
        assurance=Assurance.HIGH,
        issuer=str(claims["iss"]),
        sub=str(claims["sub"]),
        sid=str(claims.get("sid", "")),
    )
