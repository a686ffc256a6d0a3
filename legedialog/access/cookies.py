"""Our cookies: `__Host-` under HTTPS, so that no other host can set them; never readable by script."""

from django.conf import settings
from django.http import HttpResponse


def name(what: str) -> str:
    return f"{settings.COOKIE_PREFIX}{what}"


def put(response: HttpResponse, what: str, token: str) -> None:
    """Without an end: the browser forgets it when it closes, the server decides earlier."""
    response.set_cookie(name(what), token, secure=settings.HTTPS, httponly=True, samesite="Lax")


def remove(response: HttpResponse, what: str) -> None:
    response.set_cookie(name(what), "", max_age=0, secure=settings.HTTPS, httponly=True, samesite="Lax")
