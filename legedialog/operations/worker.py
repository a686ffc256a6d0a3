"""The worker: a lane for each kind of job, and threads that send notices and do what waits. See core/lanes.py."""

import asyncio
import logging
import os
import signal
import threading
from collections.abc import Awaitable, Callable, Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import nullcontext
from typing import Any

import psycopg
from django.db import close_old_connections
from django.utils import timezone
from procrastinate import JobContext
from procrastinate.contrib.django import app

from legedialog.core import events, outside
from legedialog.core.lanes import EXPORTS, LANES, NETWORK
from legedialog.integrations import sending
from legedialog.pending import services as pending

GRACE = 20  # seconds that a job that has begun gets to end
NAME = "legedialog worker"  # of the connection that hears of new notices
LISTEN_SECONDS = 30.0
RETRY_SECONDS = 1.0
MOST_LEFT_BEHIND = 4  # jobs beyond their limit whose threads have not ended: then the whole process begins anew

logger = logging.getLogger(__name__)


class TookTooLong(Exception):
    """A job was given up at the limit of its lane. Its thread ends when its statement or its talk does."""


def run() -> None:
    """Until SIGINT or SIGTERM, or until a part of it fails for good: then the supervisor starts it again."""
    asyncio.run(_run())


async def _run() -> None:
    loop, over = asyncio.get_running_loop(), asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        loop.add_signal_handler(number, over.set)
    loop.set_default_executor(ThreadPoolExecutor(sum(lane.at_once for lane in LANES.values()) + MOST_LEFT_BEHIND + 4))
    delivery, stop = sending.delivery(), threading.Event()
    postman = threading.Thread(target=delivery.run, args=(stop,), name="notices")
    postman.start()
    doer = pending.Doer(timezone.now)
    acts = threading.Thread(target=doer.run, args=(stop,), name="acts")
    acts.start()
    wakes = {events.NOTICES: delivery.wake, events.ACTS: doer.wake}
    limits = Limits(over)
    with app.replace_connector(app.connector.get_worker_connector()):  # type: ignore[attr-defined]
        async with app.open_async():
            running = [*(_lane(name, limits) for name in LANES), _hear(wakes), over.wait()]
            parts = [asyncio.ensure_future(each) for each in running]
            try:
                await asyncio.wait(parts, return_when=asyncio.FIRST_COMPLETED)
            finally:
                stop.set()
                _set(wakes.values())
                for part in parts:
                    part.cancel()
                await asyncio.gather(*parts, return_exceptions=True)
    await asyncio.to_thread(postman.join)
    await asyncio.to_thread(acts.join)
    logging.shutdown()
    os._exit(0 if over.is_set() and not limits.left_behind else 1)  # threads that were left behind would keep it


async def _lane(name: str, limits: "Limits") -> None:
    lane = LANES[name]
    await app.run_worker_async(
        queues=[name, "default"] if name == EXPORTS else [name],  # what an older version asks for during an upgrade
        name=name,
        concurrency=lane.at_once,
        listen_notify=lane.is_told,
        install_signal_handlers=False,
        shutdown_graceful_timeout=GRACE,
        delete_jobs="successful",
        worker_middleware=[limits],
        task_middleware=[_alone],
    )


def _alone(go_on: Callable[[], Any], context: JobContext, worker: Any) -> Any:
    """Only one lane waits for other machines; and no job leaves its connection to the next one in its thread."""
    name, lane = context.job.task_name, context.job.queue
    try:
        with nullcontext() if lane == NETWORK else outside.silent(f"{name} is in the lane {lane}"):
            return go_on()
    finally:
        close_old_connections()


class Limits:
    """No job keeps its place for longer than its lane allows."""

    def __init__(self, over: asyncio.Event) -> None:
        self._over = over
        self.left_behind: set[asyncio.Future[Any]] = set()

    async def __call__(self, go_on: Callable[[], Awaitable[Any]], context: JobContext, worker: Any) -> Any:
        lane = LANES.get(context.job.queue, LANES[EXPORTS])
        work = asyncio.ensure_future(go_on())
        done, _ = await asyncio.wait({work}, timeout=lane.limit.total_seconds())
        if done:
            return await work
        self.left_behind.add(work)
        work.add_done_callback(self._ended)
        if len(self.left_behind) >= MOST_LEFT_BEHIND:
            logger.error("too many jobs do not end: the worker begins anew")
            self._over.set()
        raise TookTooLong(context.job.task_name)

    def _ended(self, work: asyncio.Future[Any]) -> None:
        self.left_behind.discard(work)
        if not work.cancelled():
            work.exception()  # it has been told of


async def _hear(wakes: Mapping[str, threading.Event]) -> None:
    """A new notice wakes the one that sends, an act that waits the one that does it. Without this each looks every
    minute."""
    while True:
        try:
            where = events.parameters(NAME)
            async with await psycopg.AsyncConnection.connect(**where, autocommit=True) as connection:
                await connection.execute(f"LISTEN {events.WAKE}")
                _set(wakes.values())  # what was told meanwhile nobody has heard
                while True:
                    async for told in connection.notifies(timeout=LISTEN_SECONDS):
                        wakes[told.payload.split(" ")[0]].set()
                    await connection.execute("SELECT 1")
        except psycopg.Error as error:
            logger.warning("worker: lost the database, trying again: %s", type(error).__name__)
        await asyncio.sleep(RETRY_SECONDS)


def _set(wakes: Iterable[threading.Event]) -> None:
    for wake in wakes:
        wake.set()
