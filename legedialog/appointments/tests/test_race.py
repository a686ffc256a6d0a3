"""The proof that nothing is booked twice: real threads, real connections, committed rows."""

from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from datetime import date, datetime, time, timedelta
from threading import Barrier

import pytest
from django.db import connection

from legedialog.appointments import free, services
from legedialog.appointments.models import Appointment, Channel, Claim, ClaimKind
from legedialog.appointments.tests.factories import NOW, TOMORROW, Office, citizen, office
from legedialog.core.errors import Refused
from legedialog.core.times import at_local
from legedialog.patients.models import Person
from legedialog.practices.models import OpeningException

pytestmark = pytest.mark.django_db(transaction=True)


def in_parallel(tasks: list, threads: int) -> list[str]:  # type: ignore[type-arg]
    """Run the tasks in threads that start together; each answers "ok" or the code of the refusal."""
    barrier = Barrier(threads)

    def work(mine: list) -> list[str]:  # type: ignore[type-arg]
        barrier.wait()
        outcomes = []
        try:
            for task in mine:
                try:
                    task()
                    outcomes.append("ok")
                except Refused as refusal:
                    outcomes.append(refusal.code)
        finally:
            connection.close()
        return outcomes

    with ThreadPoolExecutor(threads) as pool:
        return [outcome for part in pool.map(work, [tasks[at::threads] for at in range(threads)]) for outcome in part]


@pytest.mark.parametrize(
    "day",
    [TOMORROW, date(2027, 3, 28), date(2026, 10, 25)],
    ids=["an ordinary day", "the day summer time begins", "the day summer time ends"],
)
def test_two_hundred_clients_race_for_twenty_times_and_exactly_twenty_are_booked(day: date) -> None:
    at = office()
    block = at.block_by_weekday[0]
    block.pk, block.weekday, block.starts, block.ends = None, day.weekday(), time(8), time(14, 40)
    block._state.adding = True
    at.calendar.blocks.all().delete()
    block.save()
    block.visit_types.add(at.visit_type)
    at.visit_type.horizon_days = 365
    at.visit_type.save()
    OpeningException.objects.create(  # 28 March 2027 is Easter Sunday
        practice=at.practice, date=day, opens=time(7), closes=time(16)
    )
    before = min(NOW, at_local(day - timedelta(days=1), time(12)))
    starts = [at_local(day, time(8)) + timedelta(minutes=20 * number) for number in range(20)]
    patients = [at.patient(f"Nummer Test{number}") for number in range(200)]
    tasks = [
        lambda who=who, start=starts[number % 20]: _book_at(at, who, start, before)
        for number, who in enumerate(patients)
    ]
    outcomes = Counter(in_parallel(tasks, threads=20))
    assert outcomes == {"ok": 20, "time-taken": 180}
    assert sorted(Appointment.objects.values_list("starts_at", flat=True)) == starts
    assert Claim.objects.filter(kind=ClaimKind.HOLD).count() == 0
    wanted = free.Wanted(at.practice.pk, [at.doctor.pk], at.visit_type, Channel.ATTENDANCE, before)
    assert free.days(wanted, day, day)[0].times == []


def _book_at(at: Office, who: Person, starts_at: datetime, now: datetime) -> None:
    held = services.hold(
        actor=citizen(who),
        patient_id=who.pk,
        calendar_id=at.calendar.pk,
        visit_type_id=at.visit_type.pk,
        channel=Channel.ATTENDANCE,
        starts_at=starts_at,
        now=now,
    )
    services.book(actor=citizen(who), hold_id=held.pk, reason="", now=now)


def test_a_double_click_books_once() -> None:
    at = office()
    kari = at.patient()
    held = services.hold(
        actor=citizen(kari),
        patient_id=kari.pk,
        calendar_id=at.calendar.pk,
        visit_type_id=at.visit_type.pk,
        channel=Channel.ATTENDANCE,
        starts_at=at_local(TOMORROW, time(8)),
        now=NOW,
    )
    click = lambda: services.book(actor=citizen(kari), hold_id=held.pk, reason="", now=NOW)  # noqa: E731
    assert in_parallel([click] * 8, threads=8) == ["ok"] * 8
    assert Appointment.objects.count() == 1


def test_one_person_in_many_windows_stays_within_her_limit() -> None:
    at = office(max_coming=2)
    kari = at.patient()
    starts = [at_local(TOMORROW, time(8)) + timedelta(minutes=20 * number) for number in range(8)]
    in_parallel([lambda start=start: _book_at(at, kari, start, NOW) for start in starts], threads=8)
    assert Appointment.objects.count() <= 2


def test_the_office_and_a_citizen_cannot_both_take_a_time() -> None:
    at = office()
    kari, per, mona = at.patient(), at.patient("Per Testvik"), at.staff()
    start = at_local(TOMORROW, time(8))

    def by_office() -> None:
        services.book_for_patient(
            actor=mona,
            patient_id=per.pk,
            calendar_id=at.calendar.pk,
            visit_type_id=at.visit_type.pk,
            channel=Channel.ATTENDANCE,
            starts_at=start,
            reason="",
            now=NOW,
        )

    outcomes = in_parallel([by_office, lambda: _book_at(at, kari, start, NOW)], threads=2)
    assert sorted(outcomes) == ["ok", "time-taken"]
