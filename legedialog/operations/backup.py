"""`legedialog backup FOLDER` and `legedialog restore PATH`: one consistent copy while everything runs, and back again.

A backup is two files: what pg_dump writes (sealed text stays sealed in it), maybe encrypted by `age`, and a page of
facts beside it, which tells nothing of anybody. The secrets are in neither.
Why so: docs/adr/0053-backup-and-restore.md.
"""

import contextlib
import hashlib
import json
import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any

import psycopg
import typer
from cryptography.exceptions import InvalidTag
from psycopg import sql

from legedialog.operations import database, environment, given

FORMAT = 1
SECRETS = (
    *("LEGEDIALOG_MASTER_KEY", "LEGEDIALOG_SECRET_KEY", "LEGEDIALOG_IDPORTEN_KEY_FILE", "LEGEDIALOG_HELSEID_KEY_FILE"),
    "the passwords and tokens in the settings",
)
SAMPLE = b"legedialog backup"  # the context of what proves a master key
TABLES = (
    "SELECT c.relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace"
    " WHERE n.nspname = 'public' AND c.relkind IN ('r', 'p') AND NOT c.relispartition ORDER BY 1"
)


class Problem(Exception):
    """One line for the operator."""


class NotABackup(Problem, given.BadInput):
    """What was named is none, or cannot be opened."""


def backup(
    folder: Annotated[
        Path, typer.Argument(file_okay=False, help="Where the two files are put; made when it is missing.")
    ],
) -> None:
    """One consistent copy of the database, while everything runs. The secrets are not in it."""
    with environment.ready():
        from django.conf import settings
        from django.utils import timezone

        from legedialog.operations import watch

        now = timezone.now()
        file = make(folder, now=now, recipient=settings.BACKUP_RECIPIENT)
        watch.note_backup(now)
        typer.echo(f"{file} holds everything up to {now:%Y-%m-%d %H:%M} UTC.")
        if not settings.BACKUP_RECIPIENT:
            typer.echo("It is not encrypted as a whole: names and text are sealed, times and numbers are not.")
        typer.echo(f"The secrets are not in it. Keep them apart: {', '.join(SECRETS)}.")


def restore(
    path: Annotated[Path, typer.Argument(exists=True, help="A backup's file, or a folder: its newest.")],
    identity: Annotated[
        Path | None, typer.Option(exists=True, dir_okay=False, help="The file with the `age` key that opens it.")
    ] = None,
) -> None:
    """Put a backup into an empty database. It sends nothing until `legedialog outbox open`, and nobody is logged in."""
    with environment.ready():
        from legedialog.operations import migrate

        with _all_or_nothing():
            facts = load(path, identity=identity)
            migrate.prepare()
        rows = sum(facts["rows"].values())
        typer.echo(f"{rows} rows in {len(facts['rows'])} tables are as they were at {facts['made_at']}.")
        typer.echo("All logins and tokens are ended. Nothing is sent until `legedialog outbox open`.")
        typer.echo("`legedialog audit verify` shows that the log is whole.")


def make(folder: Path, *, now: datetime, recipient: str = "") -> Path:
    """The file of a new backup. Raises Problem; then no half one is left."""
    from legedialog.core import master

    if recipient:
        _program("age")
    name = f"legedialog-{now.astimezone(UTC):%Y%m%dT%H%M%SZ}"
    file = folder / f"{name}.dump{'.age' if recipient else ''}"
    part = file.with_name(f"{file.name}.part")
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        with _owner() as connection, connection.transaction():
            connection.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
            (snapshot,) = connection.execute("SELECT pg_export_snapshot()").fetchone() or ("",)
            facts: dict[str, Any] = {
                "format": FORMAT,
                "made_at": now.isoformat(),
                "server": connection.info.server_version // 10000,
                "rows": _rows(connection),
                "sealed_by": [row[0] for row in connection.execute("SELECT DISTINCT wrapped_by FROM core_datakey")],
                "proof": {"by": master.current().name, "sealed": master.current().wrap(b"right", SAMPLE).hex()},
            }
            with part.open("wb") as output:
                os.chmod(part, 0o600)
                dump = ["--format=custom", "--no-owner", "--no-privileges", f"--snapshot={snapshot}"]
                _pipe([_binary("pg_dump"), *dump], ["age", "-r", recipient] if recipient else None, output=output)
                os.fsync(output.fileno())
        facts["sha256"] = _sha256(part)
        beside = file.with_suffix(".json")
        beside.touch(mode=0o600)
        beside.write_text(json.dumps(facts, indent=1), encoding="utf-8")
        part.rename(file)
    except OSError as error:
        raise Problem(f"The backup cannot be written to {folder}: {error.strerror}.") from error
    finally:
        with contextlib.suppress(OSError):
            part.unlink()
    return file


