"""`legedialog outbox …`: whether notices go out. A restored copy sends nothing until it is told to."""

import typer

from legedialog.operations import environment

app = typer.Typer(no_args_is_help=True, help="Whether notices go out.")


@app.command("open")
def open_outbox() -> None:
    """Let notices go out, those that waited in a restored copy too: each is decided anew right before it is sent."""
    with environment.ready():
        from legedialog.outbox import services

        typer.echo("Notices go out." if services.open_gate() else "They went out already.")


@app.command()
def close() -> None:
    """Let nothing go out until `open`. Notices wait meanwhile."""
    with environment.ready():
        from django.utils import timezone

        from legedialog.outbox import services

        services.close_gate(timezone.now())
        typer.echo("Nothing goes out until `legedialog outbox open`.")
