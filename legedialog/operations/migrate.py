"""Bring the database to this version: tables as the owner, and what the web role may do with them."""

from collections.abc import Iterator
from contextlib import contextmanager

import psycopg
from cryptography.exceptions import InvalidTag
from django.conf import settings
from django.core.management import call_command
from django.db import connections, transaction
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.migrations.loader import MigrationLoader
from django.db.utils import OperationalError
from django.utils import timezone
from psycopg import errors, sql
from psycopg.rows import dict_row

from legedialog.core import fence as core_fence
from legedialog.core import master
from legedialog.operations import fence, grants, standing

OLDEST_SERVER = 15
LOCK = 0x6C656765  # "lege": the advisory lock that lets one node migrate at a time


RESTORED = "restored_copy"  # a table that `legedialog restore` makes before it loads: no rows, and gone when settled


class CannotMigrate(Exception):
    """One line for the operator."""


def prepare(*, verbosity: int = 0, new_master_key: bool = False, as_it_stands: bool = False) -> None:
    """Create the web role when it is missing, migrate, and grant. Safe to call from several nodes at once.

    Raises CannotMigrate with one clear line, and then has changed nothing when the master key is not the database's, or
    when what guards it is not as the last migration left it, unless it is taken `as_it_stands`.
    `new_master_key`: with a key server no data key tells whether it is; the operator says that it was changed.
    """
    from legedialog.core import crypto, rotation, sealing  # only now: they need the settings

    try:
        with _one_at_a_time(connections["owner"]) as connection:
            version = connection.info.server_version // 10000
            if version < OLDEST_SERVER:
                raise CannotMigrate(f"This is PostgreSQL {version}; Legedialog needs {OLDEST_SERVER} or newer.")
            check_master(connection, is_new=new_master_key)
            _check_is_not_newer(connection)
            make_web_role(connection)
            left = _left(connection, as_it_stands)
            with _as_owner():
                with crypto.old_seals_open():
                    call_command("migrate", database="owner", interactive=False, verbosity=verbosity)
                _settle_a_restored_copy(connection)
                for moved in sealing.MOVED:  # what old code wrote since
                    sealing.move(moved)
                rotation.reseal()  # and what is bound to no row, or waits since a rotation was stopped
            with connection.transaction():
                _follow_the_log(connection)
                there = standing.now(connection.cursor(), _web_role()[0])
                fence.put_up(connection, _web_role()[0], lambda name: name in there and there[name] == left.get(name))
                grants.give(connection, _web_role()[0])
                standing.record(connection)
    except (psycopg.OperationalError, OperationalError) as error:
        raise CannotMigrate(f"The database cannot be migrated: {str(error).strip().splitlines()[0]}") from error
    finally:
        connections["owner"].close()


def _left(connection: psycopg.Connection, as_it_stands: bool) -> dict[str, str]:
    """What the last migration wrote down of what guards the rows. Raises CannotMigrate when it stands otherwise."""
    if connection.execute("SELECT to_regclass(%s)", [RESTORED]).fetchone() != (None,):
        return {}  # of another database
    known = standing.left(connection)
    odd = standing.odd(connection, known) if known and not as_it_stands else []
    if odd:
        raise CannotMigrate(
            f"What guards the database is not as the last migration left it: {'; '.join(odd[:20])}. Nothing was "
            "changed. If it is meant so: `legedialog migrate --as-it-stands`."
        )
    return known or {}


def parameters(wrapper: BaseDatabaseWrapper) -> dict[str, object]:
    parameters = wrapper.get_connection_params()
    return {key: value for key, value in parameters.items() if key not in ("cursor_factory", "context")}


@contextmanager
def _one_at_a_time(owner: BaseDatabaseWrapper) -> Iterator[psycopg.Connection]:
    """A connection of its own, because a session's lock ends with the session."""
    with psycopg.connect(**parameters(owner), autocommit=True) as connection:  # type: ignore[arg-type]
        connection.execute("SET lock_timeout = '10min'")  # as long as another node's migration may take
        connection.execute("SELECT pg_advisory_lock(%s)", [LOCK])
        yield connection


@contextmanager
def _as_owner() -> Iterator[None]:
    """What a migration's own code asks for, such as a data key, it reads as the owner and in the same transaction.

    The fence may be of another version then, or not there yet.
    """
    web = connections["default"]
    connections["default"] = connections["owner"]
    try:
        yield
    finally:
        connections["default"] = web


