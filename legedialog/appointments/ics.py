"""Appointments as a calendar file (RFC 5545) for the citizen's own calendar.

Times are UTC, so every calendar shows them right on both days the clocks change, with no time zone table in the file.
There is no METHOD: the file is a note to herself and invites nobody. UID and SEQUENCE let a newer file replace another.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from uuid import UUID

from django.utils.translation import gettext as _
from icalendar import Calendar, Event


@dataclass(frozen=True, slots=True)
class Entry:
    """What a calendar may know. Points in time are aware; `location` and `url` hold no health content."""

    id: UUID
    starts_at: datetime
    ends_at: datetime
    sequence: int
    is_cancelled: bool
    location: str
    url: str
    is_elsewhere: bool = False


def calendar_file(entry: Entry, *, host: str, now: datetime) -> bytes:
    """The file's bytes, UTF-8. `host` is the product's own domain, the second half of the UID."""
    words = _("Time på sykehus eller i kommunen") if entry.is_elsewhere else _("Time hos legen")
    return _file([_event(entry, words, host, now)])


def feed(entries: Iterable[Entry], *, host: str, now: datetime) -> bytes:
    """As a program subscribes to it. Each has the UID of its own file, so that the two are one in a calendar."""
    return _file([_event(entry, _("Timeavtale"), host, now) for entry in entries])


def _event(entry: Entry, words: str, host: str, now: datetime) -> Event:
    event = Event()
    event.add("uid", f"{entry.id}@{host}")
    event.add("sequence", entry.sequence)
    event.add("dtstamp", now.astimezone(UTC))
    event.add("dtstart", entry.starts_at.astimezone(UTC))
    event.add("dtend", entry.ends_at.astimezone(UTC))
    event.add("summary", words)
    if entry.location:
        event.add("location", entry.location)
    event.add("url", entry.url)
    event.add("class", "PRIVATE")  # people share calendars with family and colleagues
    event.add("status", "CANCELLED" if entry.is_cancelled else "CONFIRMED")
    return event


def _file(events: Iterable[Event]) -> bytes:
    calendar = Calendar()
    calendar.add("prodid", "-//Legedialog//Timeavtaler//NO")
    calendar.add("version", "2.0")
    for event in events:
        calendar.add_component(event)
    content: bytes = calendar.to_ical()
    return content
