"""What an office asks to be paid: proposed when something is done, approved there, corrected by counter-entries.

How another context proposes: inside the transaction in which the visit or the e-consultation is completed,

    fees.complete(actor=…, object_id=appointment.pk, patient_id=…, practice_id=…, service=appointment.channel,
                  clinician_id=…, at=appointment.starts_at, now=now)

The object names the charge, so proposing twice makes one. An office that has never confirmed a table charges nothing;
where none of those it has confirmed tells of the day, the charge stands without an amount until one does.
"""

from collections.abc import Collection
from datetime import datetime
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.db.models import Sum

from legedialog.access.actor import Actor
from legedialog.audit import services as audit
from legedialog.core import events, fence, seen
from legedialog.core.errors import Refused
from legedialog.core.sql import Asked, ask_all, ask_for
from legedialog.core.times import local_day
from legedialog.fees import ceiling, entries, policy, queries, rules, told
from legedialog.fees.models import Charge, Confirmation, Line, OwnPrice, Payment, Promise
from legedialog.fees.rules import CODES, CONTACTS, Direction, Exemption, Kind, Main, Stand, Status, Way
from legedialog.fees.texts import EXEMPTED
from legedialog.outbox import services as outbox
from legedialog.patients.representation import Restriction
from legedialog.pending import policy as pending

OWN = "own"  # the code of a line with the office's own price
TAKEN_BACK = "Tatt tilbake"  # the words of a receipt, in bokmål as the record
REPLACED = "Byttet ut med en annen takst"
DONE_BY: dict[str, str] = {
    Way.REFUND: "charge.refunded",
    Way.UNDONE: "payment.undone",
    Way.BOUNCE: "payment.bounced",
}


@transaction.atomic
def complete(
    *,
    actor: Actor,
    object_id: UUID,
    patient_id: UUID,
    practice_id: UUID,
    service: str,
    clinician_id: UUID,
    at: datetime,
    kind: str = Kind.SERVICE,
    restriction: str = Restriction.NORMAL.value,
    stated: str = "",
    code: str = "",
    approves: bool = False,
    now: datetime,
) -> None:
    """Propose a charge for what is done, or for who did not come (`kind`). `at` is the visit, or the answer.

    `stated`: the exemption of such visits; `code`: another than the service's own, of rules.ANSWERS. What was withdrawn
    is proposed anew; what somebody has decided on is left alone. With `approves` somebody at the office says yes in the
    same stroke, to what she chose also when something else was proposed before; where no table tells what it costs it
    is left to be looked at. Raises Refused "charge-decided" when the yes was given before, or never, to something else.
    """
    # The one who cancels too late is the patient; the proposal is the office's, so it is made in nobody's name.
    with fence.system("a proposal belongs to the office, whoever brings it about"):
        main = _propose(
            *(actor, object_id, patient_id, practice_id, service),
            *(clinician_id, at, kind, restriction),
            stated=stated,
            code=code if code in rules.ANSWERS else "",
            now=now,
        )
    if approves and main:
        _approve_as(actor, object_id, main, at, now)


def _approve_as(actor: Actor, object_id: UUID, main: Main, at: datetime, now: datetime) -> None:
    """Say yes to `main`, also where something else was proposed when it was closed before."""
    first = entries.contact(charge := Charge.objects.select_for_update().get(object_id=object_id))
    if charge.status == Status.PROPOSED:
        if first is None or (first.code, first.ore, first.in_evening) != (main.code, main.ore, main.in_evening):
            if first:
                entries.counter(charge, [(first, dict(entries.standing(charge)).get(first, 0))], actor, REPLACED, now)
            entries.add(charge, main, actor, now)
            charge.happened_at, charge.exemption = at, main.exemption.value
            charge.save(update_fields=["happened_at", "exemption"])
        approve(actor=actor, charge_id=charge.pk, now=now)
    elif charge.status == Status.WAIVED or first is None or first.code != main.code:
        raise Refused(rules.DECIDED)


