"""Points in time are aware UTC; days and clock times are the clinic's, in Norway."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

CLINIC = ZoneInfo("Europe/Oslo")


def require_aware(at: datetime) -> datetime:
    """`at` itself; ValueError if it does not say which zone it is in."""
    if at.utcoffset() is None:
        raise ValueError("a point in time needs a zone")
    return at


def local_day(at: datetime) -> date:
    """The day on the clinic's wall at `at`. ValueError for a naive `at`."""
    return require_aware(at).astimezone(CLINIC).date()


def local_period(day: date) -> tuple[datetime, datetime]:
    """When the clinic's day starts and the next one starts, in UTC: 24 hours, 23 in the last Sunday of March and 25
    in that of October."""
    return at_local(day, time.min), at_local(day + timedelta(days=1), time.min)


def at_local(day: date, clock: time) -> datetime:
    """When the clinic's wall shows `clock` on `day`, in UTC. `clock` has no zone of its own, or ValueError.

    In spring, a time in the hour that is skipped moves forward by that hour (02:30 is taken as 03:30); in autumn, a
    time in the hour that comes twice is the first of the two. Both are what PEP 495 and RFC 5545 section 3.3.5 say.
    """
    if clock.tzinfo is not None:
        raise ValueError("a clock time on the wall has no zone")
    return datetime.combine(day, clock.replace(fold=0), CLINIC).astimezone(UTC)
