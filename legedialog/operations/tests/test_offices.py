"""Kontorer: whoever runs the platform opens offices and gives them managers."""

from datetime import date
from typing import Any

import pytest
from django.test import Client

from legedialog.access import services
from legedialog.access.actor import Kind
from legedialog.access.models import Operator
from legedialog.access.tests.logins import begin, with_token
from legedialog.access.tests.pages import Tab
from legedialog.core.identifiers import synthetic_number
from legedialog.core.models import DataKey
from legedialog.practices.models import Employee, Practice
from legedialog.practices.tests.factories import practice

pytestmark = pytest.mark.django_db
SIRI = synthetic_number(date(1975, 5, 5), 1)
NEW = "/drift/kontorer/nytt/"


@pytest.fixture
def tab() -> Tab:
    services.add_operator(name="Eli Drift", national_number=synthetic_number(date(1975, 5, 5), 9))
    token, _ = begin(Kind.OPERATOR, Operator.objects.get().pk)
    return Tab(with_token(token, Client(enforce_csrf_checks=True)))


def given(**changes: str) -> dict[str, Any]:
    return {
        "name": "Nyvika legesenter",
        "organisation_number": "313 000 044",
        "manager": "Siri Berge",
        "national_number": SIRI,
        "supported_services": ["book", "contact"],
    } | changes


def test_an_office_comes_with_its_key_and_its_manager(tab: Tab) -> None:
    tab.open(NEW).press(NEW, **given())
    made = Practice.objects.get(organisation_number="313000044")
    assert made.supported_services == ["book", "contact"]
    assert DataKey.objects.filter(scope=made.pk).exists()
    assert Employee.objects.get(practice=made).role == "manager"
    assert "Nyvika legesenter" in tab.open("/drift/kontorer/").html


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"organisation_number": "313000045"}, "Organisasjonsnummeret stemmer ikke."),
        ({"national_number": "1"}, "Fødselsnummeret stemmer ikke."),
    ],
)
def test_an_office_that_cannot_be_is_not_half_made(changes: dict[str, str], said: str, tab: Tab) -> None:
    assert tab.open(NEW).press(NEW, **given(**changes)).status_code == 422
    assert said in tab.html
    assert not Practice.objects.exists()


def test_an_office_is_opened_once(tab: Tab) -> None:
    for _number in range(2):
        answer = tab.open(NEW).press(NEW, **given())
    assert answer.status_code == 422
    assert "finnes allerede" in tab.html


def test_an_office_without_a_manager_gets_one_and_what_its_system_carries_is_changed_as_seen(tab: Tab) -> None:
    made = practice(supported_services=["book"])
    address = f"/drift/kontorer/{made.pk}/"
    assert "Mangler leder" in tab.open("/drift/kontorer/").html
    tab.open(address).press(address, nth=1, do="manager", manager="Siri Berge", national_number=SIRI)
    assert "Mangler leder" not in tab.open("/drift/kontorer/").html
    tab.open(address)
    Tab(tab.browser).open(address).press(address, do="services", supported_services=["book", "video"])
    answer = tab.press(address, do="services", supported_services=[])
    assert answer.status_code == 409
    made.refresh_from_db()
    assert made.supported_services == ["book", "video"]


def test_an_operator_is_made_once(tab: Tab) -> None:
    number = synthetic_number(date(1975, 5, 5), 9)
    assert not services.add_operator(name="Eli Drift", national_number=number)
    assert Operator.objects.count() == 1
