"""From the front door to a login and out again, through the demo's own provider, with real sockets behind it."""

import re
from collections.abc import Callable
from datetime import date
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from authlib.oauth2.rfc7636 import create_s256_code_challenge  # type: ignore[import-untyped]
from django.core import signing
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from joserfc import jwt
from pytest_django import Settings

from legedialog.access.models import Login, Operator
from legedialog.core import keys
from legedialog.core.crypto import blind_index
from legedialog.demo.identity import tokens
from legedialog.demo.people import PEOPLE
from legedialog.patients.models import Person
from legedialog.practices.models import Clinician, Employee, Practice

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def _on_its_own_port(settings: Settings, live_server: Any) -> None:
    settings.PORT = live_server.thread.port


@pytest.fixture
def people() -> None:
    """The demo's people, as its population makes them."""
    practice = Practice.objects.create(name="Fjordbyen legesenter", organisation_number="910000001")
    for one in PEOPLE:
        index = blind_index(one.number, purpose="national-number")
        if one.kind == "citizen":
            Person.objects.create(
                national_number=one.number,
                national_number_index=index,
                given_name=one.given_name,
                family_name=one.family_name,
                birth_date=one.reference_birth_date,
                address="",
                phone="",
                email="",
            )
        elif one.kind == "operator":
            Operator.objects.create(name=one.name, national_number_index=index)
        else:
            clinician = Clinician.objects.create(name=one.name, hpr_number=one.hpr) if one.hpr else None
            Employee.objects.create(
                practice=practice,
                clinician=clinician,
                name=one.name,
                role="doctor" if clinician else "secretary",
                national_number_index=index,
                starts_date=date(2020, 1, 1),
            )


def buttons(page: str) -> list[str]:
    return [text.strip() for text in re.findall(r"<button[^>]*>([^<]*)</button>", page)]


def value_of(page: str, name: str) -> str:
    found = re.search(rf'value="([^"]+)"[^>]*>{name}</button>', page)
    assert found
    return found[1]


def act(client: Client, start: str, name: str) -> Any:
    """Open the way in, press the button with the name, and follow to our own page."""
    at = client.get(start)["Location"]
    page = client.get(at).content.decode()
    form = next(form for form in re.findall(r"<form.*?</form>", page, re.DOTALL) if f">{name}</button>" in form)
    if 'method="post"' in form:
        response = client.post(at, {"person": value_of(page, name)})
    else:
        action = re.search(r'action="([^"]+)"', form)
        assert action
        response = client.get(action[1], {"login_hint": value_of(page, name)})
        response = client.get(response["Location"])
    return client.get(response["Location"])


@pytest.mark.parametrize("start", ["/logg-inn/", "/logg-inn/ansatt/"])
@pytest.mark.parametrize(
    ("name", "kind"),
    [("Kari Testdal", "citizen"), ("Mona Haug", "staff"), ("Ingrid Aas", "staff"), ("Drift Operatør", "operator")],
)
def test_everybody_logs_in_from_either_door(people: None, client: Client, start: str, name: str, kind: str) -> None:
    assert act(client, start, name).status_code == 302
    assert Login.objects.get().kind == kind
    page: Any = client.get("/logg-ut/")
    assert page.wsgi_request.actor.display_name == name


@pytest.mark.parametrize("start", ["/logg-inn/", "/logg-inn/ansatt/"])
def test_there_is_one_button_for_each_person_with_exactly_the_name(client: Client, start: str) -> None:
    page = client.get(client.get(start)["Location"]).content.decode()
    assert "<h1>Velg hvem du vil logge inn som</h1>" in page
    for person in PEOPLE:
        assert buttons(page).count(person.name) == 1
    assert not any(person.number in page for person in PEOPLE)


@pytest.mark.parametrize("host", ["localhost:8000", "127.0.0.1:8000"])
def test_the_browser_stays_on_the_host_it_came_by(people: None, host: str) -> None:
    client = Client(headers={"host": host})
    at = client.get("/logg-inn/")["Location"]
    assert at.startswith(f"http://{host}/demo-id/authorize?")
    response = client.post(at, {"person": "kari-testdal"})
    assert response["Location"].startswith(f"http://{host}/logg-inn/svar/idporten/")
    assert client.get(response["Location"]).status_code == 302
    assert client.post("/logg-ut/")["Refresh"].startswith(f"0; url=http://{host}/demo-id/logout?")


