"""Workers at once, slow counterparts, and workers that die: each notice is sent once, or the office is told."""

import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from threading import Barrier, Event
from typing import Any
from uuid import UUID

import pytest
from django.db import IntegrityError, connection, connections

from legedialog.core.sql import ask_for
from legedialog.outbox import delivery, queries, rules, services
from legedialog.outbox.delivery import Delivery, Due
from legedialog.outbox.models import Notification
from legedialog.outbox.rules import Channel, Contact, DeliveryFailed, Message, Notice, Reason, Skip, Status
from legedialog.outbox.tests.test_services import (
    KARI,
    NOW,
    TEMPORARY,
    Counterpart,
    deliver,
    kari,
    practice,
    put,
    say,
    staff,
    worker,
)
from legedialog.patients.models import Person
from legedialog.practices.models import Practice

__all__ = ["kari", "practice"]  # fixtures

pytestmark = pytest.mark.django_db
BY_EMAIL = Contact("", "kari@example.org", True, True, False, True)
PERHAPS = DeliveryFailed(Reason.PERHAPS, is_final=True, is_perhaps=True)
LATER = NOW + rules.LEASE + timedelta(seconds=1)


@pytest.fixture
def gate() -> Iterator[Event]:
    """Closed until the test opens it, or ends."""
    gate = Event()
    yield gate
    gate.set()


class Slow(Counterpart):
    """Answers when the gate opens."""

    def __init__(self, gate: Event) -> None:
        super().__init__()
        self.gate, self.begun = gate, Event()

    def __call__(self, message: Message) -> None:
        self.begun.set()
        assert self.gate.wait(30)
        super().__call__(message)


def wait_for(sending: Delivery) -> None:
    """Until what is on its way has ended and is recorded."""
    while sending._flying:
        sending.round()
        time.sleep(0.01)


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("number", [1, 20])
def test_a_round_takes_as_many_statements_however_many_are_due(
    kari: Person, practice: Practice, number: int, django_assert_num_queries: Any
) -> None:
    for _ in range(number):
        put(kari, practice)
    sending = worker()
    sending.round()  # keys are opened and lost ones looked for
    wait_for(sending)
    for _ in range(number):
        put(kari, practice)
    with django_assert_num_queries(4):  # claim, the decisions' transaction and its end, begin
        sending.round()
    assert len(sending._flying) == number
    wait_for(sending)
    assert Notification.objects.filter(status=Status.SENT).count() == 2 * number


@pytest.mark.django_db(transaction=True)
def test_two_workers_at_once_send_each_notice_once(kari: Person, practice: Practice) -> None:
    for _ in range(60):
        put(kari, practice)
    sms, start = Counterpart(), Barrier(2)

    def work() -> None:
        try:
            start.wait(timeout=10)
            deliver(sms)
        finally:
            connections.close_all()

    with ThreadPoolExecutor(2) as pool:
        for future in [pool.submit(work), pool.submit(work)]:
            future.result()
    assert len(sms.got) == len({message.id for message in sms.got}) == 60
    assert set(Notification.objects.values_list("status", "claimed_until", "begun_at")) == {(Status.SENT, None, None)}


@pytest.mark.django_db(transaction=True)
def test_while_a_counterpart_thinks_no_transaction_is_open_and_the_notice_is_nobody_elses(
    kari: Person, practice: Practice, gate: Event
) -> None:
    put(kari, practice)
    slow, other = Slow(gate), Counterpart()
    sending = worker(slow)
    assert sending.round()
    assert slow.begun.wait(10)
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
            " AND (state LIKE 'idle in transaction%' OR xact_start IS NOT NULL)"
        )
        assert cursor.fetchone() == (0,)
    deliver(other)
    assert other.got == []
    gate.set()
    wait_for(sending)
    assert len(slow.got) == 1
    assert Notification.objects.get().status == Status.SENT


def test_a_slow_channel_stops_neither_the_other_nor_other_recipients(
    kari: Person, practice: Practice, gate: Event, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rules, "AT_ONCE", {Channel.SMS: 2, Channel.EMAIL: 2})
    slow, email = Slow(gate), Counterpart()
    by_email = {put(kari, practice).pk for _ in range(5)}
    for _ in range(5):
        put(kari, practice)

    def decide(notification: Due, now: Any) -> Notice | Skip:
        return say(BY_EMAIL if notification.id in by_email else KARI)(notification, now)

    sending = worker(slow, email, decide=decide)
    for _ in range(200):
        sending.round()
        if len(email.got) == 5 and len(sending._flying) == 2:
            break
        time.sleep(0.01)
    assert {message.id for message in email.got} == by_email
    assert Notification.objects.filter(channel=Channel.SMS, claimed_until=None).count() == 3  # they wait for room
    gate.set()
    sending.until_nothing_is_due()
    assert len(slow.got) == 5


