"""How large a request's body may be, decided by its address before it is read.

Small everywhere. A view that takes files says so, and takes them only from a browser that somebody has logged in with:
also from one whose login has ended, so that what she wrote is kept for her.
"""

from collections.abc import Callable, MutableMapping
from http.cookies import CookieError, SimpleCookie
from typing import Any, TypeVar

from django.db import connection
from django.urls import Resolver404, resolve
from django.utils import timezone

from legedialog.access import cookies, queries
from legedialog.core import fence

SMALL = 256 * 1024  # bytes: the longest form without files is a tenth of it
FILES = 64 * 1024 * 1024  # several files of 12 MB in one form, where there is no script

View = TypeVar("View", bound=Callable[..., Any])
Scope = MutableMapping[str, Any]


def takes(most: int = FILES) -> Callable[[View], View]:
    """The outermost decorator of a view whose body may be larger than SMALL."""

    def mark(view: View) -> View:
        view.most_body = most  # type: ignore[attr-defined]
        return view

    return mark


def most(scope: Scope) -> int:
    """Bytes that this request may bring. Asks the database, so it is for a thread, and for large bodies only."""
    try:
        view = resolve(scope["path"]).func
    except Resolver404:
        return SMALL
    wanted: int = getattr(view, "most_body", SMALL)
    return wanted if wanted > SMALL and _is_known(token(scope)) else SMALL


def token(scope: Scope) -> str:
    """The login's cookie of a request that no view has seen; empty without one."""
    header = b"; ".join(value for name, value in scope["headers"] if name == b"cookie").decode("latin-1")
    try:
        morsel = SimpleCookie(header).get(cookies.name("session"))
    except CookieError:
        return ""
    return morsel.value if morsel else ""


@fence.system("who the cookie belongs to is not known yet")
def _is_known(cookie: str) -> bool:
    try:
        return bool(cookie) and queries.session(cookie, timezone.now()) is not None
    finally:
        connection.close()
