import os
import subprocess
import sys
from pathlib import Path
from uuid import uuid4

import psycopg
import pytest
from django.db import connection, connections
from django.db.utils import ProgrammingError
from psycopg import sql

from legedialog.core import fence, master
from legedialog.operations import migrate, pytest_plugin
from legedialog.operations.tests.databases import READ_ALL, RELEASES, load, migrated, run


@pytest.mark.django_db
def test_pages_run_as_a_role_that_owns_nothing() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_user, count(*) FROM pg_tables WHERE tableowner = current_user")
        assert cursor.fetchone() == ("legedialog_test_web", 0)


@pytest.mark.django_db
@pytest.mark.parametrize(
    "statement",
    [
        "CREATE TABLE mine (id int)",
        "ALTER TABLE patients_person ADD COLUMN extra text",
        "DELETE FROM django_migrations",
        "UPDATE audit_event SET action = 'other'",
        "DELETE FROM audit_event",
    ],
)
def test_the_web_role_may_not(statement: str) -> None:
    with connection.cursor() as cursor, pytest.raises(ProgrammingError, match=r"permission denied|must be owner"):
        cursor.execute(statement)


@pytest.mark.django_db(databases=["default", "owner"])
def test_a_table_of_a_coming_version_is_open_to_the_web_role_at_once() -> None:
    with connections["owner"].cursor() as cursor:
        cursor.execute("CREATE TABLE coming (id int)")
        cursor.execute("SELECT has_table_privilege('legedialog_test_web', 'coming', 'INSERT')")
        assert cursor.fetchone() == (True,)


