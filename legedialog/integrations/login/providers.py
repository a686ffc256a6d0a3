"""The two counterparts, with the addresses and keys of this installation."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.http import Http404, HttpRequest

from legedialog.core import keys
from legedialog.integrations.helseid import mapping as helseid
from legedialog.integrations.idporten import mapping as idporten
from legedialog.integrations.oidc.client import Identity, Provider

CITIZENS, STAFF = "idporten", "helseid"


@dataclass(frozen=True, slots=True)
class Way:
    """What one counterpart wants and how its claims are read, wherever it is."""

    scope: str
    identify: Callable[[Mapping[str, Any]], Identity]
    acr_values: str = ""
    dpop: bool = False


WAYS = {
    CITIZENS: Way(scope=idporten.SCOPE, acr_values=idporten.HIGH, identify=idporten.identify),
    STAFF: Way(scope=helseid.SCOPE, identify=helseid.identify, dpop=True),
}


def provider(name: str) -> Provider:
    if name not in WAYS:
        raise Http404
    way, addresses = WAYS[name], settings.LOGIN_PROVIDERS[name]
    loopback = ""
    if addresses["issuer"] == f"{settings.BASE_URL}/demo-id" and settings.MODE != "production":
        keys.ensure(addresses["key_file"])
        loopback = f"http://127.0.0.1:{settings.PORT}/demo-id"
    return Provider(
        name=name,
        issuer=addresses["issuer"],
        client_id=addresses["client_id"],
        key_file=addresses["key_file"],
        scope=way.scope,
        identify=way.identify,
        acr_values=way.acr_values,
        dpop=way.dpop,
        loopback=loopback,
    )


def host(request: HttpRequest) -> str:
    """Scheme and host the browser stays on: the site's own, or in the demo whichever it came by."""
    return settings.BASE_URL if settings.MODE == "production" else f"{request.scheme}://{request.get_host()}"
