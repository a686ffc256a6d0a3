"""What Prometheus reads: names of routes and counts, never a path, a name, a number or an id of anybody."""

import re

import pytest
from django.test import Client
from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.registry import REGISTRY

from legedialog.appointments.tests.factories import office
from legedialog.core.ids import new_id
from legedialog.operations import metrics

UUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}")


def read() -> str:
    return generate_latest(REGISTRY).decode()


@pytest.mark.django_db
def test_a_request_is_counted_by_its_route_and_nothing_of_its_address_stands_in_a_label() -> None:
    secret = str(new_id())
    Client().get(f"/meldinger/{secret}/?navn=Kari&nummer=01814000199")
    Client().get("/finnes/ikke/01814000199/")
    text = read()
    assert 'route="dialogues:show"' in text
    for hidden in (secret, "01814000199", "Kari", "finnes"):
        assert hidden not in text
    assert not UUID.search(text)


@pytest.mark.django_db
def test_words_that_a_client_makes_up_make_no_new_series() -> None:
    def series() -> set[str]:
        return {line.rpartition(" ")[0] for line in read().splitlines() if line.startswith("legedialog_requests_total")}

    def ask() -> None:
        Client().generic(f"X{new_id()}", "/")
        Client().get(f"/{new_id()}/")

    ask()
    before = series()
    for _ in range(5):
        ask()
    assert series() == before


@pytest.mark.django_db
def test_the_queues_are_counted_by_event_and_state_whoever_they_are_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("django.db.connection.close", lambda: None)  # the test's own
    at = office()
    kari = at.patient()
    at.booked(kari)
    registry = CollectorRegistry()
    registry.register(metrics.Queue())
    text = generate_latest(registry).decode()
    assert re.search(r'legedialog_notices\{event="appointment.booked",status="\w+"\} 1\.0', text)
    assert "legedialog_database_up 1.0" in text
    assert re.search(r'legedialog_register_facts\{fact="person",state="too_old"\} 0\.0', text)
    assert str(kari.pk) not in text
    assert not UUID.search(text)


def test_nobody_reaches_them_through_the_pages() -> None:
    assert Client().get("/metrics/").status_code == 404
    assert Client().get("/metrics").status_code == 404
