"""Everything on one port: `/health/` asks no page, `/live/` are open streams, all else are pages made by threads."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Mapping
from contextlib import asynccontextmanager, nullcontext
from importlib import import_module
from typing import Any

from a2wsgi import WSGIMiddleware
from django.conf import settings
from django.utils.module_loading import import_string

from legedialog.config.wsgi import application as wsgi
from legedialog.core.spool import IN_MEMORY, Spool, SpoolFailed

Message = dict[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Mapping[str, Any]], Awaitable[None]]

AT_ONCE = 3  # large bodies of one login: two files, and the form
POSTS = "/live/video/"  # what is sent to a room's line goes the way of a page
PATIENCE = 30  # seconds until the whole body must have come,
PACE = 32 * 1024  # and one more for each of so many bytes that have
PART = 64 * 1024  # bytes handed over at a time

live = import_string("legedialog.consent.web.live.application")  # only now: importing wsgi has set Django up
streams: Any = import_module("legedialog.core.live")
video: Any = import_module("legedialog.video.web.stream")
bodies: Any = import_module("legedialog.access.web.bodies")
health: Any = import_string("legedialog.operations.health.application")
refusal: Any = import_string("legedialog.config.errors.refusal")
pages: Any = WSGIMiddleware(wsgi, workers=settings.THREADS)  # type: ignore[arg-type]
uploads: Any = WSGIMiddleware(wsgi, workers=settings.UPLOAD_THREADS)  # type: ignore[arg-type]


_under_way: Counter[str] = Counter()  # large bodies by login's cookie


class Refused(Exception):
    def __init__(self, status: int) -> None:
        self.status = status


async def application(scope: Message, receive: Receive, send: Send) -> None:
    if scope["type"] == "lifespan":
        streams.hub().start()
        streams.end_when_told()
        await pages(scope, receive, send)
        return
    if scope["type"] != "http":
        return
    # `X_Forwarded_Proto` would become the same variable as the proxy's own `X-Forwarded-Proto`.
    scope["headers"] = [(name, value) for name, value in scope["headers"] if b"_" not in name]
    if scope["path"].startswith("/health/"):
        await health(scope, receive, send)
        return
    if video.is_stream(scope):
        await video.application(scope, receive, send)
        return
    if scope["path"].startswith("/live/") and not scope["path"].startswith(POSTS):
        await live(scope, receive, send)
        return
    body = _Body()
    try:
        length = _length(scope)
        async with _allowed(scope, length) if length > bodies.SMALL else nullcontext(bodies.SMALL) as most:
            await body.take(receive, most)  # the whole of it first, so that a slow sender holds no thread
            parts = body.parts()

            async def given() -> Message:
                return next(parts, {"type": "http.disconnect"})

            # A file may wait for its turn and be long under way: that holds none of the threads that make pages.
            await (uploads if _may_hold_files(scope) else pages)(scope, given, send)
    except Refused as refused:
        await _refuse(scope, send, refused.status)
    except SpoolFailed:
        await _refuse(scope, send, 507)
    finally:
        body.close()


def _may_hold_files(scope: Message) -> bool:
    """Django reads files out of no other kind of body."""
    return any(name == b"content-type" and b"multipart" in value.lower() for name, value in scope["headers"])


def _length(scope: Message) -> int:
    """What it says of itself; without that it may only be small. Raises Refused for what is no number."""
    length = dict(scope["headers"]).get(b"content-length", b"0")
    if not (length.isdigit() and len(length) < 20):
        raise Refused(400)
    return int(length)


@asynccontextmanager
async def _allowed(scope: Message, length: int) -> AsyncIterator[int]:
    """A large body is refused before any of it is read, unless its address takes it from this login."""
    most = await asyncio.to_thread(bodies.most, scope)
    if length > most:
        raise Refused(413)
    login = bodies.token(scope)
    if _under_way[login] >= AT_ONCE:
        raise Refused(429)
    _under_way[login] += 1
    try:
        yield most
    finally:
        _under_way[login] -= 1
        if not _under_way[login]:
            del _under_way[login]


class _Body:
    """A request's body: in memory while it is small, else in a spool."""

    def __init__(self) -> None:
        self.small: list[bytes] = []
        self.large: Spool | None = None
        self.size = 0

    async def take(self, receive: Receive, most: int) -> None:
        """Raises Refused when it is larger than `most`, too slow, or the sender went away."""
        begun = asyncio.get_running_loop().time()
        try:
            async with asyncio.timeout(PATIENCE) as limit:
                while True:
                    message = await receive()
                    if message["type"] == "http.disconnect":
                        raise Refused(400)
                    self._add(message.get("body", b""), most)
                    if not message.get("more_body", False):
                        return
                    limit.reschedule(begun + PATIENCE + self.size / PACE)
        except TimeoutError:
            raise Refused(408) from None

    def _add(self, part: bytes, most: int) -> None:
        self.size += len(part)
        if self.size > most:
            raise Refused(413)
        if self.large is None and self.size <= IN_MEMORY:
            self.small.append(part)
            return
        if self.large is None:
            self.large = Spool()
            self.large.write(b"".join(self.small))
            self.small.clear()
        self.large.write(part)

    def parts(self) -> Iterator[Message]:
        if self.large is None:
            yield {"type": "http.request", "body": b"".join(self.small), "more_body": False}
            return
        self.large.seek(0)
        while part := self.large.read(PART):
            yield {"type": "http.request", "body": part, "more_body": True}
        yield {"type": "http.request", "body": b"", "more_body": False}

    def close(self) -> None:
        if self.large:
            self.large.close()


async def _refuse(scope: Message, send: Send, status: int) -> None:
    """A page that says what happened and what to do. The connection ends, as the rest of the body is not read."""
    headers, body = await asyncio.to_thread(refusal, scope, status)
    sent = [(name.lower().encode("latin1"), value.encode("latin1")) for name, value in headers]
    await send({"type": "http.response.start", "status": status, "headers": [*sent, (b"connection", b"close")]})
    await send({"type": "http.response.body", "body": body})
