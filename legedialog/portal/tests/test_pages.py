"""The citizen's own pages through the whole stack, as a browser without script sees them."""

from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from html import unescape
from uuid import uuid4

import pytest
from django.db import connection
from django.http import HttpResponse
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from legedialog.access import cookies
from legedialog.access.actor import Actor, Assurance, Kind, Role
from legedialog.access.services import start_login
from legedialog.appointments import services as appointments
from legedialog.appointments.tests.factories import LONG_AGO, NOW, TODAY, TOMORROW, Office, citizen, office, person
from legedialog.consent import queries as consent
from legedialog.consent.models import Consent, Level
from legedialog.core.times import at_local
from legedialog.outbox.models import Notification
from legedialog.patients.models import Membership, Person
from legedialog.practices.models import Absence, Clinician, ContractDoctor, Offer, OpeningHours, Service

pytestmark = pytest.mark.django_db

PLACES = ["/hjem/", "/min-fastlege/", "/meldinger/", "/legemidler/", "/profil/", "/hjelp/"]
MOST_QUERIES = 12  # a page. Source: design.md section 10


@pytest.fixture(autouse=True)
def clock(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Monday 23 November 2026 at 10.00."""
    monkeypatch.setattr(timezone, "now", lambda: NOW)
    return


@pytest.fixture
def gp() -> Office:
    made = office()
    OpeningHours.objects.bulk_create(
        OpeningHours(practice=made.practice, weekday=weekday, opens=time(8), closes=time(15, 30))
        for weekday in range(5)
    )
    return made


@pytest.fixture
def kari(gp: Office) -> Person:
    return gp.patient()


@pytest.fixture
def browser(kari: Person) -> Client:
    return browser_of(kari)


def browser_of(who: Person, language: str = "nb") -> Client:
    token, _ = start_login(
        kind=Kind.CITIZEN,
        holder_id=who.pk,
        assurance=Assurance.HIGH,
        issuer="https://idporten.test",
        sid="s",
        sub="kari",
        user_agent="Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0",
        replaces="",
        now=NOW,
    )
    client = Client(headers={"accept-language": language})
    client.cookies[cookies.name("session")] = token
    return client


def text(response: HttpResponse) -> str:
    return " ".join(unescape(response.content.decode()).split())


@pytest.mark.parametrize("url", PLACES)
@pytest.mark.parametrize("language", ["nb", "nn", "en"])
def test_every_place_opens_in_three_languages(url: str, language: str, kari: Person) -> None:
    response = browser_of(kari, language).get(url)
    assert response.status_code == 200
    assert f'lang="{language}"' in text(response)
