"""One way to read what comes from outside."""

import ast
from datetime import UTC, date, datetime
from pathlib import Path
from uuid import UUID

import pytest

import legedialog
from legedialog.core import moments, reading, sql
from legedialog.core.times import CLINIC

OTHER_READERS = ("date.fromisoformat", "datetime.fromisoformat", "datetime.strptime", "forms.DateField")
NUMBERS = ("forms.IntegerField", "forms.DecimalField", "forms.FloatField")
ID = UUID("019a0000-0000-7000-8000-000000000001")


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("2026-11-24", date(2026, 11, 24)),
        ("1850-01-01", date(1850, 1, 1)),
        ("2149-12-31", date(2149, 12, 31)),
        ("1849-12-31", None),
        ("2150-01-01", None),
        ("9999-12-31", None),
        ("0001-01-01", None),
        ("2026-02-30", None),
        ("20261124", None),
        ("2026-W48-2", None),
        ("２０２６-11-24", None),
        ("", None),
        (None, None),
        (20261124, None),
    ],
)
def test_a_day(text: object, day: date | None) -> None:
    assert reading.day(text) == day


@pytest.mark.parametrize(
    ("text", "at"),
    [
        ("2026-11-24T10:20:00+01:00", datetime(2026, 11, 24, 9, 20, tzinfo=UTC)),
        ("2026-11-24T10:20:00Z", datetime(2026, 11, 24, 10, 20, tzinfo=UTC)),
        ("2026-11-24T10:20:00", None),
        ("9999-12-31T23:00:00Z", None),
        ("0001-01-01T00:00:00+14:00", None),
        ("i går", None),
        (None, None),
    ],
)
def test_a_point_in_time(text: object, at: datetime | None) -> None:
    assert reading.moment(text) == at


def test_the_clinics_wall_has_no_zone_of_its_own() -> None:
    assert reading.on_the_wall("2026-11-24T10:20") == datetime(2026, 11, 24, 10, 20, tzinfo=CLINIC)
    assert reading.on_the_wall("2026-11-24T10:20Z") is None
    assert reading.on_the_wall("9999-12-31T10:20") is None


@pytest.mark.parametrize("text", ["", "1", "{019a0000-0000-7000-8000-000000000001}", f"urn:uuid:{ID}", ID.hex, None])
def test_an_id_is_written_in_one_way(text: object) -> None:
    assert reading.uuid(text) is None
    assert reading.uuid(str(ID)) == ID


def test_a_place_in_a_list_is_read_as_it_was_written() -> None:
    place = (datetime(2026, 11, 24, 9, 20, 1, 5, tzinfo=UTC), ID)
    assert reading.place(reading.mark(place)) == place
    assert reading.place("9999-12-31T23:59:59+00:00_" + str(ID)) is None
    assert reading.mark(None) == ""


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("\u202a+47 999 99 999\u202c", "+47 999 99 999"),
        ("٩٩٩٩٩٩٩٩", "99999999"),
        ("９９９ ９９ ９９９", "999 99 999"),
        ("\ufeff999\u200b99999", "99999999"),
        ("\u00a0999 99 999 ", "999 99 999"),
        ("kari\u00ad@example.no", "kari@example.no"),
    ],
)
def test_what_nobody_sees_is_no_part_of_an_identifier(text: str, meant: str) -> None:
    assert reading.typed(text) == meant


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"[]",
        b"1",
        b"[" * 30_000,
        b'{"a":' * 9_000,
        b'{"a": NaN}',
        b'{"a": "\\ud800"}',
        b'{"a": ' + b"1" * 5000 + b"}",
        b'{"a": 1e999}',
        b'{"a": ["\\u0000"]}',
        b'{"\\u0000": 1}',
    ],
)
def test_json_that_is_no_object_or_cannot_be_kept_is_none(body: bytes) -> None:
    assert reading.json_object(body) is None


def test_json_has_a_largest_length() -> None:
    assert reading.json_object(b'{"a": [1, "\xc3\xa5"]}') == {"a": [1, "å"]}
    assert reading.json_object(b'{"a": 1}', most=7) is None
    assert reading.json_object(rb'{"a": "\\u0000"}') == {"a": r"\u0000"}  # words about it


@pytest.mark.parametrize(
    ("text", "ore"),
    [
        ("170", 17000),
        ("170,50", 17050),
        ("170.50", 17050),
        (" 1 170,50 ", 117050),
        ("1\u00a0170", 117000),
        ("1\u202f170\u200e", 117000),
        ("12 345 678", 1234567800),
        ("0", 0),
        ("", None),
        ("１７０", None),
        ("١٧٠", None),
        ("170,5", None),
        ("1.170", None),
        ("1,170", None),
        ("1 17", None),
        ("-170", None),
        ("1_170", None),
        ("²", None),
        ("1e3", None),
        ("1234567890", None),
    ],
    ids=ascii,
)
def test_an_amount_is_of_the_digits_0_to_9_alone(text: str, ore: int | None) -> None:
    assert reading.hundredths(text) == ore
    if "," not in text and "." not in text:
        assert reading.whole(text) == (None if ore is None else ore // 100)


def test_nothing_else_reads_days_times_and_numbers_from_outside() -> None:
    """They take year 9999, and the day after it does not exist; and digits of any script. A form has ui.forms.DayField
    and NumberField."""
    root = Path(legedialog.__file__).parent
    found = [
        f"{file.relative_to(root.parent)}:{node.lineno}: read it with legedialog.core.reading"
        for file in root.rglob("*.py")
        if not {"tests", "migrations"} & set(file.parts)
        and file not in (Path(reading.__file__), Path(sql.__file__), Path(moments.__file__), root / "ui" / "forms.py")
        for node in ast.walk(ast.parse(file.read_text()))
        if isinstance(node, ast.Attribute) and ast.unparse(node) in OTHER_READERS + NUMBERS
    ]
    assert not found
