"""The whole way: something happens, a job is there, and the counterpart has the message."""

from typing import Any

import pytest
from procrastinate.contrib.django import app

from legedialog.appointments import services
from legedialog.appointments.tests import factories
from legedialog.integrations import tasks
from legedialog.integrations.email import client as email
from legedialog.integrations.sms import client as sms
from legedialog.outbox.models import Notification
from legedialog.outbox.rules import Channel, Message, Status
from legedialog.outbox.services import DELIVER


def test_the_job_that_the_outbox_asks_for_exists_and_runs_every_minute() -> None:
    assert DELIVER in app.tasks
    assert any(
        (periodic.task.name, periodic.cron) == (DELIVER, "* * * * *")
        for periodic in app.periodic_registry.periodic_tasks.values()
    )


def test_only_channels_that_are_set_up_are_used(settings: Any) -> None:
    assert tasks.senders() == {}
    settings.SMS_URL = "https://sms.example.no"
    assert tasks.senders() == {Channel.SMS: sms.send}
    settings.SMTP_HOST = "mail.example.no"
    assert tasks.senders() == {Channel.SMS: sms.send, Channel.EMAIL: email.send}


@pytest.mark.django_db
def test_in_the_demo_nothing_leaves_and_everything_is_kept(settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("django.utils.timezone.now", lambda: factories.NOW)
    settings.DEMO, settings.SMS_URL, settings.SMTP_HOST = True, "https://sms.example.no", "mail.example.no"
    office = factories.office()
    kari = office.patient()
    office.booked(kari)
    tasks.deliver_everything_due()
    row = Notification.objects.get(event="appointment.booked")
    assert (row.status, row.channel) == (Status.SENT, Channel.SMS)
    assert row.text.startswith("Du har fått time")


@pytest.mark.django_db
def test_one_cancellation_gives_one_message(monkeypatch: pytest.MonkeyPatch) -> None:
    got: list[Message] = []
    monkeypatch.setattr(tasks, "senders", lambda: {Channel.SMS: got.append})
    monkeypatch.setattr("django.utils.timezone.now", lambda: factories.NOW)
    office = factories.office()
    kari = office.patient()
    booked = office.booked(kari)
    tasks.deliver_everything_due()
    services.cancel(actor=factories.citizen(kari), appointment_id=booked.pk, now=factories.NOW)
    tasks.deliver_everything_due()
    tasks.deliver_everything_due()
    assert [message.text[:11] for message in got] == ["Du har fått", "Timen din t"]


@pytest.mark.django_db(transaction=True)
def test_a_worker_finds_the_job_and_sends(settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    settings.DEMO = True
    monkeypatch.setattr("django.utils.timezone.now", lambda: factories.NOW)
    office = factories.office()
    booked = office.booked(office.patient())
    with app.with_connector(app.connector.get_worker_connector()).open() as worker:  # type: ignore[attr-defined]
        worker.run_worker(wait=False, install_signal_handlers=False, listen_notify=False)
    assert Notification.objects.get(event="appointment.booked", object_id=booked.pk).status == Status.SENT
