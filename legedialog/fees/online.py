"""Paid on the web, and back to the card: through a payment provider that this installation has an agreement with.

The provider is a port: a class that settings.PAYMENTS names. Nothing here speaks to it inside a transaction. What it
tells is taken once, whatever comes first: its signed call, the browser, or our own question. See
docs/adr/0121-a-payment-is-what-the-provider-says.md.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol
from uuid import UUID

from django.conf import settings
from django.db import IntegrityError, transaction
from django.db.models import Q, Sum
from django.utils.module_loading import import_string

from legedialog.access.actor import Actor, system
from legedialog.audit import services as audit
from legedialog.core import events, fence, outside, seen
from legedialog.core.errors import Refused
from legedialog.core.times import local_day
from legedialog.fees import charge_rules, holding, paying, policy
from legedialog.fees.charge_rules import Direction, Finding, Stand, Status, Way
from legedialog.fees.models import Charge, Payment, Received, Transfer
from legedialog.pending import policy as pending

WHOSE = "what she begins to pay is a row of the office's, which only it may change"


class NoAnswer(Exception):
    """The provider gave no answer that can be used. `is_final`: the same question gets the same again."""

    def __init__(self, *, is_final: bool = False) -> None:
        super().__init__()
        self.is_final = is_final


@dataclass(frozen=True, slots=True)
class Told:
    """What the provider says of a payment. `ore` is what was paid."""

    stand: Stand
    ore: int = 0
    provider_id: str = ""


class Provider(Protocol):
    """Each call is safe to repeat: our id names what it is about. Raises NoAnswer."""

    def open(self, *, transfer_id: UUID, ore: int, charge_id: UUID) -> tuple[str, str]:
        """The provider's id, and where she pays."""

    def told(self, provider_id: str) -> Told: ...

    def give_back(self, *, transfer_id: UUID, provider_id: str, ore: int) -> Stand: ...


def is_on() -> bool:
    return bool(settings.PAYMENT_PROVIDER["url"])


def provider() -> Provider:
    found: Provider = import_string(settings.PAYMENTS)()
    return found


def pay(*, actor: Actor, charge_id: UUID, mark: str | None = None, now: datetime) -> str:
    """Where she pays all that is owed.

    Raises NotFound, Refused "not-owed", "changed-since-seen", "no-payment-provider".
    """
    if not is_on():
        raise Refused(charge_rules.NO_PROVIDER)
    row = _begin(actor, charge_id, mark, now)
    if row.url:
        return row.url
    try:
        with outside.talking():
            provider_id, url = provider().open(transfer_id=row.pk, ore=row.ore, charge_id=charge_id)
    except NoAnswer:
        with fence.system(WHOSE):
            _stands(row.pk, Stand.ENDED, now)
        raise Refused(charge_rules.NO_PROVIDER) from None
    with fence.system(WHOSE):
        Transfer.objects.filter(pk=row.pk).update(provider_id=provider_id, url=url)
    return url


@transaction.atomic
def _begin(actor: Actor, charge_id: UUID, mark: str | None, now: datetime) -> Transfer:
    policy.find_charge(actor, charge_id)
    with fence.system(WHOSE):
        return _begun(actor, charge_id, mark, now)


def _begun(actor: Actor, charge_id: UUID, mark: str | None, now: datetime) -> Transfer:
    charge = Charge.objects.select_for_update().get(pk=charge_id)
    seen.check(mark, *holding.seen_of(charge))
    owed = holding.owed(charge)
    if charge.status != Status.APPROVED or owed <= 0:
        raise Refused(charge_rules.NOT_OWED)
    # Also one that is being opened this moment: the provider makes one payment of one id.
    again = charge.transfers.filter(direction=Direction.IN, stand=Stand.BEGUN, ore=owed)
    left = again.filter(begun_at__gt=now - charge_rules.SAME_AGAIN).order_by("-begun_at").first()
    if left:
        return left
    row = Transfer.objects.create(
        practice_id=charge.practice_id,
        charge=charge,
        direction=Direction.IN,
        ore=owed,
        begun_at=now,
        stand_at=now,
        by_person_id=actor.person_id,
    )
    audit.record(
        actor, "payment.begun", charge.pk, at=now, patient_id=charge.patient_id, practice_id=charge.practice_id
    )
    return row