def _propose(
    actor: Actor,
    object_id: UUID,
    patient_id: UUID,
    practice_id: UUID,
    service: str,
    clinician_id: UUID,
    at: datetime,
    kind: str,
    restriction: str,
    *,
    stated: str,
    code: str,
    now: datetime,
) -> Main | None:
    """What it costs now, whether that was proposed or something stood before. None: nothing, or not known."""
    day = local_day(at)
    standing, rates, terms = ask_all(
        queries.standing(patient_id, clinician_id, day),
        Asked(queries.RATES, {"practice": practice_id, "day": day}),
        Asked(queries.TERMS, {"practice": practice_id}),
    )
    decided = terms[0] if terms else rules.Terms()
    if kind == Kind.MISSED and not decided.charges_missed:
        return None
    if not rates and not Confirmation.objects.filter(practice=practice_id).exists():
        return None
    promise = Promise.objects.filter(object_id=object_id).first()
    known = queries.Known({rate.code: rate for rate in rates}, decided)
    # Who was told that it is free is asked for nothing; of others the ceiling takes its part on approval: entries.py.
    left = known.left(standing[0].counted) if _most(promise, kind) == 0 else None
    main = rules.main_line(
        kind=kind,
        service=service,
        rates=known.rates,
        terms=decided,
        is_specialist=bool(standing[0].is_specialist),
        birth_date=standing[0].birth_date,
        at=at,
        promised=_most(promise, kind),
        has_card=standing[0].has_card,
        left=left,
        stated=stated,
        code=code,
    )
    Charge.objects.bulk_create(
        [
            Charge(
                practice_id=practice_id,
                patient_id=patient_id,
                by_person_id=promise.by_person_id if promise else None,
                clinician_id=clinician_id,
                object_id=object_id,
                content=rules.CONTENT_OF[service],
                restriction=restriction,
                service=service,
                kind=kind,
                happened_at=at,
                exemption="",
                status=Status.WITHDRAWN,
                status_at=now,
            )
        ],
        ignore_conflicts=True,
    )
    charge = Charge.objects.select_for_update().get(object_id=object_id)
    if charge.status != Status.WITHDRAWN:
        return main
    charge.status, charge.status_at, charge.kind, charge.service = Status.PROPOSED, now, kind, service
    charge.happened_at, charge.restriction = at, restriction
    free = rules.exemption(
        birth_date=standing[0].birth_date, day=day, has_card=standing[0].has_card, stated=stated, left=left
    )  # until a table tells what it costs: price_what_was_not_known
    charge.exemption = main.exemption.value if main else "" if kind == Kind.MISSED else free.value
    charge.asked_at = charge.told_at = None
    fields = ["status", "status_at", "kind", "service", "happened_at", "restriction", "exemption"]
    charge.save(update_fields=[*fields, "asked_at", "told_at"])
    if main:
        entries.add(charge, main, None, now)
    audit.record(actor, "charge.proposed", charge.pk, at=now, patient_id=patient_id, practice_id=practice_id)
    events.publish(f"charges:{practice_id}")
    return main


def price_what_was_not_known(practice_id: UUID, now: datetime) -> int:
    """A table that was confirmed tells what some proposals cost that stood without an amount. How many."""
    rows = Charge.objects.filter(practice=practice_id, status=Status.PROPOSED, lines=None)
    done = 0
    for charge in rows.select_for_update(of=("self",)).order_by("pk"):
        day = local_day(charge.happened_at)
        known = queries.known(practice_id, day)
        (standing,) = ask_for(queries.standing(charge.patient_id, charge.clinician_id, day))
        promise = Promise.objects.filter(object_id=charge.object_id).first()
        main = rules.main_line(
            kind=charge.kind,
            service=charge.service,
            rates=known.rates,
            terms=known.terms,
            is_specialist=bool(standing.is_specialist),
            birth_date=standing.birth_date,
            at=charge.happened_at,
            promised=_most(promise, charge.kind),
            has_card=standing.has_card,
            stated=charge.exemption,
        )
        if main is None:
            continue
        charge.exemption = main.exemption.value
        charge.save(update_fields=["exemption"])
        entries.add(charge, main, None, now)
        done += 1
    return done


def _most(promise: Promise | None, kind: str) -> int | None:
    """What was shown that it would cost at most; None when nothing was, or it was not known."""
    return None if promise is None else promise.missed if kind == Kind.MISSED else promise.high


def charged(object_ids: Collection[UUID]) -> set[UUID]:
    """Those of them that have a charge."""
    return set(Charge.objects.filter(object_id__in=object_ids).values_list("object_id", flat=True))


