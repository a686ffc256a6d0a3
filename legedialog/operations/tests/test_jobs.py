"""Lanes, limits, and what a killed worker leaves. That every job may run twice: test_demo.py, with much to do."""

import asyncio
import threading
from collections.abc import Callable, Iterator
from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from django.db import connection
from procrastinate.contrib.django import app

from legedialog.core import lanes, outside
from legedialog.core.lanes import EXPORTS, KEEPING, LANES, NETWORK, NOW, Lane
from legedialog.journeys import own_data
from legedialog.operations import jobs, worker

OURS = {name: task for name, task in app.tasks.items() if task.queue != "builtin"}


def test_every_job_has_a_lane() -> None:
    assert {name: task.queue for name, task in OURS.items() if task.queue not in LANES} == {}
    assert {task.queue for task in OURS.values()} >= {NOW, KEEPING, EXPORTS}


def test_sealing_rooms_and_exports_share_no_lane() -> None:
    assert len({OURS[name].queue for name in ("audit.seal", "video.close", own_data.MAKE)}) == 3
    assert NETWORK not in {OURS[name].queue for name in ("audit.seal", "video.close", own_data.MAKE, "retention")}


def begun_by_a_worker(task: str, *, silent: int = 0, attempts: int = 0, queueing_lock: str | None = None) -> int:
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO procrastinate_workers (last_heartbeat) VALUES (now() - make_interval(secs => %s))"
            " RETURNING id",
            [silent],
        )
        (worker_id,) = cursor.fetchone()
        cursor.execute(
            "INSERT INTO procrastinate_jobs (queue_name, task_name, status, attempts, queueing_lock, worker_id)"
            " VALUES ('keeping', %s, 'todo', %s, %s, NULL) RETURNING id",
            [task, attempts, queueing_lock],
        )
        (job_id,) = cursor.fetchone()
        cursor.execute(
            "UPDATE procrastinate_jobs SET status = 'doing', worker_id = %s WHERE id = %s", [worker_id, job_id]
        )
        return int(job_id)


def status_of(job_id: int) -> str:
    with connection.cursor() as cursor:
        cursor.execute("SELECT status::text FROM procrastinate_jobs WHERE id = %s", [job_id])
        return str(cursor.fetchone()[0])


@pytest.mark.django_db
@pytest.mark.parametrize("task", sorted(OURS))
def test_a_job_whose_worker_was_killed_begins_again(task: str) -> None:
    gone, working = begun_by_a_worker(task, silent=jobs.SILENT + 1), begun_by_a_worker(task)
    assert [row.id for row in jobs.stalled()] == [gone]
    jobs.return_stalled()
    assert (status_of(gone), status_of(working)) == ("todo", "doing")
    assert jobs.stalled() == []


@pytest.mark.django_db
def test_a_job_whose_worker_was_forgotten_begins_again() -> None:
    job_id = begun_by_a_worker("video.close", silent=jobs.SILENT + 1)
    with connection.cursor() as cursor:
        cursor.execute("SELECT * FROM procrastinate_prune_stalled_workers_v1(30)")  # as each worker does when it begins
    assert [row.id for row in jobs.stalled()] == [job_id]
    jobs.return_stalled()
    assert status_of(job_id) == "todo"


@pytest.mark.django_db
def test_a_job_that_ends_its_worker_again_and_again_is_given_up() -> None:
    job_id = begun_by_a_worker("own_data.make", silent=jobs.SILENT + 1, attempts=jobs.TRIES - 1)
    jobs.return_stalled()
    assert status_of(job_id) == "failed"


@pytest.mark.django_db
def test_a_stalled_job_makes_way_for_its_like() -> None:
    job_id = begun_by_a_worker("audit.seal", silent=jobs.SILENT + 1, queueing_lock="audit.seal")
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO procrastinate_jobs (queue_name, task_name, queueing_lock)"
            " VALUES ('keeping', 'audit.seal', 'audit.seal')"
        )
    jobs.return_stalled()
    assert status_of(job_id) == "aborted"


