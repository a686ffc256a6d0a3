"""A wish that is answered with times to choose among."""

from datetime import datetime, time, timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.db import IntegrityError, transaction

from legedialog.access.actor import Role
from legedialog.appointments import notices, requested, rules, services
from legedialog.appointments.models import Appointment, Channel, ProposedTime, RequestStatus, TimeRequest
from legedialog.appointments.tests.factories import NOW, TODAY, TOMORROW, Office, citizen, office
from legedialog.appointments.tests.test_race import in_parallel
from legedialog.core.errors import Denied, NotFound, Refused
from legedialog.core.sql import ask_for
from legedialog.core.times import at_local
from legedialog.outbox.models import Notification
from legedialog.outbox.rules import Skip, Words
from legedialog.patients.models import Person

pytestmark = pytest.mark.django_db
NINE, TEN, ELEVEN = (at_local(TOMORROW, time(hour)) for hour in (9, 10, 11))


@pytest.fixture
def at() -> Office:
    return office()


@pytest.fixture
def kari(at: Office) -> Person:
    return at.patient()


def wish(at: Office, who: Person) -> TimeRequest:
    return services.send_request(
        actor=citizen(who),
        patient_id=who.pk,
        clinician_id=at.doctor.pk,
        key=uuid4(),
        wishes="Helst tidlig",
        coarse_times=[],
        channels=[],
        now=NOW,
    )


def time_at(at: Office, starts_at: datetime) -> services.Proposed:
    return services.Proposed(at.calendar.pk, at.visit_type.pk, Channel.ATTENDANCE, starts_at)


def propose(at: Office, sent: TimeRequest, *starts: datetime, now: datetime = NOW) -> TimeRequest:
    times = [time_at(at, each) for each in starts]
    return services.propose_times(actor=at.staff(), request_id=sent.pk, times=times, now=now)


def accept(who: Person, sent: TimeRequest, starts_at: datetime, now: datetime = NOW) -> TimeRequest:
    row = ProposedTime.objects.filter(request=sent, starts_at=starts_at).latest("round")
    return services.accept_proposed(actor=citizen(who), request_id=sent.pk, proposed_id=row.pk, now=now)


def refused(code: str) -> Any:
    return pytest.raises(Refused, match=code)


def test_she_takes_one_of_the_times_the_office_names(at: Office, kari: Person) -> None:
    sent = propose(at, wish(at, kari), TEN, NINE)
    assert [(each.starts_at, each.is_free) for each in requested.proposals(sent, NOW)] == [(NINE, True), (TEN, True)]

    taken = accept(kari, sent, TEN)

    appointment = Appointment.objects.get()
    assert (taken.status, taken.appointment_id, appointment.starts_at) == ("accepted", appointment.pk, TEN)
    assert (appointment.reason, appointment.booked_by_person_id) == ("Helst tidlig", kari.pk)
    assert accept(kari, sent, NINE).appointment_id == appointment.pk  # another window
    assert Appointment.objects.count() == 1


def test_what_the_office_names_is_free_by_the_one_function(at: Office, kari: Person) -> None:
    sent = wish(at, kari)
    at.booked(at.patient("Per Testvik"), clock=time(9))
    with refused("time-taken"):
        propose(at, sent, NINE, TEN)
    with refused("not-planned"):
        propose(at, sent, at_local(TOMORROW, time(15)))
    for times in ([], [NINE + timedelta(minutes=20 * number) for number in range(1, 7)]):
        with refused("too-many-proposed"):
            propose(at, sent, *times)
    assert not ProposedTime.objects.exists()


def test_a_time_that_is_taken_since_says_so_and_the_others_stand(at: Office, kari: Person) -> None:
    sent = propose(at, wish(at, kari), NINE, TEN)
    at.booked(at.patient("Per Testvik"), clock=time(9))

    assert [each.is_free for each in requested.proposals(sent, NOW)] == [False, True]
    with refused("time-taken"):
        accept(kari, sent, NINE)
    assert accept(kari, sent, TEN).status == RequestStatus.ACCEPTED


def test_a_time_that_clashes_with_her_own_is_not_given(at: Office, kari: Person) -> None:
    sent = propose(at, wish(at, kari), NINE)
    at.booked(kari, clock=time(9))
    with refused("clashes"):
        accept(kari, sent, NINE)


def test_none_suits_and_the_office_names_others(at: Office, kari: Person) -> None:
    sent = propose(at, wish(at, kari), NINE)
    first = ProposedTime.objects.get()
    later = NOW + timedelta(days=1)
    again = services.decline_proposed(
        actor=citizen(kari), request_id=sent.pk, text="Bare onsdager.", was="1", now=later
    )
    assert (again.status, again.reply) == ("sent", "Bare onsdager.")
    assert [row.id for row in ask_for(requested.at_office(at.staff(), at.practice.pk, later))] == [again.pk]

    sent = propose(at, sent, ELEVEN)

    assert [each.starts_at for each in requested.proposals(sent, NOW)] == [ELEVEN]
    with refused("changed-since-seen"):
        services.accept_proposed(actor=citizen(kari), request_id=sent.pk, proposed_id=first.pk, now=NOW)
    with refused("changed-since-seen"):
        services.decline_proposed(actor=citizen(kari), request_id=sent.pk, text="", was="1", now=NOW)