@transaction.atomic
def take(*, transfer_id: UUID, told: Told, now: datetime) -> bool:
    """What the provider tells of a payment: as often as it likes, it is paid once. False for one that we do not know.

    Another amount than was asked for is what was paid; it stands among the payments that somebody must look at.
    """
    found = Transfer.objects.filter(pk=transfer_id, direction=Direction.IN).values_list("charge_id", flat=True).first()
    if found is None:
        return False
    charge = Charge.objects.select_for_update().get(pk=found)
    row = Transfer.objects.select_for_update().get(pk=transfer_id)
    if row.stand == Stand.DONE or told.stand == Stand.BEGUN:
        return True
    if told.stand == Stand.DONE and told.ore <= 0:
        return True
    row.stand, row.stand_at = told.stand, now
    row.provider_id = row.provider_id or told.provider_id
    row.save(update_fields=["stand", "stand_at", "provider_id"])
    if told.stand == Stand.DONE:
        _paid(row, charge, told.ore, now)
    events.publish(f"charges:{charge.practice_id}", f"person:{charge.patient_id}")
    return True


def _paid(row: Transfer, charge: Charge, ore: int, now: datetime) -> None:
    by = system(practice_id=charge.practice_id)
    owed = holding.owed(charge) if charge.status == Status.APPROVED else 0
    finding = charge_rules.finding(ore=ore, owed=owed)
    paying.received(by, charge, way=Way.ONLINE, ore=ore, key=row.pk, now=now)
    if finding == Finding.FITS:
        return
    Received.objects.create(
        practice_id=charge.practice_id,
        key=row.pk,
        kid="",
        ore=ore,
        paid_date=local_day(now),
        read_at=now,
        charge=charge,
        finding=finding,
    )


def _stands(transfer_id: UUID, stand: Stand, now: datetime) -> None:
    Transfer.objects.filter(pk=transfer_id, stand=Stand.BEGUN).update(stand=stand, stand_at=now)


# ---- back to the card


def refundable(charge: Charge) -> int:
    """What of the money that came online may go back the same way."""
    paid = charge.transfers.filter(direction=Direction.IN, stand=Stand.DONE).values("pk")
    came = Payment.objects.filter(key__in=paid).aggregate(sum=Sum("ore", default=0))["sum"]
    gone = charge.transfers.filter(direction=Direction.BACK, stand__in=(Stand.BEGUN, Stand.DONE))
    return int(min(came - gone.aggregate(sum=Sum("ore", default=0))["sum"], holding.paid_of(charge)))


@transaction.atomic
def refund(*, actor: Actor, charge_id: UUID, ore: int, key: UUID, now: datetime) -> Transfer:
    """Money goes back by a job, and counts as paid back when the provider has said so. The same key twice is once.

    Raises Refused "no-amount", "not-online", "not-overpaid", "back-goes-on".
    """
    charge = policy.find_charge(actor, charge_id, lock=True)
    policy.check_charges(actor, charge.practice_id)
    before = Transfer.objects.filter(pk=key, charge=charge).first()
    if before:
        return before
    pending.check_nothing_waits(charge.pk)
    if charge.transfers.filter(direction=Direction.BACK, stand=Stand.BEGUN).exists():
        raise Refused(charge_rules.BACK_GOES_ON)
    if ore <= 0:
        raise Refused(charge_rules.NO_AMOUNT)
    if ore > refundable(charge):
        raise Refused(charge_rules.NOT_ONLINE)
    if ore > -holding.owed(charge):
        raise Refused(charge_rules.NOT_OVERPAID)
    of = next((each for each, left in _left(charge) if ore <= left), None)
    if of is None:
        raise Refused(charge_rules.NOT_ONLINE)
    row = Transfer(
        id=key,
        practice_id=charge.practice_id,
        charge=charge,
        direction=Direction.BACK,
        of=of,
        ore=ore,
        begun_at=now,
        stand_at=now,
        by_employee_id=actor.employee_id,
    )
    try:
        with transaction.atomic():
            row.save(force_insert=True)
    except IntegrityError as error:
        raise Refused(charge_rules.BACK_GOES_ON) from error
    audit.record(actor, "refund.begun", charge.pk, at=now, patient_id=charge.patient_id, practice_id=charge.practice_id)
    return row


