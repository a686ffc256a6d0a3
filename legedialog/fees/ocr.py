"""Payment files of the banks (OCR giro): lines of 80 signs, read whole or not at all. No database, no clock.

Source: docs/facts.md#prices. Amounts are øre.
"""

from dataclasses import dataclass, field
from datetime import date

from legedialog.core import reading

LENGTH = 80
LARGEST = 4_000_000  # signs: fifty thousand lines
PAYMENT_SERVICE = "09"
# What came in; 10 to 21 are ways to pay, all of them money on the account.
START, ASSIGNMENT, FIRST, SECOND, MESSAGE, ASSIGNMENT_END, END = "10", "20", "30", "31", "32", "88", "89"


@dataclass(frozen=True, slots=True)
class Paid:
    """One payment. `name` is the same whenever the file is read again: the bank's own of the transaction."""

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


class _Reader:
    """Where the reading has come: the assignment it is in, and the payment whose second line is to come."""

    def __init__(self) -> None:
        self.payments: list[Paid] = []
        self.faults: list[str] = []
        self.transmission = self.account = self.assignment = ""
        self.first: str | None = None
        self.count = self.sum = self.lines = 0  # of the assignment
        self.all_count = self.all_sum = 0

    def line(self, number: int, line: str) -> None:
        kind = line[6:8]
        self.lines += 1
        if kind == START:
            self.transmission = line[16:23]
        elif kind == ASSIGNMENT:
            self.assignment, self.account = line[17:24], line[24:35]
            self.count, self.sum, self.lines = 0, 0, 1
        elif kind == FIRST and line[2:4] == PAYMENT_SERVICE:
            if self.first is not None:
                self.faults.append(f"line {number}: the payment before has no second line")
            self.first = line
        elif kind == SECOND and self.first is not None:
            self._payment(number, self.first, line)
            self.first = None
        elif kind == ASSIGNMENT_END:
            told = _number(line[8:16]), _number(line[16:24]), _number(line[24:41])
            if told != (self.count, self.lines, self.sum):
                self.faults.append(f"line {number}: the assignment's counts or sum do not agree")
        elif kind not in {MESSAGE, END}:
            self.faults.append(f"line {number}: unknown record {kind}")

    def _payment(self, number: int, first: str, second: str) -> None:
        ore, day = _number(first[32:49]), _day(first[15:21])
        if ore is None or day is None or first[8:15] != second[8:15] or first[31] == "-" or ore == 0:
            self.faults.append(f"line {number}: the amount, the date or the number cannot be read")
            return
        name = "/".join((self.transmission, self.assignment, self.account, first[8:15], first[15:21], first[21:31]))
        self.payments.append(Paid(name, self.account, first[49:74].strip(), ore, day))
        self.count, self.sum = self.count + 1, self.sum + ore
        self.all_count, self.all_sum = self.all_count + 1, self.all_sum + ore

    def check(self, lines: int, last: str) -> None:
        if self.first is not None:
            self.faults.append("the last payment has no second line")
        told = _number(last[8:16]), _number(last[16:24]), _number(last[24:41])
        if told != (self.all_count, lines, self.all_sum):
            self.faults.append("the file's counts or sum do not agree")


def _number(text: str) -> int | None:
    return int(text) if text.isdecimal() else None


def _day(text: str) -> date | None:
    """DDMMYY of this century."""
    return reading.day(f"20{text[4:6]}-{text[2:4]}-{text[0:2]}") if text.isdecimal() else None
