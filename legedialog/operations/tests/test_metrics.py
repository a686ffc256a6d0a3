"""What Prometheus reads: names of routes and counts, never a path, a name, a number or an id of anybody."""

import os
import re
import subprocess
import sys
from pathlib import Path

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
    registry.register(metrics.Measures())
    text = generate_latest(registry).decode()
    assert re.search(r'legedialog_notices\{event="appointment.booked",status="\w+"\} 1\.0', text)
    assert "legedialog_database_up 1.0" in text
    assert re.search(r'legedialog_register_facts\{fact="person",state="too_old"\} 0\.0', text)
    assert str(kari.pk) not in text
    assert not UUID.search(text)


def test_two_servers_on_one_machine_count_apart_and_the_folders_of_dead_ones_go(tmp_path: Path) -> None:
    code = (
        "import os, sys, django; from pathlib import Path; django.setup(); from legedialog.operations import metrics;"
        "metrics.prepare(Path(sys.argv[1])); print(os.environ['PROMETHEUS_MULTIPROC_DIR'], flush=True); input()"
    )

    def start() -> tuple[subprocess.Popen[str], Path]:
        process = subprocess.Popen(
            [sys.executable, "-c", code, str(tmp_path / "metrics")],
            env={**os.environ, "DJANGO_SETTINGS_MODULE": "legedialog.config.settings"},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        assert process.stdout
        return process, Path(process.stdout.readline().strip())

    first, one = start()
    (one / "counter_1.db").touch()
    second, two = start()
    assert (one / "counter_1.db").exists()
    assert one != two
    first.kill()
    first.communicate()
    third, _ = start()
    assert not one.exists()
    assert two.exists()
    for process in (second, third):
        process.communicate("\n")


def test_nobody_reaches_them_through_the_pages() -> None:
    assert Client().get("/metrics/").status_code == 404
    assert Client().get("/metrics").status_code == 404
