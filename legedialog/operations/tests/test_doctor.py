"""`legedialog doctor`, and that what it knows is the same everywhere."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import typer
from django.db import OperationalError, connection, connections
from django.utils import timezone

from legedialog.core import contexts
from legedialog.core.contexts import Measure
from legedialog.operations import alerts, doctor, environment, fence, health, watch
from legedialog.outbox import services as outbox


@pytest.fixture(autouse=True)
def _ready(monkeypatch: pytest.MonkeyPatch, settings: Any, tmp_path: Path) -> None:
    @contextmanager
    def ready() -> Iterator[None]:
        yield  # the test has its settings and its database already

    monkeypatch.setattr(environment, "ready", ready)
    settings.VAR = tmp_path


def look(capsys: pytest.CaptureFixture[str]) -> tuple[int, list[str]]:
    """Its exit code, and the lines that need somebody."""
    code = 0
    try:
        doctor.command()
    except typer.Exit as ended:
        code = ended.exit_code
    return code, [line for line in capsys.readouterr().out.splitlines() if line.startswith(doctor.BAD)]


def all_is_well() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT procrastinate_register_worker_v1()")
    watch.note_backup(timezone.now())


@pytest.mark.django_db(databases=["default", "owner"])
def test_nothing_is_said_of_a_system_that_is_well(capsys: pytest.CaptureFixture[str]) -> None:
    all_is_well()
    assert look(capsys) == (0, [])


@pytest.mark.django_db(databases=["default", "owner"])
def test_a_new_system_is_told_to_start_its_worker_and_make_a_backup(capsys: pytest.CaptureFixture[str]) -> None:
    code, lines = look(capsys)
    assert code == 1
    assert [line.split()[1] for line in lines] == ["worker_heartbeat_age_seconds:", "backup_age_seconds:"]
    assert lines[1].endswith("legedialog-backup.timer.")


@pytest.mark.parametrize("note", ["[]", "null", "{}", '{"done_at": 1}', '{"done_at": "2126-01-01T00:00:00+00:00"}', ""])
def test_a_note_of_a_backup_that_cannot_be_is_none(note: str, settings: Any, tmp_path: Path) -> None:
    settings.VAR = tmp_path
    (tmp_path / "last-backup.json").write_text(note, encoding="utf-8")
    assert watch.last_backup(timezone.now()) is None


@pytest.mark.django_db(databases=["default", "owner"])
def test_each_thing_that_needs_somebody_has_a_line_with_what_to_do(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    all_is_well()
    watch.note_backup(timezone.now() - timedelta(days=2))
    monkeypatch.setattr(fence, "faults", lambda: ["a hole"])
    monkeypatch.setattr(watch, "certificate_days_left", lambda hour: 3.0)
    outbox.close_gate(timezone.now())
    code, lines = look(capsys)
    assert code == 1
    assert [line.split()[1] for line in lines] == [
        "fence:",
        "notices:",
        "fence_faults:",
        "certificate_days_left:",
        "backup_age_seconds:",
    ]
    for name in ("certificate_days_left", "backup_age_seconds"):
        assert any(line.endswith(by_name()[name].advice) for line in lines)


@pytest.mark.parametrize(("owner", "advice"), [(OperationalError, "database"), (None, "no role")])
def test_without_a_database_it_says_so_and_of_the_rest_only_what_it_knows(
    owner: type[Exception] | None, advice: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def down() -> bool:
        raise OperationalError

    def gets_in(*arguments: object) -> None:
        if owner:
            raise owner

    monkeypatch.setattr(health, "_is_migrated", down)
    monkeypatch.setattr(connections["owner"], "ensure_connection", gets_in)
    code, lines = look(capsys)
    assert code == 1
    assert lines[0] == f"LOOK database: down. {doctor.ADVICE[advice]}"
    assert [line.split()[1] for line in lines[1:]] == ["backup_age_seconds:"]


def by_name() -> dict[str, Measure]:
    return {measure.name: measure for measure in contexts.measures()}


@pytest.mark.django_db(databases=["default", "owner"])
def test_what_is_known_has_one_table() -> None:
    """Readiness, the metrics, doctor and the alerts tell of the same measures."""
    found = watch.here(timezone.now()) | watch.queues() | watch.slow(timezone.now())
    assert set(found) <= set(by_name())
    assert {each.series for each in alerts.alerts()} > {f"legedialog_{name}" for name in by_name()}
