"""Puts the actor on every request, and lets no form act for another than it was drawn for."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils import timezone

from legedialog.access import cookies, queries, rules, seals, services
from legedialog.access.actor import ANONYMOUS, Actor
from legedialog.access.web import kept
from legedialog.core import fence


class ActorMiddleware:
    """`request.actor`.

    One query when there is a cookie, none without; once a minute one more that writes down that she was here.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        with fence.system("who the cookie belongs to is not known yet"):
            identify(request)
        with fence.works_for(*request.actor.scope):  # type: ignore[attr-defined]
            return self.get_response(request)


def identify(request: HttpRequest) -> None:
    now = timezone.now()
    token = request.COOKIES.get(cookies.name("session"), "")
    session = queries.session(token, now) if token else None
    request.actor = session.actor if session else ANONYMOUS  # type: ignore[attr-defined]
    request.session_row = session  # type: ignore[attr-defined]
    if session is None:
        return
    if session.must_end:
        services.end(session.login_id, session.must_end, now)
    by_itself = "X-Live" in request.headers  # a page that renews itself
    if session.actor.is_authenticated and now - session.seen_at >= rules.SEEN_EVERY and not by_itself:
        services.seen(session.login_id, now)
        request.session_row = replace(session, seen_at=now)  # type: ignore[attr-defined]


class SealMiddleware:
    """After the CSRF token has been found right: nothing is done by a form without a seal, or with another's, and
    nothing is drawn into a page that was drawn for another."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_view(self, request: HttpRequest, view: Callable[..., Any], args: Any, kwargs: Any) -> Any:
        actor: Actor = request.actor  # type: ignore[attr-defined]
        if actor.is_authenticated and seals.is_asked(request, view) and not seals.is_right(request):
            return kept.refused(request, seals.of(request))
        if not seals.is_part(request, view) or seals.is_of_page(request):
            return None
        if request.method in ("GET", "HEAD"):
            return kept.another(request)
        # Who is logged out meets the guard, which keeps what she typed for whom its own seal says.
        return kept.refused(request, None) if actor.is_authenticated else None
