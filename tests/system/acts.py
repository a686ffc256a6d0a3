"""What journeys do beside the pages, in the site's own environment: what its true clock would keep them waiting for.

Each is a use case called as the pages call it. Run by the fixture `act`: `act("visit_soon", "Kari Testdal")`.
"""

import sys
from collections.abc import Callable
from datetime import date, datetime, time, timedelta

from legedialog.operations import environment

THURSDAY, NOON = 3, 12


def main(name: str, *given: str) -> None:
    with environment.ready():
        print(ACTS[name](*given))  # noqa: T201  the answer


def visit_soon(who: str) -> str:
    """She has a time at the office in twenty minutes, today, whatever the clock. Its id."""
    from legedialog.core.times import local_day, local_period

    now = _now()
    ends = local_period(local_day(now))[1] - timedelta(minutes=1)
    return _booked(who, min(now + timedelta(minutes=20), ends))


def visit_later(who: str) -> str:
    """She has the first time of a day to come that has more of them. Its id, and the day."""
    from itertools import groupby

    from legedialog.core.times import local_day

    by_day = (list(times) for _day, times in groupby(_free(local_day(_now()) + timedelta(days=2)), key=local_day))
    starts_at = next(times[0] for times in by_day if len(times) > 2)
    return f"{_booked(who, starts_at)} {local_day(starts_at)}"


def waiting(who: str) -> str:
    """She has a time in two weeks or more, others the two first on Thursday afternoons before it. Three ids."""
    from legedialog.core.times import local_day

    today = local_day(_now())
    first, second = _free_thursdays(today + timedelta(days=2))[:2]
    hers = _free(today + timedelta(days=14))[0]
    return " ".join((_booked(who, hers), _booked("Grethe Testli", first), _booked("Lise Testnes", second)))


def _free_thursdays(day: date) -> list[datetime]:
    from legedialog.core.times import CLINIC

    local = [each.astimezone(CLINIC) for each in _free(day)]
    return [each for each in local if each.weekday() == THURSDAY and each.hour >= NOON]


def _free(day: date) -> list[datetime]:
    """What is free in Ingrid's calendar in the three weeks from that day."""
    from legedialog.appointments import free
    from legedialog.appointments.models import Calendar, VisitType
    from legedialog.demo.engine import Stage

    calendar_id, visit_type_id = Stage(_now(), []).bookable("Ingrid Aas")
    calendar, kind = Calendar.objects.get(pk=calendar_id), VisitType.objects.get(pk=visit_type_id)
    wanted = free.Wanted(
        *(calendar.practice_id, [calendar.clinician_id], kind, "attendance", _now()), for_citizen=False
    )
    return [each.starts_at for found in free.days(wanted, day, day + timedelta(days=20)) for each in found.times]


def _booked(who: str, starts_at: datetime) -> str:
    from legedialog.appointments import services
    from legedialog.demo.engine import Stage

    now = _now()
    stage = Stage(now, [])
    calendar_id, visit_type_id = stage.bookable("Ingrid Aas")
    booked = services.book_for_patient(
        actor=stage.staff("Mona Haug"),
        patient_id=stage.person(who),
        calendar_id=calendar_id,
        visit_type_id=visit_type_id,
        channel="attendance",
        starts_at=starts_at.replace(second=0, microsecond=0),
        reason="",
        overbook_reason="Reisen i testen",
        now=now,
    )
    return str(booked.pk)


def give_back(appointment_id: str) -> str:
    """The office cancels that time, and what is free is offered as at ten in the morning: at night nothing is."""
    from uuid import UUID

    from legedialog.appointments import services
    from legedialog.core.times import at_local, local_day
    from legedialog.demo.engine import Stage
    from legedialog.outbox.rules import quiet_until

    now = _now()
    services.cancel(actor=Stage(now, []).staff("Mona Haug"), appointment_id=UUID(appointment_id), now=now)
    day = quiet_until(now, None)
    return str(services.offer_freed(at_local(local_day(day), time(10)) if day else now))


def remind(who: str) -> str:
    """The time of her reminder of a recall has come. What she was told, or why she was not."""
    from legedialog.demo.engine import Stage
    from legedialog.journeys import telling
    from legedialog.outbox.models import Notification
    from legedialog.outbox.rules import Notice

    now = _now()
    told = Notification.objects.filter(event="recall.reminder", recipient=Stage(now, []).person(who)).latest("due_at")
    decided = telling.decide(told, now)
    return decided.text if isinstance(decided, Notice) else f"not told: {decided.reason}"


def _now() -> datetime:
    from django.utils import timezone

    return timezone.now()


ACTS: dict[str, Callable[..., str]] = {
    each.__name__: each for each in (visit_soon, visit_later, waiting, give_back, remind)
}

if __name__ == "__main__":
    main(*sys.argv[1:])
