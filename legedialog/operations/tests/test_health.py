import pytest
from django.db import OperationalError, connection
from django.test import Client

from legedialog.operations import health


def test_alive_needs_no_database(client: Client) -> None:
    response = client.get("/health/live")
    assert (response.status_code, response.json()) == (200, {"status": "ok"})


@pytest.mark.django_db
def test_ready_with_database_and_migrations_says_that_no_worker_runs(client: Client) -> None:
    response = client.get("/health/ready")
    assert response.status_code == 200
    assert response.json() == {
        "status": "ok",
        "database": "up",
        "migrations": "applied",
        "fence": "up",
        "worker": "silent",
    }


@pytest.mark.django_db
def test_a_worker_that_reported_just_now_is_up(client: Client) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT procrastinate_register_worker_v1()")
    assert client.get("/health/ready").json()["worker"] == "up"


@pytest.mark.django_db
def test_not_ready_while_a_migration_waits(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(health, "_is_migrated", lambda: False)
    response = client.get("/health/ready")
    assert (response.status_code, response.json()["migrations"]) == (503, "waiting")


def test_not_ready_without_the_database(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    def down() -> bool:
        raise OperationalError

    monkeypatch.setattr(health, "_is_migrated", down)
    response = client.get("/health/ready")
    assert (response.status_code, response.json()["database"]) == (503, "down")
