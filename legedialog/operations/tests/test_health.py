"""What `/health/` and those on duty are told."""

import json
import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.db import InterfaceError, OperationalError, ProgrammingError, connection
from django.test import Client

from legedialog.appointments.tests.factories import office
from legedialog.attachments import intake, sandbox
from legedialog.config.tests.test_asgi import ask as ask_asgi
from legedialog.core import contexts, crypto, master
from legedialog.integrations.clamav import fake
from legedialog.operations import health, watch

NOW = datetime.now(UTC)


@pytest.fixture(autouse=True)
def _a_machine(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """A backup was made on it, and nobody has asked yet whether files are taken."""
    monkeypatch.setattr(settings, "VAR", tmp_path)
    watch.note_backup(NOW)
    monkeypatch.setattr(intake, "_known", None)


def run(words: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(words)


def a_worker(seconds: int) -> int:
    """One that reported so long ago."""
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO procrastinate_workers (last_heartbeat) VALUES (now() - make_interval(secs => %s))"
            " RETURNING id",
            [seconds],
        )
        return int(cursor.fetchone()[0])


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """`/health/ready` with an answer of the test's, and nothing kept from before."""
    monkeypatch.setattr(health, "_asked", None)

    def ask(find: Any) -> tuple[int, dict[bytes, bytes], bytes]:
        monkeypatch.setattr(health, "ready", find)
        return ask_asgi("/health/ready", headers=[(b"host", b"192.0.2.7"), (b"cookie", b"session=x")])

    yield ask
    health._asked = None


@pytest.mark.django_db
def test_a_new_site_is_ready_and_says_that_no_worker_runs_and_no_backup_was_made() -> None:
    (settings.VAR / "last-backup.json").unlink()
    found = health.ready()
    assert found["status"] == "degraded"
    assert {name: found[name] for name in health.GOOD} == health.GOOD
    assert found["worker"] == "silent"
    assert found["worries"] == [health.HEARTBEAT, "backup_age_seconds"]


@pytest.mark.django_db
def test_with_a_worker_a_backup_and_nothing_waiting_all_is_well() -> None:
    a_worker(5)
    found = health.ready()
    assert (found["status"], found["worker"], found["worries"]) == ("ok", "up", [])


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("name", "harm"),
    [
        (
            "oldest_due_job_seconds",
            "INSERT INTO procrastinate_jobs (queue_name, task_name, scheduled_at)"
            " VALUES ('q', 't', now() - interval '1 hour')",
        ),
        ("stalled_jobs", "INSERT INTO procrastinate_jobs (queue_name, task_name, status) VALUES ('q', 't', 'doing')"),
        ("oldest_due_notice_seconds", "UPDATE outbox_notification SET due_at = now() - interval '1 hour'"),
        ("dead_notices", "UPDATE outbox_notification SET status = 'dead', status_at = now()"),
    ],
)
def test_what_stands_is_told(name: str, harm: str) -> None:
    at = office()
    at.booked(at.patient())
    run("DELETE FROM procrastinate_jobs")
    run("UPDATE outbox_notification SET due_at = now() + interval '1 hour'")
    a_worker(5)
    before = health.ready()["worries"]
    run(harm)
    found = health.ready()
    assert found["status"] == "degraded"
    assert set(found["worries"]) - set(before) == {name}
    assert found[name] > next(each.worry for each in contexts.measures() if each.name == name)


@pytest.mark.django_db
def test_a_log_that_nobody_seals_is_told() -> None:
    a_worker(5)
    run(
        "INSERT INTO audit_event (id, at, category, kind, action, actor_kind, role, purpose, legal_ground, facts)"
        " VALUES (gen_random_uuid(), now() - interval '1 hour', 'office', 'change', 'x', 'system', '', '', '', '{}')"
    )
    assert health.ready()["worries"] == ["unsealed_log_seconds"]


