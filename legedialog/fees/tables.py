"""Dated tables of rates as files: read, check, and the page docs/prices.md. No database, no clock.

A file is CSV with `;` between, amounts in kroner, both dates included, and its source in each row. Those known from
public sources stand in `rates/`; a new year is another file, loaded by `legedialog fees load`.
"""

import csv
import io
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta
from itertools import pairwise
from pathlib import Path

from legedialog.core import reading
from legedialog.fees.rules import CODES, LARGEST_AMOUNT, Rate

FOLDER = Path(__file__).parent / "rates"
COLUMNS = ("code", "day", "evening", "specialist_day", "specialist_evening", "from", "to", "source")
LARGEST = 200_000  # bytes


@dataclass(frozen=True, slots=True)
class Read:
    """`faults` are by line; rates are good only when there are none."""

    rates: list[Rate] = field(default_factory=list)
    faults: list[str] = field(default_factory=list)


def read(text: str) -> Read:
    if len(text) > LARGEST:
        return Read(faults=["the file is too large to be a table of rates"])
    rows = csv.reader(io.StringIO(text.removeprefix("\ufeff")), delimiter=";")
    try:
        return _read(rows)
    except csv.Error as error:
        return Read(faults=[f"line {rows.line_num}: {error}"])


def _read(rows: "Iterator[list[str]]") -> Read:
    head = tuple(next(rows, ()))
    if head != COLUMNS:
        return Read(faults=[f"line 1: the columns must be {';'.join(COLUMNS)}"])
    rates, faults = [], []
    for number, cells in enumerate(rows, start=2):
        if not any(cells):
            continue
        found = _rate(cells)
        if isinstance(found, Rate):
            rates.append(found)
        else:
            faults += [f"line {number}: {fault}" for fault in found]
    if not rates and not faults:
        faults = ["there is no rate in the file"]
    return Read(rates, faults + overlaps(rates) + gaps(rates))


def _rate(cells: list[str]) -> Rate | list[str]:
    if len(cells) != len(COLUMNS):
        return [f"{len(COLUMNS)} columns are needed, here are {len(cells)}"]
    row = dict(zip(COLUMNS, (cell.strip() for cell in cells), strict=True))
    faults = [] if row["code"] in CODES else [f"unknown code {row['code']!r}"]
    amounts = {name: reading.hundredths(row[name]) for name in COLUMNS[1:5]}
    faults += [f"{name} is no amount in kroner" for name, found in amounts.items() if found is None and row[name]]
    faults += [f"{name} is more than a price is" for name, found in amounts.items() if (found or 0) > LARGEST_AMOUNT]
    if amounts["day"] is None and not row["day"]:
        faults.append("day is empty")
    first, last = reading.day(row["from"]), reading.day(row["to"])
    if first is None or last is None or last < first:
        faults.append("from and to must be two days in order")
    if not row["source"]:
        faults.append("the source is missing")
    if faults or first is None or last is None or amounts["day"] is None:
        return faults
    return Rate(
        row["code"],
        amounts["day"],
        amounts["evening"],
        amounts["specialist_day"],
        amounts["specialist_evening"],
        first,
        last,
        row["source"],
    )


def overlaps(rates: Iterable[Rate]) -> list[str]:
    return [
        f"{later.code}: {later.from_date} to {later.to_date} overlaps what goes on to {earlier.to_date}"
        for earlier, later in _neighbours(rates)
        if later.from_date <= earlier.to_date
    ]


def gaps(rates: Iterable[Rate]) -> list[str]:
    """Days between two rates of a code that no rate tells of."""
    return [
        f"{later.code}: no rate from {earlier.to_date + timedelta(days=1)} to {later.from_date - timedelta(days=1)}"
        for earlier, later in _neighbours(rates)
        if later.from_date > earlier.to_date + timedelta(days=1)
    ]


def unknown_on(rates: Iterable[Rate], day: date) -> list[str]:
    """Codes that no rate tells of on the day."""
    told = {rate.code for rate in rates if rate.from_date <= day <= rate.to_date}
    return [code for code in CODES if code not in told]


def _neighbours(rates: Iterable[Rate]) -> Iterator[tuple[Rate, Rate]]:
    of_code: dict[str, list[Rate]] = defaultdict(list)
    for rate in rates:
        of_code[rate.code].append(rate)
    for rows in of_code.values():
        rows.sort(key=lambda rate: rate.from_date)
        yield from pairwise(rows)


def shipped() -> dict[str, str]:
    """The text of each file of `rates/`, by its name."""
    return {file.stem: file.read_text(encoding="utf-8") for file in sorted(FOLDER.glob("*.csv"))}


HEAD = """# Prices

Made from `legedialog/fees/rates/` and `legedialog/fees/rules.py` by `legedialog docs`. Amounts are kroner, what the
patient pays (egenandel). What is not here is not known, and no page guesses it: an office's pages show no amount before
its manager has confirmed a table (Innstillinger, Priser). A new year is a file of the same form, loaded with
`legedialog fees load FILE`; `legedialog fees check FILE` finds gaps, overlaps and unknown codes.

The evening is working days before 08 and from 16, weekends and public holidays, by the clinic's clock: of an
e-consultation the hour of the answer, of a visit the hour it begins. "Counted" is towards the exemption card (frikort);
what is not counted is paid by those with an exemption too.

| code | evening | what | counted |
| --- | --- | --- | --- |
"""


def page() -> str:
    parts = [HEAD]
    for code in CODES.values():
        counted = "yes" if code.is_counted else "no"
        parts.append(f"| `{code.code}` | {f'`{code.evening}`' if code.evening else ''} | {code.what} | {counted} |\n")
    everything: list[Rate] = []
    for name, text in shipped().items():
        rates = read(text).rates
        everything += rates
        parts.append(f"\n## {name}\n\n| code | from | to | day / evening | specialist | source |\n")
        parts.append("| --- | --- | --- | --- | --- | --- |\n")
        for rate in rates:
            ordinary = _pair(rate.day, rate.evening)
            specialist = "" if rate.specialist_day is None else _pair(rate.specialist_day, rate.specialist_evening)
            parts.append(
                f"| `{rate.code}` | {rate.from_date} | {rate.to_date} | {ordinary} | {specialist} | {rate.source} |\n"
            )
    parts.append("\n## Not known\n\n")
    parts += [f"- {gap}\n" for gap in gaps(everything)]
    last = max((rate.to_date for rate in everything if rate.code == "2ad"), default=date.min)
    parts.append(f"- rates after {last}; ceilings of other years than those above\n")
    return "".join(parts)


def _pair(day: int, evening: int | None) -> str:
    return _kroner(day) if evening is None else f"{_kroner(day)} / {_kroner(evening)}"


def _kroner(amount: int) -> str:
    return f"{amount // 100}" if amount % 100 == 0 else f"{amount // 100},{amount % 100:02}"