def test_a_talk_without_an_end_is_given_up_and_keeps_only_its_own_thread(
    kari: Person, practice: Practice, gate: Event, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rules, "AT_ONCE", {Channel.SMS: 1, Channel.EMAIL: 2})
    monkeypatch.setattr(delivery, "LATE", 0.0)
    first = put(kari, practice)
    sending = worker(Counterpart(), Slow(gate), decide=say(BY_EMAIL))
    sending.round()
    time.sleep(0.01)
    sending.round()
    first.refresh_from_db()
    assert (first.status, first.reason) == (Status.PERHAPS, Reason.PERHAPS)
    assert sending._room(Channel.EMAIL) == 1
    gate.set()


@pytest.mark.parametrize(
    ("contact", "status", "reason", "calls"),
    [(KARI, Status.SENT, "", 2), (BY_EMAIL, Status.PERHAPS, Reason.PERHAPS, 1)],
)
def test_a_worker_that_is_gone_after_giving_leaves_a_doubt_that_each_channel_settles_in_its_way(
    kari: Person, practice: Practice, contact: Contact, status: str, reason: str, calls: int, gate: Event
) -> None:
    """The gateway knows an id that it has had, so an SMS goes again; an e-mail does not, and the office is told."""
    notice = put(kari, practice)
    got: list[UUID] = []

    def given(message: Message) -> None:
        got.append(message.id)
        if len(got) == 1:
            gate.wait(30)

    gone = worker(given, given, decide=say(contact))
    gone.round()  # and then it is killed: what came of it is never written
    deliver(given, given, decide=say(contact), now=LATER - timedelta(seconds=2))
    assert len(got) == 1  # while the lease lasts it is nobody else's
    deliver(given, given, decide=say(contact), now=LATER)
    deliver(given, given, decide=say(contact), now=LATER + timedelta(minutes=2))
    notice.refresh_from_db()
    assert (notice.status, notice.reason, len(got), len(set(got))) == (status, reason, calls, 1)


def test_a_worker_that_is_gone_before_giving_leaves_no_doubt(kari: Person, practice: Practice) -> None:
    notice, email = put(kari, practice), Counterpart()
    delivery._claim({}, [], NOW)  # and then it is killed
    deliver(email=email, decide=say(BY_EMAIL), now=NOW)
    assert email.got == []
    deliver(email=email, decide=say(BY_EMAIL), now=LATER)
    notice.refresh_from_db()
    assert (notice.status, notice.attempts, len(email.got)) == (Status.SENT, 1, 1)


@pytest.mark.parametrize("channel", Channel)
def test_a_worker_that_stood_still_while_another_sent_sends_nothing(
    kari: Person, practice: Practice, channel: Channel
) -> None:
    """Stopped, or without a processor, for longer than its lease, between claim and begin."""
    notice, first, second = put(kari, practice), Counterpart(), Counterpart()
    contact = BY_EMAIL if channel == Channel.EMAIL else KARI

    def stopped(told: Due, now: datetime) -> Notice | Skip:
        deliver(second, second, decide=say(contact), now=LATER)
        return say(contact)(told, now)

    deliver(first, first, decide=stopped)
    notice.refresh_from_db()
    assert (len(first.got), len(second.got), notice.status, notice.attempts) == (0, 1, Status.SENT, 1)


def test_the_lease_of_a_talk_begins_when_it_is_begun(kari: Person, practice: Practice, gate: Event) -> None:
    notice, clock = put(kari, practice), [NOW]

    def slowly(told: Due, now: datetime) -> Notice | Skip:
        clock[0] += timedelta(seconds=50)
        return say()(told, now)

    sending = worker(Slow(gate), decide=slowly)
    sending._clock = lambda: clock[0]
    sending.round()
    notice.refresh_from_db()
    assert (notice.begun_at, notice.claimed_until) == (clock[0], clock[0] + rules.LEASE)
    assert timedelta(seconds=delivery.LATE) < rules.LEASE


class Unsure(Counterpart):
    """Takes what it is given, answers slowly, and each third time that it has one for the first time not at all."""

    def __init__(self) -> None:
        super().__init__()
        self.now, self.open = NOW, Counter[UUID]()
        self.taken: dict[UUID, list[datetime]] = {}
        self.at_once = 0

    def __call__(self, message: Message) -> None:
        with self.lock:
            self.open[message.id] += 1
            self.at_once = max(self.at_once, self.open[message.id])
            tries = self.taken.setdefault(message.id, [])
            tries.append(self.now)
            is_lost = len(tries) == 1 and len(self.taken) % 3 == 0
        time.sleep(0.01)
        with self.lock:
            self.open[message.id] -= 1
        if is_lost:
            raise TEMPORARY


