"""The outbox by itself: what to say is given by the test, and the counterpart is a function."""

from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from threading import Lock
from typing import Any
from uuid import UUID

import pytest
from django.db import connection
from django.urls import reverse

from legedialog.access.actor import Actor, Kind
from legedialog.audit.models import Event as AuditEvent
from legedialog.core import events
from legedialog.core.errors import NotFound, Refused
from legedialog.core.ids import new_id
from legedialog.core.sql import ask_for
from legedialog.outbox import queries, services, texts
from legedialog.outbox.delivery import Decision, Delivery, Due, Send
from legedialog.outbox.models import Notification
from legedialog.outbox.rules import Channel, Contact, DeliveryFailed, Message, Notice, Reason, Skip, Status
from legedialog.patients.models import Person
from legedialog.practices.models import Practice

NOW = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)  # 10:00 in Oslo
EVENING = datetime(2026, 11, 23, 20, 30, tzinfo=UTC)  # 21:30 in Oslo
KARI = Contact("+4799999999", "kari@example.org", True, True, False, True)

pytestmark = pytest.mark.django_db


@pytest.fixture
def practice() -> Practice:
    return Practice.objects.create(name="Fjordbyen legesenter", organisation_number="910000001")


@pytest.fixture
def kari() -> Person:
    return Person.objects.create(
        national_number="14858400133",
        national_number_index=b"k" * 32,
        given_name="Kari",
        family_name="Testdal",
        birth_date=NOW.date(),
        address="",
        phone="+4799999999",
        email="kari@example.org",
    )


def staff(practice: Practice) -> Actor:
    return Actor(kind=Kind.STAFF, employee_id=new_id(), practice_id=practice.pk, practices=frozenset({practice.pk}))


def put(kari: Person, practice: Practice | None, **changes: Any) -> Notification:
    object_id = changes.pop("object_id", None) or new_id()
    now = changes.pop("now", NOW)
    services.put(
        changes.pop("event", "appointment.booked"),
        object_id,
        recipient_id=kari.pk,
        practice_id=practice.pk if practice else None,
        now=now,
        **changes,
    )
    return Notification.objects.get(object_id=object_id)


One = Callable[[Due, datetime], Notice | Skip]


def say(contact: Contact = KARI, **changes: Any) -> One:
    return lambda notification, now: Notice(contact, "Beskjed", "Du har fått time.", "nb", **changes)


class Counterpart:
    """Keeps what it is given; fails as told, in order, and then no more."""

    def __init__(self, *failures: Exception) -> None:
        self.failures = list(failures)
        self.got: list[Message] = []
        self.lock = Lock()

    def __call__(self, message: Message) -> None:
        with self.lock:
            if self.failures:
                raise self.failures.pop(0)
            self.got.append(message)


def worker(
    sms: Send | None = None, email: Send | None = None, *, decide: One | None = None, now: datetime = NOW
) -> Delivery:
    each = decide or say()
    senders = {Channel.SMS: sms or Counterpart(), Channel.EMAIL: email or Counterpart()}

    def all_of(told: Sequence[Due], now: datetime) -> dict[UUID, Decision]:
        return {one.id: each(one, now) for one in told}

    return Delivery(decide=all_of, senders=lambda: senders, clock=lambda: now)


def deliver(*senders: Send, **given: Any) -> None:
    """Everything that is due, by a worker that begins and ends."""
    sending = worker(*senders, **given)
    sending.until_nothing_is_due()
    sending.finish()


TEMPORARY = DeliveryFailed(Reason.NO_ANSWER, is_final=False)
BAD_NUMBER = DeliveryFailed(Reason.BAD_NUMBER, is_final=True)
BAD_ADDRESS = DeliveryFailed(Reason.BAD_ADDRESS, is_final=True)


def test_a_notice_is_sent_once_and_its_text_is_kept(kari: Person, practice: Practice) -> None:
    put(kari, practice)
    sms = Counterpart()
    deliver(sms)
    deliver(sms)
    [message] = sms.got
    row = Notification.objects.get()
    assert (row.status, row.channel, row.text, row.attempts) == (Status.SENT, Channel.SMS, "Du har fått time.", 1)
    assert (message.id, message.to) == (row.pk, "+4799999999")


def test_putting_the_same_event_twice_makes_one_notice(kari: Person, practice: Practice) -> None:
    object_id = new_id()
    put(kari, practice, object_id=object_id)
    put(kari, practice, object_id=object_id)
    services.put("appointment.booked", object_id, recipient_id=kari.pk, practice_id=practice.pk, now=NOW, sequence=1)
    assert Notification.objects.count() == 2


