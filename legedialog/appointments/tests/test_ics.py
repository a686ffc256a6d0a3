from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from uuid import UUID

import icalendar
import pytest
from django.utils import translation

from legedialog.appointments.ics import Entry, calendar_file
from legedialog.core.times import CLINIC, at_local

ID = UUID("01930000-0000-7000-8000-000000000001")
NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)


def entry(
    day: date = date(2026, 11, 24), clock: time = time(10, 20), *, sequence: int = 0, is_cancelled: bool = False
) -> Entry:
    starts_at = at_local(day, clock)
    return Entry(
        id=ID,
        starts_at=starts_at,
        ends_at=starts_at + timedelta(minutes=20),
        sequence=sequence,
        is_cancelled=is_cancelled,
        location="Fjordbyen legesenter, Storgata 1, 5003 Fjordbyen",
        url="https://lege.example/timeavtaler/1/",
    )


def read(content: bytes) -> Any:
    """The file's event, as another program reads it."""
    return icalendar.Calendar.from_ical(content).walk("VEVENT")[0]


@pytest.mark.parametrize(
    ("day", "clock", "utc"),
    [
        (date(2026, 3, 28), time(10, 20), "20260328T092000Z"),
        (date(2026, 3, 29), time(1, 30), "20260329T003000Z"),
        (date(2026, 3, 29), time(10, 20), "20260329T082000Z"),
        (date(2026, 3, 29), time(14, 40), "20260329T124000Z"),
        (date(2026, 10, 24), time(14, 40), "20261024T124000Z"),
        (date(2026, 10, 25), time(1, 30), "20261024T233000Z"),
        (date(2026, 10, 25), time(10, 20), "20261025T092000Z"),
        (date(2026, 10, 25), time(14, 40), "20261025T134000Z"),
    ],
)
def test_the_clock_time_is_right_around_both_days_the_clocks_change(day: date, clock: time, utc: str) -> None:
    content = calendar_file(entry(day, clock), host="lege.example", now=NOW)
    assert f"DTSTART:{utc}\r\n" in content.decode()
    starts_at, ends_at = read(content)["DTSTART"].dt, read(content)["DTEND"].dt
    local = starts_at.astimezone(CLINIC)
    assert (local.date(), local.time()) == (day, clock)
    assert ends_at - starts_at == timedelta(minutes=20)


def test_a_changed_appointment_replaces_the_first_file() -> None:
    first = read(calendar_file(entry(), host="lege.example", now=NOW))
    second = read(calendar_file(entry(sequence=1, is_cancelled=True), host="lege.example", now=NOW))
    assert first["UID"] == second["UID"] == f"{ID}@lege.example"
    assert (first["SEQUENCE"], second["SEQUENCE"]) == (0, 1)
    assert (first["STATUS"], second["STATUS"]) == ("CONFIRMED", "CANCELLED")


def test_the_file_invites_nobody() -> None:
    text = calendar_file(entry(), host="lege.example", now=NOW).decode()
    assert text.startswith("BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:")
    assert "DTSTAMP:20260301T120000Z" in text
    assert "CLASS:PRIVATE" in text
    for word in ("METHOD", "ATTENDEE", "ORGANIZER"):
        assert word not in text


def test_the_file_says_where_but_not_why() -> None:
    event = read(calendar_file(entry(), host="lege.example", now=NOW))
    assert event["SUMMARY"] == "Time hos legen"
    assert event["LOCATION"] == "Fjordbyen legesenter, Storgata 1, 5003 Fjordbyen"
    assert "DESCRIPTION" not in event
    with translation.override("en"):
        assert read(calendar_file(entry(), host="lege.example", now=NOW))["SUMMARY"] == "Doctor's appointment"
