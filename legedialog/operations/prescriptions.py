"""`legedialog prescriptions …`: load prescription files."""

import sys
from pathlib import Path
from typing import Annotated

import typer

from legedialog.operations import environment, given
from legedialog.operations.shown import console

app = typer.Typer(no_args_is_help=True, help="Prescriptions from other systems.")


@app.callback()
def group() -> None:
    """So that `import` keeps its name while it is the only one."""


@app.command("import")
def import_file(
    file: Annotated[
        Path,
        typer.Argument(
            exists=True, dir_okay=False, readable=True, help="NDJSON or FHIR; see docs/prescriptions-import.md."
        ),
    ],
    source: Annotated[str, typer.Option(callback=given.name, help="The system it comes from, as citizens read it.")],
    phone: Annotated[
        str,
        typer.Option(
            callback=given.phone,
            help="Whom citizens call when something is missing, for a new source.",
        ),
    ] = "",
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Check everything and keep nothing.")] = False,
) -> None:
    """Load a prescription file: all of it, or nothing when a line is bad. Safe to repeat."""
    with environment.ready():
        from django.utils import timezone

        from legedialog.access import actor
        from legedialog.integrations.prescriptions import load
        from legedialog.integrations.registers.checking import File

        with console.status("Loading …") as status:
            report = load.load(
                File(file),
                source=source,
                phone=phone,
                actor=actor.system(),
                now=timezone.now(),
                dry_run=dry_run,
                say=lambda done: status.update(f"{done} lines"),
            )
    if report.bad:
        for number, fault in report.bad.items():
            print(f"line {number}: {fault.code}: {fault.text}", file=sys.stderr)  # noqa: T201
        end = "Gave up" if report.gave_up else f"{report.lines} lines read"
        print(f"{end}, {len(report.bad)} bad. Nothing was loaded.", file=sys.stderr)  # noqa: T201
        raise typer.Exit(2)
    if dry_run:
        console.print(f"{report.lines} lines are good. Only checked: nothing was kept.")
        return
    console.print(f"{report.created} new, {report.changed} changed, {report.unchanged} as before.")
    console.print(f"{report.dispensings} dispensings.")
