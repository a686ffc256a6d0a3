"""Whether what is told of a bill is still true, and the words. See journeys/telling.py."""

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import Exists, OuterRef
from django.utils.translation import gettext as _

from legedialog.core.contexts import Subject
from legedialog.fees import bills
from legedialog.fees.models import Charge, Invoice
from legedialog.outbox.rules import Reason, Skip, Told, Words
from legedialog.visibility.rules import OWN, Content


def _charges(ids: Collection[UUID]) -> Mapping[UUID, Any]:
    """With whether there is anything to pay, and whether an invoice of it was sent."""
    owing = bills.owing(Charge.objects.filter(pk=OuterRef("pk")))
    sent = Invoice.objects.filter(charge=OuterRef("pk"))
    return Charge.objects.annotate(is_owing=Exists(owing), is_sent=Exists(sent)).in_bulk(ids)


def area(row: Charge) -> str:
    """What one must be allowed to see of hers to be told."""
    return str(OWN[Content(row.content)].proxy or "")


CHARGE = Subject(rows=_charges, restriction=lambda row: str(row.restriction), asked_by=lambda row: row.by_person_id)


def approved(row: Any, told: Told, now: datetime) -> Words | Skip:
    """What the invoice tells of, or what she has paid at the counter, is not told."""
    if not row.is_owing or row.is_sent:
        return Skip(Reason.CHANGED)
    return Words(_("Du har noe å betale til legekontoret. Logg inn på Legedialog for å se det og betale."))


def changed(row: Any, told: Told, now: datetime) -> Words | Skip:
    return Words(_("Det du skal betale til legekontoret, er endret. Logg inn på Legedialog for å se det."))


def invoiced(row: Any, told: Told, now: datetime) -> Words | Skip:
    if not row.is_owing:
        return Skip(Reason.CHANGED)
    return Words(_("Du har fått en faktura. Logg inn på Legedialog for å se den og betale."), office_tells=True)


def reminded(row: Any, told: Told, now: datetime) -> Words | Skip:
    if not row.is_owing:
        return Skip(Reason.CHANGED)
    return Words(_("En faktura er ikke betalt. Logg inn på Legedialog for å se den."), office_tells=True)


def refunded(row: Any, told: Told, now: datetime) -> Words | Skip:
    text = _("Legekontoret har betalt penger tilbake til deg. Logg inn på Legedialog for å se det.")
    return Words(text, office_tells=True)
