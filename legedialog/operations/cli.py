"""The command `legedialog`. Each group of commands has a module of its own; this one puts them together."""

import contextlib
import errno
import os
import sqlite3
import sys
from pathlib import Path
from typing import Annotated

import psycopg
import typer
from cryptography.exceptions import InvalidTag
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from legedialog.core.master import KeyServerFailed, MasterUnknown
from legedialog.operations import (
    audit,
    backup,
    clients,
    database,
    docs,
    doctor,
    environment,
    fees,
    given,
    keys,
    operators,
    outbox,
    persons,
    prescriptions,
    register,
    serve,
    shell,
    shown,
    texts,
)
from legedialog.operations.env import BadSetting
from legedialog.operations.migrate import CannotMigrate
from legedialog.operations.shown import console

app = typer.Typer(no_args_is_help=True, pretty_exceptions_enable=False, add_completion=False, help=__doc__)
app.add_typer(texts.app, name="texts")
app.add_typer(register.app, name="register")
app.add_typer(operators.app, name="operators")
app.add_typer(persons.app, name="persons")
app.add_typer(prescriptions.app, name="prescriptions")
app.add_typer(fees.app, name="fees")
app.add_typer(clients.app, name="clients")
app.add_typer(audit.app, name="audit")
app.add_typer(keys.app, name="keys")
app.add_typer(outbox.app, name="outbox")
app.command("docs")(docs.command)
app.command("backup")(backup.backup)
app.command("doctor")(doctor.command)
app.command("restore")(backup.restore)
app.command("shell")(shell.command)


# Said in one line and not traced: somebody outside the code can mend them.
ONE_LINE = (
    *(BadSetting, database.DatabaseProblem, CannotMigrate, serve.Problem, KeyServerFailed, MasterUnknown),
    backup.Problem,
)
FULL = "The disk is full. Free some space and start again."
OTHER_VERSION = "The database is not of this version. Run `legedialog migrate`."


def main() -> None:
    try:
        given.check_arguments()
        sys.exit(app(standalone_mode=False))
    except given.BadInput as error:
        code, words = 2, str(error)
    except typer.Abort:
        code, words = 130, "Stopped."
    except Exception as error:
        refused = given.refusal(error)
        known = in_one_line(error) if refused is None else refused
        if known is None:
            raise
        code, words = 1 if refused is None else 2, known
    if words:
        print(words, file=sys.stderr)  # noqa: T201
    sys.exit(code)


def in_one_line(error: Exception) -> str | None:
    """What the operator can do about it, or None for a fault of ours. Never what a row holds."""
    if isinstance(error, ONE_LINE):
        return str(error)
    if isinstance(error, InvalidTag):
        return "What is stored cannot be opened: LEGEDIALOG_MASTER_KEY is not the one that sealed it."
    cause = error if isinstance(error, psycopg.Error) else error.__cause__  # Django keeps PostgreSQL's own beside it
    if isinstance(cause, psycopg.errors.UndefinedTable | psycopg.errors.UndefinedColumn):
        return OTHER_VERSION
    if isinstance(cause, psycopg.errors.InsufficientPrivilege):
        return f"The database refuses: {cause.diag.message_primary}. Run `legedialog migrate`."
    if isinstance(cause, psycopg.errors.DiskFull):
        return FULL
    if isinstance(cause, psycopg.OperationalError):
        return f"The database does not answer: {str(cause).strip().splitlines()[0]}. Does DATABASE_URL lead to it?"
    if isinstance(error, sqlite3.OperationalError):  # what was read so far is kept there while a file is checked
        return f"Temporary files cannot be written (TMPDIR): {error}."
    if isinstance(error, OSError) and error.errno == errno.ENOSPC:
        return FULL
    if isinstance(error, OSError) and error.filename:
        return f"{error.filename}: {error.strerror}."
    return None


@app.command("serve")
def serve_everything(
    fresh: Annotated[bool, typer.Option(help="Throw away the embedded database and start over.")] = False,
    reload: Annotated[bool, typer.Option("--reload", help="Start anew when a file of the code changes.")] = False,
) -> None:
    """Everything on this machine: database, migrations, worker and pages, until Ctrl-C."""
    data = environment.embedded()
    if fresh:
        _start_over()
    with environment.ready():
        from django.conf import settings  # only now: reading the settings needs the environment

        from legedialog.operations import migrate

        serve.check_ports()
        with console.status("Preparing the database …"):
            migrate.prepare()
        if settings.DEMO:
            _populate(persons=0)
        serve.run(
            address=settings.BIND,
            port=settings.PORT,
            data=data,
            when_ready=_greet,
            beside=_turn(settings.VAR) if settings.DEMO and not settings.TURN_URLS else None,
            changed=serve.Changes() if reload else None,
        )


