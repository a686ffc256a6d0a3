"""Calls from another machine that are proved by a signature over their time and body. See docs/integrator.md."""

import hashlib
import hmac

from django.http import HttpRequest

FRESH = 300  # seconds that a signature is good for


def signature(secret: str, seconds: str, body: bytes) -> str:
    """HMAC-SHA256 of the seconds, a full stop, and the body; in hexadecimal."""
    return hmac.new(secret.encode(), f"{seconds}.".encode() + body, hashlib.sha256).hexdigest()


def fault(request: HttpRequest, secret: str, now: float, largest: int) -> int:
    """The status to refuse with; 0 when it is signed. Nothing is read of what is too large."""
    if not secret:
        return 404
    if int(request.headers.get("Content-Length") or 0) > largest:
        return 413
    seconds, given = request.headers.get("X-Timestamp", ""), request.headers.get("X-Signature", "")
    if not (seconds.isascii() and seconds.isdigit() and len(seconds) <= 12) or abs(now - int(seconds)) > FRESH:
        return 401
    return 0 if hmac.compare_digest(signature(secret, seconds, request.body).encode(), given.encode()) else 401
