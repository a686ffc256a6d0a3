import asyncio
from collections.abc import Mapping
from typing import Any

import pytest
from django.urls import reverse

from legedialog.access import cookies
from legedialog.access.actor import Kind
from legedialog.access.tests.logins import begin
from legedialog.access.web import bodies
from legedialog.appointments.tests import factories
from legedialog.config import asgi
from legedialog.core import spool

NOTHING = "/finnes-ikke/"


def ask(
    path: str, *, method: str = "GET", headers: list[tuple[bytes, bytes]] | None = None, body: list[bytes] | None = None
) -> tuple[int, dict[bytes, bytes], bytes]:
    """Status, headers and body of the answer; the request's body comes in parts and the last one may never come."""
    parts = list(body or [b""])
    sent: list[Mapping[str, Any]] = []

    async def receive() -> dict[str, Any]:
        if not parts:
            await asyncio.Event().wait()
        part = parts.pop(0)
        return {"type": "http.request", "body": part, "more_body": bool(parts) or part == b"to be continued"}

    async def send(message: Mapping[str, Any]) -> None:
        sent.append(message)

    scope = {
        "type": "http",
        "http_version": "1.1",
        "method": method,
        "path": path,
        "query_string": b"",
        "headers": [(b"host", b"localhost"), *(headers or [])],
        "server": ("localhost", 8000),
        "client": ("127.0.0.1", 1),
        "scheme": "http",
    }
    asyncio.run(asgi.application(scope, receive, send))
    return sent[0]["status"], dict(sent[0]["headers"]), b"".join(message.get("body", b"") for message in sent[1:])


def test_pages_are_made_by_threads() -> None:
    status, _, body = ask(NOTHING)
    assert status == 404
    assert b"Vi finner ikke siden" in body


