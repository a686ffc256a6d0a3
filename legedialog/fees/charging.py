"""What an office decides of a charge: approved, waived, exempted, corrected by counter-entries."""

from datetime import datetime
from uuid import UUID

from django.db import transaction

from legedialog.access.actor import Actor
from legedialog.core.errors import Refused
from legedialog.core.times import local_day
from legedialog.fees import ceiling, charge_rules, entries, holding, proposing, queries, rules
from legedialog.fees.charge_rules import Main, Status
from legedialog.fees.models import Charge, Line, OwnPrice
from legedialog.fees.rules import CODES, CONTACTS, OWN, Exemption
from legedialog.fees.texts import EXEMPTED


@transaction.atomic
def approve(*, actor: Actor, charge_id: UUID, mark: str | None = None, now: datetime) -> Charge:
    """From now on she owes it; while the card register has not told of the day, from when it has (cards.py). What is
    over the ceiling of the year is countered at once: nobody pays past it.

    Raises NotFound, Denied, Refused "charge-changed", "changed-since-seen", "no-rate".
    """
    charge = holding.decided(actor, charge_id, Status.APPROVED, mark)
    if not charge.lines.exists():
        raise Refused(charge_rules.NO_RATE)
    charge.status, charge.status_at, charge.by_employee_id = Status.CHECKING, now, actor.employee_id
    charge.save(update_fields=["status", "status_at", "by_employee"])
    holding.happened(actor, charge, "charge.approved", now)
    holding.go_on(charge, actor, now)
    return charge


@transaction.atomic
def waive(*, actor: Actor, charge_id: UUID, reason: str, mark: str | None = None, now: datetime) -> Charge:
    """Nothing is asked for, and why. What was paid is hers to have back: `refund`."""
    charge = holding.decided(actor, charge_id, Status.WAIVED, mark)
    before = holding.total(charge)
    entries.counter_all(charge, actor, reason, now)
    holding.tell(charge, before, now)
    charge.status, charge.status_at, charge.by_employee_id = Status.WAIVED, now, actor.employee_id
    charge.reason = reason
    charge.save(update_fields=["status", "status_at", "by_employee", "reason"])
    holding.happened(actor, charge, "charge.waived", now)
    return charge


@transaction.atomic
def exempt(*, actor: Actor, charge_id: UUID, exemption: str, mark: str | None = None, now: datetime) -> Charge:
    """She does not pay what is counted, for a reason that only the office knows. What is never counted stays. Taken
    back by exempting.end."""
    charge = holding.opened(actor, charge_id, mark)
    found = rules.exemption(birth_date=charge.patient.birth_date, day=local_day(charge.happened_at), stated=exemption)
    if found == Exemption.NONE:
        raise Refused(charge_rules.NO_SUCH_EXEMPTION)
    free(charge, found, actor, now)
    holding.happened(actor, charge, "charge.exempted", now)
    return charge


def free(charge: Charge, why: Exemption, actor: Actor, now: datetime) -> None:
    """Counter what is counted. Whoever calls holds the charge."""
    taken = [(line, left) for line, left in entries.standing(charge) if line.is_counted]
    before = holding.total(charge)
    entries.counter(charge, taken, actor, EXEMPTED, now)
    charge.exemption = why.value
    charge.save(update_fields=["exemption"])
    holding.tell(charge, before, now)
    holding.go_on(charge, actor, now)


