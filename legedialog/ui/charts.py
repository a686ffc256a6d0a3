"""Bars drawn on the server: numbers in, a drawing with its sentence and its table out. `ui/chart.html` shows it.

Nothing is told by colour alone: each series has a pattern, and the numbers stand in the table behind it.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from math import ceil, floor, log10

from django.utils.functional import Promise

Text = str | Promise
Number = float | None  # None: nothing to measure

WIDTH, HEIGHT = 600, 220  # of the drawing, in its own units
LEFT, TOP, BOTTOM = 44, 12, 34  # room for the numbers, above the bars, and for the names
MOST_NAMES = 8  # under the bars; with more, every second or third is named
GROUP = 0.72  # share of its place that a group of bars takes
LOOKS = ("solid", "striped", "hollow")  # one for each series, in this order


@dataclass(frozen=True, slots=True)
class Series:
    name: Text
    values: Sequence[Number]


@dataclass(frozen=True, slots=True)
class Bar:
    x: float
    y: float
    width: float
    height: float
    look: str


@dataclass(frozen=True, slots=True)
class Tick:
    y: float
    text: str


@dataclass(frozen=True, slots=True)
class Name:
    x: float
    text: str


@dataclass(frozen=True, slots=True)
class Chart:
    """`says` is the sentence that tells what is to be seen, for those who see it and those who do not."""

    id: str
    title: Text
    says: str
    first: Text  # heading of the table's first column
    legend: list[tuple[Text, str]]
    bars: list[Bar]
    ticks: list[Tick]
    names: list[Name]
    table: list[tuple[str, list[str]]]
    view: str = f"0 0 {WIDTH} {HEIGHT}"
    base: float = HEIGHT - BOTTOM
    left: int = LEFT
    right: int = WIDTH
    below: float = HEIGHT - 10

    @property
    def is_empty(self) -> bool:
        return not self.bars


def bars(
    id: str,
    title: Text,
    says: str,
    first: Text,
    places: Sequence[str],
    series: Sequence[Series],
    write: Callable[[Number], str],
    write_exactly: Callable[[Number], str] | None = None,
) -> Chart:
    """A group of bars for each place, one bar for each series. `write` turns a number into text beside the lines and,
    where there is no `write_exactly`, in the table."""
    top = nice_top(max((value for each in series for value in each.values if value), default=0))
    room = (WIDTH - LEFT) / max(len(places), 1)
    wide = room * GROUP / max(len(series), 1)
    drawn = []
    for number, each in enumerate(series):
        for place, value in enumerate(each.values):
            if value:
                tall = (HEIGHT - TOP - BOTTOM) * value / top
                x = LEFT + room * place + room * (1 - GROUP) / 2 + wide * number
                drawn.append(
                    Bar(
                        round(x, 1), round(HEIGHT - BOTTOM - tall, 1), round(wide - 1, 1), round(tall, 1), LOOKS[number]
                    )
                )
    every = ceil(len(places) / MOST_NAMES) or 1
    return Chart(
        id=id,
        title=title,
        says=says,
        first=first,
        legend=[(each.name, LOOKS[number]) for number, each in enumerate(series)],
        bars=drawn,
        ticks=[
            Tick(round(HEIGHT - BOTTOM - (HEIGHT - TOP - BOTTOM) * step / 4, 1), write(top * step / 4))
            for step in range(5)
        ],
        names=[
            Name(round(LEFT + room * (place + 0.5), 1), text) for place, text in enumerate(places) if place % every == 0
        ],
        table=[
            (text, [(write_exactly or write)(each.values[place]) for each in series])
            for place, text in enumerate(places)
        ],
    )


def nice_top(highest: float) -> float:
    """The least of 4, 8, 12, 20, 40, 80, 120, 200 … that is no less than `highest`: whole numbers at all five lines."""
    if highest <= 4:
        return 4
    size = 4 * 10.0 ** floor(log10(highest / 4))
    return next(size * step for step in (1, 2, 3, 5, 10) if size * step >= highest)
