"""How notices go out: what the worker runs beside its jobs. Why not as a job: docs/adr/0058-outbox.md."""

from collections.abc import Mapping
from urllib.parse import urlsplit

from django.conf import settings
from django.utils import timezone

from legedialog.integrations.email import client as email
from legedialog.integrations.sms import client as sms
from legedialog.journeys import telling
from legedialog.outbox.delivery import Delivery, Send
from legedialog.outbox.rules import Channel, Message

HERE = ("localhost", "127.0.0.1", "::1")


def delivery() -> Delivery:
    return Delivery(decide=telling.decide_all, senders=lambda: senders(), clock=lambda: timezone.now())


def senders() -> Mapping[Channel, Send]:
    """The channels that are set up. Nothing leaves the demo's machine: the notice's own row is what /demo/varsler/
    shows, and only a gateway on the same machine, which somebody tries out, is given it too."""
    found: dict[Channel, Send] = {}
    if settings.SMS_URL and _may(urlsplit(settings.SMS_URL).hostname):
        found[Channel.SMS] = sms.send
    if settings.SMTP_HOST and _may(settings.SMTP_HOST):
        found[Channel.EMAIL] = email.send
    return {Channel.SMS: _keep, Channel.EMAIL: _keep} | found if settings.DEMO else found


def _may(host: str | None) -> bool:
    return not settings.DEMO or host in HERE


def _keep(message: Message) -> None:
    pass
