import asyncio
import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine
from typing import Any
from uuid import UUID

import psycopg
import pytest
from django.db import connection, transaction
from django.http import StreamingHttpResponse
from django.test import AsyncRequestFactory, RequestFactory

from legedialog.core import events, live
from legedialog.core.ids import new_id

pytestmark = pytest.mark.django_db(transaction=True)
TOPICS = {"calendar:a": "calendar", "requests:a": "requests"}


async def always() -> bool:
    return True


async def never() -> bool:
    return False


def within(seconds: float, work: Callable[[], Coroutine[Any, Any, None]]) -> None:
    async def limited() -> None:
        async with asyncio.timeout(seconds):
            await work()

    asyncio.run(limited())


def opened(owner: UUID | None = None, still_allowed: Callable[[], Awaitable[bool]] = always) -> AsyncIterator[bytes]:
    response = live.stream(
        AsyncRequestFactory().get("/live/office/"), owner=owner or new_id(), topics=TOPICS, still_allowed=still_allowed
    )
    assert isinstance(response, StreamingHttpResponse)
    return aiter(response)


async def first_events(lines: AsyncIterator[bytes]) -> None:
    """A page that has just subscribed is told that everything may have changed."""
    assert await anext(lines) == b"retry: 3000\n\n"
    assert await anext(lines) == b"data: calendar\n\n"
    assert await anext(lines) == b"data: requests\n\n"


async def close(lines: AsyncIterator[bytes]) -> None:
    await lines.aclose()  # type: ignore[attr-defined]


def test_a_change_committed_on_another_connection_reaches_the_page() -> None:
    async def work() -> None:
        lines = opened()
        await first_events(lines)
        await asyncio.to_thread(publish_and_close, "calendar:b", "calendar:a")
        assert await anext(lines) == b"data: calendar\n\n"
        await close(lines)

    within(10, work)


def publish_and_close(*topics: str) -> None:
    try:
        with transaction.atomic():
            events.publish(*topics)
    finally:
        connection.close()


def test_a_change_that_is_rolled_back_is_never_told() -> None:
    def change_and_fail() -> None:
        with contextlib.suppress(ZeroDivisionError), transaction.atomic():
            events.publish("requests:a")
            raise ZeroDivisionError
        publish_and_close("calendar:a")

    async def work() -> None:
        lines = opened()
        await first_events(lines)
        await asyncio.to_thread(change_and_fail)
        assert await anext(lines) == b"data: calendar\n\n"  # the first that comes is the later one
        await close(lines)

    within(10, work)


def test_many_changes_before_the_page_reads_make_one_event(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(live, "PING_SECONDS", 0.05)

    async def work() -> None:
        lines = opened()
        await first_events(lines)
        for _ in range(5):
            live.hub().publish("calendar:a")
        assert await anext(lines) == b"data: calendar\n\n"
        assert await anext(lines) == b": still here\n\n"
        await close(lines)

    within(10, work)


def test_the_stream_ends_when_the_login_does(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(live, "PING_SECONDS", 0.01)
    monkeypatch.setattr(live, "CHECK_SECONDS", 0.0)

    async def work() -> None:
        assert [line async for line in opened(still_allowed=never)] == [b"retry: 3000\n\n"]

    within(10, work)


def test_after_a_lost_database_connection_the_page_is_told_that_all_may_have_changed(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(live, "RETRY_SECONDS", 0.01)

    def cut() -> None:
        with psycopg.connect(**live._parameters(), autocommit=True) as other:
            other.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE query = 'LISTEN legedialog'"
                " AND datname = current_database()"
            )

    async def work() -> None:
        lines = opened()
        await first_events(lines)
        await asyncio.to_thread(cut)
        assert await anext(lines) == b"data: calendar\n\n"
        assert await anext(lines) == b"data: requests\n\n"
        await close(lines)

    within(10, work)


def test_the_listening_connection_closes_with_the_last_page() -> None:
    async def work() -> None:
        lines = opened()
        await first_events(lines)
        listener = live.hub()._listener
        assert listener is not None
        await close(lines)
        with contextlib.suppress(asyncio.CancelledError):
            await listener
        assert listener.cancelled()
        assert live.hub()._listener is None

    within(10, work)


def test_one_login_has_a_limited_number_of_streams() -> None:
    async def work() -> None:
        owner = new_id()
        streams = [opened(owner) for _ in range(live.MOST_EACH)]
        for lines in streams:
            await anext(lines)
        request = AsyncRequestFactory().get("/live/office/")
        refused = live.stream(request, owner=owner, topics=TOPICS, still_allowed=always)
        assert refused.status_code == 429
        other = live.stream(request, owner=new_id(), topics=TOPICS, still_allowed=always)
        assert other.status_code == 200
        for lines in streams:
            await close(lines)
        while not live.hub().has_room(owner):  # Django closes the inner generator on the loop's next rounds
            await asyncio.sleep(0)

    within(10, work)


def test_under_wsgi_the_browser_is_told_not_to_ask_again() -> None:
    request = RequestFactory().get("/live/office/")
    response = live.stream(request, owner=new_id(), topics=TOPICS, still_allowed=always)
    assert response.status_code == 204
