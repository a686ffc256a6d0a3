"""The pages of Betaling, read and sent."""

from typing import Any

from django.test import Client
from django.urls import reverse

from legedialog.fees.models import Charge


def read(client: Client, name: str, *args: Any, status: int = 200) -> str:
    response = client.get(reverse(f"workspace:{name}", args=args))
    assert response.status_code == status
    return response.content.decode()


def send(client: Client, name: str, *args: Any, status: int = 200, **fields: Any) -> str:
    response = client.post(reverse(f"workspace:{name}", args=args), fields, follow=True)
    assert response.status_code == status
    return response.content.decode()


def page(client: Client, charge: Charge) -> Any:
    return client.get(reverse("workspace:charge", args=[charge.pk])).context["each"]["row"]


def file_of(client: Client, **asked: str) -> Any:
    return client.get(reverse("workspace:charges-file"), asked)


def settlement_of(client: Client, **asked: str) -> Any:
    return client.get(reverse("workspace:charges-settlement"), asked)