def test_logging_out_comes_back_to_our_own_page(people: None, client: Client) -> None:
    act(client, "/logg-inn/", "Kari Testdal")
    url = client.post("/logg-ut/")["Refresh"].removeprefix("0; url=")
    assert client.get(url)["Location"] == "http://testserver/logg-ut/"


def test_one_may_change_her_mind(client: Client) -> None:
    at = client.get("/logg-inn/")["Location"]
    response = client.get(client.post(at, {"cancel": "yes"})["Location"])
    assert 'data-code="cancelled"' in response.content.decode()


def test_staff_are_not_let_in_as_citizens(people: None, client: Client) -> None:
    at = client.get("/logg-inn/")["Location"]
    assert client.post(at, {"person": "mona-haug"}).status_code == 200  # the same page again


# --- the provider is strict, or it would prove nothing


def pushed(client: Client) -> dict[str, str]:
    at = client.get("/logg-inn/")["Location"]
    query = {name: values[0] for name, values in parse_qs(urlsplit(at).query).items()}
    return tokens.pushed(query["request_uri"], query["client_id"])


def assertion(settings: Settings, **changes: Any) -> dict[str, str]:
    ours = settings.LOGIN_PROVIDERS["idporten"]
    key = keys.ensure(ours["key_file"])
    now = int(timezone.now().timestamp())
    claims = {"iss": ours["client_id"], "sub": ours["client_id"], "aud": tokens.issuer(), "exp": now + 60, "jti": "1"}
    return {
        "client_id": ours["client_id"],
        "client_assertion_type": tokens.ASSERTION_TYPE,
        "client_assertion": jwt.encode({"alg": "ES256"}, claims | changes, key),
    }


def test_a_code_works_once(people: None, client: Client, settings: Settings) -> None:
    asked = pushed(client)
    code = tokens.code({**asked, "code_challenge": create_s256_code_challenge("v" * 43)}, PEOPLE[0])
    form = {"grant_type": "authorization_code", "code": code, "redirect_uri": asked["redirect_uri"]}

    def redeem(jti: str, verifier: str = "v" * 43) -> Any:
        return client.post(reverse("identity:token"), form | {"code_verifier": verifier} | assertion(settings, jti=jti))

    assert redeem("a", verifier="w" * 43).json() == {"error": "invalid_grant"}
    assert redeem("b").status_code == 200
    assert redeem("c").json() == {"error": "invalid_grant"}


@pytest.mark.parametrize(
    "spoil",
    [
        lambda form, settings: form | {"client_assertion": "x"},
        lambda form, settings: form | {"client_id": "another"},
        lambda form, settings: form | assertion(settings, aud="https://another.example"),
        lambda form, settings: form | assertion(settings, exp=1),
        lambda form, settings: {name: value for name, value in form.items() if name != "client_assertion_type"},
    ],
)
def test_a_client_that_cannot_prove_who_it_is(
    client: Client, settings: Settings, spoil: Callable[[dict[str, str], Settings], dict[str, str]]
) -> None:
    response = client.post(reverse("identity:par"), spoil(assertion(settings), settings))
    assert (response.status_code, response.json()) == (401, {"error": "invalid_client"})


def test_an_assertion_works_once(client: Client, settings: Settings) -> None:
    form = assertion(settings)
    assert client.post(reverse("identity:par"), form).json() == {"error": "invalid_request"}
    assert client.post(reverse("identity:par"), form).json() == {"error": "invalid_client"}


def test_it_leads_to_no_other_site(client: Client) -> None:
    asked = pushed(client) | {"redirect_uri": "https://evil.example/logg-inn/svar/idporten/"}
    request_uri = tokens.REQUEST_URI + signing.dumps(asked, salt="demo-id.request")
    query = {"client_id": asked["client_id"], "request_uri": request_uri}
    assert client.get(reverse("identity:authorize"), query).status_code == 400
    query = {"client_id": asked["client_id"], "post_logout_redirect_uri": "https://evil.example/logg-ut/"}
    assert client.get(reverse("identity:logout"), query).status_code == 400


@pytest.mark.parametrize("name", ["discovery", "jwks", "par", "authorize", "token", "logout"])
def test_it_does_not_exist_in_production(client: Client, settings: Settings, name: str) -> None:
    settings.TEST = settings.DEMO = False
    assert client.get(reverse(f"identity:{name}")).status_code in (404, 405)
    assert client.post(reverse(f"identity:{name}")).status_code in (404, 405)
