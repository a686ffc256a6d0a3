import asyncio
import contextlib
from collections.abc import Awaitable, Callable, Coroutine
from typing import Any
from uuid import UUID

import psycopg
import pytest
from django.db import connection, transaction

from legedialog.core import events, live
from legedialog.core.ids import new_id

pytestmark = pytest.mark.django_db(transaction=True)
TOPICS = {"calendar:a": "calendar", "requests:a": "requests"}


class Page:
    """A browser's end of a stream."""

    def __init__(self, owner: UUID | None = None, still_allowed: Callable[[], Awaitable[bool]] | None = None) -> None:
        self.sent: asyncio.Queue[live.Message] = asyncio.Queue()
        self.leaving: asyncio.Queue[live.Message] = asyncio.Queue()
        self.task = asyncio.create_task(
            live.stream(
                self.leaving.get,
                self.sent.put,
                owner=owner or new_id(),
                topics=TOPICS,
                still_allowed=still_allowed or always,
            )
        )

    async def status(self) -> int:
        started: int = (await self.sent.get())["status"]
        return started

    async def line(self) -> str:
        body: bytes = (await self.sent.get())["body"]
        return body.decode().strip()

    async def subscribed(self) -> None:
        """A page that has just subscribed is told that everything may have changed."""
        assert await self.status() == 200
        assert [await self.line() for _ in range(3)] == ["retry: 3000", "data: calendar", "data: requests"]

    async def leave(self) -> None:
        await self.leaving.put({"type": "http.disconnect"})
        await self.task


async def always() -> bool:
    return True


async def never() -> bool:
    return False


def within(seconds: float, work: Callable[[], Coroutine[Any, Any, None]]) -> None:
    async def limited() -> None:
        async with asyncio.timeout(seconds):
            await work()

    asyncio.run(limited())


def publish(*topics: str) -> None:
    """From another connection, as another request would."""
    try:
        with transaction.atomic():
            events.publish(*topics)
    finally:
        connection.close()


def test_a_change_committed_on_another_connection_reaches_the_page() -> None:
    async def work() -> None:
        page = Page()
        await page.subscribed()
        await asyncio.to_thread(publish, "calendar:b", "calendar:a")
        assert await page.line() == "data: calendar"
        await page.leave()

    within(10, work)


def test_a_change_that_is_rolled_back_is_never_told() -> None:
    def change_and_fail() -> None:
        with contextlib.suppress(ZeroDivisionError), transaction.atomic():
            events.publish("requests:a")
            raise ZeroDivisionError
        publish("calendar:a")

    async def work() -> None:
        page = Page()
        await page.subscribed()
        await asyncio.to_thread(change_and_fail)
        assert await page.line() == "data: calendar"  # the first that comes is the later one
        await page.leave()

    within(10, work)


def test_many_changes_at_once_make_one_event(monkeypatch: pytest.MonkeyPatch) -> None:
    async def work() -> None:
        page = Page()
        await page.subscribed()
        monkeypatch.setattr(live, "PING_SECONDS", 0.05)
        for _ in range(5):
            live.hub().publish("calendar:a")
        assert await page.line() == "data: calendar"
        assert await page.line() == ": still here"
        await page.leave()

    within(10, work)


def test_the_stream_ends_when_the_login_does(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(live, "PING_SECONDS", 0.01)
    monkeypatch.setattr(live, "CHECK_SECONDS", 0.0)

    async def work() -> None:
        page = Page(still_allowed=never)
        await page.task
        assert await page.status() == 200
        assert await page.line() == "retry: 3000"
        assert "more_body" not in await page.sent.get()
        assert page.sent.empty()

    within(10, work)


def test_after_a_lost_database_connection_the_page_is_told_that_all_may_have_changed(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(live, "RETRY_SECONDS", 0.01)

    def cut() -> None:
        with psycopg.connect(**live._parameters(), autocommit=True) as other:
            other.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = %s"
                " AND datname = current_database() AND pid <> pg_backend_pid()",
                [live.NAME],
            )

    async def work() -> None:
        page = Page()
        await page.subscribed()
        await asyncio.to_thread(cut)
        assert [await page.line(), await page.line()] == ["data: calendar", "data: requests"]
        await page.leave()

    within(10, work)


def test_a_page_that_leaves_as_something_changes_is_let_go() -> None:
    async def work() -> None:
        page = Page()
        await page.subscribed()
        page.leaving.put_nowait({"type": "http.disconnect"})
        await asyncio.sleep(0)  # the stream knows, and in the same round the change comes
        live.hub().publish("calendar:a")
        await page.task
        assert live.hub()._listener is None

    within(10, work)


def test_the_listening_connection_closes_with_the_last_page() -> None:
    async def work() -> None:
        first, last = Page(), Page()
        await first.subscribed()
        await last.subscribed()
        listener = live.hub()._listener
        assert listener is not None
        await first.leave()
        assert not listener.done()
        await last.leave()
        with contextlib.suppress(asyncio.CancelledError):
            await listener
        assert listener.cancelled()
        assert live.hub()._listener is None

    within(10, work)


def test_one_login_has_a_limited_number_of_streams() -> None:
    async def work() -> None:
        owner = new_id()
        pages = [Page(owner) for _ in range(live.MOST_EACH)]
        for page in pages:
            await page.subscribed()
        one_more = Page(owner)
        assert await one_more.status() == 429
        await Page().subscribed()  # another login
        for page in pages:
            await page.leave()
        await Page(owner).subscribed()

    within(10, work)
