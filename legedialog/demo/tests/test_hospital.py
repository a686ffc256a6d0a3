from datetime import UTC, date, datetime

import pytest

from legedialog.appointments import queries
from legedialog.appointments.models import ExternalAppointment
from legedialog.appointments.tests import factories
from legedialog.core.crypto import blind_index
from legedialog.core.times import local_day
from legedialog.demo import hospital
from legedialog.demo.people import PEOPLE
from legedialog.patients.models import Person

NOW = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)


def test_the_appointments_are_on_working_days_in_the_daytime() -> None:
    for today in (date(2026, 11, 23), date(2026, 12, 22), date(2026, 4, 1)):
        first, second = hospital.appointments(today, changed_at=NOW)
        days = [local_day(datetime.fromisoformat(each["start"])) for each in (first, second)]
        assert today < days[0] < days[1]
        assert all(day.weekday() < 5 for day in days)


@pytest.mark.django_db
def test_kari_sees_both_after_two_loads() -> None:
    number = next(person.number for person in PEOPLE if person.name == "Kari Testdal")
    kari = factories.person()
    Person.objects.filter(pk=kari.pk).update(national_number_index=blind_index(number, purpose="national-number"))
    for _ in range(2):
        hospital.load(local_day(NOW), NOW)
    assert ExternalAppointment.objects.count() == 2
    rows = queries.externals(factories.citizen(kari), kari.pk, NOW)
    assert [row.channel for row in rows] == ["video", "video"]
    assert all(row.join_url.startswith("https://") for row in rows)
    assert rows[0].place == "Ortopedisk poliklinikk, Fjordbyen sykehus"
    [state] = queries.sources(factories.citizen(kari), NOW)
    assert (state.name, state.answers) == ("Fjordbyen sykehus", True)
