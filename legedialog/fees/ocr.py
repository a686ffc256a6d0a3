"""Payment files of the banks (OCR giro): lines of 80 signs, read whole or not at all. No database, no clock.

Source: docs/facts.md#prices. Amounts are øre.
"""

from dataclasses import dataclass, field
from datetime import date

from legedialog.core import reading

LENGTH = 80
LARGEST = 4_000_000  # signs: fifty thousand lines
PAYMENT_SERVICE = "09"
# Of the types 10 to 21 of a payment these two are the bank's taking back of one; the others are money on the account.
TAKEN_BACK = ("18", "20")
START, ASSIGNMENT, FIRST, SECOND, MESSAGE, ASSIGNMENT_END, END = "10", "20", "30", "31", "32", "88", "89"


@dataclass(frozen=True, slots=True)
class Paid:
    """One payment; `ore` is below nothing when the bank takes one back. `name` is the same whenever the file is read
    again: the bank's own of the transaction."""

    name: str
    account_number: str
    kid: str
    ore: int
    day: date


@dataclass(frozen=True, slots=True)
class Read:
    payments: list[Paid] = field(default_factory=list)
    faults: list[str] = field(default_factory=list)


def read(text: str) -> Read:
    """Payments are good only when there are no faults: counts and sums of the file must agree."""
    if len(text) > LARGEST:
        return Read(faults=["the file is too large"])
    lines = [line.rstrip("\r\n") for line in text.splitlines() if line.strip()]
    if not lines or lines[0][:8] != "NY000010" or lines[-1][:8] != "NY000089":
        return Read(faults=["this is no OCR giro file: it must begin with NY000010 and end with NY000089"])
    found = _Reader()
    for number, line in enumerate(lines, start=1):
        if len(line) != LENGTH or not line.isascii() or not line.startswith("NY"):
            return Read(faults=[f"line {number}: not {LENGTH} signs that begin with NY"])
        found.line(number, line)
    found.check(len(lines), lines[-1])
    return Read([] if found.faults else found.payments, found.faults)


@dataclass(slots=True)
class _Sums:
    """What payments come to. Sources do not say whether a sum is less what the bank took back, so either agrees."""

    count: int = 0
    net: int = 0
    gross: int = 0

    def add(self, ore: int) -> None:
        self.count, self.net, self.gross = self.count + 1, self.net + ore, self.gross + abs(ore)

    def agree(self, line: str, lines: int) -> bool:
        told = _number(line[8:16]), _number(line[16:24])
        return told == (self.count, lines) and _number(line[24:41]) in (abs(self.net), self.gross)


class _Reader:
    """Where the reading has come: the assignment it is in, and the payment whose second line is to come."""

    def __init__(self) -> None:
        self.payments: list[Paid] = []
        self.faults: list[str] = []
        self.transmission = self.account = self.assignment = ""
        self.first: str | None = None
        self.lines = 0  # of the assignment
        self.part, self.whole = _Sums(), _Sums()  # of the assignment, of the file

    def line(self, number: int, line: str) -> None:
        kind = line[6:8]
        self.lines += 1
        if kind == START:
            self.transmission = line[16:23]
        elif kind == ASSIGNMENT:
            self.assignment, self.account = line[17:24], line[24:35]
            self.part, self.lines = _Sums(), 1
        elif kind == FIRST and line[2:4] == PAYMENT_SERVICE:
            if self.first is not None:
                self.faults.append(f"line {number}: the payment before has no second line")
            self.first = line
        elif kind == SECOND and self.first is not None:
            self._payment(number, self.first, line)
            self.first = None
        elif kind == ASSIGNMENT_END:
            if not self.part.agree(line, self.lines):
                self.faults.append(f"line {number}: the assignment's counts or sum do not agree")
        elif kind not in {MESSAGE, END}:
            self.faults.append(f"line {number}: unknown record {kind}")

    def _payment(self, number: int, first: str, second: str) -> None:
        ore, day, goes_back = _number(first[32:49]), _day(first[15:21]), first[4:6] in TAKEN_BACK
        is_odd = first[8:15] != second[8:15] or (first[31] == "-" and not goes_back)
        if not ore or day is None or is_odd:
            self.faults.append(f"line {number}: the amount, the date or the number cannot be read")
            return
        name = "/".join((self.transmission, self.assignment, self.account, first[8:15], first[15:21], first[21:31]))
        ore = -ore if goes_back else ore
        self.payments.append(Paid(name, self.account, first[49:74].strip(), ore, day))
        for sums in (self.part, self.whole):
            sums.add(ore)

    def check(self, lines: int, last: str) -> None:
        if self.first is not None:
            self.faults.append("the last payment has no second line")
        if not self.whole.agree(last, lines):
            self.faults.append("the file's counts or sum do not agree")


def _number(text: str) -> int | None:
    return int(text) if text.isdecimal() else None


def _day(text: str) -> date | None:
    """DDMMYY of this century."""
    return reading.day(f"20{text[4:6]}-{text[2:4]}-{text[0:2]}") if text.isdecimal() else None
