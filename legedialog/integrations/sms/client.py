"""SMS through a gateway over HTTP. The contract that any gateway or adapter can meet is in docs/integrator.md."""

import httpx
from django.conf import settings

from legedialog.core import outside
from legedialog.outbox.rules import DeliveryFailed, Message, Reason

SECONDS = 10.0  # for the whole talk
BAD_NUMBER = (404, 410, 422)  # the number is not one that can be reached
# Nobody needs to change the message for these: they are about time, load, or our own agreement with the gateway.
TEMPORARY = (401, 403, 408, 425, 429)


def send(message: Message) -> None:
    """Raises DeliveryFailed. The gateway takes the same id once, so a try whose answer was lost is safe to repeat."""
    try:
        answer = outside.ask(
            *("POST", settings.SMS_URL),
            seconds=SECONDS,
            json={"id": str(message.id), "to": message.to, "text": message.text, "sender": settings.SMS_SENDER},
            headers={"Authorization": f"Bearer {settings.SMS_TOKEN}", "Idempotency-Key": str(message.id)},
        )
    except (httpx.HTTPError, httpx.InvalidURL, outside.TooMuch) as error:
        raise DeliveryFailed(Reason.NO_ANSWER, is_final=False) from error
    if answer.status_code in (200, 201, 202):
        return
    if answer.status_code in BAD_NUMBER:
        raise DeliveryFailed(Reason.BAD_NUMBER, is_final=True)
    is_final = 400 <= answer.status_code < 500 and answer.status_code not in TEMPORARY
    raise DeliveryFailed(Reason.REFUSED if answer.status_code < 500 else Reason.NO_ANSWER, is_final=is_final)
