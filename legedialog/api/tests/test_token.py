"""Who is given an access token, and what does not work as one."""

import json
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from threading import Barrier
from typing import Any
from uuid import uuid4

import pytest
from django.db import connections
from django.test import Client
from joserfc import jwt
from joserfc.jwk import ECKey, KeySet, OctKey, RSAKey

from legedialog.access.actor import Actor, Kind, system
from legedialog.api import rules, services
from legedialog.api.models import AccessToken, ApiClient, UsedAssertion
from legedialog.api.tests.hospital import NOW, TOKEN_URL, Hospital, hospital
from legedialog.audit.models import Event
from legedialog.core.errors import Denied, NotFound

pytestmark = pytest.mark.django_db


@pytest.fixture
def sender() -> Hospital:
    return hospital()


def seconds(**changes: int) -> int:
    return int((datetime.now(UTC) + timedelta(**changes)).timestamp())


def test_a_registered_system_is_given_a_short_lived_token(sender: Hospital) -> None:
    answer = sender.ask()
    body = json.loads(answer.content)
    assert answer.status_code == 200
    assert answer["Cache-Control"] == "private, no-store"
    assert (body["token_type"], body["expires_in"]) == ("Bearer", 300)
    assert body["scope"] == "system/Appointment.read system/Appointment.write"
    row = AccessToken.objects.get()
    assert body["access_token"].encode() not in bytes(row.token_hash)
    assert row.expires_at - datetime.now(UTC) <= timedelta(minutes=5)


def test_fewer_scopes_can_be_asked_for_and_not_more(sender: Hospital) -> None:
    assert json.loads(sender.ask(scope=rules.READ).content)["scope"] == rules.READ
    answer = sender.ask(scope="system/Patient.read")
    assert (answer.status_code, json.loads(answer.content)["error"]) == (400, "invalid_scope")


def test_an_rsa_key_works_too(sender: Hospital) -> None:
    key = RSAKey.generate_key(2048)
    key.ensure_kid()
    ApiClient.objects.update(jwks=KeySet([key]).as_dict(private=False))
    assert sender.ask(sender.assertion(key=key, header={"alg": "PS256"})).status_code == 200


def test_the_issuer_is_an_audience_too_and_may_stand_in_a_list(sender: Hospital) -> None:
    assert sender.ask(sender.assertion(aud=["https://other.example", "http://localhost:8000"])).status_code == 200


@pytest.mark.parametrize(
    "claims",
    [
        {"iss": str(uuid4())},
        {"iss": None},
        {"iss": 7},
        {"sub": str(uuid4())},
        {"sub": None},
        {"aud": "https://other.example/oauth/token"},
        {"aud": None},
        {"aud": [7]},
        {"exp": 1},
        {"exp": None},
        {"exp": "soon"},
        {"exp": 10**20},
        {"exp": True},
        {"jti": None},
        {"jti": ""},
        {"jti": "x" * 201},
        {"jti": "a\x00b"},
        {"jti": 7},
    ],
)
def test_claims_that_are_not_right(sender: Hospital, claims: dict[str, Any]) -> None:
    answer = sender.ask(sender.assertion(**claims))
    assert (answer.status_code, json.loads(answer.content)["error"]) == (401, "invalid_client")
    assert not AccessToken.objects.exists()


def test_an_assertion_is_for_now(sender: Hospital) -> None:
    wrong: list[dict[str, Any]] = [
        {"exp": seconds(seconds=-1)},
        {"exp": seconds(minutes=6)},
        {"nbf": seconds(minutes=2)},
    ]
    for claims in wrong:
        assert sender.ask(sender.assertion(**claims)).status_code == 401
    assert sender.ask(sender.assertion(iat=seconds(minutes=2))).status_code == 401
    assert sender.ask(sender.assertion(iat=seconds(seconds=10))).status_code == 200


def test_a_replayed_assertion_is_refused(sender: Hospital) -> None:
    assertion = sender.assertion()
    assert sender.ask(assertion).status_code == 200
    answer = sender.ask(assertion)
    assert (answer.status_code, json.loads(answer.content)["error"]) == (401, "invalid_client")
    assert AccessToken.objects.count() == 1


def test_two_systems_may_use_the_same_jti(sender: Hospital) -> None:
    other = hospital("Dalen sykehus", "313000028")
    assert sender.ask(sender.assertion(jti="one")).status_code == 200
    assert other.ask(other.assertion(jti="one")).status_code == 200


def test_another_key_is_refused_also_with_the_right_kid(sender: Hospital) -> None:
    stolen = ECKey.generate_key("P-256", {"kid": str(sender.key.kid)})
    assert sender.ask(sender.assertion(key=stolen)).status_code == 401
    stranger = ECKey.generate_key("P-256", {"kid": "unknown"})
    assert sender.ask(sender.assertion(key=stranger)).status_code == 401


def test_no_signature_and_a_signature_with_the_public_key_as_secret_are_refused(sender: Hospital) -> None:
    claims = {
        "iss": str(sender.client.pk),
        "sub": str(sender.client.pk),
        "aud": TOKEN_URL,
        "exp": seconds(minutes=1),
        "jti": "one",
    }
    public = OctKey.import_key(json.dumps(sender.client.jwks["keys"][0]).encode())
    assert sender.ask(jwt.encode({"alg": "HS256", "kid": sender.key.kid}, claims, public)).status_code == 401
    head, body, _ = sender.assertion().split(".")
    assert sender.ask(f"{head}.{body}.").status_code == 401
    unsigned = "eyJhbGciOiJub25lIn0." + body + "."
    assert sender.ask(unsigned).status_code == 401


