"""A receipt or an invoice as a PDF to keep or print. Layout: payment.typ. All words arrive as text, never markup."""

from datetime import datetime
from pathlib import Path
from typing import Any

from django.utils.translation import get_language
from django.utils.translation import gettext as _

from legedialog.fees import texts
from legedialog.fees.queries import ChargeRow, LineRow
from legedialog.ui import pdf
from legedialog.ui.dates import whole_date, whole_datetime

LAYOUT = Path(__file__).with_name("payment.typ")


def make(row: ChargeRow, now: datetime) -> bytes:
    return pdf.make(LAYOUT, document(row, now), now)


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
            [_("Kontonummer"), told["account"]],
            [_("KID"), invoice.kid],
        ]
    title = _("Faktura") if to_pay else _("Kvittering") if row.is_paid else _("Oversikt over betaling")
    return {
        "lang": get_language() or "nb",
        "title": title,
        "made": _("Laget %(time)s.") % {"time": whole_datetime(now)},
        "page": _("Side"),
        "facts": [[name, value] for name, value in facts if value],
        "what": _("Hva det gjelder"),
        "amount": _("Beløp"),
        "lines": [[_words(line, reason), ore] for line, ore, reason in told["lines"]],
        "total": [_("Sum"), texts.kroner(row.total)],
        "paid": [[f"{way} {whole_date(each.at)}", ore] for each, way, ore in told["payments"]],
        "paid_title": _("Betalt"),
        "rest": [_("Å betale"), texts.kroner(max(0, row.owed))],
        "to_pay_title": _("Slik betaler du"),
        "to_pay": to_pay,
    }


def _words(line: LineRow, reason: str) -> str:
    what = f"{line.what} ({line.tariff})" if line.tariff else line.what
    return f"{what}: {reason}" if reason else what
