"""Betaling: what she has paid and is to pay, why, and how far it is to the exemption card."""

from datetime import datetime
from typing import Any
from uuid import UUID

from django.http import HttpResponse
from django.utils import timezone
from django.views.decorators.http import require_GET, require_POST

from legedialog.consent.web import anything_required
from legedialog.core.errors import NotFound, Refused
from legedialog.core.times import local_day
from legedialog.fees import bills, holding, online, pdf, queries, texts, told
from legedialog.fees.bills import ChargeRow
from legedialog.fees.charge_rules import Direction, Status
from legedialog.outbox import services as outbox
from legedialog.patients import queries as patients
from legedialog.ui import htmx


@anything_required
@require_GET
def index(request: htmx.Request) -> HttpResponse:
    now, person_id = timezone.now(), _person(request)
    rows = bills.payments(request.actor, person_id, now)
    gp = patients.gp_of(person_id, local_day(now))
    card = queries.card(person_id, gp.practice.id if gp else None, now)
    context = {
        "unpaid": [_shown(row) for row in rows if row.owed > 0],
        "rest": [_shown(row) for row in rows if row.owed <= 0],
        "card": card,
        "is_asked": holding.is_asked(),
        "counted": texts.kroner(card.counted),
        "left": texts.kroner(card.left),
        "ceiling": texts.kroner(card.ceiling),
    }
    return htmx.page(request, "fees/citizen/index.html", context)


@anything_required
@require_GET
def show(request: htmx.Request, charge_id: UUID) -> HttpResponse:
    return _show(request, charge_id)


def _show(request: htmx.Request, charge_id: UUID, refused: str = "") -> HttpResponse:
    now = timezone.now()
    row = bills.payment(request.actor, charge_id, now)
    came = [each for each in row.transfers if each.direction == Direction.IN]
    context = {
        "each": _shown(row),
        **texts.told(row),
        "is_online": online.is_on(),
        "invoice_fee": _invoice_fee(row, now) if _waits(row) else "",
        "last": came[-1].stand if came else "",
        "refused": refused,
    }
    return htmx.page(request, "fees/citizen/show.html", context, part="pay", status=409 if refused else None)


@anything_required
@require_POST
def pay(request: htmx.Request, charge_id: UUID) -> HttpResponse:
    """To the provider's page, which leads back here."""
    mark = request.POST.get("mark", "")
    try:
        url = online.pay(actor=request.actor, charge_id=charge_id, mark=mark, now=timezone.now())
    except Refused as refused:
        return _show(request, charge_id, str(refused.message))
    return htmx.redirect(request, url)


@anything_required
@require_GET
def document(request: htmx.Request, charge_id: UUID) -> HttpResponse:
    """A receipt, or the invoice until it is paid."""
    now = timezone.now()
    row = bills.payment(request.actor, charge_id, now)
    return pdf.response(pdf.make(row, now), "betaling.pdf")


@anything_required
@require_GET
def credit_note(request: htmx.Request, credit_note_id: UUID) -> HttpResponse:
    now = timezone.now()
    row = bills.payment(request.actor, bills.credited(request.actor, credit_note_id), now)
    return pdf.response(pdf.credit_note(row, credit_note_id, now), "kreditnota.pdf")


def _waits(row: ChargeRow) -> bool:
    """An invoice may come."""
    return row.owed > 0 and row.invoice is None


def _invoice_fee(row: ChargeRow, now: datetime) -> str:
    """What waiting for the invoice costs, and from when. Nothing for who was not told that there is something to pay,
    and is not going to be: told.fee_of_invoice."""
    if row.notified_at is None or not outbox.may_be_told("charge.approved", row.id):
        return ""
    fee = queries.invoice_fee(row.practice_id, row.object_id, now)
    return texts.invoice_fee_from(fee, row.notified_at + told.PAYS_FIRST, now)


def _shown(row: ChargeRow) -> dict[str, Any]:
    word, color = texts.payment_status(row)
    what = texts.what(row.service, row.kind)
    return {
        "row": row,
        "what": what,
        "to_pay": f"{what}: {texts.kroner(row.owed)}",
        "cost": what if row.status == Status.WAIVED else f"{what}: {texts.total(row)}",
        "why": texts.why_free(row),
        "total": texts.total(row),
        "owed": texts.kroner(row.owed),
        "word": word,
        "color": color,
    }


def _person(request: htmx.Request) -> UUID:
    """Whose affairs these are."""
    if request.actor.acting_for_id is None:
        raise NotFound
    return request.actor.acting_for_id
