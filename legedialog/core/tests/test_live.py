import asyncio
import contextlib
import re
from collections.abc import Callable, Coroutine
from typing import Any
from uuid import UUID

import psycopg
import pytest
from django.db import connection, transaction

from legedialog.core import events, live
from legedialog.core.ids import new_id

pytestmark = pytest.mark.django_db(transaction=True)
TOLD_AT = re.compile(r"(?<=[a-z]) [0-9.]+$")
TOPICS = {"calendar:a": "calendar", "requests:a": "requests"}


async def everyone(owners: set[UUID]) -> set[UUID]:
    return owners


async def nobody(owners: set[UUID]) -> set[UUID]:
    return set()


class Page:
    """A browser's end of a stream."""

    def __init__(self, owner: UUID | None = None, *, seen: float | None = None, check: live.Check = everyone) -> None:
        self.sent: asyncio.Queue[live.Message] = asyncio.Queue()
        self.leaving: asyncio.Queue[live.Message] = asyncio.Queue()
        subscription = live.Subscription(owner or new_id(), TOPICS, seen=seen, check=check)
        self.task = asyncio.create_task(live.stream(self.leaving.get, self.sent.put, subscription))

    async def status(self) -> int:
        started: int = (await self.sent.get())["status"]
        return started

    async def line(self) -> str:
        """The next one, without when it was told."""
        body: bytes = (await self.sent.get())["body"]
        return TOLD_AT.sub("", body.decode().strip())

    async def subscribed(self) -> None:
        """A page that does not say what it was drawn from is told that everything may have changed."""
        assert await self.status() == 200
        assert [await self.line() for _ in range(3)] == ["retry: 3000", "data: calendar", "data: requests"]

    async def leave(self) -> None:
        await self.leaving.put({"type": "http.disconnect"})
        await self.task


async def listening() -> live.Hub:
    """As a process is from its beginning."""
    hub = live.hub()
    hub.start()
    while hub._since is None:
        await asyncio.sleep(0.01)
    return hub


def now() -> float:
    """By the database's clock."""
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT extract(epoch FROM clock_timestamp())::float")
            return float(cursor.fetchone()[0])
    finally:
        connection.close()


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
        for told_at in range(5):
            live.hub().publish("calendar:a", float(told_at))
        assert await page.line() == "data: calendar"
        assert await page.line() == ": still here"
        await page.leave()

    within(10, work)


def test_one_question_for_all_ends_the_streams_whose_login_has_ended(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(live, "CHECK_SECONDS", 0.05)
    stays, ends = new_id(), new_id()
    asked: list[set[UUID]] = []

    async def check(owners: set[UUID]) -> set[UUID]:
        asked.append(owners)
        return owners - {ends}

    async def work() -> None:
        pages = [Page(ends, check=check), Page(stays, check=check), Page(stays, check=check)]
        await pages[0].task
        assert asked == [{stays, ends}]
        assert [page.task.done() for page in pages] == [True, False, False]
        for page in pages[1:]:
            await page.leave()

    within(10, work)


def test_a_page_that_is_as_new_as_the_last_change_is_told_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    """It was changed, then drawn: nothing is fetched again after it is shown."""
    monkeypatch.setattr(live, "PING_SECONDS", 0.05)

    async def work() -> None:
        hub = await listening()
        await asyncio.to_thread(publish, "calendar:a")
        while not hub._told:
            await asyncio.sleep(0.01)
        page = Page(seen=await asyncio.to_thread(now))
        assert await page.status() == 200
        assert [await page.line(), await page.line()] == ["retry: 3000", ": still here"]
        await page.leave()

    within(10, work)


def test_a_page_is_told_of_what_changed_after_it_was_drawn_and_of_nothing_else() -> None:
    async def work() -> None:
        hub = await listening()
        drawn = await asyncio.to_thread(now)
        await asyncio.to_thread(publish, "requests:a", "calendar:b")
        while len(hub._told) < 2:
            await asyncio.sleep(0.01)
        page = Page(seen=drawn)
        assert await page.status() == 200
        assert [await page.line(), await page.line()] == ["retry: 3000", "data: requests"]
        await page.leave()

    within(10, work)


def test_a_page_from_before_this_process_listened_may_be_old() -> None:
    async def work() -> None:
        drawn = await asyncio.to_thread(now)
        await listening()
        page = Page(seen=drawn)
        assert await page.status() == 200
        assert [await page.line() for _ in range(3)] == ["retry: 3000", "data: calendar", "data: requests"]
        await page.leave()

    within(10, work)


def test_what_is_told_is_not_remembered_without_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(live, "REMEMBERED", 10)

    async def work() -> None:
        hub = live.Hub()
        hub._since = 0.0
        for number in range(25):
            hub.publish(f"person:{number}", float(number))
        assert len(hub._told) <= 10
        assert hub._since == 20.0  # a page from before that is told that everything may have changed

    within(10, work)


def test_an_event_goes_to_those_who_asked_for_it_however_many_others_listen() -> None:
    async def work() -> None:
        hub = live.Hub()
        others = [live.Subscription(new_id(), {f"person:{number}": "person"}) for number in range(1000)]
        mine = live.Subscription(new_id(), {"person:me": "person"})
        with contextlib.ExitStack() as stack:
            for each in (*others, mine):
                stack.enter_context(hub.subscribed(each))
            hub.publish("person:me", 1.0)
            assert await mine.changed(0) == {"person": 1.0}
            assert not any(each._pending for each in others)
        assert not hub._by_topic
        assert not hub._owners

    within(10, work)


def test_a_process_holds_as_many_pages_as_it_is_told(settings: Any) -> None:
    settings.STREAMS = 2

    async def work() -> None:
        pages = [Page(), Page()]
        for page in pages:
            await page.subscribed()
        third = Page()
        assert await third.status() == 429
        for page in pages:
            await page.leave()
        await Page().subscribed()

    within(10, work)


def test_of_a_transaction_that_is_not_committed_nothing_is_told_and_no_lock_is_taken() -> None:
    """`pg_notify` inside it would keep every other commit of the server waiting."""
    with transaction.atomic():
        events.publish("calendar:a")
        with connection.cursor() as cursor:
            cursor.execute("SELECT count(*) FROM pg_locks WHERE pid = pg_backend_pid() AND locktype = 'object'")
            assert cursor.fetchone() == (0,)
            cursor.execute("SELECT pg_current_xact_id_if_assigned()")
            assert cursor.fetchone() == (None,)


def test_what_could_not_be_told_is_told_when_the_database_is_back(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(events, "RETRY_SECONDS", 0.05)

    def cut() -> None:
        with psycopg.connect(**events.parameters("test"), autocommit=True) as other:
            other.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = %s"
                " AND datname = current_database()",
                [events.NAME],
            )

    async def work() -> None:
        page = Page()
        await page.subscribed()
        await asyncio.to_thread(publish, "calendar:a")
        assert await page.line() == "data: calendar"
        await asyncio.to_thread(cut)
        await asyncio.to_thread(publish, "requests:a")
        assert await page.line() == "data: requests"
        assert await asyncio.to_thread(events._teller.finish)
        await page.leave()

    within(20, work)


def test_after_a_lost_database_connection_the_page_is_told_that_all_may_have_changed(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(live, "RETRY_SECONDS", 0.01)

    def cut() -> None:
        with psycopg.connect(**events.parameters("test"), autocommit=True) as other:
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
        live.hub().publish("calendar:a", 1.0)
        await page.task
        assert not live.hub()._by_topic

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
