"""All in one for a single machine: database, worker and web server, watched until Ctrl-C.

It never gives up: what ends is started again, later and later while that does not help, and what lives is left alone.
"""

import contextlib
import errno
import http.client
import os
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from types import FrameType

import structlog
from django.conf import settings
from django.db import DatabaseError, connection

from legedialog.operations import database

PATIENCE = 60  # seconds until a program must have ended
GOOD = 30  # seconds: a program that lives so long has started well
FIRST, LONGEST = 1, 60  # seconds to the next try: doubled each time
LOOK = 2  # seconds between two looks at the database, and at the code
PACKAGE = Path(__file__).resolve().parents[1]
WATCHED = {".py", ".html", ".po", ".css", ".js", ".mjs", ".svg", ".txt", ".typ"}

log = structlog.get_logger("legedialog.serve")


class Problem(Exception):
    """One line for the person who started it."""


def check_port(address: str, port: int, *, name: str = "PORT") -> None:
    """Raises Problem, which names the setting that is to blame."""
    try:
        address = socket.getaddrinfo(address, port, type=socket.SOCK_STREAM)[0][4][0]  # type: ignore[assignment]
    except OSError as error:
        raise Problem(f"LEGEDIALOG_BIND: {address} is no address of this machine: {error.strerror}.") from error
    with socket.socket(socket.AF_INET6 if ":" in address else socket.AF_INET) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((address, port))
            probe.listen()
        except OSError as error:
            if error.errno == errno.EADDRNOTAVAIL:
                raise Problem(f"LEGEDIALOG_BIND: this machine has no address {address}.") from error
            raise Problem(
                f"Port {port} cannot be used: {error.strerror}. Choose another one, such as {name}={port % 65535 + 1}."
            ) from error


def check_ports() -> None:
    """Those of the settings."""
    check_port(settings.BIND, settings.PORT)
    if settings.METRICS_PORT:
        check_port("127.0.0.1", settings.METRICS_PORT, name="LEGEDIALOG_METRICS_PORT")


class Again:
    """When to try next: after 1, 2, 4 … `longest` seconds, and from 1 anew when it has gone well for a while."""

    def __init__(self, longest: int = LONGEST) -> None:
        self.longest = longest
        self.wait = 0
        self.at = time.monotonic()

    def is_due(self) -> bool:
        return time.monotonic() >= self.at

    def tried(self) -> int:
        """Seconds until the next try after this one."""
        now = time.monotonic()
        calm = now - self.at > GOOD
        self.wait = FIRST if calm or not self.wait else min(2 * self.wait, self.longest)
        self.at = now + self.wait
        return self.wait


def wait_for_database() -> None:
    """Returns when the database of the settings answers, however long that takes."""
    again = Again()
    while True:
        try:
            connection.ensure_connection()
        except DatabaseError:
            log.error("the database does not answer", again_in=again.tried())
            time.sleep(again.wait)
        else:
            connection.close()
            return


class Program:
    """A command of ours in a process of its own, in a group that ends with it. Or another's: `command`."""

    def __init__(self, name: str, command: list[str] | None = None) -> None:
        self.name = name
        self.command = command or [sys.executable, "-m", "legedialog", name]
        self.is_ours = command is None
        self.again = Again()
        self.start()

    def start(self) -> None:
        command = self.command
        if shutil.which("setpriv"):  # Linux: when this process is killed, the program is told to end
            command = ["setpriv", "--pdeathsig", "TERM", *command]
        # Ctrl-C comes to us alone, so that the programs end in order.
        says = None if self.is_ours else subprocess.DEVNULL
        environment = None if self.is_ours else database.ENVIRONMENT
        self.process = subprocess.Popen(
            command, start_new_session=True, stdin=subprocess.DEVNULL, stdout=says, env=environment
        )
        self.is_told = False

    def has_ended(self) -> bool:
        return self.process.poll() is not None

    def end(self) -> None:
        if not self.has_ended():
            self.process.terminate()
            with contextlib.suppress(subprocess.TimeoutExpired):
                self.process.wait(PATIENCE)
        self.sweep()

    def anew(self) -> None:
        """With the code of now. Another's has none of ours."""
        if self.is_ours:
            self.end()
            self.start()

    def sweep(self) -> None:
        """End what a killed program left in its group."""
        try:
            os.killpg(self.process.pid, signal.SIGKILL)
        except ProcessLookupError:
            return
        self.process.wait()