@transaction.atomic
def withdraw(*, actor: Actor, object_id: UUID, now: datetime) -> None:
    """The visit was not completed after all. What was waived stays so.

    Raises Refused "charge-stands" when somebody has approved it: that is theirs to waive first.
    """
    charge = Charge.objects.select_for_update().filter(object_id=object_id, status__in=rules.OPEN).first()
    if charge is None:
        return
    if charge.status != Status.PROPOSED:
        raise Refused(rules.STANDS)
    entries.counter_all(charge, actor, TAKEN_BACK, now)
    charge.status, charge.status_at = Status.WITHDRAWN, now
    charge.save(update_fields=["status", "status_at"])
    _happened(actor, charge, "charge.withdrawn", now)


# ---- what the office decides


@transaction.atomic
def approve(*, actor: Actor, charge_id: UUID, mark: str | None = None, now: datetime) -> Charge:
    """From now on she owes it; while the card register has not told of the day, from when it has (cards.py). What is
    over the ceiling of the year is countered at once: nobody pays past it.

    Raises NotFound, Denied, Refused "charge-changed", "changed-since-seen", "no-rate".
    """
    charge = _decided(actor, charge_id, Status.APPROVED, mark)
    if not charge.lines.exists():
        raise Refused(rules.NO_RATE)
    charge.status, charge.status_at, charge.by_employee_id = Status.CHECKING, now, actor.employee_id
    charge.save(update_fields=["status", "status_at", "by_employee"])
    _happened(actor, charge, "charge.approved", now)
    go_on(charge, actor, now)
    return charge


def go_on(charge: Charge, actor: Actor, now: datetime) -> None:
    """What was approved is owed, unless it waits for the register. Whoever calls holds the charge."""
    if charge.status != Status.CHECKING or (is_asked() and charge.told_at is None and entries.counted(charge)):
        return
    charge.status, charge.status_at = Status.APPROVED, now
    charge.save(update_fields=["status", "status_at"])
    entries.keep_below_ceiling(charge, actor, now)
    _tell(charge, total(charge), now)
    events.publish(f"charges:{charge.practice_id}", f"person:{charge.patient_id}")


def _tell(charge: Charge, before: int, now: datetime) -> None:
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


def is_asked() -> bool:
    """Whether this installation asks the card register."""
    return bool(settings.CARD_REGISTER["url"])


@transaction.atomic
def waive(*, actor: Actor, charge_id: UUID, reason: str, mark: str | None = None, now: datetime) -> Charge:
    """Nothing is asked for, and why. What was paid is hers to have back: `refund`."""
    charge = _decided(actor, charge_id, Status.WAIVED, mark)
    before = total(charge)
    entries.counter_all(charge, actor, reason, now)
    _tell(charge, before, now)
    charge.status, charge.status_at, charge.by_employee_id = Status.WAIVED, now, actor.employee_id
    charge.reason = reason
    charge.save(update_fields=["status", "status_at", "by_employee", "reason"])
    _happened(actor, charge, "charge.waived", now)
    return charge


@transaction.atomic
def exempt(*, actor: Actor, charge_id: UUID, exemption: str, mark: str | None = None, now: datetime) -> Charge:
    """She does not pay what is counted, for a reason that only the office knows. What is never counted stays. Taken
    back by exempting.end."""
    charge = _open(actor, charge_id, mark)
    found = rules.exemption(birth_date=charge.patient.birth_date, day=local_day(charge.happened_at), stated=exemption)
    if found == Exemption.NONE:
        raise Refused(rules.NO_SUCH_EXEMPTION)
    free(charge, found, actor, now)
    _happened(actor, charge, "charge.exempted", now)
    return charge


def free(charge: Charge, why: Exemption, actor: Actor, now: datetime) -> None:
    """Counter what is counted. Whoever calls holds the charge."""
    taken = [(line, left) for line, left in entries.standing(charge) if line.is_counted]
    before = total(charge)
    entries.counter(charge, taken, actor, EXEMPTED, now)
    charge.exemption = why.value
    charge.save(update_fields=["exemption"])
    _tell(charge, before, now)
    go_on(charge, actor, now)


