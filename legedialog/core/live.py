"""Server-sent events: what `core.events.publish` told PostgreSQL reaches the open pages that asked for it.

Each web process has one connection that listens, and fans out. An event says only what kind of thing changed and when
it was told; the page then asks for the part it shows, as the person it is, unless that was drawn later. Nothing is
queued: many changes at once make one event. A page that comes says what it was drawn from, and is told only of what
came after. Plain ASGI, because Django's handler would keep a thread and a database connection for each open page.
See docs/adr/0059-live-events.md.
"""

import asyncio
import logging
import signal
import threading
from collections import Counter, defaultdict
from collections.abc import Awaitable, Callable, Iterator, Mapping, MutableMapping
from contextlib import contextmanager, suppress
from typing import Any
from uuid import UUID
from weakref import WeakKeyDictionary

import psycopg
from django.conf import settings

from legedialog.core import events
from legedialog.core.events import CHANNEL

Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
Check = Callable[[set[UUID]], Awaitable[set[UUID]]]
Still = Callable[[bool], Awaitable[bool]]

logger = logging.getLogger(__name__)

NAME = "legedialog live"  # of the connection, for who looks at the server
PING_SECONDS = 25.0  # shorter than the idle limit of common proxies
CHECK_SECONDS = 10.0  # how long a stream may outlive the login it belongs to
LISTEN_CHECK_SECONDS = 30.0  # so that a connection that died without a word is noticed
RETRY_SECONDS = 1.0
RECONNECT_MILLISECONDS = 3000  # the browser's wait before it comes back
MOST_EACH = 8  # streams of one login: a browser has one, but for those that cannot share
REMEMBERED = 200_000  # topics with when they were last told
HEADERS = [
    (b"content-type", b"text/event-stream; charset=utf-8"),
    (b"cache-control", b"no-store"),
    (b"x-accel-buffering", b"no"),  # nginx would keep the events back
    (b"x-content-type-options", b"nosniff"),
]


class Subscription:
    """One page's wish to know. `topics` maps a topic to the word that the page is told.

    `seen` is what the page was drawn from, by the database's clock in seconds; None when it is to be told at once.
    `check` says which of many owners may still listen; without one the page looks after that itself. `still` says
    whether this page may: asked before it is told anything, and each `silence` seconds.
    """

    __slots__ = ("_pending", "_waiter", "check", "is_over", "owner", "seen", "silence", "still", "topics")

    def __init__(
        self,
        owner: UUID,
        topics: Mapping[str, str],
        *,
        seen: float | None = None,
        check: Check | None = None,
        still: Still | None = None,
        silence: float | None = None,
    ) -> None:
        self.owner, self.topics, self.seen, self.check = owner, topics, seen, check
        self.still, self.silence = still, silence
        self.is_over = False
        self._pending: dict[str, float] = {}
        self._waiter: asyncio.Future[None] | None = None

    def wake(self, word: str, told_at: float) -> None:
        self._pending[word] = max(told_at, self._pending.get(word, 0.0))
        self._go_on()

    def end(self) -> None:
        """The page has gone, or may not listen any more."""
        self.is_over = True
        self._go_on()

    def _go_on(self) -> None:
        if self._waiter and not self._waiter.done():
            self._waiter.set_result(None)

    async def changed(self, seconds: float) -> dict[str, float]:
        """What changed, with when it was told; nothing after `seconds` of silence."""
        if not (self._pending or self.is_over):
            loop = asyncio.get_running_loop()
            self._waiter = loop.create_future()
            silence = loop.call_later(seconds, self._go_on)
            try:
                await self._waiter
            finally:
                silence.cancel()
                self._waiter = None
        found, self._pending = self._pending, {}
        return found


