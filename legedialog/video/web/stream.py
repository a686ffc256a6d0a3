"""`GET /live/video/<seat>/`: what happens in a room, to one page of one person. Plain ASGI: see core/live.py.

The numbers are those of the rows that `video.line` wrote, so a page that comes back with `Last-Event-ID` misses
nothing, whichever process answers. See docs/video-signalling.md.
"""

import asyncio
import json
import re
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime
from http.cookies import CookieError
from time import monotonic
from typing import Any
from urllib.parse import parse_qs
from uuid import UUID

from django.db import DatabaseError, connection
from django.http import HttpRequest
from django.http.cookie import parse_cookie
from django.utils import timezone, translation

from legedialog.access import cookies
from legedialog.access.middleware import identify
from legedialog.consent.middleware import narrow
from legedialog.core import broken, fence, live
from legedialog.core.errors import LegedialogError
from legedialog.core.live import Message, Receive, Send
from legedialog.video import line, policy, queries, services
from legedialog.video.policy import Visitor
from legedialog.video.rules import SeatState

PATH = re.compile(r"/live/video/(?P<seat>[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12})/")
SIGNS_SECONDS = 15.0  # how often the page's life is written down, and states that passed with time are told


@dataclass(slots=True)
class Page:
    """One open stream. `visitor` as found at the last check of the login."""

    seat_id: UUID
    tab: int
    last: int
    language: str
    visitor: Visitor
    room_id: UUID
    shown: dict[str, Any] = field(default_factory=dict)
    is_over: bool = False


def is_stream(scope: Message) -> bool:
    return scope["method"] == "GET" and PATH.fullmatch(scope["path"]) is not None


