"""Invoices: a charge is sent to be paid by bank, once; many at once; and what the bank tells was paid."""

from datetime import datetime
from uuid import UUID, uuid5

import structlog
from django.db import transaction

from legedialog.access.actor import Actor, system
from legedialog.audit import services as audit
from legedialog.core import events
from legedialog.core.errors import Refused
from legedialog.core.times import local_day
from legedialog.fees import bills, charge_rules, entries, holding, ocr, paying, policy, prices, queries, rules, told
from legedialog.fees.charge_rules import Finding, Main, Status, Way
from legedialog.fees.kid import kid_of
from legedialog.fees.models import Charge, Invoice, Received, Run, Terms
from legedialog.fees.rules import INVOICE, REMINDER, Exemption
from legedialog.outbox import services as outbox
from legedialog.pending import policy as pending

log = structlog.get_logger("legedialog.fees")


@transaction.atomic
def invoice(*, actor: Actor, charge_id: UUID, now: datetime) -> Invoice:
    """Send one charge. Again gives the same invoice. The fee for it, where the office takes one, is a line of its own.

    Raises NotFound, Refused "not-owed" when there is nothing to pay, "no-account".
    """
    charge = policy.find_charge(actor, charge_id, lock=True)
    policy.check_charges(actor, charge.practice_id)
    pending.check_nothing_waits(charge.pk)
    return send(actor, charge, now)


def send(actor: Actor, charge: Charge, now: datetime) -> Invoice:
    """Whoever calls holds the charge."""
    sent = Invoice.objects.filter(charge=charge).first()
    if sent:
        return sent
    if charge.status != Status.APPROVED or holding.owed(charge) <= 0:
        raise Refused(charge_rules.NOT_OWED)
    Terms.objects.bulk_create([Terms(practice_id=charge.practice_id)], ignore_conflicts=True)
    terms = Terms.objects.select_for_update().get(pk=charge.practice_id)
    if not terms.account_number:
        raise Refused(charge_rules.NO_ACCOUNT)
    was_told = outbox.was_told("charge.approved", charge.pk)
    fee = queries.invoice_fee(charge.practice_id, charge.object_id, now)
    if fee := told.fee_of_invoice(fee, notified_at=charge.notified_at, was_told=was_told, now=now):
        entries.add(charge, Main(INVOICE, fee, False, None, Exemption.NONE), actor, now)
    terms.invoices += 1
    terms.save(update_fields=["invoices"])
    made = Invoice(
        practice_id=charge.practice_id,
        charge=charge,
        number=terms.invoices,
        kid=kid_of(terms.invoices, terms.kid_modulus),
        account_number=terms.account_number,
        ore=holding.owed(charge),
        sent_at=now,
        due_date=charge_rules.due_date(local_day(now), terms.due_days),
    )
    made.save(force_insert=True)
    if charge.notified_at is None or charge.notified_at > now:  # it tells her
        charge.notified_at = now
        charge.save(update_fields=["notified_at"])
    audit.record(
        actor, "charge.invoiced", charge.pk, at=now, patient_id=charge.patient_id, practice_id=charge.practice_id
    )
    outbox.put("charge.invoiced", charge.pk, recipient_id=charge.patient_id, practice_id=charge.practice_id, now=now)
    events.publish(f"charges:{charge.practice_id}", f"person:{charge.patient_id}")
    return made


# ---- many at once


@transaction.atomic
def start_run(*, actor: Actor, practice_id: UUID, now: datetime) -> Run:
    """Send all that is approved, owed and not sent yet. The worker does it, one charge at a time.

    Raises Refused "run-goes-on", "nothing-to-send", "no-account".
    """
    policy.check_charges(actor, practice_id)
    terms = prices.terms(practice_id)
    if not terms.account_number:
        raise Refused(charge_rules.NO_ACCOUNT)
    total = bills.to_invoice(practice_id, now).filter(status_at__lte=now).count()
    if not total:
        raise Refused(charge_rules.NOTHING_TO_SEND)
    assert actor.employee_id  # noqa: S101  check_charges
    made = Run.objects.bulk_create(
        [Run(practice_id=practice_id, by_employee_id=actor.employee_id, started_at=now, total=total)],
        ignore_conflicts=True,
    )
    if not Run.objects.filter(pk=made[0].pk).exists():
        raise Refused(charge_rules.RUN_GOES_ON)
    audit.record(actor, "invoice-run.started", made[0].pk, at=now, practice_id=practice_id, charges=total)
    return made[0]


