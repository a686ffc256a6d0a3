"""`legedialog clients`: an operator sees the systems and shuts one out."""

from contextlib import nullcontext
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from typer.testing import CliRunner

from legedialog.api.tests.hospital import Hospital, hospital
from legedialog.operations import clients, environment, given

pytestmark = pytest.mark.django_db


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch) -> Any:
    monkeypatch.setattr(environment, "ready", nullcontext)
    return lambda *words: CliRunner().invoke(clients.app, [str(word) for word in words])


@pytest.fixture
def sender() -> Hospital:
    return hospital()


def test_a_system_is_shut_out_and_let_in_again(run: Any, sender: Hospital) -> None:
    assert "open" in run("list").stdout
    assert run("shut", sender.client.pk).stdout == "shut out now\n"
    assert sender.ask().status_code == 401
    listed = run("list").stdout
    assert "SHUT OUT" in listed
    assert str(sender.client.pk) in listed
    assert run("shut", sender.client.pk).stdout == "shut out already\n"
    assert run("open", sender.client.pk).stdout == "open now\n"
    assert sender.ask().status_code == 200


def test_a_client_id_that_nobody_has(run: Any) -> None:
    assert run("shut", uuid4()).exit_code == 1


@pytest.mark.parametrize("content", [b"", b"\xff", b"[" * 200_000, b"{"])
def test_a_file_that_holds_no_keys_is_named_in_one_line(content: bytes, tmp_path: Path) -> None:
    file = tmp_path / "keys.json"
    file.write_bytes(content)
    with pytest.raises(given.BadInput, match=r"keys\.json is (not a JWKS|not text|empty)"):
        clients._keys(file)