def test_she_withdraws_and_the_office_gives_or_refuses_while_she_chooses(at: Office, kari: Person) -> None:
    sent = propose(at, wish(at, kari), NINE)
    assert services.withdraw_request(actor=citizen(kari), request_id=sent.pk, now=NOW).status == "withdrawn"
    sent = propose(at, wish(at, kari), NINE)
    given = services.assign_request(
        actor=at.staff(),
        request_id=sent.pk,
        calendar_id=at.calendar.pk,
        visit_type_id=at.visit_type.pk,
        channel=Channel.ATTENDANCE,
        starts_at=TEN,
        now=NOW,
    )
    assert given.status == RequestStatus.ASSIGNED
    with refused("cannot-change"):
        accept(kari, sent, NINE)


def test_a_time_that_she_chose_is_cancelled_like_any_other(at: Office, kari: Person) -> None:
    taken = accept(kari, propose(at, wish(at, kari), TEN), TEN)
    assert taken.appointment_id
    late = services.cancel(actor=citizen(kari), appointment_id=taken.appointment_id, now=TEN - timedelta(minutes=30))
    taken.refresh_from_db()
    assert (late.is_late, taken.status) == (True, "accepted")


def test_times_that_have_been_wait_for_the_office_again(at: Office, kari: Person) -> None:
    mona = at.staff()
    sent = propose(at, wish(at, kari), NINE)
    for now, waits in ((NOW, 0), (NINE + timedelta(minutes=1), 1)):
        assert ask_for(requested.how_many(mona, now))[0].number == waits
        assert len(ask_for(requested.at_office(mona, at.practice.pk, now))) == waits
        assert len(ask_for(requested.at_office(mona, at.practice.pk, now, waits=False))) == 1 - waits
    assert requested.proposals(sent, NINE + timedelta(minutes=1)) == []


def test_one_open_wish_counts_those_she_chooses_in(at: Office, kari: Person) -> None:
    propose(at, wish(at, kari), NINE)
    with refused("request-open"):
        wish(at, kari)
    with pytest.raises(IntegrityError, match="proposed_times_are_of_a_round"), transaction.atomic():
        TimeRequest.objects.update(rounds=0)


def test_she_is_told_once_for_each_round_and_not_when_it_is_over(at: Office, kari: Person) -> None:
    sent = propose(at, wish(at, kari), NINE)
    sent = propose(at, sent, TEN)
    first, second = Notification.objects.filter(event="request.proposed").order_by("sequence")
    assert isinstance(notices.proposed(sent, first, NOW), Skip)
    words = notices.proposed(sent, second, NOW)
    assert isinstance(words, Words)
    assert words.office_tells
    assert isinstance(notices.proposed(sent, second, ELEVEN), Skip)


def test_strangers_and_those_without_the_task_do_nothing(at: Office, kari: Person) -> None:
    sent = propose(at, wish(at, kari), NINE)
    row, per = ProposedTime.objects.get(), at.patient("Per Testvik")
    elsewhere = office("Dalen legekontor", "Odd Lund")
    for actor in (citizen(per), at.staff()):
        with pytest.raises(NotFound):
            services.accept_proposed(actor=actor, request_id=sent.pk, proposed_id=row.pk, now=NOW)
        with pytest.raises(NotFound):
            services.decline_proposed(actor=actor, request_id=sent.pk, text="", now=NOW)
    with pytest.raises(NotFound):
        services.propose_times(actor=elsewhere.staff(), request_id=sent.pk, times=[time_at(at, TEN)], now=NOW)
    with pytest.raises(Denied):
        services.propose_times(actor=at.staff(Role.MANAGER), request_id=sent.pk, times=[time_at(at, TEN)], now=NOW)
    mine = services.send_request(
        actor=citizen(per),
        patient_id=per.pk,
        clinician_id=at.doctor.pk,
        key=uuid4(),
        wishes="",
        coarse_times=[],
        channels=[],
        now=NOW,
    )
    propose(at, mine, TEN)
    with refused("changed-since-seen"):
        services.accept_proposed(actor=citizen(per), request_id=mine.pk, proposed_id=row.pk, now=NOW)


def test_the_answer_is_due_in_five_working_days() -> None:
    assert rules.answer_by(TODAY).isoformat() == "2026-11-30"


@pytest.mark.django_db(transaction=True)
def test_eight_who_choose_one_time_are_told_apart(at: Office) -> None:
    people = [at.patient(f"Nummer Test{number}") for number in range(8)]
    wishes = [propose(at, wish(at, who), NINE) for who in people]
    tasks = [lambda who=who, sent=sent: accept(who, sent, NINE) for who, sent in zip(people, wishes, strict=True)]
    assert sorted(in_parallel(tasks, threads=8)) == ["ok", *["time-taken"] * 7]
    assert Appointment.objects.count() == 1
