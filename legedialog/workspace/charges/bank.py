"""What the bank told of: a payment file, and what did not fit."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST

from legedialog.access.web.bodies import takes
from legedialog.access.web.guards import staff_required
from legedialog.core.errors import Refused
from legedialog.fees import accounts, billing, charge_rules, texts
from legedialog.fees.ocr import LARGEST
from legedialog.ui import htmx
from legedialog.workspace import policy
from legedialog.workspace.charges.forms import (
    FileForm,
    SettleForm,
)
from legedialog.workspace.common import practice_of, to_office

ROLES = policy.PAGES["charges"]
FILE = LARGEST + 64 * 1024  # bytes


@takes(FILE)
@staff_required(*ROLES)
@require_http_methods(["GET", "POST"])
def bank(request: htmx.Request) -> HttpResponse:
    """Read a payment file, and see what did not fit."""
    actor, practice_id = request.actor, practice_of(request.actor)
    form = FileForm(request.POST if request.method == "POST" else None, request.FILES or None)
    if form.is_valid():
        text = form.cleaned_data["file"].read(LARGEST + 1).decode("latin-1")
        try:
            rows, again = billing.take_in(actor=actor, practice_id=practice_id, text=text, now=timezone.now())
        except Refused as refused:
            form.add_error("file", to_office(refused))
        else:
            words = ngettext("%(n)s ny betaling er lest inn.", "%(n)s nye betalinger er lest inn.", len(rows))
            messages.success(request, " ".join(filter(None, [words % {"n": len(rows)}, _read_before(again)])))
            return htmx.redirect(request, "workspace:charges-bank")
    loose = accounts.on_no_invoice(practice_id)
    context = {
        "form": form,
        "rows": [_row(row, sent) for row, sent in accounts.to_look_at(actor, practice_id)],
        "aside": [_row(row, sent) for row, sent in accounts.put_aside(actor, practice_id)],
        "loose": texts.kroner(loose) if loose else "",
        "place": "bank",
    }
    return htmx.page(request, "workspace/charges/bank.html", context, form=form)


def _row(row: Any, sent: Any) -> dict[str, Any]:
    can_take_up = charge_rules.can_take_up(
        row.finding, is_seen=row.seen_at is not None, is_placed=row.charge_id is not None
    )
    return {
        "row": row,
        "finding": row.get_finding_display(),
        "ore": texts.kroner(row.ore),
        "invoice": sent,
        "can_take_up": can_take_up,
    }


def _read_before(number: int) -> str:
    if not number:
        return ""
    words = ngettext("%(n)s betaling i filen er lest inn før.", "%(n)s betalinger i filen er lest inn før.", number)
    return words % {"n": number}


@staff_required(*ROLES)
@require_http_methods(["GET", "POST"])
def settle(request: htmx.Request, received_id: UUID) -> HttpResponse:
    """One payment that did not fit: put it on an invoice, or mark it as seen."""
    row = accounts.received(request.actor, received_id)
    form = SettleForm(request.POST if request.method == "POST" else None, is_placed=row.charge_id is not None)
    if form.is_valid():
        number, why = form.cleaned_data.get("number"), form.cleaned_data.get("why", "")
        try:
            billing.settle(
                actor=request.actor, received_id=received_id, invoice_number=number, why=why, now=timezone.now()
            )
        except Refused as refused:
            form.add_error("number" if number else None, to_office(refused))
        else:
            messages.success(request, _("Lagret."))
            return htmx.redirect(request, "workspace:charges-bank")
    context = {"form": form, **_row(row, None)}
    if row.charge_id:
        owed = accounts.one(request.actor, row.charge_id, timezone.now()).owed
        context |= {"charge_url": reverse("workspace:charge", args=[row.charge_id])}
        context |= {"over": texts.kroner(-owed) if owed < 0 else "", "left": texts.kroner(owed) if owed > 0 else ""}
    return htmx.page(request, "workspace/charges/settle.html", context, part="form", form=form)


@staff_required(*ROLES)
@require_POST
def take_up(request: htmx.Request, received_id: UUID) -> HttpResponse:
    """What was put aside is looked at again."""
    try:
        billing.take_up(actor=request.actor, received_id=received_id, now=timezone.now())
    except Refused as refused:
        messages.warning(request, to_office(refused))
        return htmx.redirect(request, "workspace:charges-bank")
    messages.success(request, _("Betalingen er tatt fram igjen."))
    return htmx.redirect(request, "workspace:charges-settle", received_id)