def _settle_a_restored_copy(connection: psycopg.Connection) -> None:
    """It sends nothing until it is told to, and who was logged in where it comes from is not logged in here.

    Before the web role may do anything: whatever was interrupted, no worker meets a copy that is not settled.
    """
    if connection.execute("SELECT to_regclass(%s)", [RESTORED]).fetchone() == (None,):
        return
    from legedialog.core import contexts  # only now: Django is set up
    from legedialog.outbox import services as outbox

    now = timezone.now()
    with transaction.atomic("owner"):
        outbox.close_gate(now)
        contexts.settle_copy(now)
        with connections["owner"].cursor() as cursor:
            cursor.execute(sql.SQL("DROP TABLE {}").format(sql.Identifier(RESTORED)))


def check_master(connection: psycopg.Connection, *, is_new: bool = False) -> None:
    """The master that is given opens the data keys that are there. Raises CannotMigrate."""
    if connection.execute("SELECT to_regclass('core_datakey')").fetchone() == (None,):
        return
    rows = connection.cursor(row_factory=dict_row).execute("SELECT * FROM core_datakey ORDER BY created_at").fetchall()
    proved = False
    for row in {each.get("wrapped_by", ""): each for each in rows}.values():  # one of each master's
        by = row.get("wrapped_by", "")
        try:
            opening = master.opening(by)
            opening.unwrap(bytes(row["wrapped"]), row["id"].bytes)
        except master.KeyServerFailed as error:
            raise CannotMigrate(f"The data keys cannot be opened, as {error}. Nothing was changed.") from error
        except (master.MasterUnknown, InvalidTag) as error:
            given = " and ".join(each.name for each in master.known())
            raise CannotMigrate(
                f"The data keys of this database were sealed by {by or 'another master key'}, and given is {given}: "
                "LEGEDIALOG_MASTER_KEY is not the right one. Nothing was changed."
            ) from error
        proved = proved or isinstance(opening, master.Local)
    if proved or is_new or connection.execute("SELECT to_regclass('fence.keys')").fetchone() == (None,):
        return
    known = {bytes(key) for (key,) in connection.execute("SELECT key FROM fence.keys").fetchall()}
    if known and not known & {core_fence.key_of(key) for key in (settings.MASTER_KEY, settings.PREVIOUS_MASTER_KEY)}:
        raise CannotMigrate(
            "LEGEDIALOG_MASTER_KEY is not the one that this database was prepared with. Nothing was changed. "
            "If it was replaced on purpose: `legedialog migrate --new-master-key`."
        )


def _check_is_not_newer(connection: psycopg.Connection) -> None:
    """An older version never migrates, fences and grants what a newer one has made. Raises CannotMigrate."""
    if connection.execute("SELECT to_regclass('django_migrations')").fetchone() == (None,):
        return
    known = MigrationLoader(None, ignore_no_migrations=True).disk_migrations or {}
    ours = {app for app, _ in known}
    for app, name in connection.execute("SELECT app, name FROM django_migrations ORDER BY id DESC").fetchall():
        if app in ours and (app, name) not in known:
            raise CannotMigrate(
                f"The database is of a newer version of Legedialog: it has {app}.{name}. Nothing was changed. "
                "Start that version, or restore a backup from before it into a new database."
            )


def _web_role() -> tuple[str, str]:
    web = connections["default"].settings_dict
    return web["USER"], web["PASSWORD"]


def make_web_role(connection: psycopg.Connection) -> None:
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
            _check_role_is_ours(connection, role)
            connection.execute(sql.SQL("ALTER ") + words)
    except errors.DuplicateObject:
        pass  # another database of the same server was prepared at the same moment
    except errors.InsufficientPrivilege as error:
        raise CannotMigrate(
            f"The owner of the database may not create the role {role}. "
            "Create a role that may log in, and give its address in LEGEDIALOG_WEB_DATABASE_URL."
        ) from error


def _check_role_is_ours(connection: psycopg.Connection, role: str) -> None:
    """Roles belong to the whole server: another database's login is never taken. Raises CannotMigrate."""
    if settings.WEB_ROLE_IS_GIVEN:
        raise CannotMigrate(f"The role {role} exists and cannot log in as LEGEDIALOG_WEB_DATABASE_URL says.")
    others = connection.execute(
        "SELECT DISTINCT datname FROM pg_shdepend JOIN pg_database d ON d.oid = dbid"
        " WHERE refclassid = 'pg_authid'::regclass AND refobjid = to_regrole(quote_ident(%s))"
        " AND datname <> current_database() ORDER BY 1",
        [role],
    ).fetchall()
    if others:
        raise CannotMigrate(
            f"The role {role} works for the database {others[0][0]} on the same server, with another password. "
            "Nothing was changed. Give this installation a role of its own in LEGEDIALOG_WEB_DATABASE_URL."
        )


def _may_log_in() -> bool:
    try:
        psycopg.connect(**parameters(connections["default"])).close()  # type: ignore[arg-type]
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
