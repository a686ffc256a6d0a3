"""What telling costs: commits with one live event at a slow disk, what a worker takes when nothing happens, and open
pages."""

import asyncio
import json
import os
import resource
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from typing import Any
from uuid import UUID, uuid4

import psycopg

from bench import cpu, load
from bench.results import Row
from bench.world import CLIENTS, CORES, PAGES, PORT, ROOT, World
from legedialog.operations import database, environment

FLUSH = 5000  # microseconds: commit_delay stands in for a network disk or a synchronous replica


def commits(world: World) -> Iterator[Row]:
    before, after = (_in_processes(work, world.seconds) for work in ("inside", "after"))
    yield Row("commit with one live event at a flush of 5 ms, told inside the transaction (as it was)", before)
    row = Row("commit with one live event at a flush of 5 ms", after)
    yield row.but("≥ 1,200 a second", lambda figures: figures["rate"] >= 1200)


def _commits(work: Callable[[Any], None], seconds: float, clients: int) -> load.Figures:
    """A row of a table without rules, so that nothing else is measured."""
    from django.db import connection, transaction

    def action() -> Callable[[], str]:
        is_set = False

        def commit() -> str:
            nonlocal is_set
            with connection.cursor() as cursor:
                if not is_set:
                    cursor.execute(f"SET commit_delay = {FLUSH}")
                    cursor.execute("SET commit_siblings = 0")
                    is_set = True
                with transaction.atomic():
                    cursor.execute("INSERT INTO bench_commit VALUES (%s)", [uuid4()])
                    work(cursor)
            return "committed"

        return commit

    return load.measure([action() for _ in range(clients)], seconds=seconds)


def _in_processes(work: str, seconds: float) -> dict[str, float]:
    """As many as cores, as the site would; the clients are shared out among them."""
    from django.db import connections

    role = connections["default"].settings_dict["USER"]
    with connections["owner"].cursor() as owner:
        owner.execute("DROP TABLE IF EXISTS bench_commit")
        owner.execute("CREATE TABLE bench_commit (id uuid PRIMARY KEY)")
        owner.execute(f'GRANT INSERT ON bench_commit TO "{role}"')
    with _superuser() as superuser:
        superuser.execute(f'GRANT SET ON PARAMETER commit_delay TO "{role}"')
    command = [sys.executable, "-m", "bench.outbox", work, str(seconds), str(CLIENTS // CORES)]
    running = [subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=ROOT) for _ in range(CORES)]
    said = [each.communicate()[0] for each in running]
    with connections["owner"].cursor() as owner:
        owner.execute("DROP TABLE bench_commit")
    with _superuser() as superuser:
        superuser.execute(f'REVOKE SET ON PARAMETER commit_delay FROM "{role}"')
    if any(each.returncode for each in running):
        raise load.WrongAnswer("a process that commits ended early")
    found = [json.loads(each) for each in said]
    return {name: sum(each["rate"] for each in found) if name == "rate" else max(each[name] for each in found)
            for name in ("rate", "p50", "p95")}  # fmt: skip


def main() -> None:
    """A share of the clients commits in this process: `_in_processes` begins it."""
    import django

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "legedialog.config.settings")
    django.setup()
    from legedialog.core import fence

    fence.process_is_system("bench")
    work = {"inside": _told_inside, "after": _told_after}[sys.argv[1]]
    figures = _commits(work, float(sys.argv[2]), int(sys.argv[3]))
    print(json.dumps({name: figures[name] for name in ("rate", "p50", "p95")}))


def _superuser() -> psycopg.Connection:
    """Of the server that `make bench` started: only such a one may change the delay."""
    return psycopg.connect(database._superuser(environment.folder() / "postgres"), autocommit=True)


def _told_inside(cursor: Any) -> None:
    cursor.execute("SELECT pg_notify('legedialog', %s)", [f"person:{uuid4()} 0"])


def _told_after(cursor: Any) -> None:
    from legedialog.core import events

    events.publish(f"person:{uuid4()}")


def idle(world: World, seconds: float = 4) -> tuple[float, float]:
    """Cores that the worker and PostgreSQL take while nobody asks for anything."""
    before = cpu.spent(world.worker), cpu.spent(world.meter.postgres)
    time.sleep(seconds)
    after = cpu.spent(world.worker), cpu.spent(world.meter.postgres)
    return (after[0] - before[0]) / seconds, (after[1] - before[1]) / seconds


