"""What telling costs: commits with one live event at a slow disk, the worker's part of a booking, and open pages.

Joined to `make bench`; `python -m bench.outbox` measures these alone, on a small population. `PAGES` (10,000).
"""

import asyncio
import os
import resource
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import psycopg

from bench import load
from legedialog.operations import database, environment

CLIENTS = 8
FLUSH = 5000  # microseconds: commit_delay stands in for a network disk or a synchronous replica
NAME = "bench worker"

Row = tuple[str, str, dict[str, Any]]


def rows(patients: list[dict[str, Any]], book: list[Callable[[], str]], seconds: float) -> Iterator[Row]:
    """(what, of which floor, figures)."""
    before, after = (_commits(work, seconds) for work in (_told_inside, _told_after))
    yield "commit with one live event at a flush of 5 ms, told inside the transaction (as it was)", "", before
    yield "commit with one live event at a flush of 5 ms", "", after
    yield _worker(book, seconds)


def _commits(work: Callable[[Any], None], seconds: float) -> dict[str, Any]:
    """A row of a table without rules, so that nothing else is measured."""
    from django.db import connection, connections, transaction

    role = connections["default"].settings_dict["USER"]
    with connections["owner"].cursor() as owner:
        owner.execute("DROP TABLE IF EXISTS bench_commit")
        owner.execute("CREATE TABLE bench_commit (id uuid PRIMARY KEY)")
        owner.execute(f'GRANT INSERT ON bench_commit TO "{role}"')
    with _superuser() as superuser:
        superuser.execute(f'GRANT SET ON PARAMETER commit_delay TO "{role}"')

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

    figures = load.measure([action() for _ in range(CLIENTS)], seconds=seconds)
    with connections["owner"].cursor() as owner:
        owner.execute("DROP TABLE bench_commit")
    with _superuser() as superuser:
        superuser.execute(f'REVOKE SET ON PARAMETER commit_delay FROM "{role}"')
    return figures


def _superuser() -> psycopg.Connection:
    """Of the server that `make bench` started: only such a one may change the delay."""
    return psycopg.connect(database._superuser(environment.folder() / "postgres"), autocommit=True)


def _told_inside(cursor: Any) -> None:
    cursor.execute("SELECT pg_notify('legedialog', %s)", [f"person:{uuid4()} 0"])


def _told_after(cursor: Any) -> None:
    from legedialog.core import events

    events.publish(f"person:{uuid4()}")


def _worker(book: list[Callable[[], str]], seconds: float) -> Row:
    """The real worker beside the bookings: its own CPU and that of its connections, less what it takes when idle."""
    with _running() as worker:
        time.sleep(8)  # it has begun, and sent what was due
        begun = _spent(worker)
        time.sleep(5)
        idle = [(after - before) / 5 for before, after in zip(begun, _spent(worker), strict=True)]
        before, started = _spent(worker), time.monotonic()
        figures: dict[str, Any] = load.measure(book, seconds=seconds)
        _wait_until_sent()
        took = time.monotonic() - started
        python, postgres = (
            (after - before - each * took) * 1000 / max(1, figures["outcomes"].get("booked", 0))
            for before, after, each in zip(before, _spent(worker), idle, strict=True)
        )
    figures |= {"worker_python_ms": round(python, 2), "worker_postgres_ms": round(postgres, 2)}
    name = f"book: use cases; for each the worker takes {python:.2f} ms and {postgres:.2f} in PostgreSQL"
    return name, "book", figures


@contextmanager
def _running() -> Iterator[int]:
    command = [str(Path(sys.executable).with_name("legedialog")), "worker"]
    process = subprocess.Popen(command, env=os.environ | {"PGAPPNAME": NAME})
    try:
        yield process.pid
    finally:
        process.terminate()
        process.wait(60)


