"""An exemption that was wrong is ended: docs/adr/0210-an-exemption-can-be-ended.md."""

from datetime import datetime
from uuid import UUID

from django.db import transaction

from legedialog.access.actor import Actor
from legedialog.core.errors import Refused
from legedialog.core.sql import ask_for
from legedialog.core.times import local_day
from legedialog.fees import charge_rules, entries, holding, proposing, queries, rules
from legedialog.fees.charge_rules import Main, Status
from legedialog.fees.models import Charge, Line, Promise
from legedialog.fees.rules import Exemption, Why
from legedialog.fees.texts import EXEMPTED

ENDED = "Fritaket gjelder ikke"  # the words of a receipt, in bokmål as the record


@transaction.atomic
def end(
    *, actor: Actor, charge_id: UUID, approved: int | None = None, mark: str | None = None, now: datetime
) -> Charge:
    """What is counted is asked for after all: lines that stood at nothing are countered, and stand again with what they
    cost. Never above what was promised, unless it was free for this very reason.

    On a charge that the office has said yes to, somebody says yes to the sum too: `approved` is what the charge comes
    to without the exemption, as she saw. Raises NotFound, Denied, Refused "changed-since-seen", "exemption-holds" for
    age and the card, which say themselves, "sum-not-approved" with the `total` to say yes to.
    """
    charge = holding.opened(actor, charge_id, mark)
    needs_yes = charge.status != Status.PROPOSED
    if not rules.may_end(charge.exemption):
        raise Refused(charge_rules.EXEMPTION_HOLDS)
    before, day = holding.total(charge), local_day(charge.happened_at)
    (who,) = ask_for(queries.standing(charge.patient_id, charge.clinician_id, day))
    holds = rules.exemption(birth_date=who.birth_date, day=day, has_card=who.has_card)
    if holds == Exemption.NONE:
        rates = queries.known(charge.practice_id, day).rates
        for line in charge.lines.filter(corrects=None, is_counted=True).order_by("number"):
            _restore(charge, line, rates, actor, now)
    charge.exemption = holds.value
    if charge.status == Status.APPROVED:  # nobody has asked the register about what cost nothing
        charge_rules.check_move(charge.status, Status.CHECKING)
        charge.status, charge.by_employee_id = Status.CHECKING, actor.employee_id
    charge.save(update_fields=["exemption", "status", "by_employee"])
    holding.go_on(charge, actor, now)
    total = holding.total(charge)
    if needs_yes and approved != total:
        raise Refused(charge_rules.SUM_NOT_APPROVED, total=total, waits=charge.status == Status.CHECKING)
    holding.tell(charge, before, now)
    holding.happened(actor, charge, "charge.exemption-ended", now)
    return charge


def _restore(charge: Charge, line: Line, rates: dict[str, rules.Rate], actor: Actor, now: datetime) -> None:
    """What the exemption took off the line, once; nothing that was taken off it for another reason."""
    counters = [(each.reason, -each.ore) for each in line.corrections.all()]
    cost = sum(ore for reason, ore in counters if reason == EXEMPTED)
    if line.ore == 0 and not counters and line.code in rates:  # free from the first
        doctor = charge.clinician
        cost = rules.amount(rates[line.code], in_evening=line.in_evening, is_specialist=doctor.is_specialist)
    if not cost or any(reason == ENDED for reason, _ore in counters):
        return
    entries.counter(charge, [(line, 0)], actor, ENDED, now)
    top = _top(charge, line.code)
    again = Main(line.code, cost if top is None else min(cost, top), True, top, Exemption.NONE, line.in_evening)
    entries.add(charge, again, actor, now)


def _top(charge: Charge, code: str) -> int | None:
    told_free = Promise.objects.filter(object_id=charge.object_id, why=Why.EXEMPT.value).exists()
    return None if told_free else proposing.most_of(charge, code)
