"""`legedialog client …`: the systems that may use the API."""

import json
import sys
from pathlib import Path
from typing import Annotated

import typer

from legedialog.operations import environment

app = typer.Typer(no_args_is_help=True, help="Systems that may use the API, such as a hospital's.")


@app.callback()
def group() -> None:
    """Keeps `add` a word of its own, also while it is the only one."""


@app.command()
def add(
    name: Annotated[str, typer.Argument(help="What operators call it.")],
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
            sys.exit("No source has this organisation number. Load it with `legedialog register import`.")
        try:
            client = services.register_client(
                actor=actor.system(),
                name=name,
                source_id=source_id,
                jwks=json.loads(keys.read_text(encoding="utf-8")),
                scopes=scope,
                now=timezone.now(),
            )
        except ValueError as fault:
            sys.exit(f"Not registered: {fault}.")
        typer.echo(client.pk)
