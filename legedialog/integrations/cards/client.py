"""Ask the card register through the office's message system: NAV's XML over HTTPS. The contract is in
docs/integrator.md."""

from datetime import datetime
from uuid import uuid4

import httpx
from django.conf import settings
from django.utils.module_loading import import_string

from legedialog.core import outside
from legedialog.fees.cards import Question
from legedialog.integrations.cards import mapping
from legedialog.integrations.registers.mapping import RegisterError

SECONDS = 15.0  # for the whole answer
LARGEST_ANSWER = 200_000  # bytes


def has_card(asked: Question, now: datetime) -> bool:
    """Raises RegisterError."""
    to, message_id = settings.CARD_REGISTER, uuid4()
    transport = (
        httpx.WSGITransport(app=import_string(settings.CARDS_IN_PROCESS)()) if settings.CARDS_IN_PROCESS else None
    )
    try:
        answer = outside.ask(
            *("POST", to["url"]),
            seconds=SECONDS,
            most=LARGEST_ANSWER,
            transport=transport,
            content=mapping.question(asked, message_id, now),
            headers={"Authorization": f"Bearer {to['token']}", "Content-Type": "application/xml; charset=utf-8"},
        )
    except outside.TooMuch:
        raise RegisterError("unreadable") from None
    except (httpx.HTTPError, httpx.InvalidURL):
        raise RegisterError("unreachable") from None
    if answer.status_code in (401, 403):
        raise RegisterError("not-allowed")
    if answer.status_code == 422:
        raise RegisterError("refused")
    if answer.status_code != 200:
        raise RegisterError("register-fault")
    return mapping.has_card(answer.content, message_id)
