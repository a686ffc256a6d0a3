"""Who is offered a freed time, and until when she may answer. No database, no clock. See docs/adr/0190-waitlist.md."""

from collections.abc import Collection
from datetime import datetime, timedelta
from typing import Any

from django.utils.translation import gettext_lazy as _

from legedialog.appointments.rules import HALF_DAYS, WEEKDAYS
from legedialog.core.errors import Refusal
from legedialog.core.times import CLINIC, at_local, local_day
from legedialog.outbox.rules import NIGHT, quiet_until

ANSWER_MINUTES = 120  # what she gets to answer where the office has chosen nothing else
NOTICE_MINUTES = 1440  # how soon an offer may start, at the soonest: what stands there when she asks
EARLIER_BY = timedelta(hours=1)  # what is less than this earlier is no earlier time
LEAST = timedelta(minutes=15)  # less time to answer is no offer
MOST_SILENT = 3  # offers in a row that nobody answered: then she is not asked any more
MOST_KNOWN = 40  # free times that suit: whoever has more to choose among has no need to wait
KEPT = timedelta(days=365)  # after it has ended
NOON = 12

OFFER_OVER = Refusal(
    code="offer-over",
    to_patient=_("Tilbudet gjelder ikke lenger. Du har fortsatt den timen du hadde."),
)
NOT_WAITING = Refusal(
    code="not-waiting",
    to_patient=_("Du står ikke på ventelisten for denne timen lenger."),
    to_practice=_("Pasienten står ikke på ventelisten lenger."),
)
WAITLIST_CLOSED = Refusal(
    code="waitlist-closed",
    to_patient=_("Legekontoret har ikke venteliste nå. Du har fortsatt timen du har bestilt."),
)
MANY_FREE = Refusal(
    code="many-free",
    to_patient=_("Det er mange ledige timer som passer for deg. Flytt timen til en av dem, eller velg færre tider."),
)


def suits(starts_at: datetime, coarse_times: Collection[str]) -> bool:
    """Whether it is on one of the half days that she has named. Naming none is any."""
    if not coarse_times:
        return True
    local = starts_at.astimezone(CLINIC)
    if local.weekday() >= len(WEEKDAYS):
        return False
    return f"{WEEKDAYS[local.weekday()]}-{HALF_DAYS[local.hour >= NOON]}" in coarse_times


def is_earlier(starts_at: datetime, own: datetime) -> bool:
    return starts_at <= own - EARLIER_BY


def is_soon_enough(starts_at: datetime, *, own: datetime, notice_minutes: int, now: datetime) -> bool:
    """Earlier than her own, and not sooner than she can come."""
    return is_earlier(starts_at, own) and starts_at >= now + timedelta(minutes=notice_minutes)


def answer_by(now: datetime, minutes: int, last: datetime) -> datetime | None:
    """Until when she may answer: so many minutes of the day, as none runs at night, and not after `last`.

    None when that is too little to answer in, and at night, when nothing is offered.
    """
    if quiet_until(now, None):
        return None
    by = min(_awake(now, timedelta(minutes=minutes)), _evening(last))
    return by if by - now >= LEAST else None


def _awake(now: datetime, left: timedelta) -> datetime:
    at = now
    while True:
        night = at_local(local_day(at), NIGHT[0])
        if at + left <= night:
            return at + left
        left -= night - at
        at = quiet_until(night, None) or night


def _evening(last: datetime) -> datetime:
    """A last moment at night is the evening before it: what ends while she sleeps ended then."""
    if not quiet_until(last, None):
        return last
    day = local_day(last)
    if last.astimezone(CLINIC).time() < NIGHT[1]:
        day -= timedelta(days=1)
    return min(at_local(day, NIGHT[0]), last)


def seen_of_waitlist(row: Any) -> tuple[object, ...]:
    """What a page of settings has shown of it (core/seen.py)."""
    return row.is_open, row.answer_minutes
