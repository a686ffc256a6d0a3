"""Open streams that tell a page when something of hers changed. Served by the asynchronous part: see config/asgi.py."""

from asgiref.sync import sync_to_async
from django.db import connection
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.urls import path
from django.utils import timezone
from django.views.decorators.http import require_GET

from legedialog.access import cookies, queries
from legedialog.access.actor import Actor
from legedialog.core import live


@require_GET
async def office(request: HttpRequest) -> HttpResponseBase:
    """For staff: "calendar" and "requests" of the office they are logged in to."""
    actor: Actor = request.actor  # type: ignore[attr-defined]
    if refused := await _refused(actor, actor.is_staff):
        return refused
    topics = {f"{word}:{practice}": word for practice in actor.practices for word in ("calendar", "requests")}
    return _stream(request, actor, topics)


@require_GET
async def me(request: HttpRequest) -> HttpResponseBase:
    """For a citizen: "person" when something of hers, or of somebody she acts for, changed."""
    actor: Actor = request.actor  # type: ignore[attr-defined]
    if refused := await _refused(actor, actor.is_citizen):
        return refused
    return _stream(request, actor, {f"person:{patient}": "person" for patient in actor.patients})


async def _refused(actor: Actor, is_right_kind: bool) -> HttpResponse | None:
    # The stream may stay open for hours, and connections are few.
    await sync_to_async(connection.close)()
    if not actor.is_authenticated:
        return HttpResponse(status=401)
    return None if is_right_kind else HttpResponse(status=403)


def _stream(request: HttpRequest, actor: Actor, topics: dict[str, str]) -> HttpResponseBase:
    token = request.COOKIES.get(cookies.name("session"), "")

    async def still_allowed() -> bool:
        return await sync_to_async(_is_open)(token)

    assert actor.login_id  # noqa: S101  everybody who is logged in has one
    return live.stream(request, owner=actor.login_id, topics=topics, still_allowed=still_allowed)


def _is_open(token: str) -> bool:
    try:
        session = queries.session(token, timezone.now())
        return session is not None and session.actor.is_authenticated
    finally:
        connection.close()


urlpatterns = [path("office/", office, name="live-office"), path("me/", me, name="live-me")]