def load(path: Path, *, identity: Path | None = None) -> dict[str, Any]:
    """Fill the empty database of the settings; answers the backup's facts. Everything that can be known is checked
    before anything is written. Raises Problem."""
    from legedialog.operations import migrate

    file = _newest(path) if path.is_dir() else path
    facts = _facts(file)
    is_encrypted = file.suffix == ".age"
    if is_encrypted:
        _program("age")
        if identity is None:
            raise NotABackup(f"{file} is encrypted: give the age key by --identity FILE.")
        if not identity.is_file():
            raise NotABackup(f"{identity} cannot be read: --identity names the file with the age key.")
    _check_master(facts)
    with _owner() as connection:
        here = connection.info.server_version // 10000
        if here < facts["server"]:
            raise Problem(
                f"The backup is of PostgreSQL {facts['server']}, and this is PostgreSQL {here}: it is too old."
            )
        there = [name for (name,) in connection.execute(TABLES).fetchall()]
        if migrate.RESTORED in there:
            _empty(connection)  # what an interrupted restore left; nobody has ever worked in it
        elif there:
            raise Problem(
                f"The database {connection.info.dbname} is not empty: it has {there[0]}. Restore into a new one."
            )
        migrate.make_web_role(connection)  # what may refuse does so before anything is written
        connection.execute(sql.SQL("CREATE TABLE {} ()").format(sql.Identifier(migrate.RESTORED)))
        put = ["--single-transaction", "--exit-on-error", "--no-owner", "--no-privileges", "--no-comments"]
        command = [_binary("pg_restore"), *put, f"--dbname={connection.info.dbname}"]
        with file.open("rb") as given:
            if is_encrypted:
                _pipe(["age", "-d", "-i", str(identity)], command, given=given)
            else:
                _pipe(command, None, given=given)
        rows = _rows(connection)
        rows.pop(migrate.RESTORED)
        if rows != facts["rows"]:
            raise Problem("Nothing was restored: the copy has other numbers of rows than the backup says.")
    return facts


@contextmanager
def _all_or_nothing() -> Iterator[None]:
    """The database is empty again when not all of it came in, whatever the reason."""
    from legedialog.operations import migrate

    try:
        yield
    except BaseException:
        try:
            with _owner() as connection:
                if connection.execute("SELECT to_regclass(%s)", [migrate.RESTORED]).fetchone() != (None,):
                    _empty(connection)
        except (Problem, psycopg.Error) as error:
            why = str(error).strip().splitlines()[0]
            typer.echo(f"The database holds a part of it, as it cannot be emptied: {why}. Restore once more.", err=True)
        raise


# All that is ours in the database, but what came along with an extension.
OURS = """
SELECT 'SCHEMA IF EXISTS ' || quote_ident(nspname) FROM pg_namespace WHERE nspname = 'fence'
UNION ALL
SELECT CASE relkind WHEN 'v' THEN 'VIEW' WHEN 'm' THEN 'MATERIALIZED VIEW' WHEN 'S' THEN 'SEQUENCE' ELSE 'TABLE' END
  || ' IF EXISTS ' || oid::regclass
FROM pg_class c WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p', 'v', 'm', 'S')
  AND NOT EXISTS (SELECT FROM pg_depend WHERE objid = c.oid AND (deptype = 'e' OR deptype = 'i' AND relkind = 'S'))
UNION ALL
SELECT 'ROUTINE IF EXISTS ' || oid::regprocedure FROM pg_proc p WHERE pronamespace = 'public'::regnamespace
  AND NOT EXISTS (SELECT FROM pg_depend WHERE objid = p.oid AND deptype = 'e')
UNION ALL
SELECT 'TYPE IF EXISTS ' || oid::regtype FROM pg_type t
WHERE typnamespace = 'public'::regnamespace
  AND (typtype IN ('e', 'd') OR EXISTS (SELECT FROM pg_class WHERE oid = typrelid AND relkind = 'c'))
  AND NOT EXISTS (SELECT FROM pg_depend WHERE objid = t.oid AND deptype = 'e')
"""


def _empty(connection: psycopg.Connection) -> None:
    """The mark that a restore is under way goes last, in the same transaction."""
    with connection.transaction():
        for (what,) in connection.execute(OURS).fetchall():
            connection.execute(f"DROP {what} CASCADE")


