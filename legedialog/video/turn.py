"""Where a browser finds a way through the network: STUN and TURN servers, with a password that soon expires.

The password is what coturn calls the REST API: user `<unix time of expiry>:<whose>`, password the HMAC-SHA1 of it under
the secret that the TURN server shares with us. Source: draft-uberti-behave-turn-rest-00; coturn `--use-auth-secret`.
"""

import base64
import hashlib
import hmac
from datetime import datetime
from typing import Any

from django.conf import settings

from legedialog.video.rules import CREDENTIALS_LAST


def ice_servers(whose: str, now: datetime) -> list[dict[str, Any]]:
    """For RTCPeerConnection. `whose` is a seat or a test, never a person: it stands in the TURN server's log."""
    servers: list[dict[str, Any]] = []
    if settings.STUN_URLS:
        servers.append({"urls": settings.STUN_URLS})
    if settings.TURN_URLS and settings.TURN_SECRET:
        username, password = credentials(settings.TURN_SECRET, whose, now)
        servers.append({"urls": settings.TURN_URLS, "username": username, "credential": password})
    return servers


def credentials(secret: str, whose: str, now: datetime) -> tuple[str, str]:
    username = f"{int((now + CREDENTIALS_LAST).timestamp())}:{whose}"
    mac = hmac.digest(secret.encode(), username.encode(), hashlib.sha1)
    return username, base64.b64encode(mac).decode()
