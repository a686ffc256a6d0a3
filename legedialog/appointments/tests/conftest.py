import pytest
from django.test import Client
from django.utils import timezone

from legedialog.appointments.tests.browsing import Clock, browser_of
from legedialog.appointments.tests.factories import Office, office
from legedialog.patients.models import Person


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    """Monday 23 November 2026 at 10.00, until a test moves it."""
    clock = Clock()
    monkeypatch.setattr(timezone, "now", lambda: clock.now)
    return clock


@pytest.fixture
def gp() -> Office:
    return office()


@pytest.fixture
def kari(gp: Office) -> Person:
    return gp.patient()


@pytest.fixture
def browser(kari: Person) -> Client:
    return browser_of(kari)
