"""`make chaos`: people work while everything is killed, stalled and filled, and then the books are compared.

Through HTTP, against `legedialog serve` with a database of its own: bookings, messages, renewals, the office's answers,
and the notices that follow from them, to gateways that are servers too. What was answered with a receipt must be there
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
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import psycopg

from bench import gateways, promises, world  # the world sets the environment of a demo of its own
from bench.promises import UNSURE, Kind, Notices

VAR = world.ROOT / ".var" / "chaos"
DISK = 600  # MB of the disk that is filled
PAGE = world.ROOT / "docs" / "reliability.md"
LEAST = 60  # receipts of each kind without which a run shows nothing
CALM, BACK = 4.0, 120.0  # seconds of load between two faults; until the site must be ready again
SENT = 240.0  # seconds until all that is due has been sent; a worker's claim lasts 90


def main() -> None:
    os.environ |= {"LEGEDIALOG_VAR": str(VAR), "LEGEDIALOG_PROCESSES": "1", "LEGEDIALOG_THREADS": "8"}
    with _disk() as is_own:
        _run(is_own)


def _run(disk_is_own: bool) -> None:
    from legedialog.operations import environment

    notices = Notices(gateways.Sms(), gateways.Mail())
    os.environ |= {
        "LEGEDIALOG_SMS_URL": f"http://127.0.0.1:{notices.sms.server_address[1]}/",
        "LEGEDIALOG_SMS_TOKEN": "chaos",
        "LEGEDIALOG_SMTP_HOST": "127.0.0.1",
        "LEGEDIALOG_SMTP_PORT": str(notices.mail.server_address[1]),
        "LEGEDIALOG_SMTP_SECURITY": "none",
        "LEGEDIALOG_MAIL_FROM": "beskjed@lege.example.no",
    }
    with environment.ready():
        from django.conf import settings
        from django.db import connections

        from legedialog.demo import crowd
        from legedialog.operations import migrate

        settings.DATABASES["default"]["CONN_MAX_AGE"] = 0
        migrate.prepare()
        crowd.grow(200, say=lambda done, total: None)
        work = promises.prepare(world.patients(each=160))
        connections.close_all()
        kinds, over = [kind for kind, _ in work], threading.Event()
        site = Site(notices)
        site.start()
        people = [
            threading.Thread(target=kind.work, args=(turns, number, over))
            for kind, shares in work
            for number, turns in enumerate(shares)
        ]
        rows = []
        faults = FAULTS if disk_is_own else {name: do for name, do in FAULTS.items() if "disk" not in name}
        is_drained = False
        try:
            site.wait()
            for each in people:
                each.start()
            for name, do in faults.items():
                time.sleep(CALM)
                before = _sums(kinds)
                begun = time.monotonic()
                do(site)
                away = site.wait(begun)
                time.sleep(CALM)
                after = _sums(kinds)
                rows.append((name, away, after[0] - before[0], after[1] - before[1]))
                print(f"{name}: {away:.1f} s", flush=True)
        finally:
            over.set()
            for each in people:
                if each.is_alive():
                    each.join()
            connections.close_all()
            is_whole = len(rows) == len(faults)
            is_drained = is_whole and notices.drained(SENT)
            found = {kind.name: kind.compared() for kind in kinds} | {"notices": notices.compared()} if is_whole else {}
            untold = notices.untold(kinds[0]) if is_whole else 0
            connections.close_all()
            site.end()
    if not found:
        sys.exit("It did not come to its end.")
    for kind in kinds:
        if len(kind.kept) < LEAST:
            sys.exit(f"Only {len(kind.kept)} receipts of {kind.name}: it shows nothing. {dict(kind.answers)}")
    again = sum(number - 1 for number in notices.sms.taken.ids.values())
    _write(rows, found, len(people), untold, again)
    if any(each["lost"] or each["twice"] for each in found.values()) or untold or not is_drained:
        sys.exit("Something acknowledged is lost, something is there twice, or notices that are due were not sent.")


def _sums(kinds: list[Kind]) -> tuple[int, int]:
    return sum(len(kind.kept) for kind in kinds), sum(len(kind.perhaps) for kind in kinds)


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

    def __init__(self, notices: Notices) -> None:
        self.notices = notices

    def start(self) -> None:
        with (world.ROOT / ".var" / "chaos.log").open("ab") as log:
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
        line = http.client.HTTPConnection("127.0.0.1", world.PORT, timeout=6)
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


def _locked(site: Site) -> None:
    """Every page waits for the table of logins."""
    with _owner() as connection, connection.transaction():
        connection.execute("LOCK TABLE access_login")
        time.sleep(15)


def _used_up(site: Site) -> None:
    """Somebody else has all the connections of the database."""
    held = []
    with contextlib.suppress(psycopg.OperationalError):
        while True:
            held.append(_owner())
    time.sleep(10)
    for each in held:
        each.close()


def _owner() -> psycopg.Connection:
    from legedialog.operations import database

    return psycopg.connect(database.url(VAR / "postgres"), autocommit=True)


def _slow_mail(site: Site) -> None:
    site.notices.mail.taken.pause = 9.5  # each answer within our limit, and the talk never
    time.sleep(40)
    site.notices.mail.taken.pause = 0


def _silent_sms(site: Site) -> None:
    site.notices.sms.taken.pause = 20
    time.sleep(15)
    site.notices.sms.taken.pause = 0


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
    "the table of logins is locked for 15 s": _locked,
    "somebody has all the database's connections for 10 s": _used_up,
    "the mail server answers each command after 9.5 s for 40 s": _slow_mail,
    "the SMS gateway takes and does not answer for 15 s": _silent_sms,
    "the disk is full for 15 s": _full_disk,
}


def _write(
    rows: list[tuple[str, float, int, int]],
    found: dict[str, dict[str, int]],
    writers: int,
    untold: int,
    again: int,
) -> None:
    lines = [
        "# What survives",
        "",
        f"Made by `make chaos` on {datetime.now(UTC):%Y-%m-%d}: {writers} people at once book, write, order and",
        "answer by HTTP against `legedialog serve`, and its worker sends the notices to a gateway and a mail server,",
        "while this happens. *Ready again* is counted from its beginning; some last for a while themselves.",
        "",
        "| what happens | ready again after | receipts meanwhile | no answer |",
        "| --- | ---: | ---: | ---: |",
        *(f"| {name} | {away:.1f} s | {receipts} | {unsure} |" for name, away, receipts, unsure in rows),
        "",
        "What got a receipt must be there once; what got no answer may be there once. Of a notice the receipt is that",
        "it is *sent*, and no answer that it is *perhaps sent*: an e-mail is not given again, and the office sees it.",
        "",
        "| what | receipts | lost | twice | no answer | of those there |",
        "| --- | ---: | ---: | ---: | ---: | ---: |",
        *(f"| {name} | {' | '.join(str(number) for number in each.values())} |" for name, each in found.items()),
        "",
        f"Of the bookings with a receipt {untold} have no notice or more than one. {again} times an SMS was given to",
        "the gateway again under its own id, which it takes once.",
        "",
    ]
    PAGE.write_text("\n".join(lines), encoding="utf-8")
    print("\n".join(lines[6:]))


if __name__ == "__main__":
    main()
