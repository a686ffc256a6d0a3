"""Puts the actor on every request."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from django.utils import timezone

from legedialog.access import cookies, queries, rules, services
from legedialog.access.actor import ANONYMOUS
from legedialog.core import fence


class ActorMiddleware:
    """`request.actor`, and `request.ended_login_id` when the cookie names a login that is over.

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
    request.ended_login_id = None  # type: ignore[attr-defined]
    if session is None:
        return
    if session.must_end:
        services.end(session.login_id, session.must_end, now)
    if not session.actor.is_authenticated:
        request.ended_login_id = session.login_id  # type: ignore[attr-defined]
    elif now - session.seen_at >= rules.SEEN_EVERY and "X-Live" not in request.headers:  # a page that renews itself
        services.seen(session.login_id, now)
