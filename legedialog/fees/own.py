"""Prices and payments in a citizen's own data."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from django.utils.translation import gettext_lazy as _

from legedialog.access.actor import Actor
from legedialog.core.contexts import Own
from legedialog.fees import policy
from legedialog.fees.models import Charge, Promise
from legedialog.fees.rules import Exemption
from legedialog.fees.texts import SERVICES, STATUSES, WAYS, kroner


def _promises(actor: Actor, person_id: UUID, now: datetime) -> Sequence[Promise]:
    return list(policy.promises_visible_to(actor).filter(patient=person_id).order_by("at", "pk"))


def _promise(row: Promise, me: dict[str, Any]) -> dict[str, Any]:
    amounts = {"low": row.low, "high": row.high, "missed": row.missed}
    return {
        "resourceType": "Basic",
        "id": str(row.pk),
        "code": {"text": "pris som ble oppgitt"},
        "subject": me,
        "created": row.at.date().isoformat(),
        "extension": [
            {"url": f"urn:legedialog:price:{name}", "valueMoney": {"value": ore / 100, "currency": "NOK"}}
            for name, ore in amounts.items()
            if ore is not None
        ]
        + [{"url": "urn:legedialog:price:service", "valueCode": row.service}],
    }


PROMISES = Own(
    title=_("Priser du ble vist"),
    head=(_("Vist"), _("Hva"), _("Lavest"), _("Høyest"), _("Gebyr hvis du ikke møter")),
    rows=_promises,
    line=lambda row: [row.at, SERVICES[row.service], kroner(row.low), kroner(row.high), kroner(row.missed)],
    resources=lambda row, me: [_promise(row, me)],
    order=72,
)


def _charges(actor: Actor, person_id: UUID, now: datetime) -> Sequence[Charge]:
    rows = policy.charges_visible_to(actor).filter(patient=person_id).select_related("practice", "invoice")
    return list(rows.prefetch_related("lines", "payments").order_by("happened_at", "pk"))


def _told(row: Charge) -> str:
    """Lines, payments and the invoice, each on a line."""
    invoice = getattr(row, "invoice", None)
    return "\n".join(
        [
            *(" ".join(filter(None, (kroner(each.ore), each.what, each.reason))) for each in row.lines.all()),
            *(f"{WAYS[each.way]} {kroner(each.ore)}" for each in row.payments.all()),
            *([f"KID {invoice.kid}, {kroner(invoice.ore)}, {invoice.due_date:%d.%m.%Y}"] if invoice else []),
            *([row.reason] if row.reason else []),
            *([str(Exemption(row.exemption).label)] if row.exemption else []),
        ]
    )


def _charge(row: Charge, me: dict[str, Any]) -> dict[str, Any]:
    """FHIR's Invoice carries the lines and the sum; payments and counter-entries are price components of it."""
    lines = list(row.lines.all())
    return {
        "resourceType": "Invoice",
        "id": str(row.pk),
        "status": "issued" if row.status == "approved" else "cancelled",
        "type": {"text": row.service},
        "subject": me,
        "date": row.happened_at.isoformat(),
        "issuer": {"display": row.practice.name},
        "cancelledReason": row.reason or "",
        "lineItem": [
            {
                "sequence": each.number,
                "chargeItemCodeableConcept": {"coding": [{"code": each.code}], "text": each.what},
                "priceComponent": [
                    {
                        "type": "informational" if each.is_counted else "base",
                        "amount": {"value": each.ore / 100, "currency": "NOK"},
                    }
                ],
            }
            for each in lines
        ],
        "totalNet": {"value": sum(each.ore for each in lines) / 100, "currency": "NOK"},
        "note": [
            {"text": f"{each.way} {each.ore / 100} NOK", "time": each.at.isoformat()} for each in row.payments.all()
        ],
    }


CHARGES = Own(
    title=_("Betaling"),
    head=(_("Når"), _("Hva"), _("Status"), _("Beløp og innbetalinger")),
    rows=_charges,
    line=lambda row: [row.happened_at, SERVICES[row.service], STATUSES[row.status][0], _told(row)],
    resources=lambda row, me: [_charge(row, me)],
    order=74,
)
