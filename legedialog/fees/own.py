"""Prices and payments in a citizen's own data."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from django.utils.translation import gettext_lazy as _

from legedialog.access.actor import Actor
from legedialog.core.contexts import Own
from legedialog.core.fhir import full
from legedialog.fees import policy
from legedialog.fees.models import Charge, ExemptionCard, Line, Promise
from legedialog.fees.rules import Exemption
from legedialog.fees.texts import SERVICES, STATUSES, WAYS, kroner


def _money(ore: int) -> dict[str, Any]:
    return {"value": ore / 100, "currency": "NOK"}


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
            {"url": f"urn:legedialog:price:{name}", "valueMoney": _money(ore)}
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
    """FHIR's Invoice carries the lines and their sum. R4 has no place for payments, so they and what was sent to be
    paid by bank are notes."""
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
        "lineItem": [_line(each) for each in lines],
        "totalNet": _money(sum(each.ore for each in lines)),
        "note": _notes(row),
    }


def _line(row: Line) -> dict[str, Any]:
    """A line that counters another says why."""
    return {
        "extension": [{"url": "urn:legedialog:charge:counted", "valueBoolean": row.is_counted}],
        "sequence": row.number,
        "chargeItemCodeableConcept": {"coding": [{"code": row.code}], "text": row.what},
        "priceComponent": [
            full(
                {
                    "type": "deduction" if row.corrects_id else "base",
                    "code": full({"text": row.reason}),
                    "amount": _money(row.ore),
                }
            )
        ],
    }


def _notes(row: Charge) -> list[dict[str, Any]]:
    invoice = getattr(row, "invoice", None)
    exemption = [{"text": f"exemption: {row.exemption}"}] if row.exemption else []
    paid = [{"time": each.at.isoformat(), "text": f"{each.way} {each.ore / 100} NOK"} for each in row.payments.all()]
    sent = [
        {"time": each.sent_at.isoformat(), "text": f"KID {each.kid}, {each.ore / 100} NOK, {each.due_date.isoformat()}"}
        for each in (invoice,)
        if each
    ]
    return [*exemption, *sent, *paid]


def _cards(actor: Actor, person_id: UUID, now: datetime) -> Sequence[ExemptionCard]:
    return list(policy.cards_visible_to(actor).filter(patient=person_id).order_by("year"))


def _card(row: ExemptionCard, me: dict[str, Any]) -> dict[str, Any]:
    return {
        "resourceType": "Basic",
        "id": str(row.pk),
        "code": {"text": "frikort"},
        "subject": me,
        "created": row.told_at.date().isoformat(),
        "extension": [
            {
                "url": "urn:legedialog:card:period",
                "valuePeriod": {"start": row.from_date.isoformat(), "end": f"{row.year}-12-31"},
            }
        ],
    }


CARDS = Own(
    title=_("Frikort"),
    head=(_("År"), _("Gjelder fra"), _("Fortalt av frikortregisteret")),
    rows=_cards,
    line=lambda row: [str(row.year), row.from_date, row.told_at],
    resources=lambda row, me: [_card(row, me)],
    order=75,
)

CHARGES = Own(
    title=_("Betaling"),
    head=(_("Når"), _("Hva"), _("Status"), _("Beløp og innbetalinger")),
    rows=_charges,
    line=lambda row: [row.happened_at, SERVICES[row.service], STATUSES[row.status][0], _told(row)],
    resources=lambda row, me: [_charge(row, me)],
    order=74,
)