def _turn(var: Path) -> dict[str, list[str]]:
    from legedialog.operations import turnserver

    command = turnserver.prepare(var)
    if command is None:
        console.print("Video: coturn is not installed, so video works only where networks let it straight through.")
        return {}
    return {"turn": command}


@app.command()
def check() -> None:
    """All that is wrong with the settings, one line each, without starting anything."""
    found = environment.problems()
    typer.echo("\n".join(found) or "The settings are in order.")
    raise typer.Exit(1 if found else 0)


@app.command("migrate")
def migrate_database(
    new_master_key: Annotated[
        bool, typer.Option(help="LEGEDIALOG_MASTER_KEY was replaced on purpose, and a key server keeps the data keys.")
    ] = False,
    as_it_stands: Annotated[
        bool,
        typer.Option(help="Tables, triggers, functions or constraints were changed on purpose since the last time."),
    ] = False,
) -> None:
    """Bring the database to this version. Safe to run on several nodes at once."""
    with environment.ready():
        from legedialog.operations import migrate

        migrate.prepare(verbosity=1, new_master_key=new_master_key, as_it_stands=as_it_stands)


@app.command()
def web() -> None:
    """The pages. Production starts this and `worker`, each under its own supervisor."""
    with environment.ready(serves_pages=True):
        from django.conf import settings
        from django.db import DatabaseError, connection

        from legedialog.attachments import sandbox
        from legedialog.operations import fence, server

        with contextlib.suppress(DatabaseError):  # without a database it starts, and `/health/ready` says why not
            if faults := fence.faults():
                raise serve.Problem("\n".join(faults))
            for line in fence.advice():
                typer.echo(line, err=True)
        connection.close()
        serve.check_ports()
        if settings.STATIC_ROOT and (missing := environment.without_files(settings.STATIC_ROOT)):
            raise serve.Problem(missing)
        if why := sandbox.fault():
            what = "Production would take none." if sandbox.takes_files() else "None is taken. See docs/operator.md."
            print(f"Files: this machine cannot shut in the program that reads them ({why}). {what}", file=sys.stderr)  # noqa: T201
        server.run()


@app.command()
def worker() -> None:
    """Jobs and schedules."""
    with environment.ready():
        from legedialog.operations import worker  # only now: it needs the settings

        serve.wait_for_database()
        worker.run()


@app.command()
def static() -> None:
    """Collect CSS, scripts and fonts for the web server."""
    with environment.ready(with_database=False):
        from django.core.management import call_command

        call_command("collectstatic", interactive=False, clear=True, verbosity=0)


@app.command("demo")
def demo_population(
    persons: Annotated[int, typer.Option(min=0, max=1_000_000, help="How many people to add to the named ones.")] = 0,
    fresh: Annotated[bool, typer.Option(help="Throw away the embedded database and start over.")] = False,
) -> None:
    """Fill the demo with synthetic people."""
    os.environ.setdefault("LEGEDIALOG_MODE", "demo")
    if fresh:
        _start_over()
    with environment.ready():
        from django.conf import settings

        from legedialog.operations import migrate

        if not settings.DEMO:
            raise serve.Problem("Synthetic people are only for the demo: LEGEDIALOG_MODE must be demo.")
        migrate.prepare()
        _populate(persons=persons)


def _start_over() -> None:
    data = environment.embedded()
    if data is None:
        raise serve.Problem("DATABASE_URL is set: empty that database yourself; only the embedded one is thrown away.")
    database.remove(data)


def _populate(*, persons: int) -> None:
    from legedialog.demo import engine as demo

    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=console, transient=True) as bar:
        task = bar.add_task("Demo population", total=None)
        demo.populate(lambda done, total: bar.update(task, completed=done, total=total), persons=persons)


def _greet() -> None:
    from django.conf import settings

    console.print(f"\nLegedialog answers at [bold]{settings.BASE_URL}[/bold]. Ctrl-C ends it.")
    if settings.DEMO:
        from legedialog.demo.people import PEOPLE

        table = shown.table("Log in as", "who", title="Demo people")
        for person in PEOPLE:
            table.add_row(person.name, str(person.about))
        shown.show(table)
        console.print(f"Notices that would have been sent: {settings.BASE_URL}/demo/varsler/")
