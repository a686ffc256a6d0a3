"""When one is asked to book, and reminded. No database, no clock. See docs/adr/0245-innkalling.md."""

from datetime import date, datetime, time, timedelta

from django.utils.translation import gettext_lazy as _

from legedialog.core.errors import Refusal
from legedialog.core.times import at_local

CLOCK = time(9)  # local: when one is told on a day that has not begun
AFTER = timedelta(days=14)  # she was asked, and has not answered
BEFORE = timedelta(days=7)  # the last day
MOST = 300  # patients asked at once
LONGEST = timedelta(days=2 * 366)  # ahead: the last day

NOBODY_TO_ASK = Refusal(
    code="nobody-to-ask",
    to_patient=_("Alle har time eller er spurt fra før."),
    to_practice=_("Ingen av dem kan spørres nå. De har time, er spurt fra før, eller står ikke på kontorets lister."),
)
TOO_MANY = Refusal(
    code="too-many-to-ask",
    to_patient=_("Velg høyst 300 om gangen."),
    to_practice=_("Velg høyst 300 om gangen."),
)
WRONG_DAYS = Refusal(
    code="recall-days",
    to_patient=_("Siste dag må være i dag eller senere, ikke før den første, og innen to år."),
    to_practice=_("Siste dag må være i dag eller senere, ikke før den første, og innen to år."),
)
RECALL_OVER = Refusal(
    code="recall-over",
    to_patient=_("Innkallingen gjelder ikke lenger. Ring legekontoret hvis du trenger time."),
    to_practice=_("Pasienten har svart, eller innkallingen er stoppet."),
)


def are_days(first: date, last: date, today: date) -> bool:
    return first <= last and today <= last <= today + LONGEST


def tells_on(first: date, horizon_days: int, today: date) -> date:
    """When she is asked: as soon as times on the first day can be booked. Before that she could do nothing."""
    return max(today, first - timedelta(days=horizon_days))


def told_at(day: date, now: datetime) -> datetime:
    """At once, or in the morning of a day that is to come."""
    return max(now, at_local(day, CLOCK))


def reminders(asked: date, last: date) -> list[date]:
    """After two weeks, or when half of a shorter time is over; and a week before the last day, unless that is less than
    a week later."""
    first = asked + min(AFTER, (last - asked) / 2)
    days = [first, last - BEFORE] if last - BEFORE >= first + BEFORE else [first]
    return [day for day in days if day > asked]