async def application(scope: Message, receive: Receive, send: Send) -> None:
    """401 without a login or a guest's cookie, 404 for another's seat, 204 for a page that is to stop asking."""
    request = _request(scope)
    try:
        page = await asyncio.to_thread(_open, request, scope)
    except DatabaseError:  # away for a moment: the page comes back
        return await live.answer(send, 503)
    if isinstance(page, int):
        return await live.answer(send, page)
    if not live.hub().has_room(page.seat_id):
        return await live.answer(send, 429)
    leaving = asyncio.ensure_future(live.left(receive))
    writing = asyncio.ensure_future(_write(send, page, request))
    try:
        await asyncio.wait({leaving, writing}, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for task in (leaving, writing):
            task.cancel()
        await asyncio.gather(leaving, writing, return_exceptions=True)
        if not page.is_over:
            with suppress(DatabaseError):  # then the silence tells it
                await asyncio.to_thread(_gone, page)


async def _write(send: Send, page: Page, request: HttpRequest) -> None:
    topics = {line.topic(page.seat_id): "told", line.topic(page.room_id): "told"}
    subscription = live.Subscription(page.seat_id, topics)
    with live.hub().subscribed(subscription):
        await send({"type": "http.response.start", "status": 200, "headers": live.HEADERS})
        await live.line(send, f"retry: {live.RECONNECT_MILLISECONDS // 3}")
        checked = signed = monotonic()
        while not page.is_over:
            words = await subscription.changed(SIGNS_SECONDS)
            if subscription.is_over:
                break  # this process ends; the browser comes back to another
            if monotonic() - checked >= SIGNS_SECONDS:
                checked = monotonic()
                if not await asyncio.to_thread(_still_allowed, page, request):
                    break  # the browser comes back and is refused
            is_due = not words or monotonic() - signed >= SIGNS_SECONDS  # however much others say
            if is_due:
                signed = monotonic()
            lines = await asyncio.to_thread(_news, page, is_due=is_due)
            for text in lines or [": still here"]:
                await live.line(send, text)
    await send({"type": "http.response.body", "body": b""})


def _request(scope: Message) -> HttpRequest:
    """What the login and whom she acts for are found from, by the same steps as for a page."""
    request = HttpRequest()
    request.method = "GET"
    request.META["HTTP_X_LIVE"] = "1"  # an open page does not keep a login alive by itself
    for name, value in scope["headers"]:
        if name == b"cookie":
            with suppress(CookieError):
                request.COOKIES |= parse_cookie(value.decode("latin-1"))
        elif name == b"accept-language":
            request.META["HTTP_ACCEPT_LANGUAGE"] = value.decode("latin-1")
    return request


def visitor_of(request: HttpRequest) -> Visitor:
    """The actor of a page, or its guest's cookie."""
    return Visitor(
        actor=request.actor,  # type: ignore[attr-defined]
        cookie=request.COOKIES.get(cookies.name("guest"), ""),
    )


@fence.system("an open stream finds its seat by a login or a cookie")
def _open(request: HttpRequest, scope: Message) -> Page | int:
    try:
        identify(request)
        narrow(request)
        visitor = visitor_of(request)
        if not (visitor.actor.is_authenticated or visitor.cookie):
            return 401
        query = parse_qs(scope.get("query_string", b"").decode("latin-1"))
        found = PATH.fullmatch(scope["path"])
        assert found  # noqa: S101  is_stream
        now = timezone.now()
        seat = policy.find_seat(visitor, UUID(found["seat"]), now)
        tab = _number(query.get("tab", [""])[0], seat.tab)
        if tab < seat.tab or seat.room.state == "ended" or seat.state == SeatState.REMOVED:
            return 204  # tells an EventSource not to come again
        given = dict(scope["headers"]).get(b"last-event-id", b"").decode("latin-1")
        since = _number(query.get("since", [""])[0], -1)
        last = _number(given, since)
        services.here(visitor=visitor, seat_id=seat.pk, tab=tab, now=now)
        return Page(
            seat_id=seat.pk,
            tab=tab,
            last=last if last >= 0 else queries.newest(seat.room_id),
            language=translation.get_language_from_request(request),
            visitor=visitor,
            room_id=seat.room_id,
        )
    except LegedialogError as error:
        return 404 if error.code == "not-found" else 403
    finally:
        connection.close()


def _number(text: str, otherwise: int) -> int:
    return int(text) if re.fullmatch(r"[0-9]{1,18}", text) else otherwise


@fence.system("an open stream finds its seat by a login or a cookie")
def _news(page: Page, *, is_due: bool) -> list[str]:
    """Lines for the page. Due: her sign of life is, and time may have changed the state."""
    try:
        now = timezone.now()
        if is_due:
            with suppress(LegedialogError):
                services.here(visitor=page.visitor, seat_id=page.seat_id, tab=page.tab, now=now)
        with broken.reading():
            return _told(page, now, is_due=is_due)
    finally:
        connection.close()


def _told(page: Page, now: datetime, *, is_due: bool) -> list[str]:
    try:
        seat = policy.find_seat(page.visitor, page.seat_id, now)
    except LegedialogError:  # she has lost the right to be here
        page.is_over = True
        return [_event(page.last, {"type": "ended"})]
    if seat.tab > page.tab:
        page.is_over = True
        return [_event(page.last, {"type": "replaced"})]
    lines: list[str] = []
    kinds: set[str] = set()
    while rows := queries.told(seat, page.last):
        page.last = rows[-1].id
        kinds |= {row.kind for row in rows}
        lines += [_event(row.id, told) for row in rows if (told := _row(row))]
        if len(rows) < queries.BATCH:
            break
    if page.shown and not is_due and kinds == {"signal"}:  # from browser to browser: nothing else has changed
        return lines
    with translation.override(page.language):
        state = queries.state_of(seat, now)
    if state != page.shown:
        page.shown = state
        lines.insert(0, _event(None if lines else page.last, state))  # first, so that a signal's sender is known
    if state["room"] == "ended":
        page.is_over = True
        lines.append(_event(page.last, {"type": "ended"}))
    page.is_over |= state["me"] == SeatState.REMOVED  # she has been told, and hears nothing of what comes after
    return lines


def _row(row: queries.Told) -> dict[str, Any] | None:
    match row.kind:
        case "signal":
            signal = {"type": "signal", "from": str(row.sender_id)}
            return broken.read(
                *(row.data, lambda data: {**signal, **json.loads(data)}, lambda _: None),
                of="video_signal.data",
                row=UUID(int=row.id),
            )
        case "left":
            return {"type": "left", "from": str(row.sender_id)}
        case "called":
            return {"type": "called"}
    return None  # a change of state: it is told as it is now


def _event(number: int | None, data: dict[str, Any]) -> str:
    """Without a number the page's last one stays as it is."""
    text = f"data: {json.dumps(data, ensure_ascii=False)}"
    return text if number is None else f"id: {number}\n{text}"


@fence.system("an open stream finds its seat by a login or a cookie")
def _still_allowed(page: Page, request: HttpRequest) -> bool:
    try:
        identify(request)
        narrow(request)
        page.visitor = visitor_of(request)
        policy.find_seat(page.visitor, page.seat_id, timezone.now())
    except LegedialogError:
        return False
    else:
        return True
    finally:
        connection.close()


@fence.system("an open stream finds its seat by a login or a cookie")
def _gone(page: Page) -> None:
    try:
        services.gone(seat_id=page.seat_id, tab=page.tab, now=timezone.now())
    finally:
        connection.close()