@transaction.atomic
def add_line(
    *,
    actor: Actor,
    charge_id: UUID,
    code: str,
    own_price_id: UUID | None = None,
    approved: int | None = None,
    mark: str | None = None,
    now: datetime,
) -> Line:
    """A sample, material, a certificate: by its code, or by the office's own price.

    On a charge that the office has said yes to, somebody says yes to the line too: `approved` is what the whole charge
    comes to with it, as she saw. Raises Refused "no-rate", "one-contact", "line-not-approved" with the `line` and the
    `total` to say yes to.
    """
    charge = holding.opened(actor, charge_id, mark)
    before = holding.total(charge)
    if code in CONTACTS and any(line.code in CONTACTS for line, _left in entries.standing(charge)):
        raise Refused(charge_rules.ONE_CONTACT)
    if own_price_id:
        own = OwnPrice.objects.filter(pk=own_price_id, practice=charge.practice_id).first()
        if own is None:
            raise Refused(charge_rules.NO_RATE)
        top = proposing.most_of(charge, OWN, own.name)
        cost = own.ore if top is None else min(own.ore, top)
        line = entries.add(charge, Main(OWN, cost, False, top, Exemption.NONE), actor, now, what=own.name)
    else:
        known = queries.known(charge.practice_id, local_day(charge.happened_at))
        if code not in {each.code for each in rules.typed_codes(known.rates, known.terms)}:
            raise Refused(charge_rules.NO_RATE)
        rate = known.rates[code]
        late = rules.is_evening(charge.happened_at)
        cost = rules.amount(rate, in_evening=late, is_specialist=charge.clinician.is_specialist)
        is_counted = CODES[code].is_counted
        free = is_counted and charge.exemption not in ("", Exemption.CEILING)
        top = proposing.most_of(charge, code)
        cost = 0 if free else cost if top is None else min(cost, top)
        line = entries.add(charge, Main(code, cost, is_counted, top, Exemption.NONE, late), actor, now)
    if charge.status == Status.APPROVED:
        entries.keep_below_ceiling(charge, actor, now)
    total = holding.total(charge)
    if charge.status != Status.PROPOSED and approved != total:
        raise Refused(charge_rules.NOT_APPROVED, line=line, total=total)
    holding.tell(charge, before, now)
    holding.happened(actor, charge, "charge.corrected", now)
    return line


@transaction.atomic
def correct(
    *, actor: Actor, charge_id: UUID, line_id: UUID, reason: str, mark: str | None = None, now: datetime
) -> Line:
    """Counter one line with the reason; what should stand there is another line. Raises Refused "already-corrected"."""
    charge = holding.opened(actor, charge_id, mark)
    found = next(((line, left) for line, left in entries.standing(charge) if line.pk == line_id), None)
    if found is None:
        raise Refused(charge_rules.ALREADY_CORRECTED)
    before = holding.total(charge)
    (made,) = entries.counter(charge, [found], actor, reason, now)
    holding.tell(charge, before, now)
    holding.go_on(charge, actor, now)
    holding.happened(actor, charge, "charge.corrected", now)
    return made


@transaction.atomic
def ask_again(*, actor: Actor, charge_id: UUID, mark: str | None = None, now: datetime) -> int:
    """What the year's ceiling took is asked for after all, because something that counted has been taken off since:
    as much as there is room for, and never more than it cost. Raises Refused "nothing-to-ask"."""
    charge = _taken_by_ceiling(actor, charge_id, mark)
    before = holding.total(charge)
    asked = entries.ask_again(charge, actor, now)
    if not asked:
        raise Refused(charge_rules.NOTHING_TO_ASK)
    holding.tell(charge, before, now)
    holding.happened(actor, charge, "charge.corrected", now)
    return asked


@transaction.atomic
def leave_free(*, actor: Actor, charge_id: UUID, mark: str | None = None, now: datetime) -> None:
    """What the ceiling took is not asked for, though there is room. Raises Refused "nothing-to-ask"."""
    charge = _taken_by_ceiling(actor, charge_id, mark)
    charge.is_left_free = True
    charge.save(update_fields=["is_left_free"])
    holding.happened(actor, charge, "charge.left-free", now)


def _taken_by_ceiling(actor: Actor, charge_id: UUID, mark: str | None) -> Charge:
    charge = holding.opened(actor, charge_id, mark)
    is_free = charge.exemption or charge.is_left_free
    if charge.status != Status.APPROVED or is_free or not ceiling.taken(list(charge.lines.order_by("number"))):
        raise Refused(charge_rules.NOTHING_TO_ASK)
    return charge


@transaction.atomic
def dispute(*, actor: Actor, charge_id: UUID, is_disputed: bool, mark: str | None = None, now: datetime) -> Charge:
    """The patient says that it is wrong: until the office has found out, it is neither sent nor reminded of."""
    charge = holding.opened(actor, charge_id, mark)
    if bool(charge.disputed_at) != is_disputed:
        charge.disputed_at = now if is_disputed else None
        charge.save(update_fields=["disputed_at"])
        holding.happened(actor, charge, "charge.disputed" if is_disputed else "charge.cleared", now)
    return charge
