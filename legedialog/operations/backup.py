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

from legedialog.operations import database, environment

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


def backup(
    folder: Annotated[Path, typer.Argument(help="Where the two files are put; made when it is missing.")],
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
    path: Annotated[Path, typer.Argument(help="A backup's file, or a folder: its newest.")],
    identity: Annotated[Path | None, typer.Option(help="The file with the `age` key that opens it.")] = None,
) -> None:
    """Put a backup into an empty database. It sends nothing until `legedialog outbox open`, and nobody is logged in."""
    with environment.ready():
        from legedialog.operations import migrate

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
        file.with_suffix(".json").write_text(json.dumps(facts, indent=1), encoding="utf-8")
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
            raise Problem(f"{file} is encrypted: give the age key by --identity FILE.")
        if not identity.is_file():
            raise Problem(f"{identity} cannot be read: --identity names the file with the age key.")
    _check_master(facts)
    with _owner() as connection:
        here = connection.info.server_version // 10000
        if here < facts["server"]:
            raise Problem(
                f"The backup is of PostgreSQL {facts['server']}, and this is PostgreSQL {here}: it is too old."
            )
        if there := [name for (name,) in connection.execute(TABLES).fetchall() if name != migrate.RESTORED]:
            raise Problem(
                f"The database {connection.info.dbname} is not empty: it has {there[0]}. Restore into a new one."
            )
        migrate.make_web_role(connection)  # what may refuse does so before anything is written
        connection.execute(sql.SQL("CREATE TABLE IF NOT EXISTS {} ()").format(sql.Identifier(migrate.RESTORED)))
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
            raise Problem("What was restored has other numbers of rows than the backup says. Do not use it.")
    return facts


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
        raise Problem(f"There is no backup in {folder}.")
    return found[-1]


def _facts(file: Path) -> dict[str, Any]:
    try:
        facts: dict[str, Any] = json.loads(file.with_suffix(".json").read_text(encoding="utf-8"))
        if facts["format"] != FORMAT:
            raise Problem(f"{file} is of another version of Legedialog.")
        if _sha256(file) != facts["sha256"]:
            raise Problem(f"{file} was changed or cut off after it was made.")
    except (OSError, ValueError, KeyError, TypeError, RecursionError) as error:
        raise Problem(f"{file} cannot be read, or the .json beside it is missing.") from error
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