def start_migrating(url: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-m", "legedialog", "migrate"],
        env={**os.environ, "DATABASE_URL": url},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


COUNTED = "patients_person", "appointments_appointment", "dialogues_message", "journal_entry", "audit_event"


@pytest.mark.parametrize("release", RELEASES, ids=lambda release: release.name.removesuffix(".sql.xz"))
def test_the_data_of_every_release_are_brought_to_this_version_by_two_nodes_at_once(
    empty_database: str, release: Path
) -> None:
    """The releases' own demos, under the tests' master key. Migrations are never rewritten once they are released."""

    def counts() -> list[object]:
        with psycopg.connect(empty_database) as check:
            return [check.execute(f"SELECT count(*) FROM {table}").fetchone() for table in COUNTED]

    load(empty_database, release)
    before = counts()
    assert (0,) not in before
    with start_migrating(empty_database) as one, start_migrating(empty_database) as other:
        results = [(node.communicate(timeout=600)[1], node.returncode) for node in (one, other)]
    assert [code for _, code in results] == [0, 0], results
    with psycopg.connect(empty_database) as check:
        doubles = check.execute("SELECT app, name FROM django_migrations GROUP BY 1, 2 HAVING count(*) > 1").fetchall()
    assert doubles == []
    assert counts() == before
    code, said = run(empty_database, "-c", READ_ALL)
    assert code == 0, said
    code, said = run(empty_database, "-m", "legedialog", "audit", "verify")
    assert code == 0, said


def test_a_wrong_master_key_changes_nothing(empty_database: str) -> None:
    load(empty_database, RELEASES[0])

    def state() -> list[tuple[str, str]]:
        with psycopg.connect(empty_database) as owner:
            return owner.execute("SELECT app, name FROM django_migrations ORDER BY 1, 2").fetchall()

    before = state()
    code, said = run(empty_database, "-m", "legedialog", "migrate", LEGEDIALOG_MASTER_KEY="1" * 64)
    assert code == 1
    assert said.strip().endswith("LEGEDIALOG_MASTER_KEY is not the right one. Nothing was changed.")
    assert "\n" not in said.strip()
    assert state() == before


def test_a_database_without_keys_knows_its_master_key_too_and_an_older_version_lets_a_newer_ones_be(
    django_db_setup: None,
) -> None:
    with migrated() as address:
        with psycopg.connect(address) as owner:
            owner.execute("DELETE FROM core_datakey")
        code, said = run(address, "-m", "legedialog", "migrate", LEGEDIALOG_MASTER_KEY="1" * 64)
        assert (code, "--new-master-key" in said, said.count("\n")) == (1, True, 1), said
        with psycopg.connect(address) as owner:
            owner.execute("INSERT INTO django_migrations (app, name, applied) VALUES ('core', '9999_coming', now())")
        code, said = run(address, "-m", "legedialog", "migrate")
        assert (code, "newer version of Legedialog: it has core.9999_coming" in said) == (1, True), said


def test_a_key_server_that_is_down_stops_a_migration_with_one_line(empty_database: str) -> None:
    with psycopg.connect(empty_database, autocommit=True) as owner:
        owner.execute("CREATE TABLE core_datakey (id uuid, wrapped bytea, wrapped_by text, created_at timestamptz)")
        owner.execute("INSERT INTO core_datakey VALUES (gen_random_uuid(), 'x', 'kms-legedialog', now())")
    code, said = run(empty_database, "-m", "legedialog", "migrate", LEGEDIALOG_KMS_URL="https://127.0.0.1:1/v1/transit")
    assert (code, said.strip().splitlines()[-1]) == (
        1,
        "The data keys cannot be opened, as the key server does not answer. Nothing was changed.",
    )


def test_with_a_key_server_another_master_key_must_be_meant(
    empty_database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Server:
        def unwrap(self, wrapped: bytes, context: bytes) -> bytes:
            return wrapped

    monkeypatch.setattr(master, "opening", lambda name: Server())
    with psycopg.connect(empty_database, autocommit=True) as owner:
        owner.execute("CREATE TABLE core_datakey (id uuid, wrapped bytea, wrapped_by text, created_at timestamptz)")
        owner.execute("INSERT INTO core_datakey VALUES (gen_random_uuid(), 'x', 'kms-legedialog', now())")
        owner.execute("CREATE SCHEMA fence; CREATE TABLE fence.keys (key bytea)")
        owner.execute("INSERT INTO fence.keys VALUES (%s)", [fence.key_of("another")])
        with pytest.raises(migrate.CannotMigrate, match="--new-master-key"):
            migrate.check_master(owner)
        migrate.check_master(owner, is_new=True)
        owner.execute("INSERT INTO fence.keys VALUES (%s)", [fence.key()])
        migrate.check_master(owner)


def test_another_installations_role_is_never_taken(empty_database: str, monkeypatch: pytest.MonkeyPatch) -> None:
    role = f"legedialog_shared_{uuid4().hex[:8]}"
    address, _, query = pytest_plugin.SERVER_URL.partition("?")
    other = f"{role}_db"
    with psycopg.connect(pytest_plugin.SERVER_URL, autocommit=True) as admin:
        admin.execute(sql.SQL("CREATE DATABASE {} TEMPLATE template0").format(sql.Identifier(other)))
        admin.execute(sql.SQL("CREATE ROLE {} LOGIN").format(sql.Identifier(role)))
    try:
        with psycopg.connect(f"{address.rpartition('/')[0]}/{other}?{query}", autocommit=True) as theirs:
            theirs.execute("CREATE TABLE theirs (id int)")
            theirs.execute(sql.SQL("GRANT SELECT ON theirs TO {}").format(sql.Identifier(role)))
        monkeypatch.setattr(migrate, "_web_role", lambda: (role, "new"))
        monkeypatch.setattr(migrate, "_may_log_in", lambda: False)
        with (
            psycopg.connect(empty_database, autocommit=True) as owner,
            pytest.raises(migrate.CannotMigrate, match=f"works for the database {other}"),
        ):
            migrate.make_web_role(owner)
    finally:
        with psycopg.connect(pytest_plugin.SERVER_URL, autocommit=True) as admin:
            admin.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(other)))
            admin.execute(sql.SQL("DROP ROLE {}").format(sql.Identifier(role)))


def test_an_owner_without_the_right_to_make_roles_is_told_what_to_do(
    empty_database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    role = f"legedialog_weak_{uuid4().hex[:8]}"
    monkeypatch.setattr(migrate, "_web_role", lambda: ("legedialog_not_there", "secret"))
    with psycopg.connect(empty_database, autocommit=True) as admin:
        admin.execute(sql.SQL("CREATE ROLE {}").format(sql.Identifier(role)))
        try:
            admin.execute(sql.SQL("GRANT {} TO CURRENT_USER WITH SET TRUE").format(sql.Identifier(role)))
            admin.execute(sql.SQL("SET ROLE {}").format(sql.Identifier(role)))
            with pytest.raises(migrate.CannotMigrate, match="LEGEDIALOG_WEB_DATABASE_URL"):
                migrate.make_web_role(admin)
        finally:
            admin.execute("RESET ROLE")
            admin.execute(sql.SQL("DROP ROLE {}").format(sql.Identifier(role)))
