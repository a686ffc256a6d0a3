from datetime import datetime

import pytest
from django.test import Client
from django.utils import timezone

from legedialog.access.actor import Role
from legedialog.access.tests.logins import logged_in
from legedialog.appointments.tests import factories
from legedialog.appointments.tests.factories import Office
from legedialog.core.times import local_day
from legedialog.fees import story as fees
from legedialog.fees.models import Charge
from legedialog.fees.tests.test_charging import VISIT, visited


@pytest.fixture
def priced(office: Office, monkeypatch: pytest.MonkeyPatch, now: datetime) -> Office:
    fees.load(managers=[office.staff(Role.MANAGER)], today=local_day(now), now=now)
    monkeypatch.setattr(timezone, "now", lambda: VISIT)
    return office


@pytest.fixture
def secretary(priced: Office) -> Client:
    return logged_in(priced.staff(Role.SECRETARY))


@pytest.fixture
def manager(priced: Office) -> Client:
    return logged_in(priced.staff(Role.MANAGER))


@pytest.fixture
def doctor(priced: Office) -> Client:
    return logged_in(priced.staff(Role.DOCTOR))


@pytest.fixture
def stranger(priced: Office) -> Client:
    return logged_in(factories.office("Dalen legekontor", "Odd Lund").staff(Role.SECRETARY))


@pytest.fixture
def charge(priced: Office) -> Charge:
    return visited(priced, priced.patient())
