"""`python -m bench.statements`: CPU of a statement, here and in its PostgreSQL, prepared and not, on a small database.

CPU time and not the clock, so that other work on the machine disturbs little. Adds its rows to bench/results.md.
"""

import os
import time
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
TURNS = 400
START, END = "<!-- statements -->", "<!-- /statements -->"


def main() -> None:
    from bench import __main__ as bench  # sets the environment before Django reads it
    from legedialog.operations import database, environment

    data = environment.embedded()
    if data and data.exists():
        database.remove(data)
    with environment.ready():
        from django.db import connection, transaction
        from django.utils import timezone

        from legedialog.access import queries
        from legedialog.appointments.models import Appointment
        from legedialog.core import fence
        from legedialog.demo import engine
        from legedialog.operations import migrate

        migrate.prepare()
        engine.grow(int(os.environ.get("PERSONS", "2000")), say=lambda done, total: None)
        patient: dict[str, Any] = bench._patients()[0]
        person, token, now = patient["person"], patient["session"], timezone.now()

        def look_up() -> None:
            with fence.system("who the cookie belongs to is not known yet"):
                queries.session(token, now)

        def own() -> None:
            with fence.works_for(person):
                list(Appointment.objects.filter(patient=person).values_list("id", "starts_at", "status"))

        def page() -> None:
            look_up()
            for _ in range(10):
                own()

        def one() -> None:
            with transaction.atomic():
                page()

        jobs: list[tuple[str, Callable[[], None]]] = [
            ("session, person and level (a Statement)", look_up),
            ("own appointments (the ORM, values_list)", own),
            ("eleven statements, a transaction each", page),
            ("the same in one transaction", one),
        ]
        connection.ensure_connection()
        rows = []
        for name, job in jobs:
            for prepared, threshold in (("no", None), ("yes", 2)):
                connection.connection.prepare_threshold = threshold
                rows.append((name, prepared, *_cpu(job, connection.connection.info.backend_pid)))
    _write(rows)


def _cpu(job: Callable[[], None], backend: int) -> tuple[float, float]:
    """Milliseconds in this thread, and in the backend."""
    for _ in range(20):
        job()
    mine, its = time.thread_time(), _of(backend)
    for _ in range(TURNS):
        job()
    return (time.thread_time() - mine) / TURNS * 1000, (_of(backend) - its) / TURNS * 1000


def _of(backend: int) -> float:
    """Seconds that the process has run. Source: Documentation/scheduler/sched-stats of Linux."""
    return int(Path(f"/proc/{backend}/schedstat").read_text(encoding="utf-8").split()[0]) / 1e9


def _write(rows: list[tuple[str, str, float, float]]) -> None:
    lines = [
        START,
        "",
        "## Statements (`python -m bench.statements`)",
        "",
        f"{date.today()}, CPU ms of each, {TURNS} times, on a machine with other work beside it.",  # noqa: DTZ011
        "",
        "| what | prepared | Python | PostgreSQL |",
        "| --- | --- | ---: | ---: |",
        *(f"| {name} | {prepared} | {mine:.2f} | {its:.2f} |" for name, prepared, mine, its in rows),
        "",
        END,
    ]
    text = "\n".join(lines)
    file = ROOT / "bench" / "results.md"
    before, _, rest = file.read_text(encoding="utf-8").partition(START)
    _, _, after = rest.partition(END)
    file.write_text(f"{before.rstrip()}\n\n{text}\n{after.lstrip()}", encoding="utf-8")
    print(text)


if __name__ == "__main__":
    main()
