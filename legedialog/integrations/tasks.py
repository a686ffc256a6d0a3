"""Jobs that ask another machine. Procrastinate finds them here."""

from uuid import UUID

from django.conf import settings
from django.utils import timezone
from procrastinate.contrib.django import app

from legedialog.core.lanes import NETWORK
from legedialog.fees import online
from legedialog.integrations.cards import asking
from legedialog.integrations.email import bounces
from legedialog.integrations.registers import refreshing
from legedialog.outbox import services as outbox
from legedialog.outbox.rules import Channel, Reason

REFRESH = "registers.refresh"
BOUNCES = "email.bounces"
CARDS = "cards.ask"
PAYMENTS = "payments.go_on"


@app.periodic(cron="*/10 * * * *")
@app.task(name=REFRESH, lock=REFRESH, queueing_lock=REFRESH, queue=NETWORK)
def refresh_facts(timestamp: int = 0) -> None:
    """Every ten minutes: who lives, who acts for whom, who is reserved, and whose list; the longest unasked first."""
    refreshing.gently(timezone.now())


@app.periodic(cron="* * * * *")
@app.task(name=BOUNCES, queueing_lock=BOUNCES, queue=NETWORK)
def read_bounces(timestamp: int = 0) -> None:
    """Every minute: e-mail that came back."""
    if settings.BOUNCES["host"]:
        bounces.handle(came_back)


@app.periodic(cron="* * * * *")
@app.task(name=CARDS, lock=CARDS, queueing_lock=CARDS, queue=NETWORK)
def ask_about_cards(timestamp: int = 0) -> None:
    """Every minute: whether those who are to pay have an exemption card."""
    asking.run(timezone.now())


@app.periodic(cron="* * * * *")
@app.task(name=PAYMENTS, lock=PAYMENTS, queueing_lock=PAYMENTS, queue=NETWORK)
def go_on_with_payments(timestamp: int = 0) -> None:
    """Every minute: payments whose answer has not come, and money that is to go back."""
    if online.is_on():
        online.go_on(timezone.now())


def came_back(notification_id: UUID) -> None:
    outbox.came_back(notification_id=notification_id, channel=Channel.EMAIL, reason=Reason.BOUNCED, now=timezone.now())