def go_on(now: datetime) -> int:
    """Work on every run that has not ended; how many invoices were sent. Run by a job each minute."""
    sent = 0
    for run_id in Run.objects.filter(ended_at=None).order_by("started_at").values_list("pk", flat=True):
        try:
            while _one(run_id, now):
                sent += 1
        except Refused as refused:  # the manager has taken the account number away: what is left waits for the next run
            log.warning("invoice run ended", why=refused.code)
            _end(run_id, now)
    return sent


def _end(run_id: UUID, now: datetime) -> None:
    Run.objects.filter(pk=run_id, ended_at=None).update(ended_at=now)


@transaction.atomic
def _one(run_id: UUID, now: datetime) -> bool:
    """One invoice of a run, or its end. What stands in the database is what is done, so it goes on after a stop."""
    run = Run.objects.select_for_update().filter(pk=run_id, ended_at=None).first()
    if run is None:
        return False
    waiting = bills.to_invoice(run.practice_id, run.started_at).filter(status_at__lte=run.started_at)
    charge = waiting.select_for_update(of=("self",), skip_locked=True).order_by("happened_at", "pk").first()
    if charge is None:
        run.ended_at = now
        run.save(update_fields=["ended_at"])
        events.publish(f"charges:{run.practice_id}")
        return False
    send(system(practice_id=run.practice_id), charge, now)
    run.done += 1
    run.save(update_fields=["done"])
    return True


@transaction.atomic
def remind(*, actor: Actor, practice_id: UUID, now: datetime) -> int:
    """Those whose invoice should have been paid two weeks ago, once each, with the fee where the office takes one. How
    many."""
    policy.check_charges(actor, practice_id)
    known = queries.known(practice_id, local_day(now))
    fee = rules.reminder_fee(known.rates, known.terms)
    late = bills.to_remind(practice_id, local_day(now)).select_for_update(of=("self",))
    invoices = list(late.select_related("charge"))
    for each in invoices:
        each.reminded_at = now
        each.save(update_fields=["reminded_at"])
        charge = each.charge
        if fee:
            entries.add(charge, Main(REMINDER, fee, False, None, Exemption.NONE), actor, now)
        outbox.put("charge.reminded", charge.pk, recipient_id=charge.patient_id, practice_id=practice_id, now=now)
        audit.record(actor, "charge.reminded", charge.pk, at=now, patient_id=charge.patient_id, practice_id=practice_id)
    return len(invoices)


# ---- from the bank


@transaction.atomic
def take_in(*, actor: Actor, practice_id: UUID, text: str, now: datetime) -> tuple[list[Received], int]:
    """A payment file: all of it, or nothing when it is not whole. The new payments, and how many were read before.

    Raises Refused "not-a-payment-file", "not-our-account".
    """
    policy.check_charges(actor, practice_id)
    found = ocr.read(text)
    if found.faults:
        raise Refused(charge_rules.NOT_A_FILE, faults=found.faults)
    ours = prices.terms(practice_id).account_number
    if not ours or any(each.account_number != ours for each in found.payments):
        raise Refused(charge_rules.NOT_OUR_ACCOUNT)
    rows = [row for each in found.payments if (row := _received(actor, practice_id, each, now))]
    audit.record(actor, "payment-file.read", None, at=now, practice_id=practice_id, rows=len(rows))
    events.publish(f"charges:{practice_id}")
    return rows, len(found.payments) - len(rows)