def _check_master(facts: dict[str, Any]) -> None:
    from legedialog.core import master

    proof = facts["proof"]
    try:
        for name in {*facts["sealed_by"], proof["by"]}:
            master.opening(name)
        master.opening(proof["by"]).unwrap(bytes.fromhex(proof["sealed"]), SAMPLE)
    except master.KeyServerFailed as error:
        raise Problem(f"The backup's keys cannot be opened, as {error}. Nothing was restored.") from error
    except (master.MasterUnknown, InvalidTag) as error:
        given = " and ".join(each.name for each in master.known())
        by = " and ".join(sorted({*facts["sealed_by"], proof["by"]}))
        raise Problem(
            f"The backup was sealed by {by}, and given is {given}: "
            "LEGEDIALOG_MASTER_KEY is not the right one. Nothing was restored."
        ) from error


def _newest(folder: Path) -> Path:
    found = sorted([*folder.glob("legedialog-*.dump"), *folder.glob("legedialog-*.dump.age")])
    if not found:
        raise NotABackup(f"There is no backup in {folder}.")
    return found[-1]


def _facts(file: Path) -> dict[str, Any]:
    try:
        facts: dict[str, Any] = json.loads(file.with_suffix(".json").read_text(encoding="utf-8"))
        if facts["format"] != FORMAT:
            raise NotABackup(f"{file} is of another version of Legedialog.")
        if _sha256(file) != facts["sha256"]:
            raise NotABackup(f"{file} was changed or cut off after it was made.")
        proof, rows = facts["proof"], facts["rows"]
        bytes.fromhex(proof["sealed"])
        words = [facts["made_at"], proof["by"], *facts["sealed_by"], *rows]
        numbers = [facts["server"], *rows.values()]
        if not all(isinstance(each, str) for each in words) or not all(isinstance(each, int) for each in numbers):
            raise TypeError
    except (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise NotABackup(
            f"{file} cannot be read, or the .json beside it is missing or is not what was made."
        ) from error
    return facts


def _rows(connection: psycopg.Connection) -> dict[str, int]:
    found = {}
    for (name,) in connection.execute(TABLES).fetchall():
        row = connection.execute(sql.SQL("SELECT count(*) FROM {}").format(sql.Identifier(name))).fetchone()
        found[name] = row[0] if row else 0
    return found


@contextmanager
def _owner() -> Iterator[psycopg.Connection]:
    from django.db import connections

    from legedialog.operations.migrate import parameters

    try:
        with psycopg.connect(**parameters(connections["owner"]), autocommit=True) as connection:  # type: ignore[arg-type]
            connection.execute("SET statement_timeout = 0")
            yield connection
    except psycopg.OperationalError as error:
        raise Problem(f"The database does not answer: {str(error).strip().splitlines()[0]}") from error


def _binary(name: str) -> str:
    """Those that come along with the embedded server: they dump every server that is not newer than they are."""
    with contextlib.suppress(database.DatabaseProblem):
        return database.binary(name)
    return _program(name)


def _program(name: str) -> str:
    found = shutil.which(name)
    if not found:
        package = {"pg_dump": "postgresql-client", "pg_restore": "postgresql-client"}.get(name, name)
        raise Problem(f"The program {name} is missing. On Debian: apt-get install {package}")
    return found


def _environment() -> dict[str, str]:
    """For libpq, so that no password stands on a command line that others can list."""
    from django.db import connections

    from legedialog.operations.migrate import parameters

    names = {"dbname": "PGDATABASE", "connect_timeout": "PGCONNECT_TIMEOUT"}
    given = {
        names.get(name, f"PG{name.upper()}"): str(value)
        for name, value in parameters(connections["owner"]).items()
        if name in ("host", "port", "user", "password", "dbname") or name.startswith("ssl")
    }
    return {**os.environ, **given}


def _pipe(first: list[str], second: list[str] | None, *, given: Any = None, output: Any = None) -> None:
    """Run a program, or two with a pipe between. Raises Problem with the last line of what they say."""
    with open(os.memfd_create("errors"), "w+", encoding="utf-8", errors="replace") as said:
        environment = _environment()
        processes = [
            subprocess.Popen(
                first,
                stdin=given or subprocess.DEVNULL,
                stdout=subprocess.PIPE if second else output or subprocess.DEVNULL,
                stderr=said,
                env=environment,
            )
        ]
        if second:
            between = processes[0].stdout
            assert between  # noqa: S101  it is a pipe
            processes.append(
                subprocess.Popen(
                    second, stdin=between, stdout=output or subprocess.DEVNULL, stderr=said, env=environment
                )
            )
            between.close()
        try:
            codes = [process.wait() for process in processes]
        finally:
            for process in processes:
                process.kill()
        if any(codes):
            said.seek(0)
            lines = [line.strip() for line in said.read().splitlines() if line.strip()]
            why = next((line for line in lines if "error" in line), lines[-1] if lines else f"{first[0]} failed.")
            raise Problem(f"Nothing was {'restored' if given else 'backed up'}: {why}")


def _sha256(file: Path) -> str:
    with file.open("rb") as content:
        return hashlib.file_digest(content, "sha256").hexdigest()
