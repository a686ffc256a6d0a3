"""`legedialog register …`: load register files, and ask the registers."""

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from legedialog.operations import environment, shown
from legedialog.operations.shown import console

if TYPE_CHECKING:
    from legedialog.integrations.registers.checking import Report

app = typer.Typer(no_args_is_help=True, help="Offices, doctors, GP lists and citizens, from files and registers.")


@app.command("import")
def import_file(
    file: Annotated[
        Path, typer.Argument(exists=True, dir_okay=False, readable=True, help="NDJSON; see docs/registers.md.")
    ],
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Check everything and keep nothing.")] = False,
) -> None:
    """Load a register file: all of it, or nothing when a line is bad. Safe to repeat."""
    with environment.ready():
        from django.utils import timezone

        from legedialog.access import actor
        from legedialog.integrations.registers import checking, load

        columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
        with Progress(*columns, console=console, transient=True) as bar:
            task = bar.add_task("Checking", total=None)
            report = load.load(
                checking.File(file),
                actor=actor.system(),
                now=timezone.now(),
                dry_run=dry_run,
                say=lambda step, done, total: bar.update(task, description=step, completed=done, total=total),
            )
    if report.bad:
        _tell_bad(report)
        raise typer.Exit(2)
    _tell_counts(report, dry_run)


def _tell_bad(report: "Report") -> None:
    for number, reason in report.bad.items():
        print(f"line {number}: {reason}", file=sys.stderr)  # noqa: T201
    end = f"Gave up at line {report.lines}" if report.gave_up else f"{report.lines} lines read"
    print(f"{end}, {len(report.bad)} bad. Nothing was loaded.", file=sys.stderr)  # noqa: T201


def _tell_counts(report: "Report", dry_run: bool) -> None:
    table = shown.table("type", "created", "changed", "unchanged", "ended")
    for kind, count in report.counts.items():
        table.add_row(kind, *(str(number) for number in (count.created, count.changed, count.unchanged, count.ended)))
    if report.counts:
        shown.show(table)
    if not report.changes:
        console.print("Everything was loaded before: nothing changed.")
    elif dry_run:
        console.print("Only checked: nothing was kept.")
    else:
        console.print(f"Loaded {report.lines} lines.")


@app.command()
def refresh(her_id: Annotated[int, typer.Argument(min=1, max=99_999_999, help="The office's HER-id.")]) -> None:
    """Ask the Address register for one office and update its contact data."""
    with environment.ready():
        from django.utils import timezone

        from legedialog.access import actor
        from legedialog.integrations.registers import client, sync

        try:
            with client.connect() as registers:
                is_changed = sync.refresh_office(registers, her_id, actor=actor.system(), now=timezone.now())
        except client.RegisterError as error:
            print(error, file=sys.stderr)  # noqa: T201
            raise typer.Exit(1) from None
    console.print("The office is updated." if is_changed else "The office was up to date: nothing changed.")
