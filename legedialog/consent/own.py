"""What consent says in a citizen's own data."""

from datetime import datetime
from uuid import UUID

from django.utils.translation import gettext_lazy as _

from legedialog.access.actor import Actor
from legedialog.consent.models import Consent
from legedialog.consent.rules import NAMES, Level
from legedialog.core.contexts import Own
from legedialog.core.fhir import Resource, code, full


def _consents(actor: Actor, person_id: UUID, now: datetime) -> list[Consent]:
    return list(Consent.objects.filter(person=person_id).order_by("starts_at", "pk"))


def _resource(row: Consent, me: Resource) -> Resource:
    return {
        "resourceType": "Consent",
        "id": str(row.pk),
        "status": "inactive" if row.ends_at else "active",
        "scope": code("http://terminology.hl7.org/CodeSystem/consentscope", "patient-privacy"),
        "category": [code("http://terminology.hl7.org/CodeSystem/v3-ActCode", "IDSCL")],
        "patient": me,
        "dateTime": row.starts_at.isoformat(),
        "policyRule": {"text": f"Legedialog: {row.level}"},
        "provision": {
            "type": "deny" if row.level == Level.NONE else "permit",
            "period": full({"start": row.starts_at.isoformat(), "end": row.ends_at and row.ends_at.isoformat()}),
        },
    }


CONSENTS = Own(
    title=_("Samtykke"),
    head=(_("Nivå"), _("Fra"), _("Til")),
    rows=_consents,
    line=lambda row: [NAMES[Level(row.level)], row.starts_at, row.ends_at],
    resources=lambda row, me: [_resource(row, me)],
    order=20,
)