@pytest.fixture
def tasks() -> Iterator[Callable[..., str]]:
    """New tasks that are gone afterwards."""
    made: list[str] = []

    def new(queue: str, work: Callable[[], None]) -> str:
        name = f"test.{len(made)}"
        app.task(name=name, queue=queue)(work)
        made.append(name)
        return name

    yield new
    for name in made:
        del app.tasks[name]


def work_until(done: threading.Event, *names: str) -> None:
    """The worker's lanes, with these jobs, until `done`."""

    async def all_lanes() -> None:
        over = asyncio.Event()
        limits = worker.Limits(over)
        with app.replace_connector(app.connector.get_worker_connector()):  # type: ignore[attr-defined]
            async with app.open_async():
                for name in names:
                    await app.configure_task(name).defer_async()
                running = [asyncio.create_task(worker._lane(lane, limits)) for lane in LANES]
                assert await asyncio.to_thread(done.wait, 60)
                for task in running:
                    task.cancel()
                await asyncio.gather(*running, return_exceptions=True)

    asyncio.run(all_lanes())


@pytest.mark.django_db(transaction=True)
def test_a_job_that_waits_for_the_network_keeps_no_other_lane(
    tasks: Callable[..., str], monkeypatch: pytest.MonkeyPatch
) -> None:
    may_end, others = threading.Event(), {lane: threading.Event() for lane in LANES if lane != NETWORK}
    all_done = threading.Event()

    def ends(lane: str) -> None:
        others[lane].set()
        if all(each.is_set() for each in others.values()):
            may_end.set()

    def waits() -> None:
        assert may_end.wait(60)  # until every other lane has worked
        all_done.set()

    monkeypatch.setattr(worker, "GRACE", 5)
    slow = [tasks(NETWORK, waits) for _ in range(LANES[NETWORK].at_once)]
    work_until(all_done, *slow, *(tasks(lane, lambda lane=lane: ends(lane)) for lane in others))


@pytest.mark.django_db(transaction=True)
def test_a_job_beyond_its_limit_gives_its_place_to_the_next(
    tasks: Callable[..., str], monkeypatch: pytest.MonkeyPatch
) -> None:
    may_end, done = threading.Event(), threading.Event()
    monkeypatch.setattr(worker, "GRACE", 5)
    monkeypatch.setitem(lanes.LANES, NOW, Lane(1, timedelta(seconds=0.2), is_told=True))

    def hangs() -> None:
        may_end.wait(60)

    def comes_after() -> None:
        done.set()
        may_end.set()

    work_until(done, tasks(NOW, hangs), tasks(NOW, comes_after))
    with connection.cursor() as cursor:
        cursor.execute("SELECT status::text FROM procrastinate_jobs WHERE task_name = 'test.0' ORDER BY id DESC")
        assert cursor.fetchone() == ("failed",)  # another test's may lie beside it


@pytest.mark.django_db(transaction=True)
def test_only_the_lane_of_the_network_speaks_to_other_machines(
    tasks: Callable[..., str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(worker, "GRACE", 5)
    refused, done = threading.Event(), threading.Event()

    def speaks() -> None:
        try:
            with outside.talking():
                pass
        except outside.TransactionOpen:
            refused.set()
        else:
            assert refused.wait(60)
            done.set()

    work_until(done, tasks(KEEPING, speaks), tasks(NETWORK, speaks))


@pytest.mark.django_db(transaction=True)
def test_when_too_many_jobs_do_not_end_the_worker_begins_anew() -> None:
    async def work() -> None:
        over, never = asyncio.Event(), asyncio.Event()
        limits = worker.Limits(over)
        context: Any = SimpleNamespace(job=SimpleNamespace(queue="short", task_name="hangs"))

        async def hangs() -> None:
            await never.wait()

        for _ in range(worker.MOST_LEFT_BEHIND):
            assert not over.is_set()
            with pytest.raises(worker.TookTooLong):
                await limits(hangs, context, None)
        assert over.is_set()
        never.set()
        await asyncio.sleep(0)

    lanes.LANES["short"] = Lane(1, timedelta(0))
    try:
        asyncio.run(work())
    finally:
        del lanes.LANES["short"]
