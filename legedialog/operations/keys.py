"""`legedialog keys …`: data keys, and what wraps them. See docs/operator.md."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Annotated
from uuid import UUID

import typer
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from legedialog.operations import environment, given, shown
from legedialog.operations.shown import console

app = typer.Typer(no_args_is_help=True, help="The keys that seal text, and what they are sealed by.")

PASSES = 20  # a pass finds nothing more when all processes have taken up the new keys


@app.command()
def status() -> None:
    """Every key and how many values it seals. Reads all sealed columns."""
    with environment.ready():
        from legedialog.core import master, rotation

        table = shown.table("key", "for", "wrapped by", "since", "retired", "values", title="Data keys")
        for row in rotation.status():
            scope = (
                "names and numbers" if row.purpose == "index" else f"office {row.scope}" if row.scope else "platform"
            )
            retired = f"{row.retired_at:%Y-%m-%d %H:%M}" if row.retired_at else ""
            values = "" if row.purpose == "index" else str(row.values)
            table.add_row(str(row.id), scope, row.wrapped_by or "local", f"{row.created_at:%Y-%m-%d}", retired, values)
        shown.show(table)
        console.print(f"New keys are wrapped by {master.current().name}.")


@app.command()
def rotate(
    office: Annotated[
        list[UUID] | None, typer.Option(help="Only this office's key. May be given several times.")
    ] = None,
) -> None:
    """Give every office and the platform a new key, and seal everything anew. The system may run."""
    with environment.ready():
        from django.utils import timezone

        from legedialog.core import rotation

        made = rotation.retire(now=timezone.now(), scopes=set(office) if office else None)
        if office and not made:
            raise given.BadInput("No office has a key by that id. Nothing was changed.")
        typer.echo(f"{made} keys retired.")
        _reseal(wait=True)


@app.command()
def resume() -> None:
    """Go on with a rotation that was stopped."""
    with environment.ready():
        _reseal(wait=False)


@app.command()
def remove() -> None:
    """Remove retired keys that seal nothing any more. An hour after a rotation at the earliest."""
    with environment.ready():
        from django.utils import timezone

        from legedialog.core import rotation

        typer.echo(f"{rotation.remove_unused(timezone.now())} keys removed.")


@app.command()
def rewrap() -> None:
    """Wrap every data key by the master that is current now, after LEGEDIALOG_MASTER_KEY or the key server changed."""
    with environment.ready():
        from legedialog.core import master, rotation

        with _progress("Keys") as say:
            done = rotation.rewrap(say)
        typer.echo(f"{done} keys wrapped by {master.current().name}.")


LEFT = "run `legedialog keys resume`. Those that are left then cannot be opened; `not shown` in the log names each."


def _reseal(*, wait: bool) -> None:
    """Pass after pass until one finds nothing, for other processes seal under the old keys a little longer."""
    from legedialog.core import crypto, rotation

    done = 0
    if wait:  # most of them have taken up the new keys when the first pass is over
        typer.echo("Sealing anew. It may be stopped; `legedialog keys resume` goes on.")
    for number in range(PASSES):
        with _progress("Values") as say:
            found = rotation.reseal(say)
        done += found
        if not found and (number or not wait):
            break
        if wait:
            time.sleep(crypto.FRESH)
    left = rotation.waiting()
    typer.echo(f"{done} values sealed anew." + (f" {left} are left: {LEFT}" if left else ""))


@contextmanager
def _progress(what: str) -> Iterator[Callable[[int, int], None]]:
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=console, transient=True) as bar:
        task = bar.add_task(what, total=None)
        yield lambda done, total: bar.update(task, completed=done, total=total)
