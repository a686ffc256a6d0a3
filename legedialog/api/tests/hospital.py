"""A registered system with its key, and what it sends. Everything goes over HTTP, as from the other side."""

import json
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

from django.http import HttpResponse
from django.test import Client
from joserfc import jwt
from joserfc.jwk import ECKey, Key, KeySet

from legedialog.access.actor import system
from legedialog.api import oauth, rules, samples, services
from legedialog.api.models import ApiClient
from legedialog.appointments.models import Source

TOKEN_URL = "http://localhost:8000/oauth/token"
NOW = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)


@dataclass
class Hospital:
    source: Source
    client: ApiClient
    key: Key
    http: Client

    def assertion(self, *, key: Key | None = None, header: dict[str, Any] | None = None, **changes: Any) -> str:
        now = datetime.now(UTC)
        claims = {
            "iss": str(self.client.pk),
            "sub": str(self.client.pk),
            "aud": TOKEN_URL,
            "iat": int(now.timestamp()),
            "exp": int((now + timedelta(minutes=2)).timestamp()),
            "jti": str(uuid4()),
            **changes,
        }
        used = key or self.key
        return jwt.encode(
            {"alg": "ES256", "kid": used.kid, **(header or {})},
            {name: value for name, value in claims.items() if value is not None},
            used,
            algorithms=["ES256", "PS256"],
        )

    def ask(self, assertion: str | None = None, **changes: Any) -> HttpResponse:
        form = {
            "grant_type": "client_credentials",
            "client_assertion_type": oauth.ASSERTION_TYPE,
            "client_assertion": assertion if assertion is not None else self.assertion(),
            **changes,
        }
        body = "&".join(f"{name}={value}" for name, value in form.items() if value is not None)
        return self.http.post("/oauth/token", body, content_type="application/x-www-form-urlencoded")  # type: ignore[return-value]

    def token(self, scope: str = "") -> str:
        return str(json.loads(self.ask(scope=scope).content)["access_token"])

    def put(
        self, resource: dict[str, Any], *, token: str = "", at: str = "", body: Any = None, **headers: str
    ) -> HttpResponse:
        return self.http.put(  # type: ignore[return-value]
            f"/fhir/r4/Appointment/{at or resource['id']}",
            json.dumps(resource) if body is None else body,
            content_type=headers.pop("type", "application/fhir+json"),
            headers={"Authorization": f"Bearer {token or self.token()}", **headers},
        )

    def get(self, identifier: UUID | str, *, token: str = "") -> HttpResponse:
        return self.http.get(  # type: ignore[return-value]
            f"/fhir/r4/Appointment/{identifier}", headers={"Authorization": f"Bearer {token or self.token()}"}
        )

    def appointment(self, number: str, **changes: Any) -> dict[str, Any]:
        return samples.video_appointment(
            **{
                "identifier": uuid4(),
                "organisation_number": self.source.organisation_number,
                "organisation": self.source.name,
                "unit": "Hudpoliklinikken",
                "patient_number": number,
                "starts_at": NOW + timedelta(days=3650),
                "minutes": 30,
                "description": "Samtale om prøvesvar",
                "instruction": "Finn et rolig sted.",
                "join_url": "https://video.example.no/rom/1",
                "changed_at": NOW,
                **changes,
            }
        )


def hospital(name: str = "Fjordbyen sykehus", number: str = "313000001", scopes: list[str] | None = None) -> Hospital:
    key = ECKey.generate_key("P-256")
    key.ensure_kid()
    source = Source.objects.create(name=name, organisation_number=number)
    client = services.register_client(
        actor=system(),
        name=name,
        source_id=source.pk,
        jwks=KeySet([key]).as_dict(private=False),
        scopes=scopes or [rules.READ, rules.WRITE],
        now=NOW,
    )
    return Hospital(source, client, key, Client())


def codes(answer: HttpResponse) -> list[str]:
    """Our stable codes in an OperationOutcome."""
    body = json.loads(answer.content)
    assert body["resourceType"] == "OperationOutcome"
    return [issue["details"]["coding"][0]["code"] for issue in body["issue"]]
