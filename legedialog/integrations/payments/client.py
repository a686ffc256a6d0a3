"""Ask the payment provider: JSON over HTTPS. The contract is in docs/integrator.md."""

from typing import Any
from urllib.parse import quote, urlsplit
from uuid import UUID

import httpx
from django.conf import settings
from django.urls import reverse

from legedialog.core import outside, reading
from legedialog.fees.charge_rules import CURRENCY, Stand
from legedialog.fees.online import NoAnswer, Told
from legedialog.integrations.payments import mapping

SECONDS = 10.0  # for a whole answer; somebody waits for the page
LARGEST_ANSWER = 20_000  # bytes


class Http:
    """fees/online.py's port."""

    def __init__(self, transport: httpx.BaseTransport | None = None) -> None:
        self._transport = transport

    def open(self, *, transfer_id: UUID, ore: int, charge_id: UUID) -> tuple[str, str]:
        asked = {
            "id": str(transfer_id),
            "amount": ore,
            "currency": CURRENCY,
            "return_url": f"{settings.BASE_URL}{reverse('fees:show', args=[charge_id])}",
            "callback_url": f"{settings.BASE_URL}{reverse('payments:told')}",
        }
        answer = self._ask("POST", "/payments", asked)
        found, url = str(answer.get("id", "")), str(answer.get("url", ""))
        if not 0 < len(found) <= 100 or len(url) > 500 or _origin(url) not in settings.PAYMENT_PAGES:
            raise NoAnswer(is_final=True)
        return found, url

    def told(self, provider_id: str) -> Told:
        return mapping.told(self._ask("GET", f"/payments/{quote(provider_id, safe='')}"))

    def give_back(self, *, transfer_id: UUID, provider_id: str, ore: int) -> Stand:
        path = f"/payments/{quote(provider_id, safe='')}/refunds"
        asked = {"id": str(transfer_id), "amount": ore, "currency": CURRENCY}
        return mapping.stand(self._ask("POST", path, asked).get("status"), mapping.BACKS)

    def _ask(self, method: str, path: str, asked: dict[str, Any] | None = None) -> dict[str, Any]:
        to = settings.PAYMENT_PROVIDER
        headers = {"Authorization": f"Bearer {to['token']}"}
        if asked:
            headers["Idempotency-Key"] = asked["id"]
        try:
            answer = outside.ask(
                *(method, f"{to['url']}{path}"),
                seconds=SECONDS,
                most=LARGEST_ANSWER,
                transport=self._transport,
                json=asked,
                headers=headers,
            )
        except (httpx.HTTPError, httpx.InvalidURL, outside.TooMuch):
            raise NoAnswer from None
        if answer.status_code in (404, 409, 410, 422):
            raise NoAnswer(is_final=True)
        if answer.status_code not in (200, 201):
            raise NoAnswer
        found = reading.json_object(answer.content, LARGEST_ANSWER)
        if found is None:
            raise NoAnswer
        return found


def _origin(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}"
