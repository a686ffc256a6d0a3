"""HelseID's claims to our values. Source: docs/facts.md#login-of-staff."""

from collections.abc import Mapping
from typing import Any

from django.conf import settings

from legedialog.access.actor import Assurance
from legedialog.core.identifiers import BadIdentifier, parse_hpr_number, parse_national_number
from legedialog.integrations.oidc.client import Identity
from legedialog.integrations.oidc.errors import LoginFailed

PID = "helseid://claims/identity/pid"
SECURITY_LEVEL = "helseid://claims/identity/security_level"
HPR_NUMBER = "helseid://claims/hpr/hpr_number"

# Scopes have the names of the claims they open.
SCOPE = f"openid profile {PID} {SECURITY_LEVEL} helseid://scopes/hpr/hpr_number"
HIGH = "4"


def identify(claims: Mapping[str, Any]) -> Identity:
    """Those without an authorisation, such as secretaries, have no HPR number."""
    if str(claims.get(SECURITY_LEVEL)) != HIGH:
        raise LoginFailed("wrong-acr")
    try:
        number = parse_national_number(str(claims.get(PID, "")), synthetic=settings.SYNTHETIC_PERSONS)
        hpr = str(claims.get(HPR_NUMBER) or "")
        hpr_number = parse_hpr_number(hpr) if hpr else ""
    except BadIdentifier as error:
        raise LoginFailed("no-number") from error
    return Identity(
        number=number,
        assurance=Assurance.HIGH,
        issuer=str(claims["iss"]),
        sub=str(claims["sub"]),
        sid=str(claims.get("sid", "")),
        hpr_number=hpr_number,
    )
