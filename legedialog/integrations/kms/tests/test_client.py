"""Against the fake beside the client, which keeps the contract in docs/integrator.md."""

import os
from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from django.db import transaction

from legedialog.core import crypto, master
from legedialog.core.master import KeyServerFailed
from legedialog.core.models import DataKey, KeyPurpose
from legedialog.integrations.kms.client import Transit
from legedialog.integrations.kms.fake import TOKEN, FakeTransit

KEY = bytes(range(32))


@pytest.fixture
def server(settings: Any) -> FakeTransit:
    settings.KMS = {**settings.KMS, "url": "https://bao.example/v1/transit", "key": "lege", "token": TOKEN}
    return FakeTransit()


@pytest.fixture
def transit(server: FakeTransit) -> Transit:
    return Transit(httpx.WSGITransport(app=server))


def test_a_key_is_wrapped_and_opened_with_what_it_is_for(transit: Transit, server: FakeTransit) -> None:
    wrapped = transit.wrap(KEY, b"id")
    assert KEY not in wrapped
    assert transit.unwrap(wrapped, b"id") == KEY
    assert server.asked == ["/v1/transit/encrypt/lege", "/v1/transit/decrypt/lege"]
    with pytest.raises(KeyServerFailed):
        transit.unwrap(wrapped, b"another id")


def test_the_server_may_rotate_its_own_key(transit: Transit, server: FakeTransit) -> None:
    wrapped = transit.wrap(KEY, b"id")
    server.rotate()
    assert transit.wrap(KEY, b"id").startswith(b"vault:v2:")
    assert transit.unwrap(wrapped, b"id") == KEY


@pytest.mark.parametrize("fault", ["down", "token", "words", "shape", "deep", "silence"])
def test_what_goes_wrong_is_told_without_secrets(
    fault: str, transit: Transit, server: FakeTransit, settings: Any
) -> None:
    wrapped = transit.wrap(KEY, b"id")
    if fault == "down":
        server.is_down = True
    elif fault == "token":
        settings.KMS = {**settings.KMS, "token": "wrong"}
    elif fault == "silence":
        transit = Transit(httpx.MockTransport(_silent))
    else:
        body = {"words": "<html>", "shape": '{"data": 1}', "deep": "[" * 100_000}[fault]
        transit = Transit(httpx.MockTransport(lambda request: httpx.Response(200, text=body)))
    with pytest.raises(KeyServerFailed) as failed:
        transit.unwrap(wrapped, b"id")
    assert TOKEN not in str(failed.value)
    assert wrapped.decode() not in str(failed.value)


def _silent(request: httpx.Request) -> httpx.Response:
    raise httpx.ConnectTimeout("no answer")


@pytest.fixture
def in_use(transit: Transit, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    local = master.Local("0" * 64)
    monkeypatch.setattr(master, "known", lambda: [transit, local])
    crypto.forget_keys()
    yield
    crypto.forget_keys()


@pytest.mark.django_db
def test_data_keys_are_opened_by_the_server_once_for_each_process(in_use: None, server: FakeTransit) -> None:
    scope = DataKey().pk
    sealed = [crypto.seal(text, scope=scope, context="x") for text in ("a", "b", "c")]
    assert DataKey.objects.get(scope=scope, purpose=KeyPurpose.SEAL).wrapped_by == "kms-lege"
    asked = len(server.asked)
    assert [crypto.unseal(each, context="x") for each in sealed] == ["a", "b", "c"]
    assert len(server.asked) == asked


@pytest.mark.django_db
def test_a_key_of_the_local_master_opens_beside_it(in_use: None) -> None:
    local, key_id = master.known()[1], DataKey().pk
    wrapped = local.wrap(os.urandom(32), key_id.bytes)
    assert master.opening(local.name).unwrap(wrapped, key_id.bytes)
    with pytest.raises(master.MasterUnknown):
        master.opening("kms-other")


@pytest.mark.django_db
def test_inside_a_transaction_the_server_is_not_asked(in_use: None, server: FakeTransit) -> None:
    scope = DataKey().pk
    with transaction.atomic(), pytest.raises(KeyServerFailed, match="ready"):
        crypto.seal("a", scope=scope, context="x")
    assert server.asked == []


@pytest.mark.django_db
def test_keys_are_opened_and_new_ones_ready_before_a_transaction_needs_them(in_use: None, server: FakeTransit) -> None:
    scope, other = DataKey().pk, DataKey().pk
    sealed = crypto.seal("a", scope=scope, context="x")
    crypto.forget_keys()  # as another process that begins
    crypto.open_known()
    asked = len(server.asked)
    with transaction.atomic():
        assert crypto.unseal(sealed, context="x") == "a"
        crypto.seal("b", scope=other, context="x")
    assert len(server.asked) == asked
    crypto.open_known()
    assert len(server.asked) == asked + 1  # a spare one for the one that was used
