"""What only a provider that lies, or is broken, can send. Nobody is ever logged in by it, and the log says why."""

import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone
from joserfc import jwt
from joserfc.jwk import ECKey, OctKey
from pytest_django import Settings
from structlog.testing import capture_logs

from legedialog.access.models import Login
from legedialog.access.services import lock
from legedialog.audit.models import Event
from legedialog.integrations.login.tests.conftest import KARI, Liar, person
from legedialog.integrations.oidc import client as oidc
from legedialog.patients.models import Person

pytestmark = pytest.mark.django_db


def seconds_from_now(seconds: int) -> int:
    return int(timezone.now().timestamp()) + seconds


def assert_nobody(response: Any, status: int, code: str) -> None:
    text = response.content.decode()
    assert (response.status_code, f'data-code="{code}"' in text) == (status, True), text[-1500:]
    assert "session" not in response.cookies
    assert not Login.objects.exists()


def test_the_liar_is_believed_when_it_tells_the_truth(liar: Liar, client: Client, kari: Person) -> None:
    assert liar.log_in(client)["Location"] == "/hjem/"
    assert Login.objects.get().person_id == kari.pk


def test_an_index_that_was_put_in_another_persons_row_lets_nobody_in(liar: Liar, client: Client, kari: Person) -> None:
    """Whoever owns the tables can move her own; the number itself is sealed to its row."""
    per, hers = person("Per Testvik"), bytes(kari.national_number_index or b"")
    Person.objects.filter(pk=kari.pk).update(national_number_index=b"0" * 32)
    Person.objects.filter(pk=per.pk).update(national_number_index=hers)
    assert_nobody(liar.log_in(client), 403, "unknown-person")


@pytest.mark.parametrize(
    ("claims", "status", "code"),
    [
        ({"nonce": "another"}, 502, "wrong-nonce"),
        ({"nonce": None}, 502, "wrong-nonce"),
        ({"iss": "https://idporten.example"}, 502, "wrong-iss"),
        ({"aud": "another-client"}, 502, "wrong-aud"),
        ({"aud": ["legedialog-idporten", "another"], "azp": "another"}, 502, "wrong-azp"),
        ({"sub": None}, 502, "wrong-sub"),
        ({"exp": None}, 502, "wrong-exp"),
        ({"at_hash": "wrong"}, 502, "wrong-at_hash"),
        ({"acr": None}, 403, "wrong-acr"),
        ({"acr": "Level4"}, 403, "wrong-acr"),
        ({"pid": None}, 403, "no-number"),
    ],
)
def test_a_token_with_a_wrong_claim(
    liar: Liar, client: Client, kari: Person, claims: dict[str, Any], status: int, code: str
) -> None:
    liar.claims = claims
    assert_nobody(liar.log_in(client), status, code)


def test_an_expired_token(liar: Liar, client: Client, kari: Person) -> None:
    liar.claims = {"iat": seconds_from_now(-600), "exp": seconds_from_now(-oidc.LEEWAY - 5)}
    assert_nobody(liar.log_in(client), 502, "token-expired")


def test_clocks_that_differ_too_much(liar: Liar, client: Client, kari: Person) -> None:
    liar.claims = {"iat": seconds_from_now(300), "exp": seconds_from_now(600)}
    assert_nobody(liar.log_in(client), 502, "clock-skew")


def test_clocks_that_differ_a_little_do_not_matter(liar: Liar, client: Client, kari: Person) -> None:
    liar.claims = {"iat": seconds_from_now(oidc.LEEWAY - 10)}
    assert liar.log_in(client).status_code == 302


def test_a_key_that_is_not_published(liar: Liar, client: Client, kari: Person) -> None:
    liar.published = [ECKey.generate_key("P-256", auto_kid=True)]
    assert_nobody(liar.log_in(client), 502, "unknown-key")


