from datetime import time

import pytest
from django.test import Client
from django.utils import timezone

from legedialog.appointments.tests.factories import NOW, Office, office
from legedialog.patients.models import Person
from legedialog.portal.tests.test_pages import browser_of
from legedialog.practices.models import OpeningHours


@pytest.fixture(autouse=True)
def clock(monkeypatch: pytest.MonkeyPatch) -> None:
    """Monday 23 November 2026 at 10.00."""
    monkeypatch.setattr(timezone, "now", lambda: NOW)


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