@pytest.mark.django_db
@pytest.mark.parametrize(("demo", "word"), [(False, "no sandbox"), (True, "unguarded")])
def test_where_no_sandbox_can_be_had_it_says_so_and_pages_go_on(
    demo: bool, word: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    a_worker(5)
    monkeypatch.setattr(sandbox, "fault", lambda: "seccomp: Operation not permitted")
    monkeypatch.setattr(settings, "DEMO", demo)
    found = health.ready()
    assert (found["status"], found["files"], found["worries"]) == ("degraded", word, ["files"])


@pytest.mark.django_db
def test_a_scanner_that_is_away_or_a_spool_without_room_is_told_as_the_reason_why_no_file_is_taken(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    a_worker(5)
    monkeypatch.setattr(settings, "MALWARE_SCANNER", "legedialog.integrations.clamav.client.scan")
    monkeypatch.setattr(settings, "CLAMAV", "tcp://127.0.0.1:1")
    found = health.ready()
    assert (found["status"], found["files"], found["worries"]) == ("degraded", "no scanner", ["files"])
    with fake.running() as address:
        monkeypatch.setattr(settings, "CLAMAV", address)
        assert health.ready()["files"] == "no scanner"  # an answer holds for a while
        monkeypatch.setattr(intake, "_known", None)
        assert health.ready()["files"] == "up"
        for folder, room in ((tmp_path / "gone", 0), (tmp_path, 2**62)):
            monkeypatch.setattr("tempfile.tempdir", str(folder))
            monkeypatch.setattr(intake, "ROOM", room)
            monkeypatch.setattr(intake, "_known", None)
            assert health.ready()["files"] == "no room"
    assert watch.slow(NOW)["files_not_taken"] == 1


@pytest.mark.django_db
def test_a_disk_without_room_takes_the_pages_away(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(watch, "FULL", 2**62)
    found = health.ready()
    assert (found["status"], found["disk"]) == ("unavailable", "full")


@pytest.mark.django_db
def test_the_age_of_the_last_backup_is_told() -> None:
    watch.note_backup(NOW - timedelta(days=3))
    assert [each.name for each in watch.worries(watch.here(NOW))] == ["backup_age_seconds"]


@pytest.mark.django_db
def test_not_ready_while_a_migration_waits(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(health, "_is_migrated", lambda: False)
    found = health.ready()
    assert (found["status"], found["migrations"]) == ("unavailable", "waiting")


@pytest.mark.django_db
def test_not_ready_while_the_key_server_is_down_and_ready_when_it_answers(monkeypatch: pytest.MonkeyPatch) -> None:
    crypto.blind_index("x", purpose="a key is there")
    crypto.forget_keys()

    class Down:
        def unwrap(self, wrapped: bytes, context: bytes) -> bytes:
            raise master.KeyServerFailed("the key server does not answer")

    with monkeypatch.context() as patch:
        patch.setattr(master, "opening", lambda name: Down())
        found = health.ready()
        assert (found["status"], found["keys"]) == ("unavailable", "closed")
    assert health.ready()["keys"] == "open"


@pytest.mark.parametrize(
    ("error", "word"), [(OperationalError, "down"), (InterfaceError, "down"), (ProgrammingError, "failing")]
)
def test_not_ready_without_the_database_or_when_it_answers_with_an_error(
    error: type[Exception], word: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def down() -> bool:
        raise error

    monkeypatch.setattr(health, "_is_migrated", down)
    found = health.ready()
    assert (found["status"], found["database"], found["worker"]) == ("unavailable", word, "unknown")


@pytest.mark.parametrize(("status", "code"), [("ok", 200), ("degraded", 200), ("unavailable", 503)])
def test_any_host_gets_json_with_any_cookie(asked: Any, status: str, code: int) -> None:
    answered, headers, body = asked(lambda: {"status": status})
    assert (answered, headers[b"content-type"], body) == (
        code,
        b"application/json",
        b'{"status": "%s"}' % status.encode(),
    )


def test_a_fault_in_the_look_itself_is_called_what_it_is_and_not_the_databases(asked: Any) -> None:
    def broken() -> dict[str, str]:
        raise ValueError("about somebody")

    answered, headers, body = asked(broken)
    assert (answered, headers[b"content-type"]) == (503, b"application/json")
    found = json.loads(body)
    assert (found["database"], found["fault"]) == ("unknown", "ValueError")
    assert b"somebody" not in body


def test_a_database_that_hangs_is_called_silent_and_live_does_not_wait(
    asked: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(health, "PATIENCE", 0.05)
    over = threading.Event()

    def hangs() -> dict[str, str]:
        over.wait(60)
        return {"status": "ok"}

    try:
        answered, _, body = asked(hangs)
        assert (answered, b'"database": "silent"' in body) == (503, True)
        assert ask_asgi("/health/live")[0] == 200
        waits = health._asked
        assert asked(hangs)[0] == 503
        assert health._asked is waits  # who asks again joins the look that hangs
    finally:
        over.set()


@pytest.mark.django_db
@pytest.mark.parametrize(("language", "title"), [("nb", "Tjenesten er borte en liten stund"), ("en", "The service is")])
def test_without_the_database_a_page_says_so_and_when_to_come_back(
    client: Client, monkeypatch: pytest.MonkeyPatch, language: str, title: str
) -> None:
    """The session cannot be read: so it is also for those who are logged in."""

    def away(token: str, now: datetime) -> None:
        raise OperationalError("connection refused")

    monkeypatch.setattr("legedialog.access.queries.session", away)
    client.raise_request_exception = False
    client.cookies["session"] = "of-somebody"
    response = client.get("/timeavtaler/", headers={"Accept-Language": language})
    assert (response.status_code, response["Retry-After"]) == (503, "15")
    assert title in response.content.decode()


def test_what_was_typed_without_script_is_kept_in_the_page(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    def away(token: str, now: datetime) -> None:
        raise OperationalError("connection refused")

    monkeypatch.setattr("legedialog.access.queries.session", away)
    client.raise_request_exception = False
    client.cookies["session"] = "of-somebody"
    response = client.post("/meldinger/ny/", {"text": 'Jeg har "vondt" <her>', "topic": ["a", "b"]})
    html = response.content.decode()
    assert response.status_code == 503
    assert 'action="/meldinger/ny/"' in html
    assert 'name="text" value="Jeg har &quot;vondt&quot; &lt;her&gt;"' in html
    assert html.count('name="topic"') == 2
    by_script = client.post("/meldinger/ny/", {"text": "x"}, headers={"HX-Request": "true"})
    assert 'name="text"' not in by_script.content.decode()  # the form is still on her page