@pytest.mark.parametrize("assertion", ["", "x", "a.b.c", "e30.e30.e30", "....", "%00"])
def test_what_is_no_jwt_is_refused(sender: Hospital, assertion: str) -> None:
    answer = sender.ask(assertion)
    assert (answer.status_code, json.loads(answer.content)["error"]) == (401, "invalid_client")


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"grant_type": "authorization_code"}, "unsupported_grant_type"),
        ({"grant_type": None}, "unsupported_grant_type"),
        ({"client_assertion_type": "password"}, "invalid_client"),
        ({"padding": "x" * 20_000}, "invalid_request"),
        ({"grant_type": "client_credentials&grant_type=client_credentials"}, "invalid_request"),
    ],
)
def test_requests_that_are_not_right(sender: Hospital, changes: dict[str, Any], error: str) -> None:
    assert json.loads(sender.ask(**changes).content)["error"] == error


def test_only_a_posted_form(sender: Hospital) -> None:
    answer = Client().get("/oauth/token")
    assert (answer.status_code, answer["Allow"]) == (405, "POST")
    answer = Client().post("/oauth/token", {"grant_type": "client_credentials"}, content_type="application/json")
    assert answer.status_code == 400


def _set_active(sender: Hospital, is_active: bool) -> bool:
    return services.set_active(actor=system(), client_id=sender.client.pk, is_active=is_active, now=NOW)


def test_a_system_that_is_shut_out_is_given_nothing_and_its_tokens_die(sender: Hospital) -> None:
    other = hospital("Fjellet sykehus", "313000002")
    tokens = [sender.token(), other.token()]
    assert _set_active(sender, False)
    assert sender.ask().status_code == 401
    assert sender.get(uuid4(), token=tokens[0]).status_code == 401
    assert other.get(uuid4(), token=tokens[1]).status_code == 404  # let in, and there is no such appointment
    assert not _set_active(sender, False)
    assert _set_active(sender, True)
    assert sender.get(uuid4(), token=tokens[0]).status_code == 401  # what died stays dead
    assert sender.get(uuid4()).status_code == 404
    assert set(Event.objects.filter(object_id=sender.client.pk).values_list("action", flat=True)) == {
        *("api-client.registered", "api-client.shut", "api-client.opened")
    }


def test_each_request_asks_whether_the_system_is_shut_out(sender: Hospital) -> None:
    token = sender.token()
    ApiClient.objects.update(is_active=False)  # as when a token was made in the same moment
    assert AccessToken.objects.exists()
    assert sender.get(uuid4(), token=token).status_code == 401


def test_only_who_runs_the_platform_shuts_a_system_out(sender: Hospital) -> None:
    with pytest.raises(Denied):
        services.set_active(actor=Actor(kind=Kind.STAFF), client_id=sender.client.pk, is_active=False, now=NOW)
    with pytest.raises(NotFound):
        services.set_active(actor=system(), client_id=uuid4(), is_active=False, now=NOW)


def test_old_tokens_and_assertions_are_thrown_away(sender: Hospital) -> None:
    sender.token()
    long_ago = datetime.now(UTC) - timedelta(hours=1)
    AccessToken.objects.update(expires_at=long_ago)
    UsedAssertion.objects.update(expires_at=long_ago)
    sender.token()
    services.tidy(datetime.now(UTC))
    assert (AccessToken.objects.count(), UsedAssertion.objects.count()) == (1, 1)


@pytest.mark.django_db(transaction=True)
def test_of_two_uses_at_once_one_is_answered() -> None:
    sender = hospital()
    assertion, start = sender.assertion(), Barrier(2)

    def ask() -> int:
        try:
            start.wait(timeout=10)
            return sender.ask(assertion).status_code
        finally:
            connections.close_all()

    with ThreadPoolExecutor(2) as pool:
        assert sorted(future.result() for future in [pool.submit(ask), pool.submit(ask)]) == [200, 401]
    assert AccessToken.objects.count() == 1


def keys(*made: Any, private: bool = False) -> dict[str, Any]:
    return dict(KeySet(list(made)).as_dict(private=private))


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (lambda: {}, "not a set"),
        (lambda: {"keys": "x"}, "not a set"),
        (lambda: {"keys": [{"kty": "EC"}]}, "not a set"),
        (lambda: {"keys": []}, "not a set"),
        (lambda: keys(ECKey.generate_key("P-256", {"kid": "1"}), private=True), "private"),
        (lambda: keys(OctKey.generate_key(256, {"kid": "1"}), private=True), "only RSA and EC"),
        (lambda: keys(RSAKey.generate_key(1024, {"kid": "1"})), "below 2048"),
    ],
)
@pytest.mark.filterwarnings("ignore:Key size")
def test_keys_that_are_not_taken(sender: Hospital, make: Callable[[], dict[str, Any]], words: str) -> None:
    with pytest.raises(ValueError, match=words):
        services.register_client(
            actor=system(), name="x", source_id=sender.source.pk, jwks=make(), scopes=[rules.READ], now=NOW
        )


def test_who_registers_a_client(sender: Hospital) -> None:
    def register(actor: Actor, scopes: list[str]) -> ApiClient:
        return services.register_client(
            actor=actor, name="x", source_id=sender.source.pk, jwks=sender.client.jwks, scopes=scopes, now=NOW
        )

    for kind in (Kind.ANONYMOUS, Kind.CITIZEN, Kind.STAFF):
        with pytest.raises(Denied):
            register(Actor(kind=kind), [rules.READ])
    for scopes in ([], ["system/Patient.read"]):
        with pytest.raises(ValueError, match="scope"):
            register(system(), scopes)
    made = register(Actor(kind=Kind.OPERATOR), [rules.READ])
    assert Event.objects.filter(action="api-client.registered", object_id=made.pk).exists()
