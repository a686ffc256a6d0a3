"""What commands print: one console, and tables that are as wide as what stands in them.

An id that was cut or broken at the terminal's width could not be given to the next command.
"""

from rich.console import Console
from rich.measure import Measurement
from rich.table import Table

WIDEST = 10_000  # signs of a line

console = Console(highlight=False, soft_wrap=True)


def table(*columns: str, title: str = "") -> Table:
    return Table(*columns, title=title or None, title_justify="left", box=None)


def show(made: Table) -> None:
    """Each row on a line of its own, whole: what does not fit on the screen is broken by the terminal."""
    wide = console.options.update(max_width=WIDEST)
    made.width = Measurement.get(console, wide, made).maximum
    console.print(made)
