"""Server-sent events: what `core.events.publish` told PostgreSQL reaches the open pages that asked for it.

Each web process has one connection that listens, and fans out. An event says only what kind of thing changed; the page
then asks for the part it shows, as the person it is. Nothing is queued: many changes at once make one event, and a page
that was away is told that everything may have changed. Plain ASGI, because Django's handler would keep a thread and a
database connection for each open page.
"""

import asyncio
import logging
from collections import Counter
from collections.abc import Awaitable, Callable, Iterator, Mapping, MutableMapping
from contextlib import contextmanager, suppress
from time import monotonic
from typing import Any
from uuid import UUID
from weakref import WeakKeyDictionary

import psycopg
from django.db import connections

from legedialog.core.events import CHANNEL

Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]

logger = logging.getLogger(__name__)

NAME = "legedialog live"  # of the connection, for who looks at the server
PING_SECONDS = 15.0  # shorter than the idle limit of common proxies
CHECK_SECONDS = 60.0  # how long a stream may outlive the login it belongs to
LISTEN_CHECK_SECONDS = 30.0  # so that a connection that died without a word is noticed
RETRY_SECONDS = 1.0
RECONNECT_MILLISECONDS = 3000  # the browser's wait before it comes back
MOST_EACH = 8  # streams of one login: a browser opens at most six to one address over HTTP/1.1
MOST = 2000  # streams of one process
HEADERS = [
    (b"content-type", b"text/event-stream; charset=utf-8"),
    (b"cache-control", b"no-store"),
    (b"x-accel-buffering", b"no"),  # nginx would keep the events back
    (b"x-content-type-options", b"nosniff"),
]


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
            async with asyncio.timeout(seconds):  # wait_for forgets a cancellation that comes with the wake-up
                await self._woken.wait()
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
                    self.publish(notice.payload.partition(" ")[0])
                await connection.execute("SELECT 1")


_hubs: WeakKeyDictionary[asyncio.AbstractEventLoop, Hub] = WeakKeyDictionary()


def hub() -> Hub:
    """That of the running event loop."""
    return _hubs.setdefault(asyncio.get_running_loop(), Hub())


def _parameters() -> dict[str, Any]:
    parameters = connections["default"].get_connection_params()
    own = {key: value for key, value in parameters.items() if key not in ("cursor_factory", "context")}
    return own | {"application_name": NAME}


async def stream(
    receive: Receive,
    send: Send,
    *,
    owner: UUID,
    topics: Mapping[str, str],
    still_allowed: Callable[[], Awaitable[bool]],
) -> None:
    """Answer an ASGI request with the words of `topics` as events, until the page leaves or `still_allowed` says no.

    `owner` is the login. 429 when it has too many streams already.
    """
    if not hub().has_room(owner):
        await answer(send, 429)
        return
    leaving = asyncio.ensure_future(left(receive))
    writing = asyncio.ensure_future(_write(send, Subscription(owner, topics), still_allowed))
    try:
        await asyncio.wait({leaving, writing}, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for task in (leaving, writing):
            task.cancel()
        await asyncio.gather(leaving, writing, return_exceptions=True)


async def answer(send: Send, status: int) -> None:
    """An empty answer."""
    await send({"type": "http.response.start", "status": status, "headers": [(b"cache-control", b"no-store")]})
    await send({"type": "http.response.body", "body": b""})


async def left(receive: Receive) -> None:
    """Until the page goes away."""
    while (await receive())["type"] != "http.disconnect":
        pass


async def _write(send: Send, subscription: Subscription, still_allowed: Callable[[], Awaitable[bool]]) -> None:
    with hub().subscribed(subscription):
        await send({"type": "http.response.start", "status": 200, "headers": HEADERS})
        await line(send, f"retry: {RECONNECT_MILLISECONDS}")
        checked = monotonic()
        while True:
            words = await subscription.changed(PING_SECONDS)
            if monotonic() - checked >= CHECK_SECONDS:
                checked = monotonic()
                if not await still_allowed():
                    break  # the browser comes back and is refused
            for word in words:
                await line(send, f"data: {word}")
            if not words:
                await line(send, ": still here")
    await send({"type": "http.response.body", "body": b""})


async def line(send: Send, text: str) -> None:
    """One event, or another line of the stream."""
    await send({"type": "http.response.body", "body": f"{text}\n\n".encode(), "more_body": True})
