"""Where a browser finds a way through the network: STUN and TURN servers, with a password that soon expires.

The password is what coturn calls the REST API: user `<unix time of expiry>:<whose>`, password the HMAC-SHA1 of it under
the secret that the TURN server shares with us. Source: draft-uberti-behave-turn-rest-00; coturn `--use-auth-secret`.
"""

import base64
import hashlib
import hmac
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.utils.translation import gettext_lazy as _

from legedialog.access import limits
from legedialog.core.errors import TooMany
from legedialog.video.rules import CREDENTIALS_LAST

# A relay that gave passwords to whoever asks, as often as she likes, would carry anybody's traffic.
LIMIT = limits.Limit(
    "relay",
    "RELAY_PASSWORDS_PER_HOUR",
    timedelta(hours=1),
    _("Du har lastet videorommet mange ganger den siste timen. Vent litt før du prøver igjen."),
)


def stun() -> list[dict[str, Any]]:
    """How a browser finds its own address: no password, so everybody who has a page of the room gets it."""
    return [{"urls": settings.STUN_URLS}] if settings.STUN_URLS else []


def ice_servers(whose: str, person: str, now: datetime, *, lasts: timedelta = CREDENTIALS_LAST) -> list[dict[str, Any]]:
    """For RTCPeerConnection, with a fresh password. Raises TooMany above what one `person` gets in an hour.

    `whose` is a seat or a test, never a person: it stands in the TURN server's log. No transaction is open.
    """
    if not (settings.TURN_URLS and settings.TURN_SECRET):
        return stun()
    limits.count(LIMIT, person, now)
    username, password = credentials(settings.TURN_SECRET, whose, now + lasts)
    return [*stun(), {"urls": settings.TURN_URLS, "username": username, "credential": password}]


def ice_servers_for_page(
    whose: str, person: str, now: datetime, *, lasts: timedelta = CREDENTIALS_LAST
) -> list[dict[str, Any]]:
    """As ice_servers; above the limit the page comes without a relay, which most networks do without."""
    try:
        return ice_servers(whose, person, now, lasts=lasts)
    except TooMany:
        return stun()


def credentials(secret: str, whose: str, until: datetime) -> tuple[str, str]:
    username = f"{int(until.timestamp())}:{whose}"
    mac = hmac.digest(secret.encode(), username.encode(), hashlib.sha1)
    return username, base64.b64encode(mac).decode()