def test_health_waits_for_no_page_no_body_and_no_host(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(asgi, "pages", None)
    headers = [(b"host", b"10.1.2.3:8000"), (b"cookie", b"session=of-somebody")]
    for method in ("GET", "HEAD"):
        status, answered, _ = ask("/health/live", method=method, headers=headers, body=[b"to be continued"])
        assert (status, answered[b"content-type"]) == (200, b"application/json")
    assert ask("/health/live", method="POST", body=[b"to be continued"])[0] == 405
    assert ask("/health/other")[0] == 404


def test_a_header_with_an_underscore_never_passes_for_the_one_with_a_hyphen() -> None:
    _, headers, _ = ask(NOTHING, headers=[(b"x_request_id", b"smuggled-in")])
    assert headers[b"x-request-id"] != b"smuggled-in"


def large(number: int = bodies.SMALL + 1) -> list[tuple[bytes, bytes]]:
    return [(b"content-length", str(number).encode())]


def test_a_body_that_is_larger_than_it_said_is_refused_before_a_thread_sees_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(asgi, "pages", None)
    monkeypatch.setattr(bodies, "SMALL", 10)
    assert ask(NOTHING, method="POST", body=[b"12345", b"678901"])[0] == 413


@pytest.mark.parametrize("path", [NOTHING, "/", "/fhir/R4/Appointment/1", "/oauth/token", "/logg-inn/", "/vedlegg/"])
def test_nobody_who_has_not_logged_in_sends_a_large_body_anywhere(path: str) -> None:
    """The body never comes: it was refused by what it said of itself."""
    assert ask(path, method="POST", headers=large(), body=[b"to be continued"])[0] == 413


def logged_in() -> str:
    return begin(Kind.CITIZEN, factories.office().patient().pk)[0]


@pytest.mark.django_db(transaction=True)
def test_a_view_that_takes_files_takes_them_from_her_who_is_or_was_logged_in(monkeypatch: pytest.MonkeyPatch) -> None:
    seen = []

    async def uploads(scope: dict[str, Any], receive: Any, send: Any) -> None:
        seen.append(await receive())
        await send({"type": "http.response.start", "status": 204, "headers": []})

    monkeypatch.setattr(asgi, "pages", uploads)
    name = cookies.name("session").encode()
    token = logged_in()
    path = reverse("attachments:receive")
    headers = [*large(), (b"cookie", name + b"=" + token.encode())]
    body = [bytes(bodies.SMALL), b"1"]
    assert ask(path, method="POST", headers=headers, body=list(body))[0] == 204
    assert ask("/hjelp/", method="POST", headers=headers, body=list(body))[0] == 413
    assert ask(path, method="POST", headers=[*large(14_000_000), headers[-1]], body=[b"to be continued"])[0] == 413
    assert ask(path, method="POST", headers=[*large(), (b"cookie", name + b"=made-up")], body=list(body))[0] == 413
    monkeypatch.setitem(asgi._under_way, token, asgi.AT_ONCE)
    assert ask(path, method="POST", headers=headers, body=list(body))[0] == 429
    assert len(seen) == 1


@pytest.mark.django_db(transaction=True)
def test_without_room_for_what_is_uploaded_the_page_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tempfile.tempdir", "/nowhere")
    cookie = (b"cookie", cookies.name("session").encode() + b"=" + logged_in().encode())
    size = spool.IN_MEMORY + 1
    path = reverse("attachments:receive")
    status, _, page = ask(path, method="POST", headers=[*large(size), cookie], body=[bytes(size)])
    assert status == 507
    assert "Vi kan ikke ta imot filer nå" in page.decode()


def test_what_says_that_it_is_too_large_is_refused_before_any_of_it_is_read() -> None:
    headers = [(b"content-length", str(200 * 1024 * 1024).encode()), (b"accept-language", b"en")]
    status, answered, page = ask("/min-fastlege/", method="POST", headers=headers, body=[b"to be continued"])
    assert status == 413
    assert answered[b"connection"] == b"close"
    assert b"12 MB" in page
    assert b'<html lang="en"' in page
    assert b"default-src 'none'" in answered[b"content-security-policy"]


def test_a_length_that_is_no_number_is_refused() -> None:
    assert ask(NOTHING, method="POST", headers=[(b"content-length", b"-1")])[0] == 400


def test_a_large_body_comes_through_whole(monkeypatch: pytest.MonkeyPatch) -> None:
    seen = []

    async def pages(scope: dict[str, Any], receive: Any, send: Any) -> None:
        while True:
            message = await receive()
            seen.append(message["body"])
            if not message["more_body"]:
                break
        await send({"type": "http.response.start", "status": 204, "headers": []})

    monkeypatch.setattr(asgi, "pages", pages)
    monkeypatch.setattr(bodies, "SMALL", 3_000_000)
    sent = [bytes([number]) * 300_000 for number in range(8)]
    assert ask("/", method="POST", body=list(sent))[0] == 204
    assert b"".join(seen) == b"".join(sent)
    assert max(map(len, seen)) <= asgi.PART


def test_a_body_that_never_ends_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(asgi, "PATIENCE", 0.01)
    assert ask(NOTHING, method="POST", body=[b"to be continued"])[0] == 408


def test_who_is_slow_but_sends_is_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(asgi, "PATIENCE", 0.05)
    monkeypatch.setattr(asgi, "PACE", 1000)  # a second for each thousand bytes
    body, clock = asgi._Body(), [0.0]
    parts = [b"a" * 100] * 4

    async def receive() -> dict[str, Any]:
        clock[0] += 0.03
        await asyncio.sleep(0)  # whatever is due by the clock is done
        return {"type": "http.request", "body": parts.pop(), "more_body": bool(parts)}

    async def take() -> None:
        monkeypatch.setattr(asyncio.get_running_loop(), "time", lambda: clock[0])  # however busy the machine is
        await body.take(receive, 1000)

    asyncio.run(take())
    assert body.size == 400


def test_live_addresses_go_to_the_asynchronous_side(monkeypatch: pytest.MonkeyPatch) -> None:
    seen = []

    async def live(scope: dict[str, Any], receive: object, send: Any) -> None:
        seen.append(scope["path"])
        await send({"type": "http.response.start", "status": 204, "headers": []})

    monkeypatch.setattr(asgi, "live", live)
    assert ask("/live/calendar")[0] == 204
    assert ask(NOTHING)[0] == 404
    assert seen == ["/live/calendar"]
