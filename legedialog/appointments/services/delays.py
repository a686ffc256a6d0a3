"""What the office says of how far behind a calendar is today. It ends with the day, and nobody is sent anything."""

from datetime import datetime
from uuid import UUID

from django.db import transaction

from legedialog.access.actor import Actor
from legedialog.appointments import policy, rules
from legedialog.appointments.models import Appointment, Calendar, Delay, Status
from legedialog.audit import services as audit
from legedialog.core import events, seen, writing
from legedialog.core.errors import NotFound
from legedialog.core.times import local_day


@transaction.atomic
def tell_delay(*, actor: Actor, calendar_id: UUID, minutes: int, was: str | None = None, now: datetime) -> None:
    """About so many minutes behind, today; 0 takes it back. Those who have a time today and look are told at once.

    `was`: the minutes that the page showed. Raises NotFound, Denied, or Refused "changed-since-seen".
    """
    calendar = policy.find_calendar(actor, calendar_id)
    policy.check_books(actor, calendar.practice_id)
    if minutes not in (0, *rules.DELAYS):
        raise NotFound
    day = local_day(now)
    row = Delay.objects.select_for_update().filter(calendar=calendar, day=day).first()
    seen.same(was, str(row.minutes if row else 0))
    if row and minutes:
        row.minutes, row.told_at = minutes, now
        writing.save(row)
    elif row:
        writing.remove(row)
    elif minutes:  # of two who say the first at once, one is heard
        writing.add(Delay(calendar=calendar, day=day, minutes=minutes, told_at=now), or_leave=True)
    audit.record(actor, "delay.told", calendar.pk, at=now)
    events.publish(f"calendar:{calendar.practice_id}", *_topics(calendar, now))


def tidy_delays(now: datetime) -> None:
    """Those of days that are over: run by a job every hour (operations/tasks.py)."""
    writing.remove(Delay.objects.filter(day__lt=local_day(now)))


def _topics(calendar: Calendar, now: datetime) -> set[str]:
    """Of those whose time today is not over."""
    coming = Appointment.objects.filter(
        calendar=calendar,
        status__in=[Status.BOOKED, Status.ARRIVED],
        starts_at__lt=rules.end_of_day(now),
        ends_at__gt=now,
    )
    return {f"person:{patient_id}" for patient_id in coming.values_list("patient", flat=True)}
