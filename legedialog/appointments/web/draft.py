"""What she has typed at the last step, while she looks for another time: sealed in a cookie only the server can open.

So every step is an address of its own, back and forward work, and nothing of it stands in an address or the database.
It is bound to who typed it and whom it is about, so nobody else at the same machine gets it, not even another who may
act for the same one, and is gone after a quarter of an hour.
"""

import zlib
from base64 import urlsafe_b64decode, urlsafe_b64encode

from cryptography.exceptions import InvalidTag
from django.conf import settings
from django.core.exceptions import ObjectDoesNotExist
from django.http import HttpRequest, HttpResponse
from django.urls import reverse

from legedialog.access import seals
from legedialog.core import crypto

COOKIE = "reason"
LASTS = 15 * 60  # seconds
MOST = 3800  # bytes; browsers drop cookies above 4096


def read(request: HttpRequest) -> str:
    """Empty when there is none, or it is another's or was tampered with."""
    sealed = request.COOKIES.get(COOKIE, "")
    try:
        packed = crypto.unseal(urlsafe_b64decode(sealed), context=_context(request)) if sealed else ""
        return zlib.decompress(urlsafe_b64decode(packed)).decode() if packed else ""
    except (ValueError, InvalidTag, zlib.error, ObjectDoesNotExist):
        return ""


def keep(request: HttpRequest, response: HttpResponse, text: str) -> None:
    """An empty text forgets. So does one that no cookie can hold: a thousand signs of any language fit."""
    packed = urlsafe_b64encode(zlib.compress(text.encode(), 9)).decode()
    sealed = urlsafe_b64encode(crypto.seal(packed, scope=None, context=_context(request))).decode() if text else ""
    if not sealed or len(sealed) > MOST:
        forget(response)
        return
    response.set_cookie(
        COOKIE, sealed, max_age=LASTS, path=_path(), secure=settings.HTTPS, httponly=True, samesite="Lax"
    )


def forget(response: HttpResponse) -> None:
    response.delete_cookie(COOKIE, path=_path(), samesite="Lax")


def _context(request: HttpRequest) -> str:
    return f"cookie.reason.{seals.mark(request.actor)}"  # type: ignore[attr-defined]


def _path() -> str:
    return reverse("appointments:index")
