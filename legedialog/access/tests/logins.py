"""A login as the product begins it, and a browser that has it."""

from typing import Any
from uuid import UUID

from django.test import Client
from django.utils import timezone

from legedialog.access import cookies, services
from legedialog.access.actor import Actor, Assurance, Kind


def begin(kind: Kind, holder_id: UUID, **other: Any) -> tuple[str, UUID]:
    """The token and the login's id."""
    usual: dict[str, Any] = {
        "assurance": Assurance.HIGH,
        "issuer": "https://login.example",
        "sid": "",
        "sub": "someone",
        "user_agent": "",
        "replaces": "",
        "now": timezone.now(),
    }
    return services.start_login(kind=kind, holder_id=holder_id, **(usual | other))


def token_of(actor: Actor) -> str:
    holder_id = actor.employee_id or actor.person_id
    assert holder_id
    return begin(actor.kind, holder_id)[0]


def with_token(token: str, client: Client | None = None) -> Client:
    client = client or Client()
    client.cookies[cookies.name("session")] = token
    return client


def logged_in(actor: Actor, client: Client | None = None) -> Client:
    return with_token(token_of(actor), client)
