"""Whether what is told of an order or a prescription is still true, and the words. See journeys/telling.py."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import Exists, OuterRef
from django.utils.translation import gettext as _

from legedialog.core.contexts import Subject
from legedialog.outbox.rules import Reason, Skip, Told, Words
from legedialog.patients.representation import Restriction
from legedialog.prescriptions.models import Item, Prescription, Renewal
from legedialog.prescriptions.rules import DECIDED, OPEN
from legedialog.visibility.rules import Content


@dataclass(slots=True)
class Order:
    """What was asked for together: the states of its items, and whom their prescriptions are kept from."""

    sent_by_id: UUID | None
    states: list[str] = field(default_factory=list)
    restrictions: list[str] = field(default_factory=list)


def _orders(ids: Collection[UUID]) -> dict[UUID, Order]:
    found = {pk: Order(by) for pk, by in Renewal.objects.filter(pk__in=ids).values_list("pk", "sent_by_id")}
    items = Item.objects.filter(renewal__in=found)
    for renewal_id, status, restriction in items.values_list("renewal_id", "status", "prescription__restriction"):
        found[renewal_id].states.append(status)
        found[renewal_id].restrictions.append(restriction)
    return found


def _prescriptions(ids: Collection[UUID]) -> Mapping[UUID, Any]:
    orders = Item.objects.filter(prescription=OuterRef("pk"), status__in=OPEN)
    newer = Prescription.objects.filter(pk=OuterRef("pk"), renewals__isnull=False)
    rows = Prescription.objects.annotate(is_ordered=Exists(orders), is_renewed=Exists(newer))
    return rows.only("restriction", "withdrawn_at").in_bulk(ids)


def _mildest(row: Order) -> str:
    """An order that has anything that all may see, may be told of to all who may see that."""
    return min(row.restrictions, key=[Restriction.NORMAL, *Restriction].index)


ORDER = Subject(rows=_orders, content=Content.RENEWAL, restriction=_mildest, asked_by=lambda row: row.sent_by_id)
PRESCRIPTION = Subject(rows=_prescriptions, content=Content.PRESCRIPTION, restriction=lambda row: str(row.restriction))


def answered(row: Order, told: Told, now: datetime) -> Words | Skip:
    if not any(state in DECIDED for state in row.states):
        return Skip(Reason.CHANGED)
    return Words(_("Du har fått svar på en bestilling. Logg inn på Legedialog for å lese det."), office_tells=True)


def late(row: Order, told: Told, now: datetime) -> Words | Skip:
    if not any(state in OPEN for state in row.states):
        return Skip(Reason.CHANGED)
    return Words(_("Svaret på en bestilling drøyer. Logg inn på Legedialog for å se hva du kan gjøre."))


def lapsed(row: Order, told: Told, now: datetime) -> Words | Skip:
    text = _("En bestilling ble ikke besvart i tide. Logg inn på Legedialog for å se hva du kan gjøre.")
    return Words(text, office_tells=True)


def nudge(row: Any, told: Told, now: datetime) -> Words | Skip:
    """She has ordered meanwhile, or it has been renewed: then there is nothing to remind of."""
    if row.is_ordered or row.is_renewed or row.withdrawn_at:
        return Skip(Reason.CHANGED)
    return Words(_("Noe du så på, går snart ut. Logg inn på Legedialog hvis du vil bestille."))


def withdrawn(row: Any, told: Told, now: datetime) -> Words | Skip:
    text = _("Legen har endret noe hun eller han har skrevet ut til deg. Logg inn på Legedialog for å lese det.")
    return Words(text, office_tells=True)
