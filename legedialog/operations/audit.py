"""`legedialog audit …`: the log, its seals, and what is past its time. See docs/audit.md."""

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from datetime import datetime
from pathlib import Path
from typing import Annotated, TextIO
from uuid import UUID

import typer
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from legedialog.operations import environment, given
from legedialog.operations.shown import console

app = typer.Typer(no_args_is_help=True, help="The log of who has seen and changed what.")
DAY = ["%Y-%m-%d"]
MOMENT = [*DAY, "%Y-%m-%dT%H:%M", "%Y-%m-%dT%H:%M:%S", "%Y-%m-%dT%H:%M:%S%z"]


@app.command()
def verify(
    first: Annotated[
        datetime | None, typer.Option("--from", formats=DAY, callback=given.moment, help="First day of sealing.")
    ] = None,
    last: Annotated[
        datetime | None, typer.Option("--to", formats=DAY, callback=given.moment, help="Last day of sealing.")
    ] = None,
    against: Annotated[
        Path | None, typer.Option(exists=True, dir_okay=False, help="Roots that `audit publish` wrote earlier.")
    ] = None,
) -> None:
    """Find every row that was changed, moved, added or removed since it was sealed, and what guards the database and
    was changed since the last migration. Ends with 1 if there is one."""
    with environment.ready():
        from django.utils import timezone

        from legedialog.audit import verification
        from legedialog.operations import standing

        columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
        with Progress(*columns, console=console, transient=True) as bar:
            task = bar.add_task("Rows of the log", total=None)
            try:
                with against.open(encoding="utf-8") if against else nullcontext() as published:
                    result = verification.verify(
                        first=first.date() if first else None,
                        last=last.date() if last else None,
                        published=published,
                        now=timezone.now(),
                        said=lambda done, total: bar.update(task, completed=done, total=total),
                    )
            except ValueError as problem:
                raise given.BadInput(f"{against}: {problem}.") from problem
        for fault in result.faults:
            typer.echo(fault)
        guards = standing.faults()
        for line in guards:
            typer.echo(f"guard: {line}")
        if result.faults or guards:
            more = "at least " if result.is_cut else ""
            sys.exit(
                f"{result.rows} rows in {result.batches} batches. Faults: {more}{len(result.faults) + len(guards)}."
            )
        typer.echo(f"{result.rows} rows in {result.batches} batches: as they were sealed.")


@app.command()
def publish(
    file: Annotated[Path, typer.Argument(dir_okay=False, callback=given.new_file, help="Written anew.")],
) -> None:
    """Write the roots to a file. Keep it where nobody who runs the database can change it."""
    with environment.ready():
        from legedialog.audit import verification

        with file.open("w", encoding="utf-8") as output:
            typer.echo(f"{verification.publish(output)} roots written.")


@app.command()
def seal() -> None:
    """Seal what is complete now. The worker does it every minute."""
    with environment.ready():
        from django.utils import timezone

        from legedialog.audit import sealing

        typer.echo(f"{sealing.seal_all(timezone.now())} rows sealed.")


@app.command(name="affected")
def whose_data(
    first: Annotated[
        datetime, typer.Option("--from", formats=MOMENT, callback=given.moment, help="The first moment, in local time.")
    ],
    until: Annotated[
        datetime, typer.Option("--to", formats=MOMENT, callback=given.moment, help="The moment after the last.")
    ],
    by: Annotated[str, typer.Option(help="touch (whose and by whom), person, employee or office.")] = "touch",
    form: Annotated[str, typer.Option("--format", help="table, csv or json (an object on each line).")] = "table",
    person: Annotated[UUID | None, typer.Option(help="Only this patient's data, by her id.")] = None,
    employee: Annotated[UUID | None, typer.Option(help="Only what this employee did.")] = None,
    office: Annotated[UUID | None, typer.Option(help="Only what happened at this office.")] = None,
    login: Annotated[UUID | None, typer.Option(help="Only what was done in this login.")] = None,
    names: Annotated[bool, typer.Option(help="With names and national numbers, for those who must be told.")] = False,
    output: Annotated[
        Path | None, typer.Option(dir_okay=False, callback=given.new_file, help="A new file that only you may read.")
    ] = None,
) -> None:
    """Whose data was touched by whom between two moments, reads and changes. The question itself is logged."""
    with environment.ready():
        from django.utils import timezone

        from legedialog.access import actor
        from legedialog.audit import affected, services
        from legedialog.operations import affected as answers

        now, zone = timezone.now(), timezone.get_default_timezone()
        try:
            begins, ends = (each if each.tzinfo else each.replace(tzinfo=zone) for each in (first, until))
            asked = affected.Asked(begins, ends, affected.By(by), person, employee, office, login)
            shape = answers.Form(form)
        except ValueError as problem:
            raise given.BadInput(f"{problem}. See --help.") from problem
        if asked.first >= asked.until:
            raise given.BadInput("--from must be before --to.")
        services.record(
            *(actor.system(), "log.affected", None),
            at=now,
            first=asked.first.isoformat(),
            until=asked.until.isoformat(),
            by=asked.by.value,
            names=names,
            only=" ".join(f"{name}={value}" for name, value in asked.narrowed.items()),
        )
        with _opened(output) as out:
            lines = answers.write(affected.affected(asked), asked.by, shape, out, with_names=names)
        print(f"{lines} lines.", file=sys.stderr)  # noqa: T201
        if missing := affected.gone(asked):
            print(f"{missing} rows of these months are past their retention and removed.", file=sys.stderr)  # noqa: T201


@contextmanager
def _opened(output: Path | None) -> Iterator[TextIO]:
    if output is None:
        yield sys.stdout
        return
    try:
        handle = os.open(output, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        raise given.BadInput(f"{output} is there already. Give another name.") from None
    with open(handle, "w", encoding="utf-8", newline="") as file:
        yield file


@app.command()
def retain() -> None:
    """Remove sealed rows that are past their retention, and leave a row that says so."""
    with environment.ready():
        from django.utils import timezone

        from legedialog.access import actor
        from legedialog.audit import services, verification

        now = timezone.now()
        removed = verification.retain(now)
        if removed:
            services.record(actor.system(), "log.retained", None, at=now, rows=removed)
        typer.echo(f"{removed} rows removed.")
