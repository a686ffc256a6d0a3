"""Bring the database to this version: tables as the owner, and what the web role may do with them."""

from collections.abc import Iterator
from contextlib import contextmanager

import psycopg
from django.apps import apps
from django.core.management import call_command
from django.db import connections
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.utils import OperationalError
from psycopg import errors, sql

from legedialog.core.contexts import tables
from legedialog.operations import fence

OLDEST_SERVER = 15
LOCK = 0x6C656765  # "lege": the advisory lock that lets one node migrate at a time


class CannotMigrate(Exception):
    """One line for the operator."""


def prepare(*, verbosity: int = 0) -> None:
    """Create the web role when it is missing, migrate, and grant. Safe to call from several nodes at once.

    Raises CannotMigrate with one clear line.
    """
    try:
        with _one_at_a_time(connections["owner"]) as connection:
            version = connection.info.server_version // 10000
            if version < OLDEST_SERVER:
                raise CannotMigrate(f"This is PostgreSQL {version}; Legedialog needs {OLDEST_SERVER} or newer.")
            _make_web_role(connection)
            call_command("migrate", database="owner", interactive=False, verbosity=verbosity)
            with connection.transaction():
                _follow_the_log(connection)
                _grant(connection)
                fence.put_up(connection, _web_role()[0])
    except (psycopg.OperationalError, OperationalError) as error:
        raise CannotMigrate(f"The database cannot be migrated: {str(error).strip().splitlines()[0]}") from error
    finally:
        connections["owner"].close()


def _parameters(wrapper: BaseDatabaseWrapper) -> dict[str, object]:
    parameters = wrapper.get_connection_params()
    return {key: value for key, value in parameters.items() if key not in ("cursor_factory", "context")}


@contextmanager
def _one_at_a_time(owner: BaseDatabaseWrapper) -> Iterator[psycopg.Connection]:
    """A connection of its own, because a session's lock ends with the session."""
    with psycopg.connect(**_parameters(owner), autocommit=True) as connection:  # type: ignore[arg-type]
        connection.execute("SET lock_timeout = '10min'")  # as long as another node's migration may take
        connection.execute("SELECT pg_advisory_lock(%s)", [LOCK])
        yield connection


def _web_role() -> tuple[str, str]:
    web = connections["default"].settings_dict
    return web["USER"], web["PASSWORD"]


def _make_web_role(connection: psycopg.Connection) -> None:
    role, password = _web_role()
    if role == connection.info.user:
        raise CannotMigrate("LEGEDIALOG_WEB_DATABASE_URL must name another role than DATABASE_URL.")
    # Hashed here, so that the password itself is in no server's log.
    hashed = connection.pgconn.encrypt_password(password.encode(), role.encode(), b"scram-sha-256").decode()
    words = sql.SQL("ROLE {} LOGIN PASSWORD {}").format(sql.Identifier(role), sql.Literal(hashed))
    known = connection.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", [role]).fetchone()
    try:
        if not known:
            connection.execute(sql.SQL("CREATE ") + words)
        elif not _may_log_in():
            connection.execute(sql.SQL("ALTER ") + words)
    except errors.DuplicateObject:
        pass  # another database of the same server was prepared at the same moment
    except errors.InsufficientPrivilege as error:
        raise CannotMigrate(
            f"The owner of the database may not create the role {role}. "
            "Create a role that may log in, and give its address in LEGEDIALOG_WEB_DATABASE_URL."
        ) from error


def _may_log_in() -> bool:
    try:
        psycopg.connect(**_parameters(connections["default"])).close()  # type: ignore[arg-type]
    except psycopg.OperationalError:
        return False
    return True


def _follow_the_log(connection: psycopg.Connection) -> None:
    """The coming months of the log, and positions that go on after the sealed ones.

    A dump that is restored on another server meets a younger count of transactions; see docs/audit.md.
    """
    connection.execute("SELECT audit_make_partitions()")
    row = connection.execute(
        "SELECT (SELECT coalesce(max(until_position), 0) FROM audit_sealedbatch) - audit_position(), audit_offset()"
    ).fetchone()
    assert row  # noqa: S101  a query without FROM always answers
    behind, offset = row
    if behind > 0:
        connection.execute(
            sql.SQL("CREATE OR REPLACE FUNCTION audit_offset() RETURNS bigint LANGUAGE sql IMMUTABLE AS {}").format(
                sql.Literal(f"SELECT {offset + behind}::bigint")
            )
        )
    # What waits to be sealed with a position that no transaction here has reached: it would wait for ever.
    connection.execute(
        "UPDATE audit_event SET position = audit_position()"
        " WHERE position >= pg_snapshot_xmax(pg_current_snapshot())::text::bigint + audit_offset()"
    )


def _grant(connection: psycopg.Connection) -> None:
    role = sql.Identifier(_web_role()[0])
    for words in (
        "GRANT USAGE ON SCHEMA public TO {}",
        "GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO {}",
        "GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA public TO {}",
        "GRANT EXECUTE ON ALL FUNCTIONS IN SCHEMA public TO {}",
        "REVOKE INSERT, UPDATE, DELETE ON django_migrations FROM {}",
        # For what a migration adds while the old code still runs.
        "ALTER DEFAULT PRIVILEGES IN SCHEMA public GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO {}",
        "ALTER DEFAULT PRIVILEGES IN SCHEMA public GRANT USAGE, SELECT ON SEQUENCES TO {}",
    ):
        connection.execute(sql.SQL(words).format(role))
    for (partition,) in connection.execute(
        "SELECT inhrelid::regclass::text FROM pg_inherits WHERE inhparent = to_regclass('audit_event')"
    ).fetchall():  # reached through their parent alone
        connection.execute(sql.SQL("REVOKE ALL ON {} FROM {}").format(sql.Identifier(partition), role))
    for table in (apps.get_model(label)._meta.db_table for label, each in tables().items() if each.is_append_only):
        if connection.execute("SELECT to_regclass(%s)", [table]).fetchone() != (None,):
            connection.execute(sql.SQL("REVOKE UPDATE, DELETE ON {} FROM {}").format(sql.Identifier(table), role))