@transaction.atomic
def add_line(
    *,
    actor: Actor,
    charge_id: UUID,
    code: str,
    own_price_id: UUID | None = None,
    mark: str | None = None,
    now: datetime,
) -> Line:
    """A sample, material, a certificate: by its code, or by the office's own price.

    Raises Refused "no-rate", "one-contact".
    """
    charge = _open(actor, charge_id, mark)
    before = total(charge)
    if code in CONTACTS and any(line.code in CONTACTS for line, _left in entries.standing(charge)):
        raise Refused(rules.ONE_CONTACT)
    if own_price_id:
        own = OwnPrice.objects.filter(pk=own_price_id, practice=charge.practice_id).first()
        if own is None:
            raise Refused(rules.NO_RATE)
        line = entries.add(charge, Main(OWN, own.ore, False, None, Exemption.NONE), actor, now, what=own.name)
    else:
        known = queries.known(charge.practice_id, local_day(charge.happened_at))
        rate = known.rates.get(code)
        if rate is None or code not in CODES or not CODES[code].is_typed:
            raise Refused(rules.NO_RATE)
        late = rules.is_evening(charge.happened_at)
        cost = rules.amount(rate, in_evening=late, is_specialist=charge.clinician.is_specialist)
        is_counted = CODES[code].is_counted
        free = is_counted and charge.exemption not in ("", Exemption.CEILING)
        promise = Promise.objects.filter(object_id=charge.object_id).first() if code in CONTACTS else None
        top = _most(promise, charge.kind)
        cost = 0 if free else cost if top is None else min(cost, top)
        line = entries.add(charge, Main(code, cost, is_counted, top, Exemption.NONE, late), actor, now)
    if charge.status == Status.APPROVED:
        entries.keep_below_ceiling(charge, actor, now)
    _tell(charge, before, now)
    _happened(actor, charge, "charge.corrected", now)
    return line


@transaction.atomic
def correct(
    *, actor: Actor, charge_id: UUID, line_id: UUID, reason: str, mark: str | None = None, now: datetime
) -> Line:
    """Counter one line with the reason; what should stand there is another line. Raises Refused "already-corrected"."""
    charge = _open(actor, charge_id, mark)
    found = next(((line, left) for line, left in entries.standing(charge) if line.pk == line_id), None)
    if found is None:
        raise Refused(rules.ALREADY_CORRECTED)
    before = total(charge)
    (made,) = entries.counter(charge, [found], actor, reason, now)
    _tell(charge, before, now)
    go_on(charge, actor, now)
    _happened(actor, charge, "charge.corrected", now)
    return made


@transaction.atomic
def ask_again(*, actor: Actor, charge_id: UUID, mark: str | None = None, now: datetime) -> int:
    """What the year's ceiling took is asked for after all, because something that counted has been taken off since:
    as much as there is room for, and never more than it cost. Raises Refused "nothing-to-ask"."""
    charge = _taken_by_ceiling(actor, charge_id, mark)
    before = total(charge)
    asked = entries.ask_again(charge, actor, now)
    if not asked:
        raise Refused(rules.NOTHING_TO_ASK)
    _tell(charge, before, now)
    _happened(actor, charge, "charge.corrected", now)
    return asked


@transaction.atomic
def leave_free(*, actor: Actor, charge_id: UUID, mark: str | None = None, now: datetime) -> None:
    """What the ceiling took is not asked for, though there is room. Raises Refused "nothing-to-ask"."""
    charge = _taken_by_ceiling(actor, charge_id, mark)
    charge.is_left_free = True
    charge.save(update_fields=["is_left_free"])
    _happened(actor, charge, "charge.left-free", now)


def _taken_by_ceiling(actor: Actor, charge_id: UUID, mark: str | None) -> Charge:
    charge = _open(actor, charge_id, mark)
    is_free = charge.exemption or charge.is_left_free
    if charge.status != Status.APPROVED or is_free or not ceiling.taken(list(charge.lines.order_by("number"))):
        raise Refused(rules.NOTHING_TO_ASK)
    return charge


@transaction.atomic
def dispute(*, actor: Actor, charge_id: UUID, is_disputed: bool, mark: str | None = None, now: datetime) -> Charge:
    """The patient says that it is wrong: until the office has found out, it is neither sent nor reminded of."""
    charge = _open(actor, charge_id, mark)
    if bool(charge.disputed_at) != is_disputed:
        charge.disputed_at = now if is_disputed else None
        charge.save(update_fields=["disputed_at"])
        _happened(actor, charge, "charge.disputed" if is_disputed else "charge.cleared", now)
    return charge


