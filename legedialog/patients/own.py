"""What patients says in a citizen's own data. The person herself and her lists: journeys/own_pdf.py."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import Q
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from legedialog.access.actor import Actor
from legedialog.core.contexts import Own
from legedialog.patients.models import PowerOfAttorney
from legedialog.patients.representation import ATTORNEY_NAMES


def _powers(actor: Actor, person_id: UUID, now: datetime) -> Sequence[PowerOfAttorney]:
    """Given and received; the other's name is all that is told of the other."""
    rows = PowerOfAttorney.objects.select_related("giver", "receiver")
    return list(rows.filter(Q(giver=person_id) | Q(receiver=person_id)).order_by("given_at", "pk"))


def _line(row: PowerOfAttorney) -> Sequence[object]:
    who = _("%(giver)s gir fullmakt til %(receiver)s") % {"giver": row.giver.name, "receiver": row.receiver.name}
    return [row.starts_date, row.ended_at or row.ends_date, f"{who}\n{_named(row)}"]


def _named(row: PowerOfAttorney) -> str:
    return ", ".join(str(ATTORNEY_NAMES[area]) for area in row.areas if area in ATTORNEY_NAMES)


def _resource(row: PowerOfAttorney, me: dict[str, Any]) -> dict[str, Any]:
    return {
        "resourceType": "Consent",
        "id": str(row.pk),
        "status": "inactive" if row.ended_at else "active",
        "scope": {
            "coding": [{"system": "http://terminology.hl7.org/CodeSystem/consentscope", "code": "patient-privacy"}]
        },
        "category": [{"text": "fullmakt"}],
        "patient": me,
        "dateTime": row.given_at.isoformat(),
        "policyRule": {"text": _named(row)},
        "provision": {
            "type": "permit",
            "period": {"start": row.starts_date.isoformat()}
            | ({"end": row.ends_date.isoformat()} if row.ends_date else {}),
            "actor": [
                {"role": {"text": role}, "reference": {"display": person.name}}
                for role, person in (("giver", row.giver), ("receiver", row.receiver))
            ],
        },
    }


POWERS = Own(
    title=gettext_lazy("Fullmakter du har gitt eller fått"),
    head=(gettext_lazy("Fra"), gettext_lazy("Til"), gettext_lazy("Hvem og hva")),
    rows=_powers,
    line=_line,
    resource=_resource,
)
