"""All in one for a single machine: database, worker and web server, watched until Ctrl-C."""

import contextlib
import os
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from pathlib import Path
from types import FrameType

from legedialog.operations import database

PATIENCE = 60  # seconds until the server must answer, and until it must have ended
TOO_SOON = 10  # seconds: a program that ends earlier than this,
TOO_OFTEN = 3  # this many times in a row, is broken and not unlucky

Say = Callable[[str], None]


class Problem(Exception):
    """One line for the person who started it."""


def check_port(address: str, port: int) -> None:
    with socket.socket(socket.AF_INET6 if ":" in address else socket.AF_INET) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((address, port))
            probe.listen()
        except OSError as error:
            raise Problem(
                f"Port {port} cannot be used: {error.strerror}. Choose another one, such as `make run PORT={port + 1}`."
            ) from error


class Program:
    """A command of ours in a process of its own, in a group that ends with it. Or another's: `command`, and without it
    everything else goes on."""

    def __init__(self, name: str, command: list[str] | None = None) -> None:
        self.name = name
        self.command = command or [sys.executable, "-m", "legedialog", name]
        self.is_needed = command is None
        self.failures = 0
        self.start()

    def start(self) -> None:
        command = self.command
        if shutil.which("setpriv"):  # Linux: when this process is killed, the program is told to end
            command = ["setpriv", "--pdeathsig", "TERM", *command]
        # Ctrl-C comes to us alone, so that the programs end in order.
        says = None if self.is_needed else subprocess.DEVNULL
        self.process = subprocess.Popen(command, start_new_session=True, stdin=subprocess.DEVNULL, stdout=says)
        self.started = time.monotonic()

    def has_ended(self) -> bool:
        return self.process.poll() is not None

    def end(self) -> None:
        if not self.has_ended():
            self.process.terminate()
            with contextlib.suppress(subprocess.TimeoutExpired):
                self.process.wait(PATIENCE)
        self.sweep()

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
    say: Say,
    beside: dict[str, list[str]] | None = None,
) -> None:
    """Web server and worker until a signal. What dies is started again, until it dies too often.

    `beside` are commands of others' programs by name: what runs without them goes on.
    """
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
        if _wait(address, port, programs, ended):
            when_ready()
        while not ended.wait(0.5):
            if data and not database.is_running(data):
                say("The database ended. Starting it again.")
                database.start(data)
            for program in programs:
                if program.has_ended() and (program.is_needed or program.failures < TOO_OFTEN):
                    _revive(program, say)
        say("Ending …")
    finally:
        for program in reversed(programs):
            program.end()


def _revive(program: Program, say: Say) -> None:
    code = program.process.returncode
    program.failures = program.failures + 1 if time.monotonic() - program.started < TOO_SOON else 0
    if program.failures == TOO_OFTEN and not program.is_needed:
        say(f"The {program.name} program ends just after its start, with code {code}. Going on without it.")
        return
    if program.failures == TOO_OFTEN:
        raise Problem(f"The {program.name} program ends just after its start, with code {code}. See the lines above.")
    say(f"The {program.name} program ended with code {code}. Starting it again.")
    program.sweep()
    program.start()


def _wait(address: str, port: int, programs: list[Program], ended: threading.Event) -> bool:
    """True when the server answers; False when a signal came first."""
    host = {"0.0.0.0": "127.0.0.1", "::": "[::1]"}.get(address, address)  # noqa: S104  compared, not bound
    until = time.monotonic() + PATIENCE
    while not ended.wait(0.1):
        for program in programs:
            if program.has_ended() and program.is_needed:
                raise Problem(f"The {program.name} program did not start. See the lines above.")
        try:
            with urllib.request.urlopen(f"http://{host}:{port}/health/ready", timeout=5):
                return True
        except (urllib.error.URLError, OSError):
            if time.monotonic() > until:
                raise Problem(f"The server does not answer on port {port}. See the lines above.") from None
    return False