@transaction.atomic
def pay(*, actor: Actor, charge_id: UUID, way: str, ore: int, key: UUID, now: datetime) -> Payment:
    """Paid at the counter. The same key twice is once. Raises Refused "not-owed", or
    "more-than-owed" with what is left."""
    charge = policy.find_charge(actor, charge_id, lock=True)
    policy.check_charges(actor, charge.practice_id)
    paid = Payment.objects.filter(key=key, charge=charge).first()
    if paid:
        return paid
    pending.check_nothing_waits(charge.pk)
    left = owed(charge)
    if way not in {Way.CARD, Way.CASH} or left <= 0 or charge.status != Status.APPROVED:
        raise Refused(rules.NOT_OWED)
    if not 0 < ore <= left:
        raise Refused(rules.MORE_THAN_OWED, owed=left)
    return received(actor, charge, way=way, ore=ore, key=key, now=now)


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
    _happened(actor, charge, "charge.paid" if ore > 0 else DONE_BY[way], now)
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
    """The office has paid money back, and she is told. Raises Refused "not-that-much" when that much is not paid, or is
    on its way back to her card; "not-overpaid" when she would owe it again."""
    return _taken_off(actor, charge_id, Way.REFUND, ore, key, now)


@transaction.atomic
def undo_payment(*, actor: Actor, charge_id: UUID, ore: int, key: UUID, now: datetime) -> Payment:
    """A payment was registered by mistake: no money has moved, and it is owed again. Raises as `refund`."""
    return _taken_off(actor, charge_id, Way.UNDONE, ore, key, now)


def _taken_off(actor: Actor, charge_id: UUID, way: str, ore: int, key: UUID, now: datetime) -> Payment:
    charge = policy.find_charge(actor, charge_id, lock=True)
    policy.check_charges(actor, charge.practice_id)
    done = Payment.objects.filter(key=key, charge=charge).first()
    if done:
        return done
    pending.check_nothing_waits(charge.pk)
    begun = charge.transfers.filter(direction=Direction.BACK, stand=Stand.BEGUN)
    on_its_way = begun.aggregate(sum=Sum("ore", default=0))["sum"]
    if not 0 < ore <= paid_of(charge) - on_its_way:
        raise Refused(rules.NOT_THAT_MUCH)
    if way == Way.REFUND and ore > -owed(charge) - on_its_way:
        raise Refused(rules.NOT_OVERPAID)
    return received(actor, charge, way=way, ore=-ore, key=key, now=now)


# ---- sums


def total(charge: Charge) -> int:
    return int(charge.lines.aggregate(sum=Sum("ore", default=0))["sum"])


def paid_of(charge: Charge) -> int:
    return int(charge.payments.aggregate(sum=Sum("ore", default=0))["sum"])


def owed(charge: Charge) -> int:
    """Negative when she has paid more than it came to."""
    return total(charge) - paid_of(charge)


def seen_of(charge: Charge) -> tuple[object, ...]:
    lines = charge.lines.order_by("number").values_list("pk", flat=True)
    marks = charge.disputed_at is not None, charge.is_left_free
    return charge.status, charge.exemption, *marks, [str(each) for each in lines]


def _decided(actor: Actor, charge_id: UUID, status: str, mark: str | None) -> Charge:
    charge = policy.find_charge(actor, charge_id, lock=True)
    policy.check_charges(actor, charge.practice_id)
    pending.check_nothing_waits(charge.pk)
    rules.check_move(charge.status, status)
    seen.check(mark, *seen_of(charge))
    return charge


def _open(actor: Actor, charge_id: UUID, mark: str | None) -> Charge:
    charge = policy.find_charge(actor, charge_id, lock=True)
    policy.check_charges(actor, charge.practice_id)
    pending.check_nothing_waits(charge.pk)
    if charge.status not in rules.OPEN:
        raise Refused(rules.CHARGE_CHANGED)
    seen.check(mark, *seen_of(charge))
    return charge


def _happened(actor: Actor, charge: Charge, action: str, now: datetime) -> None:
    audit.record(actor, action, charge.pk, at=now, patient_id=charge.patient_id, practice_id=charge.practice_id)
    events.publish(f"charges:{charge.practice_id}", f"person:{charge.patient_id}")