def _spent(worker: int) -> tuple[float, float]:
    """Seconds of CPU until now: the process's, and those of its connections."""
    from django.db import connections

    fields = Path(f"/proc/{worker}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()
    python = (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
    with connections["owner"].cursor() as cursor:
        cursor.execute("SELECT pid FROM pg_stat_activity WHERE application_name IN (%s, 'legedialog worker')", [NAME])
        pids = [pid for (pid,) in cursor.fetchall()]
    return python, sum(int(Path(f"/proc/{pid}/schedstat").read_text().split()[0]) for pid in pids) / 1e9


def _wait_until_sent() -> None:
    from django.utils import timezone

    from legedialog.core import fence
    from legedialog.outbox import delivery

    with fence.system("bench"):
        while (due_at := delivery.next_due()) and due_at <= timezone.now():
            time.sleep(0.05)


def pages(port: int, number: int, server: int) -> dict[str, float]:
    """So many open pages: KB of the server's for each, cores while nothing happens, and ms until a change is told."""
    resource.setrlimit(resource.RLIMIT_NOFILE, (resource.getrlimit(resource.RLIMIT_NOFILE)[1],) * 2)
    return asyncio.run(_pages(port, number, server))


async def _pages(port: int, number: int, server: int) -> dict[str, float]:
    from legedialog.core import events

    people = await asyncio.to_thread(_logins, -(-number // 8))
    before = _memory(server)
    open_pages: list[tuple[UUID, asyncio.StreamReader, asyncio.StreamWriter]] = []
    for at in range(0, number, 50):
        some = [people[(at + n) // 8] for n in range(min(50, number - at))]
        open_pages += await asyncio.gather(*(_page(port, *each) for each in some))
    await asyncio.sleep(5)
    each = (_memory(server) - before) / number
    started, cpu = time.monotonic(), _cpu(server)
    await asyncio.sleep(30)
    cores = (_cpu(server) - cpu) / (time.monotonic() - started)
    took = []
    for person, _ in people[:20]:
        mine = [reader for owner, reader, _ in open_pages if owner == person]
        told = time.monotonic()
        await asyncio.to_thread(events.publish, f"person:{person}")
        await asyncio.gather(*(_told(reader) for reader in mine))
        took.append((time.monotonic() - told) * 1000)
    for _, _, writer in open_pages:
        writer.close()
    took.sort()
    return {"pages": number, "kb_each": each, "idle_cores": cores, "told_p50": took[10], "told_most": took[-1]}


async def _page(port: int, person: UUID, token: str) -> tuple[UUID, asyncio.StreamReader, asyncio.StreamWriter]:
    reader, writer = await asyncio.open_connection("127.0.0.1", port, limit=4096)
    request = (
        f"GET /live/me/?seen={time.time() + 60:.0f} HTTP/1.1\r\nHost: localhost\r\nCookie: session={token}\r\n\r\n"
    )
    writer.write(request.encode())
    head = await reader.readuntil(b"\r\n\r\n")
    if b" 200 " not in head:
        raise load.WrongAnswer(head.decode())
    return person, reader, writer


async def _told(reader: asyncio.StreamReader) -> None:
    while not (await reader.readline()).startswith(b"data:"):
        pass


def _logins(number: int) -> list[tuple[UUID, str]]:
    from django.utils import timezone

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
        found.append((person_id, token))
    return found


def _family(pid: int) -> list[int]:
    children = Path(f"/proc/{pid}/task/{pid}/children").read_text(encoding="utf-8").split()
    return [pid, *(each for child in children for each in _family(int(child)))]


def _memory(server: int) -> float:
    """KB that are the processes' own."""
    total = 0
    for pid in _family(server):
        for line in Path(f"/proc/{pid}/smaps_rollup").read_text(encoding="utf-8").splitlines():
            if line.startswith("Pss:"):
                total += int(line.split()[1])
    return total


def _cpu(server: int) -> float:
    fields = [Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split() for pid in _family(server)]
    return sum(int(each[11]) + int(each[12]) for each in fields) / os.sysconf("SC_CLK_TCK")


def main() -> None:
    from bench import __main__ as bench

    number, persons = int(os.environ.get("PAGES", "10000")), int(os.environ.get("PERSONS", "2000"))
    os.environ |= {"LEGEDIALOG_PROCESSES": "2", "LEGEDIALOG_STREAMS": str(number)}
    data = environment.embedded()
    if data and data.exists():
        database.remove(data)
    with environment.ready():
        from legedialog.demo import engine as demo  # only now: the environment stands
        from legedialog.operations import migrate

        migrate.prepare()
        demo.grow(persons, say=lambda done, total: None)
        patients = bench._patients()
        book = bench._use_cases(bench._one_of_each_list(patients), range(1, 5))
        for name, _of, figures in rows(patients, book, float(os.environ.get("SECONDS", "6"))):
            print(name, {key: value for key, value in figures.items() if key != "outcomes"}, flush=True)
        resource.setrlimit(resource.RLIMIT_NOFILE, (resource.getrlimit(resource.RLIMIT_NOFILE)[1],) * 2)
        server = bench._serve()
        try:
            print(pages(bench.PORT, number, server.pid), flush=True)
        finally:
            server.terminate()
            server.wait(30)


if __name__ == "__main__":
    main()
