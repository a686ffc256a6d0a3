"""What interpreters say in a citizen's own data."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from legedialog.access.actor import Actor
from legedialog.core.contexts import Own
from legedialog.core.fhir import Resource, full
from legedialog.core.times import local_day
from legedialog.interpreters import policy, texts
from legedialog.interpreters.models import Need, Order

REQUIRED = "http://hl7.org/fhir/StructureDefinition/patient-interpreterRequired"
TAGS = "urn:ietf:bcp:47"


def _needs(actor: Actor, person_id: UUID, now: datetime) -> list[Need]:
    rows = policy.visible_to(actor, local_day(now)).filter(patient=person_id)
    return list(rows.select_related("by_person", "by_employee"))


def _need(row: Need) -> Sequence[object]:
    who = row.by_employee or row.by_person
    return [row.said_at, str(texts.name(row.language)), who.name if who else ""]


def _coded(language: str) -> Resource:
    return {"coding": [{"system": TAGS, "code": language}], "text": str(texts.name(language))}


def _adds(row: Need) -> Mapping[str, list[Any]]:
    """Source: hl7.org/fhir/R4/extension-patient-interpreterrequired.html."""
    return {
        "extension": [{"url": REQUIRED, "valueBoolean": True}],
        "communication": [{"language": _coded(row.language), "preferred": True}],
    }


def _orders(actor: Actor, person_id: UUID, now: datetime) -> list[Order]:
    rows = policy.orders_visible_to(actor).filter(patient=person_id)
    return list(rows.select_related("practice", "by_employee").order_by("ordered_at", "pk"))


def _order(row: Order) -> Sequence[object]:
    about = _("Tolk på %(language)s til timen.") % {"language": texts.name(row.language)}
    if row.undone_at:
        about += " " + _("Kontoret angret det.")
    return [row.starts_at, about, row.ordered_at, row.practice.name]


def _resource(row: Order, me: Resource) -> Resource:
    """Source: hl7.org/fhir/R4/servicerequest.html."""
    return {
        "resourceType": "ServiceRequest",
        "id": str(row.pk),
        "status": "revoked" if row.undone_at else "active",
        "intent": "order",
        "code": {"text": _("Tolk til timer")},
        "orderDetail": [_coded(row.language)],
        "subject": me,
        "occurrenceDateTime": row.starts_at.isoformat(),
        "authoredOn": row.ordered_at.isoformat(),
        "requester": {"display": f"{row.by_employee.name}, {row.practice.name}"},
    }


NEEDS = Own(
    title=gettext_lazy("Behov for tolk"),
    head=(gettext_lazy("Sagt"), gettext_lazy("Språk"), gettext_lazy("Hvem")),
    rows=_needs,
    line=_need,
    resources=lambda row, me: [],
    adds=_adds,
    order=12,
)
ORDERS = Own(
    title=gettext_lazy("Tolk til timer"),
    head=(gettext_lazy("Når"), gettext_lazy("Hva"), gettext_lazy("Notert"), gettext_lazy("Hvor")),
    rows=_orders,
    line=_order,
    resources=lambda row, me: [full(_resource(row, me))],
    order=13,
)