def _left(charge: Charge) -> list[tuple[Transfer, int]]:
    """Each payment online, and what has not gone back of it."""
    found = []
    for each in charge.transfers.filter(direction=Direction.IN, stand=Stand.DONE).order_by("-begun_at"):
        came = Payment.objects.filter(key=each.pk).aggregate(sum=Sum("ore", default=0))["sum"]
        gone = each.backs.filter(stand__in=(Stand.BEGUN, Stand.DONE)).aggregate(sum=Sum("ore", default=0))["sum"]
        found.append((each, int(came - gone)))
    return found


@transaction.atomic
def gone_back(*, transfer_id: UUID, stand: Stand, now: datetime) -> None:
    """The provider has paid it back, or never will."""
    row = Transfer.objects.select_related("charge").get(pk=transfer_id)
    charge = Charge.objects.select_for_update().get(pk=row.charge_id)
    row = Transfer.objects.select_for_update().get(pk=transfer_id)
    if row.stand != Stand.BEGUN:
        return
    row.stand, row.stand_at = stand, now
    row.save(update_fields=["stand", "stand_at"])
    if stand == Stand.DONE:
        by = system(practice_id=charge.practice_id)
        paying.received(by, charge, way=Way.REFUND, ore=-row.ore, key=row.pk, now=now)
    events.publish(f"charges:{charge.practice_id}", f"person:{charge.patient_id}")


# ---- what the job does


def waiting(now: datetime, most: int) -> Sequence[Transfer]:
    """What goes back, and payments whose answer has not come; whoever was asked about longest ago first."""
    late = now - charge_rules.ASK_ABOUT
    rows = Transfer.objects.filter(stand=Stand.BEGUN).filter(Q(direction=Direction.BACK) | Q(begun_at__lte=late))
    rows = rows.filter(Q(asked_at=None) | Q(asked_at__lte=late)).select_related("of")
    return list(rows.order_by("asked_at", "begun_at")[:most])


def go_on(now: datetime, most: int = 100) -> int:
    """Ask the provider about each of them, with no transaction open. How many came to an end."""
    done = 0
    for row in waiting(now, most):
        Transfer.objects.filter(pk=row.pk).update(asked_at=now)
        try:
            done += _one(row, now)
        except NoAnswer as error:
            if not error.is_final:
                break
            done += 1
            if row.direction == Direction.BACK:
                gone_back(transfer_id=row.pk, stand=Stand.REFUSED, now=now)
            else:
                _stands(row.pk, Stand.ENDED, now)
    return done


def _one(row: Transfer, now: datetime) -> bool:
    if row.direction == Direction.BACK:
        assert row.of  # noqa: S101  a constraint
        with outside.talking():
            stand = provider().give_back(transfer_id=row.pk, provider_id=row.of.provider_id, ore=row.ore)
        if stand != Stand.BEGUN:
            gone_back(transfer_id=row.pk, stand=stand, now=now)
        return stand != Stand.BEGUN
    with outside.talking():
        told = provider().told(row.provider_id) if row.provider_id else Told(Stand.BEGUN)
    if told.stand == Stand.BEGUN and row.begun_at <= now - charge_rules.GIVES_UP:
        _stands(row.pk, Stand.ENDED, now)
        return True
    take(transfer_id=row.pk, told=told, now=now)
    return told.stand != Stand.BEGUN
