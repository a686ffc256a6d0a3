"""The provider's signed call, and our own to it: against the demo's provider, which speaks the real contract."""

import json
from datetime import timedelta
from typing import Any
from uuid import UUID

import httpx
import pytest
from django.core import signals
from django.core.wsgi import get_wsgi_application
from django.db import close_old_connections
from django.test import Client
from django.utils import timezone

from legedialog.appointments.tests import factories as offices
from legedialog.core import outside
from legedialog.core.ids import new_id
from legedialog.demo.payments import store
from legedialog.fees import holding, online
from legedialog.fees.charge_rules import Stand
from legedialog.fees.models import Charge, Payment, Transfer
from legedialog.fees.online import NoAnswer, Told
from legedialog.fees.tests.factories import charged
from legedialog.integrations import signed
from legedialog.integrations.payments import mapping
from legedialog.integrations.payments.client import Http

SECRET = "a-secret-of-ours"


@pytest.fixture(autouse=True)
def provider(settings: Any, tmp_path: Any, monkeypatch: pytest.MonkeyPatch) -> Http:
    settings.VAR = tmp_path
    settings.BASE_URL = "http://testserver"
    settings.PAYMENT_PAGES = ["http://testserver"]
    settings.PAYMENT_PROVIDER = {"url": "http://testserver/demo-betaling/api", "token": "x", "secret": SECRET}
    made = Http(httpx.WSGITransport(app=_site))
    monkeypatch.setattr(online, "provider", lambda: made)
    return made


@pytest.fixture
def charge(db: None) -> Charge:
    at = offices.office()
    return charged(at, at.patient())


def pay(charge: Charge) -> tuple[Transfer, str]:
    url = online.pay(actor=offices.citizen(charge.patient), charge_id=charge.pk, now=timezone.now())
    return Transfer.objects.latest("begun_at"), url


def told(row: Transfer | UUID, secret: str = SECRET, age: int = 0, **other: object) -> int:
    said = {"id": str(getattr(row, "pk", row)), "status": "paid", "amount": 1, "currency": "NOK", **other}
    body = json.dumps(said).encode()
    seconds = str(int(timezone.now().timestamp()) - age)
    headers = {"X-Timestamp": seconds, "X-Signature": signed.signature(secret, seconds, body)}
    return Client().post("/betalingssvar/", body, content_type="application/json", headers=headers).status_code


def test_she_pays_on_the_providers_page_and_its_call_is_here_before_her_browser(
    charge: Charge, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    _through(client, monkeypatch)
    row, url = pay(charge)
    owed = holding.owed(charge)
    assert url.startswith("http://testserver/demo-betaling/")
    answer = client.post(url, {"do": "twice"})
    assert answer.headers["Location"] == f"http://testserver/betaling/{charge.pk}/"
    row.refresh_from_db()
    assert (row.stand, holding.owed(charge), row.provider_id != "") == ("done", 0, True)
    assert Payment.objects.get(key=row.pk).ore == owed


@pytest.mark.parametrize(("way", "stand"), [("refuse", "refused"), ("cancel", "ended")])
def test_a_card_that_is_refused_and_a_payment_that_is_left(
    way: str, stand: str, charge: Charge, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    _through(client, monkeypatch)
    row, url = pay(charge)
    client.post(url, {"do": way})
    row.refresh_from_db()
    assert (row.stand, holding.owed(charge) > 0) == (stand, True)


def test_a_call_that_is_lost_is_found_by_asking_and_money_goes_back_once(charge: Charge, client: Client) -> None:
    row, url = pay(charge)
    client.post(url, {"do": "silent"})
    assert holding.owed(charge) > 0
    online.go_on(timezone.now() + timedelta(minutes=3))
    assert holding.owed(charge) == 0
    row.refresh_from_db()
    provider, key = online.provider(), new_id()
    for _ in range(2):
        assert provider.give_back(transfer_id=key, provider_id=row.provider_id, ore=row.ore) == Stand.DONE
    assert provider.give_back(transfer_id=new_id(), provider_id=row.provider_id, ore=1) == Stand.REFUSED
    found = store.find(row.provider_id)
    assert found
    assert found["refunds"] == {str(key): row.ore}


def test_the_same_payment_is_opened_once(provider: Http) -> None:
    key, charge_id = new_id(), new_id()
    first = provider.open(transfer_id=key, ore=100, charge_id=charge_id)
    assert provider.open(transfer_id=key, ore=100, charge_id=charge_id) == first


def test_she_is_led_nowhere_but_to_the_pages_of_the_settings(provider: Http, settings: Any) -> None:
    settings.PAYMENT_PAGES = ["https://pay.example.no"]
    with pytest.raises(NoAnswer):
        provider.open(transfer_id=new_id(), ore=100, charge_id=new_id())


def test_without_the_right_key_the_provider_answers_nothing(provider: Http, settings: Any) -> None:
    settings.PAYMENT_PROVIDER = settings.PAYMENT_PROVIDER | {"url": "http://testserver/demo-betaling/nowhere"}
    with pytest.raises(NoAnswer):
        provider.told("x")


@pytest.mark.parametrize(
    ("changed", "status"),
    [
        ({}, 204),
        ({"secret": "another"}, 401),
        ({"age": 301}, 401),
        ({"currency": "SEK"}, 400),
        ({"amount": "1"}, 400),
        ({"amount": True}, 400),
        ({"amount": -1}, 400),
        ({"amount": 10**9}, 400),
        ({"status": "other"}, 400),
        ({"status": ["paid"]}, 400),
        ({"id": "x"}, 400),
        ({"filler": "x" * 5000}, 413),
    ],
)
@pytest.mark.django_db
def test_only_what_is_signed_and_whole_is_taken_in(changed: dict[str, Any], status: int) -> None:
    assert told(new_id(), **changed) == status
    assert not Payment.objects.exists()


@pytest.mark.django_db
def test_without_a_secret_nobody_tells_anything(settings: Any) -> None:
    settings.PAYMENT_PROVIDER = settings.PAYMENT_PROVIDER | {"secret": ""}
    assert told(new_id()) == 404


def test_what_is_open_has_no_amount_yet() -> None:
    assert mapping.told({"status": "open", "amount": 100, "currency": "NOK"}) == Told(Stand.BEGUN)


def _site(environment: Any, start_response: Any) -> list[bytes]:
    """The whole product, which must not close the test's connection when it has answered."""
    for signal in (signals.request_started, signals.request_finished):
        signal.disconnect(close_old_connections)
    try:
        answer = get_wsgi_application()(environment, start_response)
        body = list(answer)
        answer.close()
        return body
    finally:
        for signal in (signals.request_started, signals.request_finished):
            signal.connect(close_old_connections)


def _through(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    """The demo's provider calls us here, without a network."""

    def post(method: str, url: str, *, content: bytes, headers: dict[str, str], **other: object) -> httpx.Response:
        rest = {name: value for name, value in headers.items() if name != "Content-Type"}
        answer = client.post(url, content, content_type="application/json", headers=rest)
        return httpx.Response(answer.status_code)

    monkeypatch.setattr(outside, "ask", _either(outside.ask, post))


def _either(ours: Any, theirs: Any) -> Any:
    return lambda method, url, **given: (theirs if url.endswith("/betalingssvar/") else ours)(method, url, **given)
