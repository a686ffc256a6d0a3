"""Against a real HTTP server on this machine that keeps the contract in docs/integrator.md."""

import json
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any
from uuid import UUID

import pytest

from legedialog.integrations.sms import client
from legedialog.outbox.rules import DeliveryFailed, Message, Reason

MESSAGE = Message(
    UUID("019a0000-0000-7000-8000-000000000001"), "+4799999999", "Beskjed", "Husk timen på tirsdag.", "nb"
)


class Gateway(ThreadingHTTPServer):
    """Sends each id once; answers as told."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.answers: list[int] = []
        self.requests: list[tuple[dict[str, str], dict[str, str]]] = []
        self.sent: dict[str, str] = {}
        self.hangs_up = False


class Handler(BaseHTTPRequestHandler):
    server: Gateway

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        self.server.requests.append((dict(self.headers), body))
        status = self.server.answers.pop(0) if self.server.answers else 202
        if status < 300:
            self.server.sent.setdefault(body["id"], body["text"])
        if self.server.hangs_up:
            self.server.hangs_up = False
            self.close_connection = True
            return
        self.send_response(status)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *arguments: Any) -> None:
        pass


@pytest.fixture
def gateway(settings: Any) -> Iterator[Gateway]:
    server = Gateway()
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    settings.SMS_URL = f"http://127.0.0.1:{server.server_port}/sms"
    settings.SMS_TOKEN = "our-key"
    yield server
    server.shutdown()
    thread.join()
    server.server_close()


def test_the_request_is_as_the_contract_says(gateway: Gateway) -> None:
    client.send(MESSAGE)
    [(headers, body)] = gateway.requests
    assert body == {
        "id": str(MESSAGE.id),
        "to": "+4799999999",
        "text": "Husk timen på tirsdag.",
        "sender": "Legedialog",
    }
    assert headers["Authorization"] == "Bearer our-key"
    assert headers["Idempotency-Key"] == str(MESSAGE.id)
    assert headers["Content-Type"] == "application/json"


@pytest.mark.parametrize("status", [200, 201, 202])
def test_taken(gateway: Gateway, status: int) -> None:
    gateway.answers = [status]
    client.send(MESSAGE)


@pytest.mark.parametrize(
    ("status", "reason", "is_final"),
    [
        (400, Reason.REFUSED, True),
        (404, Reason.BAD_NUMBER, True),
        (410, Reason.BAD_NUMBER, True),
        (422, Reason.BAD_NUMBER, True),
        (401, Reason.REFUSED, False),
        (403, Reason.REFUSED, False),
        (408, Reason.REFUSED, False),
        (429, Reason.REFUSED, False),
        (302, Reason.REFUSED, False),
        (500, Reason.NO_ANSWER, False),
        (503, Reason.NO_ANSWER, False),
    ],
)
def test_not_taken(gateway: Gateway, status: int, reason: Reason, is_final: bool) -> None:
    gateway.answers = [status]
    with pytest.raises(DeliveryFailed) as failure:
        client.send(MESSAGE)
    assert (failure.value.reason, failure.value.is_final) == (reason, is_final)
    assert gateway.sent == {}


def test_an_answer_that_is_lost_is_asked_for_again_and_one_sms_is_sent(gateway: Gateway) -> None:
    gateway.hangs_up = True
    with pytest.raises(DeliveryFailed) as failure:
        client.send(MESSAGE)
    assert not failure.value.is_final
    client.send(MESSAGE)
    assert len(gateway.requests) == 2
    assert gateway.sent == {str(MESSAGE.id): "Husk timen på tirsdag."}


def test_a_gateway_that_is_down_is_tried_again(settings: Any) -> None:
    settings.SMS_URL = "http://127.0.0.1:9/sms"
    with pytest.raises(DeliveryFailed) as failure:
        client.send(MESSAGE)
    assert (failure.value.reason, failure.value.is_final) == (Reason.NO_ANSWER, False)


def test_neither_number_nor_text_shows_in_a_failure(gateway: Gateway) -> None:
    gateway.answers = [422]
    with pytest.raises(DeliveryFailed) as failure:
        client.send(MESSAGE)
    assert str(failure.value) == "bad-number"
    assert MESSAGE.to not in repr(MESSAGE)
