"""Money that comes at the counter or goes back. Invoices: billing.py. On the web: online.py."""

from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.db.models import Sum

from legedialog.access.actor import Actor
from legedialog.core.errors import Refused
from legedialog.fees import charge_rules, holding, policy
from legedialog.fees.charge_rules import Direction, Stand, Status, Way
from legedialog.fees.models import Charge, Payment
from legedialog.outbox import services as outbox
from legedialog.pending import policy as pending

DONE_BY: dict[str, str] = {
    Way.REFUND: "charge.refunded",
    Way.UNDONE: "payment.undone",
    Way.BOUNCE: "payment.bounced",
}


@transaction.atomic
def pay(*, actor: Actor, charge_id: UUID, way: str, ore: int, key: UUID, now: datetime) -> Payment:
    """Paid at the counter. The same key twice is once. Raises Refused "not-owed", "no-amount", "more-than-owed" with
    what is left, or "written-already" when the same form had said something else."""
    charge = policy.find_charge(actor, charge_id, lock=True)
    policy.check_charges(actor, charge.practice_id)
    if paid := _written(charge, key, way, ore):
        return paid
    pending.check_nothing_waits(charge.pk)
    left = holding.owed(charge)
    if way not in {Way.CARD, Way.CASH} or left <= 0 or charge.status != Status.APPROVED:
        raise Refused(charge_rules.NOT_OWED)
    if ore <= 0:
        raise Refused(charge_rules.NO_AMOUNT)
    if ore > left:
        raise Refused(charge_rules.MORE_THAN_OWED, owed=left)
    return received(actor, charge, way=way, ore=ore, key=key, now=now)


def _written(charge: Charge, key: UUID, way: str, ore: int) -> Payment | None:
    """What the same form has written before. Raises Refused where it says something else now."""
    found = Payment.objects.filter(key=key, charge=charge).first()
    if found and (found.way, found.ore) != (way, ore):
        raise Refused(charge_rules.WRITTEN_ALREADY)
    return found


def received(actor: Actor, charge: Charge, *, way: str, ore: int, key: UUID, now: datetime) -> Payment:
    """Money is here, or gone; whoever calls holds the charge. Who gets money back is told."""
    paid = Payment(
        practice_id=charge.practice_id,
        charge=charge,
        key=key,
        way=way,
        ore=ore,
        at=now,
        by_employee_id=actor.employee_id,
    )
    paid.save(force_insert=True)
    holding.happened(actor, charge, "charge.paid" if ore > 0 else DONE_BY[way], now)
    if way == Way.REFUND:
        outbox.put(
            "charge.refunded",
            charge.pk,
            recipient_id=charge.patient_id,
            practice_id=charge.practice_id,
            sequence=charge.payments.count(),
            now=now,
        )
    return paid


@transaction.atomic
def refund(*, actor: Actor, charge_id: UUID, ore: int, key: UUID, now: datetime) -> Payment:
    """The office has paid money back, and she is told. Raises Refused "no-amount"; "not-that-much" when that much is
    not paid, or is on its way back to her card; "not-overpaid" when she would owe it again."""
    return _taken_off(actor, charge_id, Way.REFUND, ore, key, now)


@transaction.atomic
def undo_payment(*, actor: Actor, charge_id: UUID, ore: int, key: UUID, now: datetime) -> Payment:
    """A payment was registered by mistake: no money has moved, and it is owed again. Raises as `refund`."""
    return _taken_off(actor, charge_id, Way.UNDONE, ore, key, now)


def _taken_off(actor: Actor, charge_id: UUID, way: str, ore: int, key: UUID, now: datetime) -> Payment:
    charge = policy.find_charge(actor, charge_id, lock=True)
    policy.check_charges(actor, charge.practice_id)
    if done := _written(charge, key, way, -ore):
        return done
    pending.check_nothing_waits(charge.pk)
    begun = charge.transfers.filter(direction=Direction.BACK, stand=Stand.BEGUN)
    on_its_way = begun.aggregate(sum=Sum("ore", default=0))["sum"]
    if ore <= 0:
        raise Refused(charge_rules.NO_AMOUNT)
    if ore > holding.paid_of(charge) - on_its_way:
        raise Refused(charge_rules.NOT_THAT_MUCH)
    if way == Way.REFUND and ore > -holding.owed(charge) - on_its_way:
        raise Refused(charge_rules.NOT_OVERPAID)
    return received(actor, charge, way=way, ore=-ore, key=key, now=now)
