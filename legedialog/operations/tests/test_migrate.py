import os
import subprocess
import sys
from collections.abc import Iterator
from uuid import uuid4

import psycopg
import pytest
from django.db import connection, connections
from django.db.utils import ProgrammingError
from psycopg import sql

from legedialog.operations import migrate, pytest_plugin


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


@pytest.fixture
def empty_database(django_db_setup: None) -> Iterator[str]:
    """The address of a new, empty database on the tests' server."""
    name = f"legedialog_empty_{uuid4().hex[:12]}"
    with psycopg.connect(pytest_plugin.SERVER_URL, autocommit=True) as admin:
        admin.execute(sql.SQL("CREATE DATABASE {} TEMPLATE template0").format(sql.Identifier(name)))
        address, _, query = pytest_plugin.SERVER_URL.partition("?")
        yield f"{address.rpartition('/')[0]}/{name}?{query}"
        admin.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))


def start_migrating(url: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-m", "legedialog", "migrate"],
        env={**os.environ, "DATABASE_URL": url},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def test_two_nodes_may_start_at_once(empty_database: str) -> None:
    nodes = [start_migrating(empty_database) for _ in range(2)]
    results = [(node.communicate(timeout=120)[1], node.returncode) for node in nodes]
    assert [code for _, code in results] == [0, 0], results
    with psycopg.connect(empty_database) as check:
        doubles = check.execute("SELECT app, name FROM django_migrations GROUP BY 1, 2 HAVING count(*) > 1").fetchall()
    assert doubles == []


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
                migrate._make_web_role(admin)
        finally:
            admin.execute("RESET ROLE")
            admin.execute(sql.SQL("DROP ROLE {}").format(sql.Identifier(role)))
