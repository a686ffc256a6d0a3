"""The answer to `legedialog audit affected` as text: a table, CSV or JSON, line by line."""

import csv
import json
from collections.abc import Callable, Iterable, Iterator
from enum import StrEnum
from itertools import islice
from typing import TextIO

from legedialog.audit.affected import COLUMNS, ROWS, By, Touched
from legedialog.core import fence
from legedialog.patients.models import Person
from legedialog.practices.models import Employee, Practice


class Form(StrEnum):
    TABLE = "table"
    CSV = "csv"
    JSON = "json"  # one object on each line


COUNTS = ("reads", "changes", "persons", "first_at", "last_at")
NAMED = ("patient_id", "employee_id", "person_id", "practice_id")
WIDTHS = {"reads": 7, "changes": 7, "persons": 7, "first_at": 25, "last_at": 25, "actor_kind": 9}
WIDTH = 36  # an id


def write(rows: Iterable[Touched], by: By, form: Form, out: TextIO, *, with_names: bool) -> int:
    """How many lines. `with_names` opens names and numbers: for the notification itself, not for a quick look."""
    columns = [*COLUMNS[by], *COUNTS]
    names = [_name_of(each) for each in columns if each in NAMED] if with_names else []
    lines = _with_names(rows, columns) if with_names else ({each: _text(row, each) for each in columns} for row in rows)
    shown = [*columns, *names, *(["number"] if with_names and "patient_id" in columns else [])]
    put, count = _writer(form, shown, out), 0
    for line in lines:
        put(line)
        count += 1
    return count


def _writer(form: Form, columns: list[str], out: TextIO) -> Callable[[dict[str, str]], object]:
    """What writes a line. The table has fixed widths, so that its first line is written before the last is known."""
    if form is Form.JSON:
        return lambda line: out.write(json.dumps(line, ensure_ascii=False) + "\n")
    if form is Form.CSV:
        writer = csv.DictWriter(out, columns)
        writer.writeheader()
        return lambda line: writer.writerow({name: _harmless(text) for name, text in line.items()})

    def put(line: dict[str, str]) -> None:
        out.write("  ".join(line[each].ljust(WIDTHS.get(each, WIDTH)) for each in columns).rstrip() + "\n")

    put({each: each for each in columns})
    return put


def _with_names(rows: Iterable[Touched], columns: list[str]) -> Iterator[dict[str, str]]:
    left = iter(rows)
    while some := list(islice(left, ROWS)):
        ids = {each for row in some for each in (row.patient_id, row.person_id) if each}
        people = Person.objects.filter(pk__in=fence.with_those_they_became(ids))
        names = {known: each.name for each in people for known in (each.pk, *each.former_ids)}
        numbers = {known: each.national_number for each in people for known in (each.pk, *each.former_ids)}
        staff = dict(Employee.objects.filter(pk__in={row.employee_id for row in some}).values_list("pk", "name"))
        offices = dict(Practice.objects.filter(pk__in={row.practice_id for row in some}).values_list("pk", "name"))
        for row in some:
            line = {each: _text(row, each) for each in columns}
            for each in columns:
                known = {"employee_id": staff, "practice_id": offices}.get(each, names)
                if each in NAMED:
                    line[_name_of(each)] = known.get(getattr(row, each), "")
            if "patient_id" in columns:
                line["number"] = numbers.get(row.patient_id, "") if row.patient_id else ""
            yield line


def _name_of(column: str) -> str:
    return column.removesuffix("_id")


def _text(row: Touched, column: str) -> str:
    value = getattr(row, column)
    if column.endswith("_at"):
        return str(value.isoformat(timespec="seconds"))
    return "" if value is None else str(value)


def _harmless(text: str) -> str:
    """A name is no formula of a spreadsheet."""
    return f"'{text}" if text[:1] in tuple("=+-@\t\r") else text
