"""A charge that somebody holds: found and looked at anew, its sums, when it is owed, and who is told.

What proposing, charging, exempting, paying, billing and cards do to a charge, they do to one that is held here.
"""

from datetime import datetime
from uuid import UUID

from django.conf import settings
from django.db.models import Sum

from legedialog.access.actor import Actor
from legedialog.audit import services as audit
from legedialog.core import events, seen
from legedialog.core.errors import Refused
from legedialog.fees import bills, charge_rules, entries, policy, told
from legedialog.fees.charge_rules import Status
from legedialog.fees.models import Charge
from legedialog.outbox import services as outbox
from legedialog.pending import policy as pending


def found(actor: Actor, charge_id: UUID) -> Charge:
    """To do something with it. Raises NotFound, Denied, Refused when something of it waits already."""
    charge = policy.find_charge(actor, charge_id, lock=True)
    policy.check_charges(actor, charge.practice_id)
    pending.check_nothing_waits(charge.pk)
    return charge


def decided(actor: Actor, charge_id: UUID, status: str, mark: str | None) -> Charge:
    """To move it to `status`, as it was seen. Raises Refused "charge-changed", "changed-since-seen"."""
    charge = found(actor, charge_id)
    charge_rules.check_move(charge.status, status)
    seen.check(mark, *seen_of(charge))
    return charge


def opened(actor: Actor, charge_id: UUID, mark: str | None) -> Charge:
    """To change its lines, as they were seen. Raises Refused "charge-changed", "changed-since-seen"."""
    charge = found(actor, charge_id)
    if charge.status not in charge_rules.OPEN:
        raise Refused(charge_rules.CHARGE_CHANGED)
    seen.check(mark, *seen_of(charge))
    return charge


def happened(actor: Actor, charge: Charge, action: str, now: datetime) -> None:
    audit.record(actor, action, charge.pk, at=now, patient_id=charge.patient_id, practice_id=charge.practice_id)
    events.publish(f"charges:{charge.practice_id}", f"person:{charge.patient_id}")


# ---- sums


def total(charge: Charge) -> int:
    return int(charge.lines.aggregate(sum=Sum("ore", default=0))["sum"])


def paid_of(charge: Charge) -> int:
    return int(charge.payments.aggregate(sum=Sum("ore", default=0))["sum"])


def owed(charge: Charge) -> int:
    """Negative when she has paid more than it came to."""
    return total(charge) - paid_of(charge)


def seen_of(charge: Charge) -> tuple[object, ...]:
    return bills.seen_of(charge, charge.lines.order_by("number").values_list("pk", flat=True))


# ---- from yes to owed


def go_on(charge: Charge, actor: Actor, now: datetime) -> None:
    """What was approved is owed, unless it waits for the register. Whoever calls holds the charge."""
    waits = is_asked() and charge.told_at is None and entries.counted(charge)
    if charge.status != Status.CHECKING or (waits and charge.patient.local_to_id is None):  # as cards.due
        return
    charge.status, charge.status_at = Status.APPROVED, now
    charge.save(update_fields=["status", "status_at"])
    entries.keep_below_ceiling(charge, actor, now)
    tell(charge, total(charge), now)
    events.publish(f"charges:{charge.practice_id}", f"person:{charge.patient_id}")


def is_asked() -> bool:
    """Whether this installation asks the card register."""
    return bool(settings.CARD_REGISTER["url"])


def tell(charge: Charge, before: int, now: datetime) -> None:
    """The patient, when there is something to pay, and each time that it is another amount than she was told of. A
    while after: so who pays at the counter is not told, and several changes are one notice."""
    due, event = now + told.TELLS_AFTER, ""
    if charge.notified_at is None and charge.status == Status.APPROVED and owed(charge) > 0:
        charge.notified_at = due
        charge.save(update_fields=["notified_at"])
        event = "charge.approved"
    elif charge.notified_at and charge.notified_at <= now and total(charge) != before:
        event = "" if outbox.is_waiting("charge.changed", charge.pk) else "charge.changed"
    if event:
        outbox.put(
            event,
            charge.pk,
            recipient_id=charge.patient_id,
            practice_id=charge.practice_id,
            sequence=charge.lines.count(),
            now=now,
            due_at=due,
        )
