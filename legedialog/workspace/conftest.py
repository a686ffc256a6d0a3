from datetime import datetime

import pytest
from django.test import Client
from django.utils import timezone

from legedialog.access import cookies, services
from legedialog.access.actor import Actor, Assurance, Role
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


def logged_in(actor: Actor, client: Client | None = None) -> Client:
    client = client or Client()
    holder = actor.employee_id or actor.person_id
    assert holder
    token, _ = services.start_login(
        kind=actor.kind,
        holder_id=holder,
        assurance=Assurance.HIGH,
        issuer="https://login.example",
        sid="",
        sub="someone",
        user_agent="",
        replaces="",
        now=timezone.now(),
    )
    client.cookies[cookies.name("session")] = token
    return client


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
