"""`make chaos`: people book while everything is killed, stalled and filled, and then the books are compared.

Through HTTP, against `legedialog serve` with a database of its own. What was answered with a receipt must be there
once; what got no answer may be there once ("perhaps"); nothing may be there twice. Writes docs/reliability.md.
"""

import contextlib
import http.client
import os
import signal
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from bench import __main__ as bench  # sets the environment of a demo of its own
from bench import load

VAR = bench.ROOT / ".var" / "chaos"
DISK = 600  # MB of the disk that is filled
PAGE = bench.ROOT / "docs" / "reliability.md"
WRITERS = 6
LEAST = 100  # receipts without which a run shows nothing
CALM, BACK = 4.0, 120.0  # seconds of load between two faults; until the site must be ready again
UNSURE = (OSError, http.client.HTTPException)


@dataclass
class Books:
    """What people were told. A booking is (calendar, start), a message its words."""

    bookings: dict[tuple[str, str], str] = field(default_factory=dict)  # who has the receipt
    perhaps: set[tuple[str, str, str]] = field(default_factory=set)
    answers: Counter[str] = field(default_factory=Counter)
    lock: threading.Lock = field(default_factory=threading.Lock)


def main() -> None:
    os.environ["LEGEDIALOG_VAR"] = str(VAR)
    with _disk() as is_own:
        _run(is_own)


def _run(disk_is_own: bool) -> None:
    from legedialog.operations import environment

    with environment.ready():
        from django.conf import settings
        from django.db import connections

        from legedialog.demo import engine as demo
        from legedialog.operations import migrate

        settings.DATABASES["default"]["CONN_MAX_AGE"] = 0
        migrate.prepare()
        demo.grow(200, say=lambda done, total: None)
        patients = bench._patients()
        connections.close_all()
        site, books, over = Site(), Books(), threading.Event()
        site.start()
        shares = [patients[number::WRITERS] for number in range(WRITERS)]
        people = [
            threading.Thread(target=_books, args=(share, number, books, over)) for number, share in enumerate(shares)
        ]
        rows = []
        faults = FAULTS if disk_is_own else {name: do for name, do in FAULTS.items() if "disk" not in name}
        try:
            site.wait()
            for each in people:
                each.start()
            for name, do in faults.items():
                time.sleep(CALM)
                before = len(books.bookings), len(books.perhaps)
                begun = time.monotonic()
                do(site)
                away = site.wait(begun)
                time.sleep(CALM)
                rows.append((name, away, len(books.bookings) - before[0], len(books.perhaps) - before[1]))
                print(f"{name}: {away:.1f} s", flush=True)
        finally:
            over.set()
            for each in people:
                if each.is_alive():
                    each.join()
            connections.close_all()
            found = _compare(books) if len(rows) == len(faults) else None
            connections.close_all()
            site.end()
    if found is None:
        sys.exit("It did not come to its end.")
    if found["receipts"] < LEAST:
        sys.exit(f"Only {found['receipts']} receipts: it shows nothing. {dict(books.answers)}")
    _write(rows, books, found)
    if any(found[name] for name in ("lost", "twice", "to another", "told twice")):
        sys.exit("Something acknowledged is lost, or something is there twice.")


@contextlib.contextmanager
def _disk() -> Iterator[bool]:
    """A small disk for the data, when we may mount one."""
    VAR.mkdir(parents=True, exist_ok=True)
    mount = ["mount", "-t", "tmpfs", "-o", f"size={DISK}m", "tmpfs", str(VAR)]
    is_own = subprocess.run(mount, check=False).returncode == 0
    try:
        yield is_own
    finally:
        if is_own:
            subprocess.run(["umount", "--lazy", str(VAR)], check=True)


class Site:
    """`legedialog serve`, its processes, and whether it is ready."""

    def start(self) -> None:
        with (bench.ROOT / ".var" / "chaos.log").open("ab") as log:
            command = [str(Path(sys.executable).with_name("legedialog")), "serve"]
            own = {name: value for name, value in os.environ.items() if name != "DATABASE_URL"}  # it keeps its own
            self.process = subprocess.Popen(command, stdout=log, stderr=log, start_new_session=True, env=own)

    def end(self) -> None:
        self.process.terminate()
        self.process.wait(90)

    def wait(self, begun: float | None = None) -> float:
        """Seconds from `begun` until it has been ready three times in a row."""
        begun = time.monotonic() if begun is None else begun
        good, since = 0, begun
        while time.monotonic() - begun < BACK:
            is_good = self._is_ready()
            if is_good and not good:
                since = time.monotonic()
            good = good + 1 if is_good else 0
            if good == 3:
                return since - begun
            time.sleep(0.4)
        raise SystemExit(f"The site was not ready again after {BACK:.0f} s.")

    def _is_ready(self) -> bool:
        line = http.client.HTTPConnection("127.0.0.1", bench.PORT, timeout=6)
        try:
            line.request("GET", "/health/ready")
            return line.getresponse().status == 200
        except UNSURE:
            return False
        finally:
            line.close()

    def children(self, of: int) -> list[int]:
        found = []
        for status in Path("/proc").glob("[0-9]*/stat"):
            with contextlib.suppress(OSError, ValueError):
                parent = int(status.read_text().rpartition(")")[2].split()[1])
                if parent == of:
                    found.append(int(status.parent.name))
        return found

    def program(self, name: str) -> int:
        """The process of `legedialog NAME`."""
        while True:
            for number in self.children(self.process.pid):
                with contextlib.suppress(OSError):
                    if Path(f"/proc/{number}/cmdline").read_bytes().split(b"\0")[-2] == name.encode():
                        return number
            time.sleep(0.2)

    def database(self) -> list[int]:
        """The server and its children, the server first."""
        from legedialog.operations import database

        return database._living((VAR / "postgres").resolve())

    def all(self) -> list[int]:
        programs = self.children(self.process.pid)
        return [self.process.pid, *programs, *(each for one in programs for each in self.children(one))]


