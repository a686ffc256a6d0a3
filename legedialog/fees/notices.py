"""Whether what is told of a bill is still true, and the words. See journeys/telling.py."""

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from django.utils.translation import gettext as _

from legedialog.core.contexts import Subject
from legedialog.fees import charging
from legedialog.fees.models import Charge
from legedialog.outbox.rules import Reason, Skip, Told, Words
from legedialog.visibility.rules import OWN, Content


def _charges(ids: Collection[UUID]) -> Mapping[UUID, Any]:
    return Charge.objects.select_related("invoice").in_bulk(ids)


def area(row: Charge) -> str:
    """What one must be allowed to see of hers to be told."""
    return str(OWN[Content(row.content)].proxy or "")


CHARGE = Subject(rows=_charges, restriction=lambda row: str(row.restriction), asked_by=lambda row: row.by_person_id)


def invoiced(row: Charge, told: Told, now: datetime) -> Words | Skip:
    if row.status != "approved" or charging.owed(row) <= 0:
        return Skip(Reason.CHANGED)
    return Words(_("Du har fått en faktura. Logg inn på Legedialog for å se den og betale."), office_tells=True)


def reminded(row: Charge, told: Told, now: datetime) -> Words | Skip:
    if row.status != "approved" or charging.owed(row) <= 0:
        return Skip(Reason.CHANGED)
    return Words(_("En faktura er ikke betalt. Logg inn på Legedialog for å se den."), office_tells=True)
