"""`legedialog clients …`: the systems that may use the API, and shutting one out."""

from pathlib import Path
from typing import Annotated, Any
from uuid import UUID

import typer

from legedialog.core import reading
from legedialog.operations import environment, given

app = typer.Typer(no_args_is_help=True, help="Systems that may use the API, such as a hospital's.")


@app.command()
def add(
    name: Annotated[str, typer.Argument(callback=given.name, help="What operators call it.")],
    source: Annotated[str, typer.Argument(help="Organisation number of a source that `register import` has loaded.")],
    keys: Annotated[Path, typer.Argument(exists=True, dir_okay=False, help="Its public keys, a JWK Set.")],
    scope: Annotated[list[str], typer.Option(help="May be given several times; see docs/integrator.md.")],
) -> None:
    """Register a system and print its client id."""
    with environment.ready():
        from django.utils import timezone

        from legedialog.access import actor
        from legedialog.api import services
        from legedialog.appointments import queries

        source_id = queries.source_id(source)
        if source_id is None:
            raise given.BadInput("No source has this organisation number. Load it with `legedialog register import`.")
        try:
            client = services.register_client(
                actor=actor.system(),
                name=name,
                source_id=source_id,
                jwks=_keys(keys),
                scopes=scope,
                now=timezone.now(),
            )
        except ValueError as fault:
            raise given.BadInput(f"Not registered: {fault}.") from fault
        typer.echo(client.pk)


def _keys(file: Path) -> Any:
    found = reading.json_object(given.text(file))
    if found is None:
        raise given.BadInput(f"{file} is not a JWKS: its public keys as JSON, in UTF-8.")
    return found


@app.command("list")
def list_all() -> None:
    """Which systems there are, and whether each may come in."""
    with environment.ready():
        from legedialog.api import services

        for row in services.clients():
            state = "open" if row.is_active else "SHUT OUT"
            typer.echo(f"{row.pk}  {state:8}  {row.name} ({row.source.name})  {' '.join(row.scopes)}")


@app.command()
def shut(client: Annotated[UUID, typer.Argument(help="Its client id; `legedialog clients list` shows it.")]) -> None:
    """Shut a system out: its tokens die now, and it is given no new one."""
    _set_active(client, is_active=False)


@app.command("open")
def open_again(client: Annotated[UUID, typer.Argument(help="Its client id.")]) -> None:
    """Let a system that was shut out in again. It must log in anew."""
    _set_active(client, is_active=True)


def _set_active(client: UUID, *, is_active: bool) -> None:
    with environment.ready():
        from django.utils import timezone

        from legedialog.access import actor
        from legedialog.api import services
        from legedialog.core.errors import NotFound

        try:
            changed = services.set_active(
                actor=actor.system(), client_id=client, is_active=is_active, now=timezone.now()
            )
        except NotFound:
            raise given.BadInput("No system has this client id. `legedialog clients list` shows them.") from None
        state = "open" if is_active else "shut out"
        typer.echo(f"{state} now" if changed else f"{state} already")
