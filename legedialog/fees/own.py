"""Prices and payments in a citizen's own data."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from django.utils.translation import gettext_lazy as _

from legedialog.access.actor import Actor
from legedialog.core.contexts import Own
from legedialog.core.fhir import urn
from legedialog.core.times import local_day
from legedialog.fees import policy, queries
from legedialog.fees.charge_rules import Status
from legedialog.fees.models import Charge, ExemptionCard, Line, Payment, Promise
from legedialog.fees.rules import in_tariff
from legedialog.fees.texts import SERVICES, STATUSES, WAYS, exempt, in_words, kroner

KID = "urn:legedialog:kid"  # what a bank names an invoice by


def _money(ore: int) -> dict[str, Any]:
    return {"value": ore / 100, "currency": "NOK"}


def _promises(actor: Actor, person_id: UUID, now: datetime) -> Sequence[Promise]:
    return list(policy.promises_visible_to(actor).filter(patient=person_id).order_by("at", "pk"))


def _promise(row: Promise, me: dict[str, Any]) -> dict[str, Any]:
    amounts = {"low": row.low, "high": row.high, "missed": row.missed, "own": row.own_ore}
    amounts |= {"invoice": row.invoice, "dispatch": row.dispatch, "laboratory": row.laboratory_ore}
    return {
        "resourceType": "Basic",
        "id": str(row.pk),
        "code": {"text": "pris som ble oppgitt"},
        "subject": me,
        "created": local_day(row.at).isoformat(),
        "extension": [
            {"url": f"urn:legedialog:price:{name}", "valueMoney": _money(ore)}
            for name, ore in amounts.items()
            if ore is not None
        ]
        + [{"url": "urn:legedialog:price:service", "valueCode": row.service}]
        + [
            {"url": f"urn:legedialog:price:{name}", "valueString": said}
            for name, said in (("own-what", row.own_what), ("samples", row.laboratory), ("told", _words(row)))
            if said
        ],
    }


def _words(row: Promise) -> str:
    """What stood on the page."""
    return in_words(queries.promised_by(row))


PROMISES = Own(
    title=_("Priser du ble vist"),
    head=(
        *(_("Vist"), _("Hva"), _("Lavest"), _("Høyest"), _("Gebyr hvis du ikke møter"), _("Kontorets egen pris")),
        *(_("Prøvetaking"), _("Det som sto")),
    ),
    rows=_promises,
    line=lambda row: [
        *(row.at, SERVICES[row.service], kroner(row.low), kroner(row.high), kroner(row.missed)),
        " ".join(filter(None, (row.own_what, kroner(row.own_ore)))),
        kroner(row.laboratory_ore),
        _words(row),
    ],
    resources=lambda row, me: [_promise(row, me)],
    order=72,
)


def _charges(actor: Actor, person_id: UUID, now: datetime) -> Sequence[Charge]:
    rows = policy.charges_visible_to(actor).filter(patient=person_id).select_related("practice", "clinician", "invoice")
    return list(rows.prefetch_related("lines", "payments", "credit_notes").order_by("happened_at", "pk"))


def _told(row: Charge) -> str:
    """Lines, payments and the invoice, each on a line."""
    invoice = getattr(row, "invoice", None)
    return "\n".join(
        [
            *(" ".join(filter(None, (kroner(each.ore), each.what, each.reason))) for each in row.lines.all()),
            *(f"{WAYS[each.way]} {kroner(each.ore)}" for each in row.payments.all()),
            *([f"KID {invoice.kid}, {kroner(invoice.ore)}, {invoice.due_date:%d.%m.%Y}"] if invoice else []),
            *(
                f"{_('Kreditnota')} {each.number}, {kroner(each.ore)}, {local_day(each.at):%d.%m.%Y}"
                for each in row.credit_notes.all()
            ),
            *([row.reason] if row.reason else []),
            *([exempt(row.pk, row.exemption)] if row.exemption else []),
        ]
    )


def _resources(row: Charge, me: dict[str, Any]) -> list[dict[str, Any]]:
    """Each line is a ChargeItem, which an Invoice sums up; money that came or went is told of by a PaymentNotice.
    Source: hl7.org/fhir/R4/chargeitem.html, invoice.html and paymentnotice.html."""
    lines = sorted(row.lines.all(), key=lambda each: each.number)
    payments = sorted(row.payments.all(), key=lambda each: each.at)
    return [
        _invoice(row, lines, me),
        *(_item(each, row, me) for each in lines),
        *(_notice(each, row) for each in payments),
    ]


def _invoice(row: Charge, lines: Sequence[Line], me: dict[str, Any]) -> dict[str, Any]:
    sent, notes = getattr(row, "invoice", None), sorted(row.credit_notes.all(), key=lambda each: each.number)
    return {
        "resourceType": "Invoice",
        "id": str(row.pk),
        "identifier": [{"system": KID, "value": sent.kid}] if sent else [],
        "status": "issued" if row.status == Status.APPROVED else "cancelled",
        "cancelledReason": row.reason or "",
        "type": {"text": row.service},
        "subject": me,
        "recipient": me,
        "date": row.happened_at.isoformat(),
        "issuer": {"display": row.practice.name},
        "lineItem": [
            {
                "sequence": each.number,
                "chargeItemReference": {"reference": urn(each.pk)},
                "priceComponent": [_part(each)],
            }
            for each in lines
        ],
        "totalNet": _money(sum(each.ore for each in lines)),
        "paymentTerms": f"{kroner(sent.ore)}, {sent.due_date.isoformat()}" if sent else "",
        "note": [
            *([{"text": f"exemption: {row.exemption}"}] if row.exemption else []),
            *(
                {"text": f"credit note {each.number}: {kroner(each.ore)}", "time": each.at.isoformat()}
                for each in notes
            ),
        ],
    }


def _part(row: Line) -> dict[str, Any]:
    return {"type": "deduction" if row.corrects_id else "base", "amount": _money(row.ore)}


def _item(row: Line, charge: Charge, me: dict[str, Any]) -> dict[str, Any]:
    """A line that counters another is a part of it, and says why."""
    billed = "billed" if getattr(charge, "invoice", None) else "billable"
    return {
        "resourceType": "ChargeItem",
        "id": str(row.pk),
        "extension": [{"url": "urn:legedialog:charge:counted", "valueBoolean": row.is_counted}],
        "status": billed if charge.status == Status.APPROVED else "aborted",
        "partOf": [{"reference": urn(row.corrects_id)}] if row.corrects_id else [],
        "code": {"coding": [{"code": in_tariff(row.code, in_evening=row.in_evening) or row.code}], "text": row.what},
        "subject": me,
        "occurrenceDateTime": charge.happened_at.isoformat(),
        "performer": [{"actor": {"display": charge.clinician.name}}],
        "performingOrganization": {"display": charge.practice.name},
        "priceOverride": _money(row.ore),
        "overrideReason": row.reason or "",
        "enteredDate": row.at.isoformat(),
    }


def _notice(row: Payment, charge: Charge) -> dict[str, Any]:
    """An amount below nothing went back, or is taken off."""
    return {
        "resourceType": "PaymentNotice",
        "id": str(row.pk),
        "status": "active",
        "request": {"reference": urn(charge.pk)},
        "created": row.at.isoformat(),
        "payment": {"display": row.way},
        "paymentDate": local_day(row.at).isoformat(),
        "recipient": {"display": charge.practice.name},
        "amount": _money(row.ore),
        "paymentStatus": {"text": "paid" if row.ore > 0 else "taken off"},
    }


def _cards(actor: Actor, person_id: UUID, now: datetime) -> Sequence[ExemptionCard]:
    return list(policy.cards_visible_to(actor).filter(patient=person_id).order_by("year"))


def _card(row: ExemptionCard, me: dict[str, Any]) -> dict[str, Any]:
    return {
        "resourceType": "Basic",
        "id": str(row.pk),
        "code": {"text": "frikort"},
        "subject": me,
        "created": local_day(row.told_at).isoformat(),
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
    resources=_resources,
    order=74,
)
