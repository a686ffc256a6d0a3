"""How notices go out: what the worker runs beside its jobs. Why not as a job: docs/adr/0058-outbox.md."""

from collections.abc import Mapping

from django.conf import settings
from django.utils import timezone

from legedialog.integrations.email import client as email
from legedialog.integrations.sms import client as sms
from legedialog.journeys import telling
from legedialog.outbox.delivery import Delivery, Send
from legedialog.outbox.rules import Channel, Message


def delivery() -> Delivery:
    return Delivery(decide=telling.decide_all, senders=lambda: senders(), clock=lambda: timezone.now())


def senders() -> Mapping[Channel, Send]:
    """The channels that are set up. In the demo nothing leaves: the notice's own row is what /demo/varsler/ shows."""
    if settings.DEMO:
        return {Channel.SMS: _keep, Channel.EMAIL: _keep}
    found: dict[Channel, Send] = {}
    if settings.SMS_URL:
        found[Channel.SMS] = sms.send
    if settings.SMTP_HOST:
        found[Channel.EMAIL] = email.send
    return found


def _keep(message: Message) -> None:
    pass