def test_a_new_key_is_fetched_when_it_is_first_seen(
    liar: Liar, client: Client, kari: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(oidc, "KEYS_REST", timedelta(0))
    liar.published = [ECKey.generate_key("P-256", auto_kid=True)]
    client.get("/logg-inn/")
    liar.published = [liar.signing]
    assert liar.log_in(client).status_code == 302


def test_unknown_keys_do_not_make_us_ask_again_and_again(liar: Liar, client: Client, kari: Person) -> None:
    liar.published = [ECKey.generate_key("P-256", auto_kid=True)]
    for _ in range(3):
        liar.log_in(client)
    assert liar.asked.count("/jwks_uri") == 1
    assert liar.asked.count("/.well-known/openid-configuration") == 1


def test_another_key_with_the_right_name(liar: Liar, client: Client, kari: Person) -> None:
    real = liar.signing
    liar.signing = ECKey.generate_key("P-256", parameters={"kid": str(real.kid)})
    assert_nobody(liar.log_in(client), 502, "bad-signature")


def unsigned(liar: Liar) -> str:
    parts = liar.id_token().split(".")
    header = jwt.encode({"alg": "HS256"}, {}, OctKey.generate_key(256)).split(".")[0]
    return f"{header}.{parts[1]}."


def signed_with_the_public_key(liar: Liar) -> str:
    claims = jwt.decode(liar.id_token(), liar.signing).claims
    secret = OctKey.import_key("a-text-that-everybody-can-read-because-it-is-published")
    return jwt.encode({"alg": "HS256", "kid": liar.signing.kid}, claims, secret)


@pytest.mark.parametrize("forge", [unsigned, signed_with_the_public_key, lambda liar: "not.a.token", lambda liar: "x"])
def test_a_forged_token(liar: Liar, client: Client, kari: Person, forge: Callable[[Liar], str]) -> None:
    client.get("/logg-inn/")
    liar.answers["/token_endpoint"] = (200, json.dumps({"id_token": forge(liar)}).encode())
    response = liar.log_in(client)
    assert response.status_code == 502
    assert not Login.objects.exists()


@pytest.mark.parametrize(
    ("path", "answer", "code"),
    [
        ("/.well-known/openid-configuration", (500, b"oops"), "provider-down"),
        ("/.well-known/openid-configuration", (200, b'{"issuer": "https://another.example"}'), "wrong-iss"),
        ("/jwks_uri", (200, b'{"keys": "none"}'), "provider-down"),
        ("/pushed_authorization_request_endpoint", (200, b"<html>"), "provider-down"),
        ("/pushed_authorization_request_endpoint", (400, b'{"error": "invalid_client"}'), "provider-refused"),
    ],
)
def test_a_provider_that_fails_before_the_person_has_gone_there(
    liar: Liar, client: Client, path: str, answer: tuple[int, bytes], code: str
) -> None:
    liar.answers[path] = answer
    response = client.get("/logg-inn/")
    assert_nobody(response, 502 if code == "wrong-iss" else 503, code)


@pytest.mark.parametrize(
    ("answer", "status", "code"),
    [
        ((503, b""), 503, "provider-down"),
        ((200, b"[]"), 503, "provider-down"),
        ((200, b"[" * 50_000), 503, "provider-down"),
        ((200, b'{"access_token": "a"}'), 503, "provider-down"),
        ((200, b" " * (oidc.ANSWER_BYTES + 1)), 503, "provider-down"),
        ((400, b'{"error": "invalid_grant"}'), 400, "code-refused"),
        ((401, b'{"error": "invalid_client"}'), 503, "provider-refused"),
    ],
)
def test_a_provider_that_fails_when_the_person_comes_back(
    liar: Liar, client: Client, kari: Person, answer: tuple[int, bytes], status: int, code: str
) -> None:
    liar.answers["/token_endpoint"] = answer
    assert_nobody(liar.log_in(client), status, code)


def test_a_provider_that_is_not_there(settings: Settings, liar: Liar, client: Client) -> None:
    settings.LOGIN_PROVIDERS["idporten"]["issuer"] = "http://127.0.0.1:9"
    response = client.get("/logg-inn/")
    assert_nobody(response, 503, "provider-down")
    assert response["Retry-After"]


def test_our_own_key_is_missing(settings: Settings, liar: Liar, client: Client) -> None:
    settings.LOGIN_PROVIDERS["idporten"]["key_file"] = "/nowhere/key.json"
    assert_nobody(client.get("/logg-inn/"), 503, "our-key")


def test_an_answer_from_another_issuer(liar: Liar, client: Client, kari: Person) -> None:
    assert_nobody(liar.log_in(client, iss="https://another.example"), 502, "wrong-iss")


def test_the_log_has_one_line_with_the_code_and_nothing_about_the_person(
    liar: Liar, client: Client, kari: Person
) -> None:
    liar.claims = {"nonce": "another"}
    with capture_logs() as lines:
        liar.log_in(client)
    (line,) = [line for line in lines if line["event"] == "login failed"]
    assert (line["code"], line["provider"]) == ("wrong-nonce", "idporten")
    assert KARI not in str(lines)


def test_the_page_leads_back_to_where_she_was_going(liar: Liar, client: Client, kari: Person) -> None:
    liar.claims = {"nonce": "another"}
    assert 'href="/logg-inn/?next=%2Fhjem%2F"' in liar.log_in(client).content.decode()


# --- logging out from there


def logout_token(liar: Liar, **changes: Any) -> str:
    claims: dict[str, Any] = {
        "iss": liar.issuer,
        "aud": "legedialog-idporten",
        "iat": seconds_from_now(0),
        "exp": seconds_from_now(60),
        "jti": "jti-1",
        "sid": "sid-1",
        "events": {oidc.LOGOUT_EVENT: {}},
    } | changes
    claims = {name: value for name, value in claims.items() if value is not None}
    return jwt.encode({"alg": "ES256", "kid": liar.signing.kid, "typ": "logout+jwt"}, claims, liar.signing)


def back(client: Client, token: str) -> int:
    return client.post("/logg-ut/idporten/back/", {"logout_token": token}).status_code


def is_open() -> bool:
    return Login.objects.filter(ended_at=None).exists()


def test_a_logout_token_ends_the_login_once(liar: Liar, client: Client, kari: Person) -> None:
    liar.log_in(client)
    assert back(Client(), logout_token(liar)) == 200
    assert Login.objects.get().ended_why == "provider"
    assert back(Client(), logout_token(liar)) == 400


def test_a_logout_token_with_only_a_subject_ends_all_of_hers(liar: Liar, client: Client, kari: Person) -> None:
    liar.log_in(client)
    assert back(Client(), logout_token(liar, sid=None, sub="somebody-else")) == 200
    assert is_open()
    assert back(Client(), logout_token(liar, sid=None, sub="kari", jti="jti-2")) == 200
    assert not is_open()


@pytest.mark.parametrize(
    "changes",
    [
        {"events": None},
        {"events": {"another": {}}},
        {"nonce": "a"},
        {"sid": None},
        {"jti": None},
        {"aud": "another"},
        {"iss": "https://another.example"},
        {"exp": 1},
    ],
)
def test_what_is_no_logout_token_ends_nothing(
    liar: Liar, client: Client, kari: Person, changes: dict[str, Any]
) -> None:
    liar.log_in(client)
    assert back(Client(), logout_token(liar, **changes)) == 400
    assert is_open()


def test_an_id_token_is_no_logout_token(liar: Liar, client: Client, kari: Person) -> None:
    liar.log_in(client)
    assert back(Client(), liar.id_token()) == 400
    assert is_open()


def test_the_front_channel_ends_the_login_of_its_session_only(liar: Liar, client: Client, kari: Person) -> None:
    liar.log_in(client)
    frame = Client()
    for query in ({"iss": liar.issuer, "sid": "sid-2"}, {"iss": "https://another.example", "sid": "sid-1"}, {}):
        assert frame.get("/logg-ut/idporten/front/", query).status_code == 200
        assert is_open()
    response = frame.get("/logg-ut/idporten/front/", {"iss": liar.issuer, "sid": "sid-1"})
    assert not is_open()
    assert f"frame-ancestors {liar.issuer}" in response["Content-Security-Policy"]
    assert "X-Frame-Options" not in response


def test_logging_out_works_when_the_provider_is_down(liar: Liar, client: Client, kari: Person) -> None:
    liar.log_in(client)
    oidc.forget_providers()
    liar.answers["/.well-known/openid-configuration"] = (500, b"")
    response = client.post("/logg-ut/")
    assert "Du er logget ut" in response.content.decode()
    assert "Refresh" not in response
    assert not is_open()


def test_an_unknown_counterpart_is_not_found(client: Client) -> None:
    assert client.get("/logg-inn/svar/another/").status_code == 404


def test_too_many_attempts_from_one_address(settings: Settings, liar: Liar, client: Client) -> None:
    settings.LOGIN_ATTEMPTS = 2
    assert [client.get("/logg-inn/").status_code for _ in range(3)] == [302, 302, 429]
    assert client.get("/logg-inn/", REMOTE_ADDR="192.0.2.7").status_code == 302


def test_nobody_logs_in_as_a_person_who_has_locked_her_access(liar: Liar, client: Client, kari: Person) -> None:
    """Whoever tries has a right answer from the provider. She can see in the log that somebody tried."""
    lock(person_id=kari.pk, now=timezone.now())
    assert_nobody(liar.log_in(client), 403, "locked")
    event = Event.objects.get(action="login.refused")
    assert (event.patient_id, event.person_id) == (kari.pk, None)