@pytest.mark.parametrize("number", [1, 50])
def test_however_many_notices_are_put_it_is_one_statement_and_one_wake(
    kari: Person, practice: Practice, number: int, django_assert_num_queries: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    woken: list[bool] = []
    monkeypatch.setattr(events, "wake", lambda: woken.append(True))
    told = [services.Told(new_id(), kari.pk, practice.pk) for _ in range(number)]
    with django_assert_num_queries(1):
        services.put_many("appointment.cancelled", told, now=NOW)
    assert (Notification.objects.count(), len(woken)) == (number, 1)


@pytest.mark.parametrize(("ahead", "times"), [(timedelta(0), 1), (timedelta(seconds=10), 1), (timedelta(days=2), 0)])
def test_the_worker_is_woken_for_what_is_due_soon(
    kari: Person, practice: Practice, ahead: timedelta, times: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    woken: list[bool] = []
    monkeypatch.setattr(events, "wake", lambda: woken.append(True))
    put(kari, practice, event="appointment.reminder", due_at=NOW + ahead)
    assert len(woken) == times


def test_nothing_is_sent_before_it_is_due(kari: Person, practice: Practice) -> None:
    put(kari, practice, due_at=NOW + timedelta(hours=1))
    sms = Counterpart()
    deliver(sms, now=NOW)
    assert sms.got == []
    deliver(sms, now=NOW + timedelta(hours=1))
    assert len(sms.got) == 1


def test_what_is_no_longer_true_is_skipped_with_the_reason(kari: Person, practice: Practice) -> None:
    put(kari, practice)
    sms = Counterpart()
    deliver(sms, decide=lambda notification, now: Skip(Reason.CANCELLED))
    row = Notification.objects.get()
    assert (row.status, row.reason, row.text, sms.got) == (Status.SKIPPED, Reason.CANCELLED, "", [])


@pytest.mark.parametrize(
    ("contact", "office_tells", "status", "reason"),
    [
        (Contact("", "", True, True, False, True), False, Status.SKIPPED, Reason.NO_CONTACT),
        (Contact("", "", True, True, False, True), True, Status.DEAD, Reason.NO_CONTACT),
        (Contact("1", "", True, True, True, True), True, Status.DEAD, Reason.RESERVED),
        (Contact("1", "", True, True, False, False), False, Status.SKIPPED, Reason.OLD_CONTACT),
    ],
)
def test_the_office_hears_of_those_we_cannot_reach_when_it_must_tell_them_itself(
    kari: Person, practice: Practice, contact: Contact, office_tells: bool, status: str, reason: str
) -> None:
    put(kari, practice)
    deliver(decide=say(contact, office_tells=office_tells))
    row = Notification.objects.get()
    assert (row.status, row.reason) == (status, reason)


def test_an_sms_waits_for_the_morning_and_an_email_does_not(kari: Person, practice: Practice) -> None:
    notice = put(kari, practice, now=EVENING)
    sms, email = Counterpart(), Counterpart()
    deliver(sms, email, now=EVENING)
    notice.refresh_from_db()
    assert (notice.status, notice.attempts) == (Status.WAITING, 0)
    assert notice.due_at == datetime(2026, 11, 24, 7, 0, tzinfo=UTC)
    deliver(sms, email, now=notice.due_at)
    assert (len(sms.got), len(email.got)) == (1, 0)

    put(kari, practice, now=EVENING)
    deliver(sms, email, decide=say(Contact("", "kari@example.org", True, True, False, True)), now=EVENING)
    assert len(email.got) == 1


def test_a_number_that_does_not_work_is_followed_by_email(kari: Person, practice: Practice) -> None:
    put(kari, practice)
    email = Counterpart()
    deliver(Counterpart(BAD_NUMBER), email)
    assert [message.to for message in email.got] == ["kari@example.org"]
    assert Notification.objects.get().channel == Channel.EMAIL


def test_a_final_fault_on_every_way_ends_it_at_once(kari: Person, practice: Practice) -> None:
    put(kari, practice)
    deliver(Counterpart(BAD_NUMBER), Counterpart(BAD_ADDRESS))
    row = Notification.objects.get()
    assert (row.status, row.reason, row.attempts) == (Status.DEAD, Reason.BAD_ADDRESS, 1)


def test_a_temporary_fault_is_tried_again_under_the_same_id(kari: Person, practice: Practice) -> None:
    notice = put(kari, practice)
    sms = Counterpart(TEMPORARY, TEMPORARY)
    deliver(sms)
    notice.refresh_from_db()
    assert (notice.status, notice.due_at) == (Status.WAITING, NOW + timedelta(minutes=1))
    deliver(sms, now=NOW + timedelta(minutes=1))
    deliver(sms, now=NOW + timedelta(minutes=6))
    notice.refresh_from_db()
    assert (notice.status, notice.attempts, notice.reason) == (Status.SENT, 3, "")
    assert [message.id for message in sms.got] == [notice.pk]


def test_after_six_tries_it_is_given_up_and_shown_to_the_office(kari: Person, practice: Practice) -> None:
    notice = put(kari, practice)
    now = NOW
    for _ in range(6):
        deliver(Counterpart(TEMPORARY), now=now)
        notice.refresh_from_db()
        now = max(now, notice.due_at)
    assert (notice.status, notice.attempts) == (Status.DEAD, 6)
    [row] = queries.notices_from(ask_for(queries.not_delivered(staff(practice), practice.pk)))
    assert (row.id, row.patient_name, row.given_up_at) == (notice.pk, "Kari Testdal", notice.status_at)
    assert str(row.what) == "Beskjed om ny time"
    assert str(row.why) == "Meldingstjenesten svarte ikke på mange forsøk."
    assert queries.counts() == {("appointment.booked", "dead"): 1}


def test_a_fault_of_ours_in_one_notice_does_not_stop_the_others(kari: Person, practice: Practice) -> None:
    broken = put(kari, practice)
    put(kari, practice)

    def decide(notification: Due, now: datetime) -> Notice | Skip:
        if notification.id == broken.pk:
            with connection.cursor() as cursor:
                cursor.execute("SELECT 1/0")  # leaves the transaction unusable unless it is fenced
        return say()(notification, now)

    sms = Counterpart()
    deliver(sms, decide=decide)
    broken.refresh_from_db()
    assert (broken.status, broken.reason, len(sms.got)) == (Status.WAITING, Reason.OWN_FAULT, 1)


def test_a_surprise_in_a_counterpart_is_tried_again(kari: Person, practice: Practice) -> None:
    put(kari, practice)
    deliver(Counterpart(RuntimeError("unforeseen")))
    row = Notification.objects.get()
    assert (row.status, row.reason) == (Status.WAITING, Reason.OWN_FAULT)


def test_the_office_tries_again_and_everything_starts_over(kari: Person, practice: Practice) -> None:
    notice = put(kari, practice)
    deliver(Counterpart(BAD_NUMBER), Counterpart(BAD_ADDRESS))
    services.retry(actor=staff(practice), notification_id=notice.pk, now=NOW)
    sms = Counterpart()
    deliver(sms)
    notice.refresh_from_db()
    assert (notice.status, notice.attempts, len(sms.got)) == (Status.SENT, 1, 1)
    assert AuditEvent.objects.get().action == "notification.retried"


def test_the_office_has_told_the_patient_itself(kari: Person, practice: Practice) -> None:
    notice = put(kari, practice)
    deliver(Counterpart(BAD_NUMBER), Counterpart(BAD_ADDRESS))
    services.dismiss(actor=staff(practice), notification_id=notice.pk, now=NOW)
    assert queries.notices_from(ask_for(queries.not_delivered(staff(practice), practice.pk))) == []
    assert queries.counts() == {}
    assert AuditEvent.objects.get().action == "notification.dismissed"


@pytest.mark.parametrize("use_case", [services.retry, services.dismiss])
def test_only_the_office_and_only_what_is_given_up(
    kari: Person, practice: Practice, use_case: Callable[..., None]
) -> None:
    waiting = put(kari, practice)
    with pytest.raises(Refused):
        use_case(actor=staff(practice), notification_id=waiting.pk, now=NOW)
    deliver(Counterpart(BAD_NUMBER), Counterpart(BAD_ADDRESS))
    other = Practice.objects.create(name="Dalen legekontor", organisation_number="910000002")
    citizen = Actor(kind=Kind.CITIZEN, person_id=kari.pk, patients=frozenset({kari.pk}))
    for stranger in (staff(other), citizen, Actor()):
        assert queries.notices_from(ask_for(queries.not_delivered(stranger, practice.pk))) == []
        with pytest.raises(NotFound):
            use_case(actor=stranger, notification_id=waiting.pk, now=NOW)
    waiting.refresh_from_db()
    assert waiting.status == Status.DEAD


@pytest.mark.parametrize("number", [1, 20])
def test_the_list_takes_one_query_however_long(
    kari: Person, practice: Practice, number: int, django_assert_num_queries: Any
) -> None:
    for _ in range(number):
        put(kari, practice)
    deliver(Counterpart(*[BAD_NUMBER] * number), Counterpart(*[BAD_ADDRESS] * number))
    kari.refresh_from_db()  # opens the key before it is counted
    with django_assert_num_queries(1):
        assert len(queries.notices_from(ask_for(queries.not_delivered(staff(practice), practice.pk)))) == number


def test_every_reason_has_words() -> None:
    assert set(texts.REASONS) == set(Reason)


def test_the_demo_page_shows_what_would_have_been_sent(client: Any, kari: Person, practice: Practice) -> None:
    assert "Ingen beskjeder ennå" in client.get(reverse("outbox:demo")).content.decode()
    put(kari, practice)
    deliver()
    page = client.get(reverse("outbox:demo")).content.decode()
    assert "Kari Testdal" in page
    assert "+4799999999" in page
    assert "Du har fått time." in page


def test_the_demo_page_is_nowhere_else(client: Any, settings: Any) -> None:
    settings.DEMO, settings.TEST = False, False
    assert client.get(reverse("outbox:demo")).status_code == 404
