"""`legedialog persons …`: how old the registers' facts are, and asking for new ones."""

import sys
import time
from dataclasses import replace
from datetime import datetime
from typing import Annotated
from uuid import UUID

import typer

from legedialog.operations import environment, given, shown
from legedialog.operations.shown import console

app = typer.Typer(no_args_is_help=True, help="What the registers say of persons: its age, deaths, new numbers.")


@app.command()
def stale() -> None:
    """How many facts are too old to be used, by kind. Ends with 1 when there are any."""
    with environment.ready():
        from django.utils import timezone

        from legedialog.patients import queries

        ages = queries.ages(timezone.now())
    table = shown.table("fact", "all", "to be asked about", "too old", "oldest")
    for age in ages:
        oldest = f"{age.oldest_at:%Y-%m-%d %H:%M}" if age.oldest_at else ""
        table.add_row(age.fact.value, *(str(each) for each in (age.number, age.must_be_asked, age.too_old)), oldest)
    shown.show(table)
    if any(age.too_old for age in ages):
        print("Some facts are too old: nobody acts for others on them. See docs/registers.md.", file=sys.stderr)  # noqa: T201
        raise typer.Exit(1)


@app.command()
def refresh(
    everybody: Annotated[bool, typer.Option("--all", help="Everybody, also who was asked about today.")] = False,
) -> None:
    """One run of the job that asks the registers: those who have waited the longest."""
    with environment.ready():
        from django.conf import settings
        from django.utils import timezone

        from legedialog.integrations.registers import refreshing

        pause = (lambda seconds: None) if settings.DEMO else time.sleep  # its registers are in this process
        number = refreshing.gently(timezone.now(), pause, everybody=everybody)
    console.print(f"Asked about {number} persons.")


@app.command()
def merges() -> None:
    """Those that can still be taken back: two rows that became one person."""
    with environment.ready():
        from django.utils import timezone

        from legedialog.patients.models import Merge

        rows = list(Merge.objects.filter(undone_at=None, undo_until__gte=timezone.now()).order_by("merged_at"))
    table = shown.table("merge", "person", "merged", "may be undone until")
    for row in rows:
        table.add_row(str(row.pk), str(row.kept_id), f"{row.merged_at:%Y-%m-%d %H:%M}", f"{row.undo_until:%Y-%m-%d}")
    shown.show(table)


@app.command("undo-merge")
def undo_merge(merge_id: Annotated[UUID, typer.Argument(help="From `legedialog persons merges`.")]) -> None:
    """Two persons again. What has happened since stays with the one who stayed."""
    with environment.ready():
        from django.utils import timezone

        from legedialog.core.errors import NotFound, Refused
        from legedialog.journeys import merging

        try:
            left = merging.undo(merge_id=merge_id, now=timezone.now())
        except (NotFound, Refused) as error:
            raise given.BadInput(f"It cannot be taken back: {error.code}.") from None
    console.print("They are two again." if not left else f"They are two again; {left} rows had been changed since.")


@app.command()
def pretend(
    key: Annotated[str, typer.Argument(help="Of the demo's people, such as kari-testdal.")],
    dead: Annotated[
        datetime | None, typer.Option(formats=["%Y-%m-%d"], callback=given.moment, help="She died on that day.")
    ] = None,
    alive: Annotated[bool, typer.Option("--alive", help="The death was a mistake.")] = False,
    number: Annotated[str, typer.Option(help="Her new national number.")] = "",
    card: Annotated[
        datetime | None, typer.Option(formats=["%Y-%m-%d"], callback=given.moment, help="Her card from then.")
    ] = None,
) -> None:
    """In the demo: let its registers say something else of a person from now on."""
    with environment.ready(with_database=False):
        from django.conf import settings

        from legedialog.demo import registers
        from legedialog.demo.people import PEOPLE

        person = next((each for each in PEOPLE if each.key == key), None)
        if not settings.DEMO or person is None:
            raise given.BadInput("Only in the demo, and only of its people.")
        told = registers.Told(death_date=dead.date() if dead else None, is_alive=alive, number=number)
        told = replace(told, card_date=card.date() if card else None)
        registers.pretend(person.number, told)
    if card:
        console.print(
            "The demo's card register says so when the worker asks about a charge: a new one at once, one that it has"
        )
        console.print(
            "answered within a week. What was paid after that day is then to be paid back (Betaling, Ubetalt)."
        )
    else:
        console.print("The demo's register says so when it is asked again: `legedialog persons refresh --all`.")


OUTAGES = {
    False: (
        "The demo's register of people",
        ("What was closed opens again.", "Pages that must ask it are closed and say so; the worker asks again."),
        "outage",
    ),
    True: (
        "The demo's register of exemption cards",
        (
            "The worker asks it within five minutes about the charges that wait, and they are owed or free.",
            "What is done and approved from now on waits (Betaling, Å godkjenne), and nobody is asked to pay it"
            " meanwhile. What it has answered about before is owed at once.",
        ),
        "outage --cards",
    ),
}


@app.command()
def outage(
    over: Annotated[bool, typer.Option("--over", help="They answer again.")] = False,
    cards: Annotated[bool, typer.Option("--cards", help="The register of exemption cards, and no other.")] = False,
) -> None:
    """In the demo: let its registers of people fail from now on, to see what is closed and what is said."""
    with environment.ready(with_database=False):
        from django.conf import settings

        from legedialog.demo import registers

        if not settings.DEMO:
            raise given.BadInput("Only in the demo.")
        registers.fail(is_down=not over, which=registers.CARDS if cards else registers.PERSONS)
    who, what, command = OUTAGES[cards]
    console.print(f"{who} answers again. {what[0]}" if over else f"{who} answers nothing from now on. {what[1]}")
    if not over:
        console.print(f"It is ended by `legedialog persons {command} --over`.")
