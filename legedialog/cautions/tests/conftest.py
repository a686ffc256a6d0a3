from datetime import datetime

import pytest

from legedialog.appointments.tests import factories
from legedialog.appointments.tests.factories import Office


@pytest.fixture
def now() -> datetime:
    return factories.NOW


@pytest.fixture
def office(db: None) -> Office:
    return factories.office()
