from datetime import date, datetime

import pytest

from legedialog.access.actor import Role
from legedialog.appointments.tests import factories
from legedialog.appointments.tests.factories import Office
from legedialog.fees import story as fees


@pytest.fixture
def now() -> datetime:
    return factories.NOW


@pytest.fixture
def office(db: None) -> Office:
    return factories.office()


@pytest.fixture
def priced(office: Office, now: datetime) -> Office:
    """The manager has confirmed the demo's table."""
    fees.load(managers=[office.staff(Role.MANAGER)], today=date(2026, 11, 23), now=now)
    return office