def run(
    *,
    address: str,
    port: int,
    data: Path | None,
    when_ready: Callable[[], None],
    beside: dict[str, list[str]] | None = None,
    changed: Callable[[], bool] | None = None,
) -> None:
    """Web server and worker until a signal, and anew when the code has `changed`. `beside` are commands of others'
    programs by name."""
    ended = threading.Event()

    def end(number: int, frame: FrameType | None) -> None:
        ended.set()

    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, end)
    programs: list[Program] = []
    try:
        for name in ("worker", "web"):
            programs.append(Program(name))
        programs += [Program(name, command) for name, command in (beside or {}).items()]
        watching = _Database(data) if data else None
        is_ready = False
        while not ended.wait(0.2):
            if watching:
                watching.look()
            if changed and changed():
                log.info("the code has changed")
                for program in programs:
                    program.anew()
            for program in programs:
                _look_after(program)
            if not is_ready and _is_ready(address, port):
                is_ready = True
                when_ready()
        log.info("ending")
    finally:
        for program in reversed(programs):
            program.end()


class Changes:
    """Whether a file of the code is another than at the last look. What is made of it is made first: see Makefile."""

    def __init__(self, folder: Path = PACKAGE, made: Sequence[str] = ("make", "--silent", ".cache/static")) -> None:
        self.folder, self.made = folder, made
        self.next_look = 0.0
        self.seen = self.now()

    def now(self) -> dict[Path, float]:
        files = (file for file in self.folder.rglob("*.*") if file.suffix in WATCHED and "tests" not in file.parts)
        found = {}
        for file in files:
            with contextlib.suppress(OSError):  # gone meanwhile
                found[file] = file.stat().st_mtime
        return found

    def __call__(self) -> bool:
        if time.monotonic() < self.next_look:
            return False
        self.next_look = time.monotonic() + LOOK
        if self.now() == self.seen:
            return False
        if subprocess.run(self.made, cwd=self.folder.parent).returncode:
            log.error("what is made of the code could not be made; the old stays")
        self.seen = self.now()  # with what was made
        return True


class _Database:
    """The embedded server: started again when it has ended, and left alone while it lives."""

    def __init__(self, data: Path) -> None:
        self.data = data
        self.next_look = 0.0
        self.again = Again(15)  # pages wait for it

    def look(self) -> None:
        now = time.monotonic()
        if now < self.next_look or not self.again.is_due():
            return
        self.next_look = now + LOOK
        try:
            database.rotate_log(self.data)
            if database.is_running(self.data):
                return
            log.warning("the database does not answer")
            if not self.data.exists():  # a disk that is not mounted must not become a new, empty database
                raise database.DatabaseProblem(f"The database folder {self.data} is gone.")
            database.start(self.data, patience=LOOK)
            self.again.tried()
            log.warning("the database answers again")
        except (database.DatabaseProblem, OSError) as problem:
            log.error("the database cannot be used", problem=str(problem), again_in=self.again.tried())


def _look_after(program: Program) -> None:
    if not program.has_ended():
        return
    if not program.is_told:
        program.is_told = True
        code, again_in = program.process.returncode, program.again.tried()
        log.warning("a program ended and is started again", program=program.name, code=code, again_in=again_in)
        program.sweep()
    if program.again.is_due():
        try:
            program.start()
        except OSError as error:  # no memory or no process left at the moment
            log.error("a program cannot be started", program=program.name, error=error.strerror)
            program.again.tried()


def _is_ready(address: str, port: int) -> bool:
    host = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(address, address)  # noqa: S104  compared, not bound
    connection = http.client.HTTPConnection(host, port, timeout=2)
    try:
        connection.request("GET", "/health/ready")
        return connection.getresponse().status == http.client.OK
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()
