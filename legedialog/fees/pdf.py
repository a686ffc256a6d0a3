"""A receipt, an invoice or a credit note as a PDF. Layout: payment.typ. All words arrive as text, never markup."""

from datetime import datetime
from pathlib import Path
from typing import Any
from uuid import UUID

from django.http import HttpResponse
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from legedialog.core.errors import NotFound
from legedialog.fees import texts
from legedialog.fees.bills import ChargeRow, LineRow
from legedialog.ui import pdf
from legedialog.ui.dates import whole_date, whole_datetime

LAYOUT = Path(__file__).with_name("payment.typ")


def make(row: ChargeRow, now: datetime) -> bytes:
    return pdf.make(LAYOUT, document(row, now), now)


def credit_note(row: ChargeRow, credit_note_id: UUID, now: datetime) -> bytes:
    """What was taken off the invoice, under its own number. Raises NotFound for another charge's."""
    return pdf.make(LAYOUT, credited(row, credit_note_id, now), now)


def response(made: bytes, name: str) -> HttpResponse:
    """To keep. The file's name says nothing of what it is for."""
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return HttpResponse(made, content_type="application/pdf", headers=headers)


def credited(row: ChargeRow, credit_note_id: UUID, now: datetime) -> dict[str, Any]:
    """What payment.typ draws."""
    note = next((each for each in row.credit_notes if each.pk == credit_note_id), None)
    if note is None or row.invoice is None:
        raise NotFound
    whole = document(row, now)
    lines = [each for each in texts.told(row)["lines"] if each[0].credit_note_id == note.pk]
    invoice = row.invoice
    facts = [
        [_("Kreditnotanummer"), str(note.number)],
        [_("Dato"), whole_date(note.at)],
        [_("Gjelder faktura"), _("%(number)s fra %(date)s, KID %(kid)s") % {
            "number": invoice.number, "date": whole_date(invoice.sent_at), "kid": invoice.kid}],
    ]  # fmt: skip
    return whole | {
        "title": _("Kreditnota"),
        "facts": [*facts, *whole["facts"]],
        "lines": [[_words(line, reason), ore] for line, ore, reason in lines],
        "total": [_("Sum"), texts.kroner(-note.ore)],
        "paid": [],
        "rest": [_("Igjen å betale av fakturaen"), texts.kroner(max(0, row.owed))],
        "to_pay": [],
    }


def document(row: ChargeRow, now: datetime) -> dict[str, Any]:
    """What payment.typ draws."""
    told = texts.told(row)
    facts = [
        (_("Legekontor"), row.practice_name),
        (_("Adresse"), row.practice_address),
        (_("Organisasjonsnummer"), row.organisation_number),
        (_("Pasient"), row.patient_name),
        (_("Hva"), texts.what(row.service, row.kind)),
        (_("Når"), whole_datetime(row.happened_at)),
        (_("Lege"), row.clinician_name),
        (_("Fritak"), told["exemption"]),
    ]
    invoice, to_pay = row.invoice, []
    if invoice and row.owed > 0:
        to_pay = [
            [_("Fakturanummer"), str(invoice.number)],
            [_("Fakturadato"), whole_date(invoice.sent_at)],
            [_("Beløp"), texts.kroner(row.owed)],
            [_("Forfall"), whole_date(invoice.due_date)],
            *([[_("Ny frist etter påminnelsen"), whole_date(row.late_date)]] if row.late_date else []),
            [_("Kontonummer"), told["account"]],
            [_("KID"), invoice.kid],
        ]
    title = _("Faktura") if to_pay else _("Kvittering") if row.has_receipt else _("Oversikt over betaling")
    return {
        "lang": get_language() or "nb",
        "title": title,
        "made": _("Laget %(time)s.") % {"time": whole_datetime(now)},
        "page": _("Side"),
        "facts": [[name, value] for name, value in facts if value],
        "what": _("Hva det gjelder"),
        "amount": _("Beløp"),
        "lines": [[_words(line, reason), ore] for line, ore, reason in told["lines"]],
        "total": [_("Sum"), texts.total(row)],
        "paid": [[f"{way} {whole_date(each.at)}", ore] for each, way, ore in told["payments"]],
        "paid_title": _("Betalt"),
        "rest": [_("Å betale"), texts.kroner(max(0, row.owed))],
        "to_pay_title": _("Slik betaler du"),
        "to_pay": to_pay,
    }


def _words(line: LineRow, reason: str) -> str:
    what = f"{line.what} ({line.tariff})" if line.tariff else line.what
    return f"{what}: {reason}" if reason else what
