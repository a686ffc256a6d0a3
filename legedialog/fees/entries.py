"""Lines of a charge: what stands, what counters it, and what the year's ceiling takes and gives back.

What is taken off after an invoice was sent gets a credit note: docs/adr/0216-what-is-taken-off-after-the-invoice.md.
"""

from collections import defaultdict
from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from django.db.models import Q, Sum

from legedialog.access.actor import Actor
from legedialog.core.times import local_day
from legedialog.fees import ceiling, queries, rules
from legedialog.fees.charge_rules import Main
from legedialog.fees.models import Charge, CreditNote, Invoice, Line, Terms
from legedialog.fees.rules import CODES, CONTACTS
from legedialog.patients.models import Person

OVER_CEILING = "Egenandelstaket er nådd"  # the words of a receipt, in bokmål as the record


def standing(charge: Charge) -> list[tuple[Line, int]]:
    """Each line that counter-entries have left something of, and what."""
    lines = list(charge.lines.order_by("number"))
    taken: dict[UUID | None, int] = defaultdict(int)
    for line in lines:
        taken[line.corrects_id] += line.ore
    left = [(line, line.ore + taken[line.pk]) for line in lines if line.corrects_id is None]
    return [(line, ore) for line, ore in left if ore > 0]


def counted(charge: Charge) -> int:
    return sum(left for line, left in standing(charge) if line.is_counted)


def contact(charge: Charge) -> Line | None:
    """The line for the contact itself that nobody has countered: also one that is free."""
    rows = charge.lines.filter(code__in=CONTACTS, corrects=None).order_by("number")
    taken = {line.pk for line in rows if line.corrections.aggregate(sum=Sum("ore"))["sum"] in (0, -line.ore)}
    return next((line for line in rows if line.pk not in taken), None)


def add(
    charge: Charge, main: Main, actor: Actor | None, now: datetime, what: str = "", *, by_ceiling: bool = False
) -> Line:
    line = Line(
        practice_id=charge.practice_id,
        charge=charge,
        number=charge.lines.count() + 1,
        code=main.code,
        what=what or CODES[main.code].what,
        ore=main.ore,
        is_counted=main.is_counted,
        in_evening=main.in_evening,
        top=main.top,
        by_ceiling=by_ceiling,
        by_employee_id=actor.employee_id if actor else None,
        at=now,
    )
    line.save(force_insert=True)
    return line


def counter(
    charge: Charge,
    taken: Iterable[tuple[Line, int]],
    actor: Actor,
    reason: str,
    now: datetime,
    *,
    by_ceiling: bool = False,
) -> list[Line]:
    """Take something off lines, all in one stroke. Whoever calls holds the charge."""
    pairs = list(taken)
    note = _credit_note(charge, sum(ore for _line, ore in pairs), now)
    made = []
    for number, (line, ore) in enumerate(pairs, start=charge.lines.count() + 1):
        row = Line(
            practice_id=charge.practice_id,
            charge=charge,
            number=number,
            code=line.code,
            what=line.what,
            ore=-ore,
            is_counted=line.is_counted,
            in_evening=line.in_evening,
            by_ceiling=by_ceiling,
            credit_note=note,
            corrects=line,
            reason=reason,
            by_employee_id=actor.employee_id,
            at=now,
        )
        row.save(force_insert=True)
        made.append(row)
    return made


def counter_all(charge: Charge, actor: Actor, reason: str, now: datetime) -> None:
    """So that the lines sum to nothing, and none of them is a claim: not those that cost nothing either."""
    left = {line.pk: ore for line, ore in standing(charge)}
    rows = charge.lines.filter(Q(ore=0) | Q(pk__in=left), corrects=None).exclude(corrections__ore=0).order_by("number")
    counter(charge, [(line, left.get(line.pk, 0)) for line in rows], actor, reason, now)


def _credit_note(charge: Charge, ore: int, now: datetime) -> CreditNote | None:
    """For what was sent as an invoice. Numbered under the office's lock, so that no number is left out."""
    if not ore or not Invoice.objects.filter(charge=charge).exists():
        return None
    terms = Terms.objects.select_for_update().get(pk=charge.practice_id)
    terms.credit_notes += 1
    terms.save(update_fields=["credit_notes"])
    made = CreditNote(practice_id=charge.practice_id, charge=charge, number=terms.credit_notes, ore=ore, at=now)
    made.save(force_insert=True)
    return made


# ---- the year's ceiling


def keep_below_ceiling(charge: Charge, actor: Actor, now: datetime) -> None:
    """One at a time for each patient, so that two approvals at once do not both fit."""
    _hold(charge)
    lines = [(line, left) for line, left in standing(charge) if line.is_counted]
    mine = sum(left for _line, left in lines)
    day = local_day(charge.happened_at)
    before = queries.counted_in(charge.patient_id, day) - mine
    most = queries.known(charge.practice_id, day).ceiling
    excess = ceiling.over_ceiling(counted=mine, before=before, ceiling=most)
    off = zip(lines, ceiling.spread(excess, [left for _line, left in lines]), strict=True)
    counter(charge, [(line, ore) for (line, _left), ore in off if ore], actor, OVER_CEILING, now, by_ceiling=True)


def room(charge: Charge) -> int:
    """How much more of counted co-payments the patient may be asked for in the charge's year."""
    day = local_day(charge.happened_at)
    most = queries.known(charge.practice_id, day).ceiling
    return 0 if most is None else max(0, most - queries.counted_in(charge.patient_id, day))


def ask_again(charge: Charge, actor: Actor, now: datetime) -> int:
    """What the ceiling took and there is room for now, never more than it took. How much."""
    _hold(charge)
    left = free = room(charge)
    for line, off in ceiling.taken(list(charge.lines.order_by("number"))):
        ore = min(off, left)
        if ore:
            add(charge, Main(line.code, ore, True, line.top, rules.Exemption.NONE, line.in_evening), actor, now,
                what=line.what, by_ceiling=True)  # fmt: skip
            left -= ore
    return free - left


def _hold(charge: Charge) -> None:
    Person.objects.select_for_update(no_key=True).only("pk").get(pk=charge.patient_id)
