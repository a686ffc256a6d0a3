"""`legedialog fees …`: check and load tables of rates."""

import sys
from pathlib import Path
from typing import Annotated

import typer

from legedialog.operations import environment, given
from legedialog.operations.shown import console

app = typer.Typer(no_args_is_help=True, help="Tables of rates: what services cost.")

File = Annotated[Path, typer.Argument(exists=True, dir_okay=False, readable=True, help="CSV; see docs/prices.md.")]


@app.command()
def check(
    files: Annotated[list[Path] | None, typer.Argument(exists=True, dir_okay=False, readable=True)] = None,
) -> None:
    """Gaps, overlaps and unknown codes in files; without any, in the tables that are shipped."""
    with environment.ready(with_database=False):
        from legedialog.fees import tables  # only now: Django is set up

        texts = {file.name: given.text(file) for file in files} if files else tables.shipped()
        read = {name: tables.read(text) for name, text in texts.items()}
    faults = [f"{name}: {fault}" for name, found in read.items() for fault in found.faults]
    if faults:
        print("\n".join(faults), file=sys.stderr)  # noqa: T201
        raise typer.Exit(1)
    rates = [rate for found in read.values() for rate in found.rates]
    between = tables.overlaps(rates) + tables.gaps(rates)
    console.print(f"No fault. Rates: {len(rates)}, files: {len(read)}.")
    for line in between:
        console.print(f"Between files: {line}")
    last = max(rate.to_date for rate in rates)
    if missing := tables.unknown_on(rates, last):
        console.print(f"Not told of on {last}: {', '.join(missing)}.")


@app.command()
def load(
    file: File,
    name: Annotated[
        str,
        typer.Option(
            callback=lambda value: value and given.name(value),
            help="What managers read; the file's name where it is left out.",
        ),
    ] = "",
    invented: Annotated[bool, typer.Option(help="The amounts are made up, as in the demo.")] = False,
) -> None:
    """Load a table. It counts at an office when its manager has seen and confirmed it. Safe to repeat."""
    with environment.ready():
        from django.utils import timezone

        from legedialog.access import actor
        from legedialog.core.errors import Refused
        from legedialog.core.names import slug
        from legedialog.fees import prices, services, tables

        text, name = given.text(file), slug(name or file.stem)
        if not name:
            raise given.BadInput("--name needs letters or digits of a to z.")
        if faults := tables.read(text).faults:
            print("\n".join(faults), file=sys.stderr)  # noqa: T201
            raise typer.Exit(2)
        try:
            row, is_new = services.load(
                actor=actor.system(), name=name, text=text, is_invented=invented, now=timezone.now()
            )
        except Refused as refused:
            raise given.BadInput(
                f"A table named {name} is loaded already, with other rates. Give this one another --name."
            ) from refused
        rates = tables.read(text).rates
        confirmed = prices.confirmations(row.pk)
    first, last = min(rate.from_date for rate in rates), max(rate.to_date for rate in rates)
    codes = len({rate.code for rate in rates})
    console.print(f"{row.name} is loaded." if is_new else f"{row.name} was loaded before, and nothing is changed.")
    console.print(f"{len(rates)} rates of {codes} codes, from {first} to {last}.")
    if missing := tables.unknown_on(rates, last):
        console.print(f"Not told of on {last}: {', '.join(missing)}. Other tables that an office has confirmed may.")
    console.print(
        f"Offices that tell it: {confirmed}. An office does when its manager has seen it beside what holds today"
    )
    console.print("and confirmed it: Innstillinger, Priser.")
