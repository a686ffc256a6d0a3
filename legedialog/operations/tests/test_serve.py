"""The supervisor: what ends is started again, what lives is left alone, and nothing makes it give up."""

import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import psycopg
import pytest
from django.db import OperationalError

from legedialog.operations import database, serve
from legedialog.operations.tests.databases import postmaster, signal_all


class Clock:
    def __init__(self) -> None:
        self.now = 1000.0

    def monotonic(self) -> float:
        return self.now


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    clock = Clock()
    monkeypatch.setattr(serve, "time", clock)
    return clock


def test_the_next_try_comes_later_each_time_and_soon_again_after_calm(clock: Clock) -> None:
    again = serve.Again()
    waits = []
    for _ in range(9):
        waits.append(again.tried())
        assert not again.is_due()
        clock.now = again.at
        assert again.is_due()
    assert waits == [1, 2, 4, 8, 16, 32, 60, 60, 60]
    clock.now += serve.GOOD + 1
    assert again.tried() == 1


def test_a_program_that_always_ends_at_once_is_tried_for_ever(clock: Clock) -> None:
    program = serve.Program("broken", [sys.executable, "-c", "raise SystemExit(3)"])
    starts = set()
    for _ in range(8):
        starts.add(program.process.pid)
        program.process.wait()
        serve._look_after(program)
        clock.now += serve.LONGEST
        serve._look_after(program)
    assert len(starts) == 8
    program.end()


@pytest.fixture
def data(tmp_path: Path) -> Iterator[Path]:
    folder = tmp_path / "postgres"
    database.start(folder)
    yield folder
    database.stop(folder)


def look_until(watching: serve._Database, is_there: bool) -> None:
    until = time.monotonic() + 120
    while database.is_running(watching.data) != is_there:
        assert time.monotonic() < until
        watching.next_look = watching.again.at = 0
        watching.look()


def test_a_killed_database_comes_back(data: Path) -> None:
    watching = serve._Database(data)
    signal_all(data, signal.SIGKILL)
    look_until(watching, True)


def test_a_stalled_database_is_waited_for_and_a_folder_that_is_gone_is_not_made_anew(data: Path) -> None:
    watching = serve._Database(data)
    before = postmaster(data)
    signal_all(data, signal.SIGSTOP)
    watching.look()
    signal_all(data, signal.SIGCONT)
    look_until(watching, True)
    assert postmaster(data) == before

    database.stop(data)
    away = data.rename(data.with_name("away"))
    watching.next_look = watching.again.at = 0
    watching.look()
    assert not data.exists()
    away.rename(data)


def test_a_disk_that_fills_ends_nothing_for_good(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    disk = tmp_path / "disk"
    disk.mkdir()
    if subprocess.run(["mount", "-t", "tmpfs", "-o", "size=160m", "tmpfs", str(disk)], check=False).returncode:
        pytest.skip("a disk cannot be mounted here; CI is root")
    data = disk / "postgres"
    try:
        with psycopg.connect(database.start(data)) as connection:
            connection.execute("CREATE TABLE kept AS SELECT 'here' AS word")
        watching = serve._Database(data)
        database._halt(data)
        subprocess.run(["dd", "if=/dev/zero", f"of={disk}/filler", "bs=1M"], check=False, stderr=subprocess.DEVNULL)
        watching.look()
        assert not database.is_running(data)
        assert database.FULL in caplog.text
        (disk / "filler").unlink()
        look_until(watching, True)
        with psycopg.connect(database.url(data)) as connection:
            assert connection.execute("SELECT word FROM kept").fetchone() == ("here",)
    finally:
        database.stop(data)
        subprocess.run(["umount", "--lazy", str(disk)], check=True)


def test_a_worker_waits_for_its_database_however_long_that_takes(clock: Clock, monkeypatch: pytest.MonkeyPatch) -> None:
    tries = []

    def connect() -> None:
        tries.append(clock.now)
        if len(tries) < 20:
            raise OperationalError("connection refused")

    monkeypatch.setattr("legedialog.operations.serve.connection.ensure_connection", connect)
    monkeypatch.setattr(clock, "sleep", lambda seconds: setattr(clock, "now", clock.now + seconds), raising=False)
    serve.wait_for_database()
    assert len(tries) == 20
    assert tries[-1] - tries[0] > 10 * serve.LONGEST


def test_readiness_is_asked_by_address() -> None:
    """Whatever the site is called: health answers to any host."""
    asked = []

    class Answer(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked.append(self.path)
            self.send_response(200)
            self.end_headers()

        def log_message(self, format: str, *args: object) -> None:
            pass

    server = HTTPServer(("127.0.0.1", 0), Answer)
    thread = threading.Thread(target=server.handle_request)
    thread.start()
    assert serve._is_ready("0.0.0.0", server.server_port)
    thread.join()
    server.server_close()
    assert asked == ["/health/ready"]
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        assert not serve._is_ready("127.0.0.1", free.getsockname()[1])


def test_code_that_changed_is_told_of_once_when_what_is_made_of_it_is_made(clock: Clock, tmp_path: Path) -> None:
    (tmp_path / "code" / "tests").mkdir(parents=True)
    file, made = tmp_path / "code" / "page.html", tmp_path / "made.css"
    file.write_text("a")
    changes = serve.Changes(tmp_path / "code", ["touch", str(made)])
    assert not changes()
    (tmp_path / "code" / "tests" / "test_page.py").write_text("")
    (tmp_path / "code" / "new.py").write_text("")
    clock.now += serve.LOOK
    assert changes()
    assert made.exists()
    clock.now += serve.LOOK
    assert not changes()