class Hub:
    """The listening connection of one event loop, from the first page on, and who is to be told of what."""

    def __init__(self) -> None:
        self._by_topic: defaultdict[str, set[Subscription]] = defaultdict(set)
        self._owners: Counter[UUID] = Counter()
        self._checked: set[Subscription] = set()
        self._told: dict[str, float] = {}  # topic → when it was last told
        self._since: float | None = None  # what was told before that is not known here; None while nobody listens
        self._listener: asyncio.Task[None] | None = None
        self._watcher: asyncio.Task[None] | None = None
        self.is_over = False

    def start(self) -> None:
        """Listen. A process does so from its beginning, so that its first page needs to be told nothing."""
        if self._listener is None or self._listener.done():
            self._listener = asyncio.get_running_loop().create_task(self._listen())
            self._watcher = asyncio.get_running_loop().create_task(self._watch())

    def has_room(self, owner: UUID) -> bool:
        return not self.is_over and self._owners.total() < settings.STREAMS and self._owners[owner] < MOST_EACH

    def end(self) -> None:
        """The process is told to end: so do all streams, and their browsers come back to another one."""
        self.is_over = True
        for subscription in {each for those in self._by_topic.values() for each in those}:
            subscription.end()

    @contextmanager
    def subscribed(self, subscription: Subscription) -> Iterator[None]:
        self.start()
        for topic in subscription.topics:
            self._by_topic[topic].add(subscription)
        self._owners[subscription.owner] += 1
        if subscription.check:
            self._checked.add(subscription)
        self._catch_up(subscription)
        try:
            yield
        finally:
            for topic in subscription.topics:
                self._by_topic[topic].discard(subscription)
                if not self._by_topic[topic]:
                    del self._by_topic[topic]
            self._owners[subscription.owner] -= 1
            if not self._owners[subscription.owner]:
                del self._owners[subscription.owner]
            self._checked.discard(subscription)

    def _catch_up(self, subscription: Subscription) -> None:
        """What was told after its page was drawn, or may have been."""
        if self._since is None:
            return  # it is told when the listening begins
        for topic, word in subscription.topics.items():
            told_at = max(self._told.get(topic, 0.0), self._since)
            if subscription.seen is None or told_at > subscription.seen:
                subscription.wake(word, told_at)

    def publish(self, topic: str, told_at: float) -> None:
        if len(self._told) >= REMEMBERED:
            self._told.clear()
            self._since = told_at
        self._told[topic] = max(told_at, self._told.get(topic, 0.0))
        for subscription in self._by_topic.get(topic, ()):
            subscription.wake(subscription.topics[topic], told_at)

    async def _listen(self) -> None:
        while True:
            try:
                await self._listen_until_lost()
            except psycopg.Error as error:
                logger.warning("live events: lost the database, trying again: %s", type(error).__name__)
            finally:
                self._since = None
            await asyncio.sleep(RETRY_SECONDS)

    async def _listen_until_lost(self) -> None:
        where = events.parameters(NAME)
        async with await psycopg.AsyncConnection.connect(**where, autocommit=True) as connection:
            await connection.execute(f"LISTEN {CHANNEL}")
            answer = await connection.execute("SELECT extract(epoch FROM clock_timestamp())::float")
            (self._since,) = await answer.fetchone() or (0.0,)
            self._told.clear()
            for subscription in {each for those in self._by_topic.values() for each in those}:
                self._catch_up(subscription)
            while True:
                async for notice in connection.notifies(timeout=LISTEN_CHECK_SECONDS):
                    topic, _, told_at = notice.payload.partition(" ")
                    self.publish(topic, float(told_at))
                await connection.execute("SELECT 1")

    async def _watch(self) -> None:
        """Every ten seconds, in one question for all of a kind: whose login has ended."""
        while True:
            await asyncio.sleep(CHECK_SECONDS)
            by_check: defaultdict[Check, list[Subscription]] = defaultdict(list)
            for each in self._checked:
                if each.check:
                    by_check[each.check].append(each)
            for check, those in by_check.items():
                try:
                    allowed = await check({each.owner for each in those})
                except Exception as error:  # the database is away: they are asked about again in a minute
                    logger.warning("live events: logins not checked: %s", type(error).__name__)
                    continue
                for each in those:
                    if each.owner not in allowed:
                        each.end()


def end_when_told() -> None:
    """In a server's process: its streams end at once when it is told to end, so that it waits for none of them.

    The server's own handler is asked too: asyncio learns of a signal by a descriptor of its own.
    """
    if threading.current_thread() is not threading.main_thread():
        return
    loop, ends = asyncio.get_running_loop(), hub().end
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda number, frame: loop.call_soon_threadsafe(ends))


_hubs: WeakKeyDictionary[asyncio.AbstractEventLoop, Hub] = WeakKeyDictionary()


def hub() -> Hub:
    """That of the running event loop."""
    return _hubs.setdefault(asyncio.get_running_loop(), Hub())


async def stream(receive: Receive, send: Send, subscription: Subscription) -> None:
    """Answer an ASGI request with words as events, until the page leaves or the owner may not listen any more.

    429 when the owner, a login, has too many streams already, or the process has.
    """
    if not hub().has_room(subscription.owner):
        await answer(send, 429)
        return
    leaving = asyncio.ensure_future(left(receive))
    leaving.add_done_callback(lambda _: subscription.end())
    try:
        await _write(send, subscription)
    finally:
        leaving.cancel()
        with suppress(asyncio.CancelledError):
            await leaving


async def answer(send: Send, status: int) -> None:
    """An empty answer."""
    await send({"type": "http.response.start", "status": status, "headers": [(b"cache-control", b"no-store")]})
    await send({"type": "http.response.body", "body": b""})


async def left(receive: Receive) -> None:
    """Until the page goes away."""
    while (await receive())["type"] != "http.disconnect":
        pass


async def _write(send: Send, subscription: Subscription) -> None:
    with hub().subscribed(subscription):
        await send({"type": "http.response.start", "status": 200, "headers": HEADERS})
        await line(send, f"retry: {RECONNECT_MILLISECONDS}")
        while not subscription.is_over:
            found = await subscription.changed(subscription.silence or PING_SECONDS)
            if subscription.still and not await subscription.still(bool(found)):
                break
            for word, told_at in sorted(found.items()):
                await line(send, f"data: {word} {told_at:.6f}")
            if not (found or subscription.is_over):
                await line(send, ": still here")
    await send({"type": "http.response.body", "body": b""})  # the browser comes back, and is refused


async def line(send: Send, text: str) -> None:
    """One event, or another line of the stream."""
    await send({"type": "http.response.body", "body": f"{text}\n\n".encode(), "more_body": True})