def _received(actor: Actor, practice_id: UUID, paid: ocr.Paid, now: datetime) -> Received | None:
    key = uuid5(practice_id, paid.name)
    before = Received.objects.filter(key=key).first()
    if before and (before.kid, before.ore, before.paid_date) != (paid.kid, abs(paid.ore), paid.day):
        return _reused(practice_id, paid, now)
    sent = Invoice.objects.filter(practice=practice_id, kid=paid.kid).first()
    charge = Charge.objects.select_for_update().get(pk=sent.charge_id) if sent else None
    if charge and holding.paid_of(charge) + paid.ore < 0:
        charge = None  # the bank takes back what never came here: somebody must look
    row = Received(
        practice_id=practice_id,
        key=key,
        kid=paid.kid,
        ore=abs(paid.ore),
        paid_date=paid.day,
        read_at=now,
        charge=charge,
        finding=charge_rules.finding(ore=paid.ore, owed=holding.owed(charge) if charge else None, kid=paid.kid),
    )
    Received.objects.bulk_create([row], ignore_conflicts=True)
    if not Received.objects.filter(pk=row.pk).exists():
        return None
    if charge:
        paying.received(actor, charge, way=_way(row), ore=paid.ore, key=key, now=now)
    return row


def _reused(practice_id: UUID, paid: ocr.Paid, now: datetime) -> Received | None:
    """Another payment under a number that one had before: it is on no invoice until somebody has looked."""
    row = Received(
        practice_id=practice_id,
        key=uuid5(practice_id, f"{paid.name}/{paid.kid}/{paid.ore}/{paid.day}"),
        kid=paid.kid,
        ore=abs(paid.ore),
        paid_date=paid.day,
        read_at=now,
        finding=Finding.BACK if paid.ore < 0 else Finding.REUSED,
    )
    Received.objects.bulk_create([row], ignore_conflicts=True)
    return Received.objects.filter(pk=row.pk).first()


def _way(row: Received) -> str:
    return Way.BOUNCE if row.finding == Finding.BACK else Way.BANK


@transaction.atomic
def settle(
    *, actor: Actor, received_id: UUID, invoice_number: int | None = None, why: str = "", now: datetime
) -> Received:
    """Somebody has looked at it; money without an invoice may be put on one by its number, or aside with `why`.

    Raises NotFound, Refused "no-such-invoice", "charge-changed" when it was looked at already.
    """
    row = policy.find_received(actor, received_id, lock=True)
    policy.check_charges(actor, row.practice_id)
    if row.seen_at:
        raise Refused(charge_rules.CHARGE_CHANGED)
    if invoice_number is not None and row.charge_id is None:
        sent = Invoice.objects.filter(practice=row.practice_id, number=invoice_number).first()
        if sent is None:
            raise Refused(charge_rules.NO_SUCH_INVOICE)
        charge = Charge.objects.select_for_update().get(pk=sent.charge_id)
        ore = -row.ore if row.finding == Finding.BACK else row.ore
        if holding.paid_of(charge) + ore < 0:
            raise Refused(charge_rules.NOT_THAT_MUCH)
        paying.received(actor, charge, way=_way(row), ore=ore, key=row.key, now=now)
        row.charge = charge
    row.seen_by_id, row.seen_at, row.why = actor.employee_id, now, why or None
    row.save(update_fields=["charge", "seen_by", "seen_at", "why"])
    audit.record(actor, "payment.settled", row.pk, at=now, practice_id=row.practice_id)
    return row


@transaction.atomic
def take_up(*, actor: Actor, received_id: UUID, now: datetime) -> Received:
    """What was put aside is looked at again. Raises NotFound, Refused "charge-changed" when it is not aside, or was put
    on an invoice: that is corrected on its charge."""
    row = policy.find_received(actor, received_id, lock=True)
    policy.check_charges(actor, row.practice_id)
    if not charge_rules.can_take_up(row.finding, is_seen=row.seen_at is not None, is_placed=row.charge_id is not None):
        raise Refused(charge_rules.CHARGE_CHANGED)
    row.seen_by_id, row.seen_at, row.why = None, None, None
    row.save(update_fields=["seen_by", "seen_at", "why"])
    audit.record(actor, "payment.taken-up", row.pk, at=now, practice_id=row.practice_id)
    return row
