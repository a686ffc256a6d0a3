"""The worker gives a doctor's times away while her patients cancel and move them, and others book with the substitute.

Real threads, real connections, committed rows. Nobody waits for a number of seconds: whoever comes first is right.
"""

from collections import Counter
from datetime import time, timedelta
from functools import partial

import pytest

from legedialog.appointments import services as appointments
from legedialog.appointments.models import Appointment, Claim, ClaimKind, Status
from legedialog.appointments.tests.factories import NOW, TOMORROW, citizen
from legedialog.appointments.tests.test_race import in_parallel
from legedialog.audit.models import Event
from legedialog.core.errors import Refused
from legedialog.core.times import at_local
from legedialog.journeys import handing_over
from legedialog.journeys.handover_rules import Outcome, Way
from legedialog.journeys.models import Handover, HandoverItem
from legedialog.journeys.tests.handing import ward
from legedialog.outbox.models import Notification

pytestmark = pytest.mark.django_db(transaction=True)

LATER = NOW + timedelta(seconds=10)
STARTS = [time(8 + number // 3, 20 * (number % 3)) for number in range(12)]


def test_patients_who_cancel_move_and_book_meanwhile_come_first_or_last_and_nothing_is_lost() -> None:
    at = ward()
    people = [at.office.patient(f"Kari Test{name}") for name in "abcdefghijkl"]
    rows = [at.office.booked(who, clock=clock) for who, clock in zip(people, STARTS, strict=True)]
    Notification.objects.update(status="sent")
    ways = {row.pk: (Way.SUBSTITUTE, Way.OFFER, Way.CANCEL)[number % 3] for number, row in enumerate(rows)}
    at.report(at.choices(ways=ways))
    others = [at.office.patient(f"Ola Test{name}") for name in "abcd"]

    def moves(number: int) -> None:
        appointments.move(
            actor=citizen(people[number]),
            appointment_id=rows[number].pk,
            calendar_id=at.office.calendar.pk,
            visit_type_id=at.office.visit_type.pk,
            channel="attendance",
            starts_at=at_local(TOMORROW + timedelta(days=2), STARTS[number]),
            reason=None,
            now=NOW,
        )

    def books(number: int) -> None:
        appointments.book_for_patient(
            actor=at.secretary,
            patient_id=others[number].pk,
            calendar_id=at.calendar.pk,
            visit_type_id=at.office.visit_type.pk,
            channel="attendance",
            starts_at=at_local(TOMORROW, STARTS[3 * number]),
            reason="",
            now=NOW,
        )

    worker = partial(handing_over.go_on, LATER)
    tasks = [
        worker,
        worker,
        *(partial(appointments.cancel, actor=citizen(people[n]), appointment_id=rows[n].pk, now=NOW) for n in range(6)),
        *(partial(moves, number) for number in range(6, 10)),
        *(partial(books, number) for number in range(4)),
    ]
    in_parallel(tasks, threads=6)
    handing_over.go_on(LATER)  # what the database could not take at the first try

    run = Handover.objects.get()
    assert (run.done, run.ended_at) == (12, LATER)
    assert not HandoverItem.objects.filter(outcome__in=["", Outcome.FAULT]).exists()
    active = Claim.objects.filter(is_active=True, kind=ClaimKind.BOOKING)
    assert sorted(active.values_list("appointment", flat=True)) == sorted(
        Appointment.objects.filter(status=Status.BOOKED).values_list("pk", flat=True)
    ), "each booked time has its place, and no place is nobody's"
    cancelled = Counter(Event.objects.filter(action="appointment.cancelled").values_list("object_id", flat=True))
    assert set(cancelled.values()) <= {1}
    for number, row in enumerate(rows):
        row.refresh_from_db()
        done = HandoverItem.objects.get(appointment=row).outcome == Outcome.DONE
        if done and ways[row.pk] != Way.SUBSTITUTE:
            assert row.cancelled_by == "AAT"
        told = Notification.objects.filter(object_id=row.pk, event="appointment.cancelled").count()
        assert told == (row.status == Status.CANCELLED), number
    left = {row.id for row in handing_over.affected(at.secretary, at.away(), LATER)}
    assert left == {
        row.pk
        for row in rows
        if row.status == Status.BOOKED
        and row.calendar_id == at.office.calendar.pk
        and row.starts_at < at_local(TOMORROW + timedelta(days=1), time(0))
    }


def test_two_who_press_at_once_begin_it_once() -> None:
    at = ward()
    at.office.booked(at.office.patient())
    chosen = at.choices()

    def press() -> None:
        if handing_over.start(actor=at.secretary, away=at.away(), choices=chosen, text="", now=NOW) is None:
            raise Refused(handing_over.GOES_ON)

    assert sorted(in_parallel([press] * 4, threads=4)) == ["handover-goes-on"] * 3 + ["ok"]
