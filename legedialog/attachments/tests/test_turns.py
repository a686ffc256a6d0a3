"""Files that wait hold no page, and one person holds no turn of others."""

import asyncio
import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from datetime import datetime
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from a2wsgi import WSGIMiddleware
from django.conf import settings
from django.db import connections
from django.test import Client
from django.test.client import BOUNDARY, MULTIPART_CONTENT, encode_multipart

from legedialog.access.tests.logins import logged_in
from legedialog.appointments.tests.factories import Office, citizen
from legedialog.attachments import rules, sandbox, turns
from legedialog.attachments.tests import files
from legedialog.attachments.tests.test_web import file
from legedialog.config import asgi
from legedialog.config.wsgi import application as wsgi
from legedialog.core.errors import Refused
from legedialog.core.ids import new_id

LONG = 60  # seconds until something that should happen is missing


def until(happened: Callable[[], bool]) -> None:
    end = time.monotonic() + LONG
    while not happened():
        assert time.monotonic() < end
        time.sleep(0.01)


class Taken:
    """Turns held by threads until they are let go."""

    def __init__(self) -> None:
        self.pool = ThreadPoolExecutor(20)
        self.free = threading.Event()
        self.running = 0

    def hold(self, who: UUID) -> None:
        self.pool.submit(self._hold, who)

    def _hold(self, who: UUID) -> None:
        with turns.turn(who):
            self.running += 1
            self.free.wait(LONG)


@pytest.fixture
def taken() -> Iterator[Taken]:
    made = Taken()
    yield made
    made.free.set()
    made.pool.shutdown()
    assert not turns._theirs


def refused(who: UUID) -> object:
    with pytest.raises(Refused) as found, turns.turn(who):
        pass
    return found.value.refusal


def test_one_person_has_two_at_once_and_the_third_is_told_at_once(taken: Taken) -> None:
    kari = new_id()
    taken.hold(kari)
    taken.hold(kari)
    until(lambda: taken.running == 2)
    assert refused(kari) is rules.TWO_AT_ONCE


def test_few_wait_and_then_it_is_busy(taken: Taken, monkeypatch: pytest.MonkeyPatch) -> None:
    for _ in range(turns.AT_ONCE + turns.WAITING):
        taken.hold(new_id())
    until(lambda: turns._theirs.total() == turns.AT_ONCE + turns.WAITING)
    assert taken.running == turns.AT_ONCE
    assert refused(new_id()) is rules.BUSY


def test_whose_turn_does_not_come_is_told(taken: Taken, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(turns, "PATIENCE", 0.01)
    for _ in range(turns.AT_ONCE):
        taken.hold(new_id())
    until(lambda: taken.running == turns.AT_ONCE)
    assert refused(new_id()) is rules.BUSY


def test_a_turn_is_given_back_when_the_file_is_refused() -> None:
    kari = new_id()
    for _ in range(5):
        with pytest.raises(Refused), turns.turn(kari):
            raise Refused(rules.UNREADABLE)
    assert not turns._theirs


def ask(path: str, browser: Client, seal: str, sent: bytes | None = None) -> tuple[int, dict[bytes, bytes]]:
    """Status and headers from the server itself, with its threads."""
    answered: list[Mapping[str, Any]] = []

    async def receive() -> dict[str, Any]:
        return {"type": "http.request", "body": sent or b"", "more_body": False}

    async def send(message: Mapping[str, Any]) -> None:
        answered.append(message)

    cookies = "; ".join(f"{name}={each.value}" for name, each in browser.cookies.items())
    token = browser.cookies[settings.CSRF_COOKIE_NAME].value
    scope = {
        "type": "http",
        "http_version": "1.1",
        "method": "GET" if sent is None else "POST",
        "path": path,
        "query_string": b"",
        "headers": [
            (b"host", b"testserver"),
            (b"cookie", cookies.encode()),
            *((b"x-csrftoken", token.encode()), (b"x-seal", seal.encode())),
            (b"content-length", str(len(sent or b"")).encode()),
            *([(b"content-type", MULTIPART_CONTENT.encode())] if sent is not None else []),
        ],
        "server": ("testserver", 80),
        "client": ("127.0.0.1", 1),
        "scheme": "http",
    }
    asyncio.run(asgi.application(scope, receive, send))
    return answered[0]["status"], dict(answered[0]["headers"])


@pytest.mark.django_db(transaction=True)
def test_ten_uploads_at_once_of_one_citizen_hold_no_page(
    office: Office, now: datetime, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """The programs that read never end here, until they may: whatever waits for a turn waits all through the test."""
    kari = office.patient()
    browser = logged_in(citizen(kari))
    page = browser.get("/meldinger/").content.decode()
    seal = page.partition('name="seal" value="')[2].partition('"')[0]
    begun, may_end = tmp_path / "begun", tmp_path / "may-end"
    script = (
        "import sys, time, pathlib\n"
        f"pathlib.Path({str(begun)!r}).open('a').write('x')\n"
        f"while not pathlib.Path({str(may_end)!r}).exists(): time.sleep(0.02)\n"
        """print('{"type": "image/png", "size": 3}'); sys.stdout.write('abc')"""
    )
    one_thread: Any = WSGIMiddleware(wsgi, workers=1)  # type: ignore[arg-type]
    monkeypatch.setattr(asgi, "pages", one_thread)  # one upload here would be one too many
    monkeypatch.setattr(sandbox, "fault", lambda: "")
    monkeypatch.setattr(sandbox, "PROGRAM", [sys.executable, "-I", "-c", script])
    body = encode_multipart(
        BOUNDARY, {"practice": office.practice.pk, "patient": kari.pk, "file": file(files.png(), "stort.png")}
    )
    with ExitStack() as stack:
        stack.callback(connections.close_all)
        crowd = stack.enter_context(ThreadPoolExecutor(30))
        stack.callback(may_end.touch)
        sent = [crowd.submit(ask, "/vedlegg/", browser, seal, body) for _ in range(10)]
        until(lambda: begun.exists() and begun.read_text(encoding="utf-8") == "xx")
        until(lambda: sum(each.done() for each in sent) == 8)
        told = [each.result() for each in sent if each.done()]
        assert {status for status, _ in told} == {429}
        assert {headers[b"retry-after"] for _, headers in told} == {str(rules.SOON).encode()}
        pages = [crowd.submit(ask, "/meldinger/", browser, seal) for _ in range(settings.THREADS)]
        assert {each.result(LONG)[0] for each in pages} == {200}
        assert sum(each.done() for each in sent) == 8
        may_end.touch()
        assert {each.result(LONG)[0] for each in sent} == {200, 429}
        assert begun.read_text(encoding="utf-8") == "xx"