def wait_until_sent() -> None:
    from django.utils import timezone

    from legedialog.core import fence
    from legedialog.outbox import delivery

    until = time.monotonic() + 120
    with fence.system("bench"):
        while (due_at := delivery.next_due()) and due_at <= timezone.now() and time.monotonic() < until:
            time.sleep(0.05)


def streams(world: World) -> Iterator[Row]:
    """So many open pages: KB of the server's for each, cores while nothing happens, and ms until a change is told."""
    number = 1000 if world.is_quick else PAGES
    resource.setrlimit(resource.RLIMIT_NOFILE, (resource.getrlimit(resource.RLIMIT_NOFILE)[1],) * 2)
    figures = asyncio.run(_pages(number, world.server))
    row = Row(f"{number:,} open pages, a change told to eight of them", figures)
    yield row.but(
        "< 15 KB each, < 1 core idle, told in < 200 ms",
        lambda found: found["KB each"] < 15 and found["cores idle"] < 1 and found["ms told, most"] < 200,
    )


async def _pages(number: int, server: int) -> dict[str, float]:
    from legedialog.core import events

    people = await asyncio.to_thread(_logins, -(-number // 8))
    # What the first pages of all take stays with the process: it is not of a page.
    for _, _, writer in await asyncio.gather(*(_page(*each) for each in people[:50])):
        writer.close()
    await asyncio.sleep(2)
    before = cpu.own(server)
    open_pages: list[tuple[UUID, asyncio.StreamReader, asyncio.StreamWriter]] = []
    for at in range(0, number, 50):
        some = [people[(at + n) // 8] for n in range(min(50, number - at))]
        open_pages += await asyncio.gather(*(_page(*each) for each in some))
    await asyncio.sleep(5)
    each = (cpu.own(server) - before) / number
    started, spent = time.monotonic(), cpu.spent(server)
    await asyncio.sleep(15)
    cores = (cpu.spent(server) - spent) / (time.monotonic() - started)
    took = []
    for person, *_ in people[:20]:
        mine = [reader for owner, reader, _ in open_pages if owner == person]
        told = time.monotonic()
        await asyncio.to_thread(events.publish, f"person:{person}")
        await asyncio.wait_for(asyncio.gather(*(_told(reader) for reader in mine)), 10)
        took.append((time.monotonic() - told) * 1000)
    for _, _, writer in open_pages:
        writer.close()
    took.sort()
    return {"KB each": each, "cores idle": cores, "ms told, p50": took[10], "ms told, most": took[-1]}


async def _page(person: UUID, token: str, line: str) -> tuple[UUID, asyncio.StreamReader, asyncio.StreamWriter]:
    reader, writer = await asyncio.open_connection("127.0.0.1", PORT, limit=4096)
    request = (
        f"GET /live/me/{line}/?seen={time.time() + 60:.0f} HTTP/1.1\r\nHost: localhost\r\n"
        f"Cookie: session={token}\r\n\r\n"
    )
    writer.write(request.encode())
    head = await reader.readuntil(b"\r\n\r\n")
    if b" 200 " not in head:
        raise load.WrongAnswer(head.decode())
    return person, reader, writer


async def _told(reader: asyncio.StreamReader) -> None:
    while not (await reader.readline()).startswith(b"data:"):
        pass


def _logins(number: int) -> list[tuple[UUID, str, str]]:
    """Each with her session and the line that her pages hear on."""
    from django.utils import timezone

    from legedialog.access import queries, seals
    from legedialog.access.actor import Assurance, Kind
    from legedialog.access.services import start_login
    from legedialog.patients.models import Person

    found = []
    for person_id in Person.objects.order_by("pk").values_list("pk", flat=True)[:number]:
        token, _ = start_login(
            kind=Kind.CITIZEN,
            holder_id=person_id,
            assurance=Assurance.HIGH,
            issuer="bench",
            sid=str(person_id),
            sub=str(person_id),
            user_agent="bench",
            replaces="",
            now=timezone.now(),
        )
        session = queries.session(token, timezone.now())
        assert session
        found.append((person_id, token, seals.mark(session.actor)))
    return found


if __name__ == "__main__":
    main()
