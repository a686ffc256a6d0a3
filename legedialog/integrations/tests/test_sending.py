"""The whole way: something happens, and the counterpart has the message."""

from typing import Any

import pytest

from legedialog.appointments import services
from legedialog.appointments.tests import factories
from legedialog.integrations import sending
from legedialog.integrations.email import client as email
from legedialog.integrations.sms import client as sms
from legedialog.outbox.models import Notification
from legedialog.outbox.rules import Channel, Message, Status


def deliver() -> None:
    delivery = sending.delivery()
    delivery.until_nothing_is_due()
    delivery.finish()


def test_only_channels_that_are_set_up_are_used(settings: Any) -> None:
    assert sending.senders() == {}
    settings.SMS_URL = "https://sms.example.no"
    assert sending.senders() == {Channel.SMS: sms.send}
    settings.SMTP_HOST = "mail.example.no"
    assert sending.senders() == {Channel.SMS: sms.send, Channel.EMAIL: email.send}


def test_the_demo_gives_notices_to_a_gateway_on_its_own_machine_alone(settings: Any) -> None:
    settings.DEMO, settings.SMS_URL, settings.SMTP_HOST = True, "http://127.0.0.1:8099/sms", "mail.example.no"
    assert sending.senders() == {Channel.SMS: sms.send, Channel.EMAIL: sending._keep}


@pytest.mark.django_db
def test_in_the_demo_nothing_leaves_and_everything_is_kept(settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("django.utils.timezone.now", lambda: factories.NOW)
    settings.DEMO, settings.SMS_URL, settings.SMTP_HOST = True, "https://sms.example.no", "mail.example.no"
    office = factories.office()
    kari = office.patient()
    office.booked(kari)
    deliver()
    row = Notification.objects.get(event="appointment.booked")
    assert (row.status, row.channel) == (Status.SENT, Channel.SMS)
    assert row.text.startswith("Du har fått time")


@pytest.mark.django_db
def test_one_cancellation_gives_one_message(monkeypatch: pytest.MonkeyPatch) -> None:
    got: list[Message] = []
    monkeypatch.setattr(sending, "senders", lambda: {Channel.SMS: got.append})
    monkeypatch.setattr("django.utils.timezone.now", lambda: factories.NOW)
    office = factories.office()
    kari = office.patient()
    booked = office.booked(kari)
    deliver()
    services.cancel(actor=factories.citizen(kari), appointment_id=booked.pk, now=factories.NOW)
    deliver()
    deliver()
    assert [message.text[:11] for message in got] == ["Du har fått", "Timen din t"]
