"""Everything on one port: `/live/` are open streams, all else are pages made by threads."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from importlib import import_module
from typing import Any

from a2wsgi import WSGIMiddleware
from django.conf import settings
from django.utils.module_loading import import_string

from legedialog.config.wsgi import application as wsgi

Message = dict[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Mapping[str, Any]], Awaitable[None]]

MOST = 16 * 1024 * 1024  # bytes of a request's body; forms and uploads have smaller limits of their own
POSTS = "/live/video/"  # what is sent to a room's line goes the way of a page
PATIENCE = 30  # seconds until the whole body must have come

live = import_string("legedialog.access.web.live.application")  # only now: importing wsgi has set Django up
video: Any = import_module("legedialog.video.web.stream")
pages: Any = WSGIMiddleware(wsgi, workers=settings.THREADS)  # type: ignore[arg-type]


async def application(scope: Message, receive: Receive, send: Send) -> None:
    if scope["type"] == "lifespan":
        await pages(scope, receive, send)
        return
    if scope["type"] != "http":
        return
    # `X_Forwarded_Proto` would become the same variable as the proxy's own `X-Forwarded-Proto`.
    scope["headers"] = [(name, value) for name, value in scope["headers"] if b"_" not in name]
    if video.is_stream(scope):
        await video.application(scope, receive, send)
        return
    if scope["path"].startswith("/live/") and not scope["path"].startswith(POSTS):
        await live(scope, receive, send)
        return
    try:
        # The whole body first, so that a slow sender holds no thread.
        async with asyncio.timeout(PATIENCE):
            body = await _read(receive)
    except TimeoutError:
        await _refuse(send, 408)
        return
    if body is None:
        await _refuse(send, 413)
        return
    whole = iter([{"type": "http.request", "body": body, "more_body": False}])

    async def given() -> Message:
        return next(whole, {"type": "http.disconnect"})

    await pages(scope, given, send)


async def _read(receive: Receive) -> bytes | None:
    """None when it is too large, or the sender went away."""
    parts, size = [], 0
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            return None
        parts.append(message.get("body", b""))
        size += len(parts[-1])
        if size > MOST:
            return None
        if not message.get("more_body", False):
            return b"".join(parts)


async def _refuse(send: Send, status: int) -> None:
    await send({"type": "http.response.start", "status": status, "headers": [(b"connection", b"close")]})
    await send({"type": "http.response.body", "body": b""})
