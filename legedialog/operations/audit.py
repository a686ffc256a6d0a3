"""`legedialog audit …`: the log, its seals, and what is past its time. See docs/audit.md."""

import sys
from contextlib import nullcontext
from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from legedialog.operations import environment

app = typer.Typer(no_args_is_help=True, help="The log of who has seen and changed what.")
console = Console(highlight=False)
DAY = ["%Y-%m-%d"]


@app.command()
def verify(
    first: Annotated[datetime | None, typer.Option("--from", formats=DAY, help="First day of sealing.")] = None,
    last: Annotated[datetime | None, typer.Option("--to", formats=DAY, help="Last day of sealing.")] = None,
    against: Annotated[
        Path | None, typer.Option(exists=True, dir_okay=False, help="Roots that `audit publish` wrote earlier.")
    ] = None,
) -> None:
    """Find every row that was changed, moved, added or removed since it was sealed. Ends with 1 if there is one."""
    with environment.ready():
        from django.utils import timezone

        from legedialog.audit import verification

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
                sys.exit(f"{against}: {problem}.")
        for fault in result.faults:
            typer.echo(fault)
        if result.faults:
            more = "at least " if result.is_cut else ""
            sys.exit(f"{result.rows} rows in {result.batches} batches. Faults: {more}{len(result.faults)}.")
        typer.echo(f"{result.rows} rows in {result.batches} batches: as they were sealed.")


@app.command()
def publish(file: Annotated[Path, typer.Argument(dir_okay=False, help="Written anew.")]) -> None:
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
