"""`legedialog operators …`: who runs the platform. They log in with HelseID, and see offices and no patients."""

from typing import Annotated

import typer

from legedialog.operations import environment, given, shown
from legedialog.operations.shown import console

app = typer.Typer(no_args_is_help=True, help="Who runs the platform: they open offices, and see no patients.")


@app.command()
def add(
    name: Annotated[str, typer.Argument(callback=given.name, help="Her name.")],
    national_number: Annotated[
        str, typer.Option(prompt="National number", hide_input=True, help="Asked for; never in the shell's history.")
    ],
) -> None:
    """Somebody may log in as an operator from now on. Her number is kept as an index that nobody can read."""
    with environment.ready():
        from django.conf import settings

        from legedialog.access import services
        from legedialog.core.identifiers import BadIdentifier, parse_national_number

        try:
            number = parse_national_number(national_number, synthetic=settings.SYNTHETIC_PERSONS)
        except BadIdentifier as error:
            raise given.BadInput(str(error)) from None
        is_new = services.add_operator(name=name, national_number=number.reveal())
    console.print(f"{name} may log in." if is_new else f"{name} was an operator already.")


@app.command("list")
def list_() -> None:
    """All of them."""
    with environment.ready():
        from legedialog.access.models import Operator

        rows = list(Operator.objects.order_by("name"))
    table = shown.table("operator", "name")
    for row in rows:
        table.add_row(str(row.pk), row.name)
    shown.show(table)
