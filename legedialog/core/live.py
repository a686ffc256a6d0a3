"""Server-sent events: what `core.events.publish` told PostgreSQL reaches the open pages that asked for it.

Each web process has one connection that listens, and fans out. An event says only what kind of thing changed; the page
then asks for the part it shows, as the person it is. Nothing is queued: many changes at once make one event, and a page
that was away is told that everything may have changed.
"""

import asyncio
import logging
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from time import monotonic
from typing import Any
from uuid import UUID
from weakref import WeakKeyDictionary

import psycopg
from django.core.handlers.asgi import ASGIRequest
from django.db import connections
from django.http import HttpRequest, HttpResponse, HttpResponseBase, StreamingHttpResponse

from legedialog.core.events import CHANNEL

logger = logging.getLogger(__name__)

PING_SECONDS = 15.0  # shorter than the idle limit of common proxies
CHECK_SECONDS = 60.0  # how long a stream may outlive the login it belongs to
LISTEN_CHECK_SECONDS = 30.0  # so that a connection that died without a word is noticed
RETRY_SECONDS = 1.0
RECONNECT_MILLISECONDS = 3000  # the browser's wait before it comes back
MOST_EACH = 8  # streams of one login: a browser opens at most six to one address over HTTP/1.1
MOST = 2000  # streams of one process


class Subscription:
    """One page's wish to know. `topics` maps a topic to the word that the page is told."""

    def __init__(self, owner: UUID, topics: Mapping[str, str]) -> None:
        self.owner = owner
        self.topics = topics
        self._pending: set[str] = set()
        self._woken = asyncio.Event()

    def wake(self, names: set[str]) -> None:
        self._pending |= names
        self._woken.set()

    async def changed(self, seconds: float) -> list[str]:
        """Names of what changed, or none after `seconds` of silence."""
        with suppress(TimeoutError):
            await asyncio.wait_for(self._woken.wait(), seconds)
        self._woken.clear()
        names, self._pending = sorted(self._pending), set()
        return names


class Hub:
    """The listening connection of one event loop. It is open while somebody subscribes."""

    def __init__(self) -> None:
        self._subscriptions: set[Subscription] = set()
        self._owners: Counter[UUID] = Counter()
        self._listener: asyncio.Task[None] | None = None
        self._is_listening = False

    def has_room(self, owner: UUID) -> bool:
        return len(self._subscriptions) < MOST and self._owners[owner] < MOST_EACH

    @contextmanager
    def subscribed(self, subscription: Subscription) -> Iterator[None]:
        self._subscriptions.add(subscription)
        self._owners[subscription.owner] += 1
        if self._listener is None or self._listener.done():
            self._listener = asyncio.get_running_loop().create_task(self._listen())
        elif self._is_listening:
            subscription.wake(set(subscription.topics.values()))  # it was drawn a moment before it subscribed
        try:
            yield
        finally:
            self._subscriptions.discard(subscription)
            self._owners[subscription.owner] -= 1
            if not self._owners[subscription.owner]:
                del self._owners[subscription.owner]
            if not self._subscriptions and self._listener:
                self._listener.cancel()
                self._listener = None

    def publish(self, topic: str) -> None:
        for subscription in self._subscriptions:
            if name := subscription.topics.get(topic):
                subscription.wake({name})

    async def _listen(self) -> None:
        while True:
            try:
                await self._listen_until_lost()
            except psycopg.Error as error:
                logger.warning("live events: lost the database, trying again: %s", type(error).__name__)
            finally:
                self._is_listening = False
            await asyncio.sleep(RETRY_SECONDS)

    async def _listen_until_lost(self) -> None:
        async with await psycopg.AsyncConnection.connect(**_parameters(), autocommit=True) as connection:
            await connection.execute(f"LISTEN {CHANNEL}")
            self._is_listening = True
            for subscription in self._subscriptions:
                subscription.wake(set(subscription.topics.values()))  # what happened before is unknown
            while True:
                async for notice in connection.notifies(timeout=LISTEN_CHECK_SECONDS):
                    self.publish(notice.payload)
                await connection.execute("SELECT 1")


_hubs: WeakKeyDictionary[asyncio.AbstractEventLoop, Hub] = WeakKeyDictionary()


def hub() -> Hub:
    """That of the running event loop."""
    return _hubs.setdefault(asyncio.get_running_loop(), Hub())


def _parameters() -> dict[str, Any]:
    parameters = connections["default"].get_connection_params()
    return {key: value for key, value in parameters.items() if key not in ("cursor_factory", "context")}


def stream(
    request: HttpRequest,
    *,
    owner: UUID,
    topics: Mapping[str, str],
    still_allowed: Callable[[], Awaitable[bool]],
) -> HttpResponseBase:
    """The open stream for `owner` (a login) with the words of `topics`, until `still_allowed` says no.

    Under WSGI, where an open stream would keep a thread, 204: the browser stops asking and pages work by reloading.
    """
    if not isinstance(request, ASGIRequest):
        return HttpResponse(status=204)
    if not hub().has_room(owner):
        return HttpResponse(status=429)
    response = StreamingHttpResponse(
        _lines(Subscription(owner, topics), still_allowed), content_type="text/event-stream"
    )
    response["Cache-Control"] = "no-store"
    response["X-Accel-Buffering"] = "no"  # nginx would keep the events back
    return response


async def _lines(subscription: Subscription, still_allowed: Callable[[], Awaitable[bool]]) -> AsyncIterator[bytes]:
    with hub().subscribed(subscription):
        yield f"retry: {RECONNECT_MILLISECONDS}\n\n".encode()
        checked = monotonic()
        while True:
            names = await subscription.changed(PING_SECONDS)
            if monotonic() - checked >= CHECK_SECONDS:
                checked = monotonic()
                if not await still_allowed():
                    return  # the browser comes back, is refused, and stops
            for name in names:
                yield f"data: {name}\n\n".encode()
            if not names:
                yield b": still here\n\n"
