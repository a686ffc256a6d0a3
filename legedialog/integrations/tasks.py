"""Jobs that need both the domain and its counterparts. Procrastinate finds them here."""

from collections.abc import Mapping

from django.conf import settings
from django.db import close_old_connections
from django.utils import timezone
from procrastinate.contrib.django import app

from legedialog.integrations.email import client as email
from legedialog.integrations.registers import refreshing
from legedialog.integrations.sms import client as sms
from legedialog.journeys import notices
from legedialog.outbox import services as outbox
from legedialog.outbox.rules import Channel, Message


@app.periodic(cron="* * * * *")
@app.task(name=outbox.DELIVER)
def deliver(timestamp: int = 0) -> None:
    """Deferred by each new notice; every minute for reminders, new tries and lost jobs."""
    try:
        deliver_everything_due()
    finally:
        close_old_connections()


@app.periodic(cron="*/10 * * * *")
@app.task(name="registers.refresh", lock="registers.refresh", queueing_lock="registers.refresh")
def refresh_facts(timestamp: int = 0) -> None:
    """Every ten minutes: who lives, who acts for whom, who is reserved, and whose list; the longest unasked first."""
    try:
        refreshing.gently(timezone.now())
    finally:
        close_old_connections()


def deliver_everything_due() -> None:
    while outbox.deliver_next(decide=notices.decide, send=senders(), now=timezone.now()):
        pass


def senders() -> Mapping[Channel, outbox.Send]:
    """The channels that are set up. In the demo nothing leaves: the notice's own row is what /demo/varsler/ shows."""
    if settings.DEMO:
        return {Channel.SMS: _keep, Channel.EMAIL: _keep}
    found: dict[Channel, outbox.Send] = {}
    if settings.SMS_URL:
        found[Channel.SMS] = sms.send
    if settings.SMTP_HOST:
        found[Channel.EMAIL] = email.send
    return found


def _keep(message: Message) -> None:
    pass
