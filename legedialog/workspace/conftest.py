from datetime import datetime

import pytest
from django.test import Client
from django.utils import timezone

from legedialog.access.actor import Role
from legedialog.access.tests.logins import logged_in
from legedialog.appointments.tests import factories
from legedialog.appointments.tests.factories import Office


@pytest.fixture
def now(monkeypatch: pytest.MonkeyPatch) -> datetime:
    """Monday 23 November 2026, 10:00 in Oslo, also for the pages."""
    monkeypatch.setattr(timezone, "now", lambda: factories.NOW)
    return factories.NOW


@pytest.fixture
def office(db: None, now: datetime) -> Office:
    return factories.office()


@pytest.fixture
def secretary(office: Office) -> Client:
    return logged_in(office.staff(Role.SECRETARY))


@pytest.fixture
def manager(office: Office) -> Client:
    return logged_in(office.staff(Role.MANAGER))


@pytest.fixture
def doctor(office: Office) -> Client:
    return logged_in(office.staff(Role.DOCTOR))


@pytest.fixture
def stranger(office: Office) -> Client:
    """Staff at another office."""
    return logged_in(factories.office("Dalen legekontor", "Odd Lund").staff(Role.SECRETARY))
