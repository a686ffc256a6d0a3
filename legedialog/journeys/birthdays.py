"""Families are told 30 days ahead of the ages at which access changes: at 12 and at 16.

Source: docs/facts.md#children.
"""

from datetime import date, datetime, timedelta

from legedialog.core.times import local_day
from legedialog.outbox import services as outbox
from legedialog.patients.models import Responsibility, YouthAccess
from legedialog.patients.policy import on
from legedialog.patients.representation import ENDS, NARROWS, WARN_DAYS
from legedialog.patients.rules import turns

EVENTS = {NARROWS: "access.narrows", ENDS: "access.ends"}


def warn(now: datetime) -> None:
    """A notice for each parent, and for a youth with access who turns 16; once, however often this runs.

    Whether a parent may act is decided when it is sent, like everything else about a notice.
    """
    today = local_day(now)
    days = [today + timedelta(days=ahead) for ahead in range(1, WARN_DAYS + 1)]
    for age, event in EVENTS.items():
        births = {born for day in days for born in _births(day, age)}
        parents = Responsibility.objects.filter(on(today), child__birth_date__in=births)
        told = set(parents.values_list("child_id", "parent_id"))
        if age == ENDS:
            youths = YouthAccess.objects.filter(ended_at=None, person__birth_date__in=births)
            told |= set(youths.values_list("person_id", "person_id"))
        for child_id, recipient_id in sorted(told):
            outbox.put(event, child_id, recipient_id=recipient_id, practice_id=None, now=now, sequence=age)


def _births(day: date, age: int) -> list[date]:
    """The birth dates of those who turn that age on the day: on 1 March also 29 February's."""
    near = [day - timedelta(days=round(age * 365.25) + off) for off in range(-2, 3)]
    return [born for born in near if turns(born, age) == day]
