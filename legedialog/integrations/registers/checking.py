"""The first part of loading a register file: every line by itself, and none twice. No database.

What is in memory is a byte for each line, however long the file is.
"""

import hashlib
import json
import secrets
import sqlite3
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from legedialog.integrations.registers import schema
from legedialog.integrations.registers.schema import BadLine, Line
from legedialog.integrations.registers.values import LONGEST_LINE

BATCH = 1000  # lines
MOST_BAD_LINES = 1000  # then the file is given up: it is another kind of file
NEVER = 255  # the step of lines that are empty or bad

Say = Callable[[str, int, int | None], None]  # the step, lines done, lines in all when they are known


@dataclass(slots=True)
class Counts:
    """Rows of one type. `ended` are earlier periods that a new one brought to an end."""

    created: int = 0
    changed: int = 0
    unchanged: int = 0
    ended: int = 0


@dataclass(slots=True)
class Report:
    lines: int = 0
    counts: dict[str, Counts] = field(default_factory=lambda: defaultdict(Counts))
    bad: dict[int, str] = field(default_factory=dict)  # line number → why
    gave_up: bool = False  # after MOST_BAD_LINES

    @property
    def changes(self) -> int:
        return sum(count.created + count.changed + count.ended for count in self.counts.values())


class File:
    """The lines of a file, as often as asked."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def __iter__(self) -> Iterator[bytes]:
        with self.path.open("rb") as lines:
            while line := lines.readline(LONGEST_LINE + 2):
                yield line
                while len(line) > LONGEST_LINE and not line.endswith(b"\n"):  # the rest of what is too long
                    line = lines.readline(LONGEST_LINE + 2)


def encode(rows: Iterable[Mapping[str, Any]]) -> list[bytes]:
    """Lines made in a program, ready for `load`."""
    return [json.dumps(row, ensure_ascii=False).encode() for row in rows]


@dataclass(slots=True)
class Checked:
    report: Report = field(default_factory=Report)
    steps: bytearray = field(default_factory=bytearray)  # line number → in which step it is loaded
    lost: set[tuple[str, str]] = field(default_factory=set)  # what stands on bad lines, so that it is not missed too


def check(lines: Iterable[bytes], say: Say) -> Checked:
    checked = Checked()
    report = checked.report
    with _Seen() as seen:
        for number, raw in numbered(lines):
            report.lines = number
            checked.steps.extend([NEVER] * (number + 1 - len(checked.steps)))
            if number % BATCH == 0:
                say("Checking", number, None)
            try:
                line = schema.parse(raw)
                seen.check(number, line)
            except BadLine as error:
                report.bad[number] = str(error)
                checked.lost |= _keys_of(raw)
                if len(report.bad) >= MOST_BAD_LINES:
                    report.gave_up = True
                    break
            else:
                checked.steps[number] = line.STEP
    if not report.lines:
        report.bad[1] = "there is nothing in the file"
    return checked


def numbered(lines: Iterable[bytes]) -> Iterator[tuple[int, bytes]]:
    """The lines that hold something, numbered as an editor does."""
    for number, raw in enumerate(lines, 1):
        text = raw.removeprefix(b"\xef\xbb\xbf") if number == 1 else raw
        if text.strip():
            yield number, text


def _keys_of(raw: bytes) -> set[tuple[str, str]]:
    try:
        row = json.loads(raw)
    except (ValueError, RecursionError):
        return set()
    if not isinstance(row, dict):
        return set()
    found = {
        "office": "organisation_number",
        "clinician": "hpr_number",
        "contract": "number",
        "person": "national_number",
    }
    name = found.get(str(row.get("type")), "")
    return {(str(row["type"]), str(row[name]))} if name in row else set()


class _Seen:
    """On which line a row stood before. In a temporary file that SQLite removes: the memory stays the same for
    millions of lines, and the web role needs no right to make tables. Keys are hashed with a key nobody keeps."""

    def __enter__(self) -> "_Seen":
        self._key = secrets.token_bytes(32)
        self._rows = sqlite3.connect("", isolation_level=None)
        self._rows.execute("CREATE TABLE seen (key BLOB PRIMARY KEY, line INTEGER) WITHOUT ROWID")
        self._rows.execute("BEGIN")
        return self

    def __exit__(self, *error: object) -> None:
        self._rows.close()

    def check(self, number: int, line: Line) -> None:
        """Raises BadLine when the row, or its HER-id, stood on an earlier line."""
        kind = line.EXAMPLE["type"]
        self._add(number, f"{kind} {line.key}", f"the same {kind}")
        her_id = getattr(line, "her_id", None)
        if her_id:
            self._add(number, f"her-id {kind} {her_id}", "the same her_id")

    def _add(self, number: int, key: str, what: str) -> None:
        digest = hashlib.blake2b(key.encode(), key=self._key, digest_size=16).digest()
        if not self._rows.execute("INSERT OR IGNORE INTO seen VALUES (?, ?)", [digest, number]).rowcount:
            (first,) = self._rows.execute("SELECT line FROM seen WHERE key = ?", [digest]).fetchone()
            raise BadLine(f"{what} stands on line {first}; one line for each is expected")