def _kill(*numbers: int) -> None:
    for number in numbers:
        with contextlib.suppress(ProcessLookupError):
            os.kill(number, signal.SIGKILL)


def _supervisor(site: Site) -> None:
    _kill(site.process.pid)
    site.process.wait()
    time.sleep(2)  # its programs are told to end
    site.start()


def _everything(site: Site) -> None:
    _kill(*site.all(), *site.database())
    site.process.wait()
    time.sleep(1)
    site.start()


def _stall(site: Site) -> None:
    numbers = site.database()
    for number in numbers:
        os.kill(number, signal.SIGSTOP)
    time.sleep(14)
    for number in numbers:
        with contextlib.suppress(ProcessLookupError):
            os.kill(number, signal.SIGCONT)


def _full_disk(site: Site) -> None:
    filler = VAR / "filler"
    with contextlib.suppress(OSError), filler.open("wb", buffering=0) as file:
        while True:
            file.write(bytes(2**20))
    time.sleep(15)
    filler.unlink()


FAULTS: dict[str, Callable[[Site], None]] = {
    "`kill -9` of a database backend": lambda site: _kill(site.database()[-1]),
    "`kill -9` of the database server": lambda site: _kill(site.database()[0]),
    "`kill -9` of all of the database": lambda site: _kill(*site.database()),
    "`kill -9` of a process that makes pages": lambda site: _kill(*site.children(site.program("web"))),
    "`kill -9` of the web server": lambda site: _kill(site.program("web")),
    "`kill -9` of the worker": lambda site: _kill(site.program("worker")),
    "`kill -9` of the supervisor": _supervisor,
    "`kill -9` of everything at once": _everything,
    "the database stalls for 14 s": _stall,
    "the disk is full for 15 s": _full_disk,
}


def _books(patients: list[dict[str, Any]], number: int, books: Books, over: threading.Event) -> None:
    """One after the other books a free time; two may want the same one."""
    from legedialog.appointments.picker import time_value

    starts = {patient["calendar"]: iter(bench._starts(range(1, 26))[number % 2 :: 2]) for patient in patients}
    at = 0
    while not over.is_set():
        patient = patients[at % len(patients)]
        at += 1
        start = next(starts[patient["calendar"]], None)
        if start is None:
            return
        what = str(patient["calendar"]), start.isoformat()
        client = load.Client(bench.PORT, patient["session"], at)
        try:
            _, page, _ = client.ask("GET", "/timeavtaler/bestill/")
            status = bench._book(client, load.token(page), time_value(patient["calendar"], start))
        except UNSURE:
            status = 0
        except IndexError:
            status = 500
        finally:
            if client.connection:
                client.connection.close()
        with books.lock:
            books.answers[str(status)] += 1
            if status == 302:
                books.bookings[what] = str(patient["person"]) if what not in books.bookings else "two receipts"
            elif status == 0 or status >= 500:
                books.perhaps.add((*what, str(patient["person"])))
        time.sleep(0.4)


def _compare(books: Books) -> dict[str, int]:
    from django.db.models import Count

    from legedialog.appointments.models import Appointment, Status
    from legedialog.outbox.models import Notification

    booked = Appointment.objects.filter(status=Status.BOOKED)
    rows = {
        (str(calendar), start.isoformat()): str(patient)
        for calendar, start, patient in booked.values_list("calendar", "starts_at", "patient")
    }
    given = books.bookings
    ours = {(calendar, start): who for calendar, start, who in books.perhaps}
    notices = Notification.objects.filter(event="appointment.booked").values("object_id", "recipient")
    return {
        "receipts": len(given),
        "lost": sum(what not in rows for what in given),
        "to another": sum(what in rows and rows[what] != who for what, who in given.items()),
        "twice": booked.values("calendar", "starts_at").annotate(number=Count("pk")).filter(number__gt=1).count(),
        "told twice": notices.annotate(number=Count("pk")).filter(number__gt=1).count(),
        "perhaps": len(books.perhaps),
        "perhaps, and there": sum(what in rows and rows[what] == who for what, who in ours.items()),
    }


def _write(rows: list[tuple[str, float, int, int]], books: Books, found: dict[str, int]) -> None:
    lines = [
        "# What survives",
        "",
        f"Made by `make chaos` on {datetime.now(UTC):%Y-%m-%d}: {WRITERS} people at once book by HTTP against",
        "`legedialog serve`, while this happens. *Ready again* is counted from the beginning of the fault; two of them",
        "last for 14 and 15 s themselves. What got a receipt must be there once; what got no answer may be there once.",
        "",
        "| what happens | ready again after | receipts meanwhile | no answer |",
        "| --- | ---: | ---: | ---: |",
        *(f"| {name} | {away:.1f} s | {receipts} | {unsure} |" for name, away, receipts, unsure in rows),
        "",
        f"Of {found['receipts']} receipts {found['lost']} were lost and {found['to another']} went to another;"
        f" {found['twice']} times are booked twice, {found['told twice']} bookings are told twice."
        f" {found['perhaps']} got no answer, and {found['perhaps, and there']} of those are booked all the same.",
        "",
    ]
    PAGE.write_text("\n".join(lines), encoding="utf-8")
    print("\n".join(lines[4:]))


if __name__ == "__main__":
    main()
