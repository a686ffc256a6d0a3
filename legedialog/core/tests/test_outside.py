"""Another machine is never spoken to inside a transaction, and no talk is longer than its deadline."""

import ast
import socket
import time
from collections.abc import Iterator
from pathlib import Path
from threading import Event, Thread
from typing import Any

import httpx
import pytest
from django.conf import settings
from django.db import connection, transaction

from legedialog.core import outside

NETWORK = {"httpx", "smtplib", "imaplib", "poplib", "ftplib", "socket", "http.client", "urllib.request", "requests"}
# Ours: the server's own port, its database, and what the demo starts beside it.
OURS = {"core/outside.py", "operations/serve.py", "operations/turnserver.py", "operations/database.py"}
# What speaks through outside.ask or outside.within, and names a library for its errors or its protocol.
THROUGH = {
    "integrations/oidc/client.py",
    "integrations/kms/client.py",
    "integrations/sms/client.py",
    "integrations/registers/client.py",
    "integrations/registers/people.py",
    "integrations/clamav/client.py",
    "integrations/email/client.py",
    "integrations/email/bounces.py",
    "integrations/cards/client.py",
    "integrations/payments/client.py",
    "demo/payments/views.py",
}


def test_no_other_file_can_speak_to_another_machine() -> None:
    root = settings.ROOT / "legedialog"
    files = {file.relative_to(root).as_posix(): file for file in root.rglob("*.py") if "tests" not in file.parts}
    found = {name for name, file in files.items() if not name.endswith("fake.py") and _imported(file) & NETWORK}
    assert found - OURS == THROUGH
    for name in THROUGH:
        assert "outside." in files[name].read_text(encoding="utf-8")


def _imported(file: Path) -> set[str]:
    names = set()
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names |= {each.name for each in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            names |= {node.module, *(f"{node.module}.{each.name}" for each in node.names)}
    return names


def ask(**given: Any) -> httpx.Response:
    answer = httpx.MockTransport(lambda request: httpx.Response(200, json={"a": 1}))
    return outside.ask("GET", "https://example.no/", seconds=5, transport=answer, **given)


def test_an_answer_comes_whole() -> None:
    assert ask().json() == {"a": 1}
    with pytest.raises(outside.TooMuch):
        ask(most=3)


@pytest.mark.django_db
def test_inside_a_transaction_nobody_is_spoken_to() -> None:
    assert ask().is_success
    with transaction.atomic(), pytest.raises(outside.TransactionOpen):
        ask()
    assert ask().is_success


@pytest.mark.django_db(transaction=True)
def test_inside_a_real_transaction_neither() -> None:
    with transaction.atomic():
        connection.ensure_connection()
        with pytest.raises(outside.TransactionOpen):
            outside.within(1, lambda talk: None)


def test_a_job_that_must_not_wait_speaks_to_nobody() -> None:
    with outside.silent("the lane of video"), pytest.raises(outside.TransactionOpen, match="video"):
        ask()
    assert ask().is_success


@pytest.fixture
def dripping() -> Iterator[int]:
    """The port of a server that sends a byte of its answer every fiftieth of a second, for ever."""
    over = Event()
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def serve() -> None:
            link, _ = listener.accept()
            with link:
                while not over.wait(0.02):
                    try:
                        link.sendall(b"H")
                    except OSError:
                        return

        thread = Thread(target=serve)
        thread.start()
        yield listener.getsockname()[1]
        over.set()
        thread.join()


def test_a_server_that_drips_is_left_at_the_deadline_and_its_connection_ends(dripping: int) -> None:
    begun = time.monotonic()
    with pytest.raises(httpx.ReadTimeout):
        outside.ask("GET", f"http://127.0.0.1:{dripping}/", seconds=0.3)
    assert time.monotonic() - begun < 5