@pytest.mark.django_db(transaction=True)
def test_under_load_an_sms_is_given_again_only_when_its_first_try_has_ended_unanswered(
    kari: Person, practice: Practice
) -> None:
    for _ in range(90):
        put(kari, practice)
    gateway = Unsure()

    def work() -> None:
        try:
            deliver(gateway, now=gateway.now)
        finally:
            connections.close_all()

    for seconds in (0, 30, 59, 61, 90):
        gateway.now = NOW + timedelta(seconds=seconds)
        with ThreadPoolExecutor(3) as pool:
            for future in [pool.submit(work) for _ in range(3)]:
                future.result()
    again = [tries for tries in gateway.taken.values() if len(tries) > 1]
    assert (len(gateway.taken), gateway.at_once) == (90, 1)
    assert {tuple(tries) for tries in again} == {(NOW, NOW + timedelta(seconds=61))}
    assert len(again) == 30
    assert set(Notification.objects.values_list("status", flat=True)) == {Status.SENT}


def test_a_doubt_is_lifted_by_the_worker_that_only_was_slow(kari: Person, practice: Practice, gate: Event) -> None:
    notice = put(kari, practice)
    slow = worker(email=Slow(gate), decide=say(BY_EMAIL))
    slow.round()
    deliver(now=LATER)
    notice.refresh_from_db()
    assert notice.status == Status.PERHAPS
    gate.set()
    wait_for(slow)
    notice.refresh_from_db()
    assert (notice.status, notice.reason) == (Status.SENT, "")


def test_what_the_office_has_handled_stays_handled(kari: Person, practice: Practice, gate: Event) -> None:
    from legedialog.outbox import services

    notice = put(kari, practice)
    slow = worker(email=Slow(gate), decide=say(BY_EMAIL))
    slow.round()
    deliver(now=LATER)
    services.dismiss(actor=staff(practice), notification_id=notice.pk, now=LATER)
    gate.set()
    wait_for(slow)
    notice.refresh_from_db()
    assert notice.status == Status.SKIPPED


def test_a_mail_server_that_took_it_and_said_nothing_is_not_given_it_again(kari: Person, practice: Practice) -> None:
    notice, email = put(kari, practice), Counterpart(PERHAPS)
    deliver(email=email, decide=say(BY_EMAIL))
    deliver(email=email, decide=say(BY_EMAIL), now=NOW + timedelta(days=1))
    notice.refresh_from_db()
    assert (notice.status, notice.reason, email.got) == (Status.PERHAPS, Reason.PERHAPS, [])
    [row] = queries.notices_from(ask_for(queries.not_delivered(staff(practice), practice.pk)))
    assert (row.id, str(row.state)) == (notice.pk, "Kanskje sendt")
    assert queries.counts() == {("appointment.booked", "perhaps"): 1}


def test_it_is_decided_again_at_every_try(kari: Person, practice: Practice) -> None:
    notice, sms = put(kari, practice), Counterpart(TEMPORARY)
    deliver(sms)
    deliver(sms, decide=lambda notification, now: Skip(Reason.CANCELLED), now=NOW + timedelta(minutes=1))
    notice.refresh_from_db()
    assert (notice.status, notice.reason, sms.got) == (Status.SKIPPED, Reason.CANCELLED, [])


def test_what_waits_for_a_channel_that_is_no_more_finds_another_way(kari: Person, practice: Practice) -> None:
    notice = put(kari, practice)
    Notification.objects.update(channel=Channel.SMS)
    email = Counterpart()
    sending = worker(email=email)
    sending._senders = lambda: {Channel.EMAIL: email}
    sending.until_nothing_is_due()
    notice.refresh_from_db()
    assert (notice.status, notice.channel) == (Status.SENT, Channel.EMAIL)


def test_the_worker_sleeps_until_the_next_is_due(kari: Person, practice: Practice) -> None:
    assert worker()._next_in() == delivery.LONGEST
    put(kari, practice, due_at=NOW + timedelta(seconds=10))
    assert worker()._next_in() == 10


def test_nothing_goes_out_of_a_restored_copy_until_it_is_told_to(kari: Person, practice: Practice) -> None:
    told = put(kari, practice)
    services.close_gate(NOW)
    services.close_gate(NOW)
    sms = Counterpart()
    deliver(sms, now=LATER)
    assert sms.got == []
    assert worker(now=LATER)._next_in() == delivery.LONGEST  # and it does not look again and again
    told.refresh_from_db()
    assert (told.status, told.claimed_until) == (Status.WAITING, None)
    assert services.open_gate()
    assert not services.open_gate()
    deliver(sms, now=LATER)
    assert len(sms.got) == 1


@pytest.mark.parametrize(
    "wrong",
    [
        {"status": Status.SENT, "claimed_until": NOW},
        {"status": Status.WAITING, "delivered_at": NOW},
        {"begun_at": NOW, "channel": ""},
    ],
)
def test_the_database_refuses_nonsense(kari: Person, practice: Practice, wrong: dict[str, Any]) -> None:
    put(kari, practice)
    with pytest.raises(IntegrityError):
        Notification.objects.update(**wrong)
