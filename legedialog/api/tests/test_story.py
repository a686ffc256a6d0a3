from datetime import UTC, date, datetime
from types import SimpleNamespace

import pytest

from legedialog.api import story
from legedialog.appointments import elsewhere
from legedialog.appointments.models import ExternalAppointment
from legedialog.appointments.tests import factories
from legedialog.core.sql import ask_for
from legedialog.core.times import local_day

NOW = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)


def test_the_appointments_are_on_working_days_in_the_daytime() -> None:
    for today in (date(2026, 11, 23), date(2026, 12, 22), date(2026, 4, 1)):
        first, second = story.appointments("15838412345", today, changed_at=NOW)
        days = [local_day(datetime.fromisoformat(each["start"])) for each in (first, second)]
        assert today < days[0] < days[1]
        assert all(day.weekday() < 5 for day in days)


@pytest.mark.django_db
def test_kari_sees_both_after_two_loads() -> None:
    kari = factories.person()
    stage = SimpleNamespace(now=NOW, person={"Kari Testdal": kari.pk}.__getitem__)
    for _ in range(2):
        story.play(stage)
    assert ExternalAppointment.objects.count() == 2
    rows = elsewhere.rows(factories.citizen(kari), kari.pk, NOW)
    assert [row.channel for row in rows] == ["video", "video"]
    assert all(row.join_url.startswith("https://") for row in rows)
    assert rows[0].place == "Ortopedisk poliklinikk, Fjordbyen sykehus"
    [state] = elsewhere.sources_from(ask_for(elsewhere.asks_sources(factories.citizen(kari))), NOW)
    assert (state.name, state.answers) == ("Fjordbyen sykehus", True)
