"""What the gateway tells: signed, small, and safe to receive twice."""

import json
from datetime import timedelta
from typing import Any

import pytest
from django.db import connections
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from legedialog.core.ids import new_id
from legedialog.core.sql import ask_for
from legedialog.integrations.signed import FRESH, signature
from legedialog.integrations.sms.web import LARGEST
from legedialog.outbox import queries, services
from legedialog.outbox.models import Notification
from legedialog.outbox.rules import Channel, Contact, DeliveryFailed, Message, Reason, Status
from legedialog.outbox.tests.test_services import NOW, Counterpart, deliver, kari, practice, put, say, staff
from legedialog.patients.models import Person
from legedialog.practices.models import Practice

__all__ = ["kari", "practice"]  # fixtures

pytestmark = pytest.mark.django_db
SECRET = "s" * 32
ONLY_SMS = Contact("+4799999999", "", True, True, False, True)


@pytest.fixture(autouse=True)
def secret(settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    settings.SMS_STATUS_SECRET = SECRET
    monkeypatch.setattr(timezone, "now", lambda: NOW)


def tell(body: Any, *, secret: str = SECRET, seconds: str | None = None, sent: bytes | None = None) -> int:
    data = body if isinstance(body, bytes) else json.dumps(body).encode()
    seconds = seconds or str(int(NOW.timestamp()))
    headers = {"X-Timestamp": seconds, "X-Signature": signature(secret, seconds, data)}
    return (
        Client().post(reverse("sms:status"), sent or data, content_type="application/json", headers=headers).status_code
    )


def sent(kari: Person, practice: Practice, contact: Contact = ONLY_SMS) -> Notification:
    notice = put(kari, practice)
    deliver(decide=say(contact))
    notice.refresh_from_db()
    assert notice.status == Status.SENT
    return notice


def test_an_sms_that_reached_the_telephone_is_delivered_and_once(kari: Person, practice: Practice) -> None:
    notice = sent(kari, practice)
    assert notice.delivered_at is None  # sent is not delivered
    for _ in range(2):
        assert tell({"id": str(notice.pk), "status": "delivered"}) == 204
    assert Notification.objects.filter(pk=notice.pk, status=Status.SENT, delivered_at=NOW).exists()
    assert tell({"id": str(notice.pk), "status": "failed"}) == 204  # too late to say so
    notice.refresh_from_db()
    assert notice.status == Status.SENT


def test_an_sms_that_did_not_is_followed_by_email_and_the_office_sees_nothing_to_do(
    kari: Person, practice: Practice
) -> None:
    notice = sent(kari, practice, Contact("+4799999999", "kari@example.org", True, True, False, True))
    for _ in range(2):
        assert tell({"id": str(notice.pk), "status": "failed"}) == 204
    sms, email = Counterpart(), Counterpart()
    deliver(sms, email)
    notice.refresh_from_db()
    assert (notice.status, notice.channel, notice.refused) == (Status.SENT, Channel.EMAIL, Channel.SMS)
    assert (len(sms.got), len(email.got)) == (0, 1)
    assert queries.notices_from(ask_for(queries.not_delivered(staff(practice), practice.pk))) == []


def test_an_sms_that_did_not_and_has_no_other_way_is_shown_to_the_office(kari: Person, practice: Practice) -> None:
    notice = sent(kari, practice)
    assert tell({"id": str(notice.pk), "status": "failed"}) == 204
    deliver(decide=say(ONLY_SMS))
    [row] = queries.notices_from(ask_for(queries.not_delivered(staff(practice), practice.pk)))
    assert (row.id, str(row.state)) == (notice.pk, "Sendt, ikke levert")
    assert "kom ikke fram" in str(row.why)
    services.retry(actor=staff(practice), notification_id=notice.pk, now=NOW)
    sms = Counterpart()
    deliver(sms, decide=say(ONLY_SMS))
    assert len(sms.got) == 1


def test_what_is_on_its_way_or_unknown_changes_nothing(kari: Person, practice: Practice) -> None:
    notice = sent(kari, practice)
    assert tell({"id": str(notice.pk), "status": "queued"}) == 204
    assert tell({"id": str(new_id()), "status": "failed"}) == 204
    notice.refresh_from_db()
    assert (notice.status, notice.reason) == (Status.SENT, "")


@pytest.mark.parametrize("status", ["failed", "delivered"])
def test_an_email_is_not_the_gateways_to_tell_of(kari: Person, practice: Practice, status: str) -> None:
    notice = sent(kari, practice, Contact("", "kari@example.org", True, True, False, True))
    assert tell({"id": str(notice.pk), "status": status}) == 204
    notice.refresh_from_db()
    assert (notice.status, notice.reason, notice.delivered_at) == (Status.SENT, "", None)


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("status", ["failed", "delivered"])
def test_a_report_that_is_quicker_than_the_answer_to_us_counts(kari: Person, practice: Practice, status: str) -> None:
    """The gateway tells of it while the worker still waits for its answer: what is written down then undoes nothing."""
    email = Counterpart()

    def hasty(message: Message) -> None:
        assert tell({"id": str(message.id), "status": status}) == 204
        connections.close_all()

    notice = put(kari, practice)
    both = Contact("+4799999999", "kari@example.org", True, True, False, True)
    deliver(hasty, email, decide=say(both))
    notice.refresh_from_db()
    assert notice.status == Status.SENT
    assert (notice.delivered_at, notice.channel, len(email.got)) == (
        (NOW, Channel.SMS, 0) if status == "delivered" else (None, Channel.EMAIL, 1)
    )


def test_delivered_settles_what_was_said_before_or_not_answered(kari: Person, practice: Practice) -> None:
    notice = sent(kari, practice)
    assert tell({"id": str(notice.pk), "status": "failed"}) == 204
    deliver(decide=say(ONLY_SMS))
    assert len(queries.notices_from(ask_for(queries.not_delivered(staff(practice), practice.pk)))) == 1
    assert tell({"id": str(notice.pk), "status": "delivered"}) == 204
    assert queries.notices_from(ask_for(queries.not_delivered(staff(practice), practice.pk))) == []

    unanswered = put(kari, practice)
    deliver(Counterpart(DeliveryFailed(Reason.NO_ANSWER, is_final=False)), decide=say(ONLY_SMS))
    assert Notification.objects.get(pk=unanswered.pk).status == Status.WAITING  # it would go again
    assert tell({"id": str(unanswered.pk), "status": "delivered"}) == 204
    assert Notification.objects.get(pk=unanswered.pk).status == Status.SENT


def test_what_the_office_has_told_her_otherwise_stays_handled(kari: Person, practice: Practice) -> None:
    notice = sent(kari, practice)
    assert tell({"id": str(notice.pk), "status": "failed"}) == 204
    deliver(decide=say(ONLY_SMS))
    services.dismiss(actor=staff(practice), notification_id=notice.pk, now=NOW)
    for status in ("failed", "delivered"):
        assert tell({"id": str(notice.pk), "status": status}) == 204
    assert Notification.objects.get(pk=notice.pk).status == Status.SKIPPED


@pytest.mark.parametrize("fault", ["secret", "body", "old", "early", "words"])
def test_without_its_signature_nothing_is_taken(fault: str, kari: Person, practice: Practice) -> None:
    notice = sent(kari, practice)
    report = {"id": str(notice.pk), "status": "failed"}
    at = {"old": NOW - timedelta(seconds=FRESH + 1), "early": NOW + timedelta(seconds=FRESH + 1)}.get(fault, NOW)
    assert (
        tell(
            report,
            secret="x" * 32 if fault == "secret" else SECRET,
            seconds="soon" if fault == "words" else str(int(at.timestamp())),
            sent=b'{"id": "another"}' if fault == "body" else None,
        )
        == 401
    )
    notice.refresh_from_db()
    assert notice.reason == ""


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"[]",
        b"{",
        b'{"id": 1, "status": "failed"}',
        b'{"id": "x", "status": "failed"}',
        b"[" * 4000,
        b"\xff",
        b'{"id": 1e999}',
    ],
)
def test_what_is_no_report_is_refused(body: bytes) -> None:
    assert tell(body) == 400


def test_what_is_too_large_is_refused_and_without_a_secret_nothing_is_there(settings: Any) -> None:
    assert tell(b"x" * (LARGEST + 1)) == 413
    settings.SMS_STATUS_SECRET = ""
    assert tell({}) == 404
