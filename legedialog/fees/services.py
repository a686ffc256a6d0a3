"""Load a table, confirm it, and decide what an office itself decides about prices."""

import hashlib
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import IntegrityError, transaction
from django.db.models import ProtectedError

from legedialog.access.actor import Actor
from legedialog.audit import services as audit
from legedialog.core import fence, seen, writing
from legedialog.core.errors import NotFound, Refused
from legedialog.core.names import slug
from legedialog.fees import policy, prices, proposing, queries, rules, tables
from legedialog.fees.models import Charge, Confirmation, OwnPrice, Promise, Rate, RateTable, Terms
from legedialog.fees.rules import Price, Service, Why
from legedialog.patients.representation import Restriction


@transaction.atomic
def load(*, actor: Actor, name: str, text: str, is_invented: bool = False, now: datetime) -> tuple[RateTable, bool]:
    """The table, and whether it is new. It counts nowhere until an office's manager has confirmed it.

    Raises ValueError when the file has faults (tables.read tells them), Refused "rates-name-taken" when another table
    has the name: what was confirmed is never changed.
    """
    policy.check_load(actor)
    found = tables.read(text)
    if found.faults or name != slug(name):
        raise ValueError("the table has faults")
    digest = hashlib.sha256(text.encode()).hexdigest()
    row, is_new = RateTable.objects.get_or_create(
        name=name, defaults={"digest": digest, "is_invented": is_invented, "loaded_at": now}
    )
    if not is_new:
        if row.digest != digest:
            raise Refused(rules.NAME_TAKEN)
        return row, False
    Rate.objects.bulk_create(
        Rate(
            table=row,
            code=each.code,
            day=each.day,
            evening=each.evening,
            specialist_day=each.specialist_day,
            specialist_evening=each.specialist_evening,
            from_date=each.from_date,
            to_date=each.to_date,
            source=each.source,
        )
        for each in found.rates
    )
    audit.record(actor, "rates.loaded", row.pk, at=now, rows=len(found.rates))
    return row, True


@transaction.atomic
def confirm(*, actor: Actor, practice_id: UUID, name: str, mark: str | None = None, now: datetime) -> None:
    """From now on the office's pages tell what the table says. Again is as once. Raises NotFound or Denied."""
    policy.check_decides(actor, practice_id)
    row = policy.find_table(name)
    seen.check(mark, row.digest)
    assert actor.employee_id  # noqa: S101  a manager
    made = Confirmation.objects.bulk_create(
        [Confirmation(practice_id=practice_id, table=row, by_employee_id=actor.employee_id, at=now)],
        ignore_conflicts=True,
    )
    if Confirmation.objects.filter(pk=made[0].pk).exists():
        audit.record(actor, "rates.confirmed", row.pk, at=now, practice_id=practice_id)
        proposing.price_what_was_not_known(practice_id, now)


@transaction.atomic
def decide(
    *,
    actor: Actor,
    practice_id: UUID,
    promises_day_rate: bool,
    charges_missed: bool,
    charges_invoice: bool = True,
    account_number: str = "",
    due_days: int = 14,
    kid_modulus: int = 10,
    charges_reminder: bool = False,
    charges_dispatch: bool = True,
    mark: str | None = None,
    now: datetime,
) -> None:
    """What holds from the next price that is shown; what was promised before stays promised."""
    policy.check_decides(actor, practice_id)
    Terms.objects.bulk_create([Terms(practice_id=practice_id)], ignore_conflicts=True)
    row = Terms.objects.select_for_update().get(pk=practice_id)
    seen.check(mark, *prices.seen_of_terms(row))
    row.promises_day_rate, row.charges_missed, row.charges_invoice = promises_day_rate, charges_missed, charges_invoice
    row.account_number, row.due_days, row.kid_modulus = account_number, due_days, kid_modulus
    row.charges_reminder, row.charges_dispatch = charges_reminder, charges_dispatch
    writing.save(row)
    audit.record(actor, "terms.changed", None, at=now, practice_id=practice_id)


@transaction.atomic
def add_own_price(*, actor: Actor, practice_id: UUID, name: str, ore: int, now: datetime) -> OwnPrice:
    """Raises Refused "price-same-name", or "price-name-is-code": who types it would mean the code."""
    policy.check_decides(actor, practice_id)
    if rules.names_code(name):
        raise Refused(rules.NAME_IS_CODE)
    if OwnPrice.objects.filter(practice=practice_id, name__iexact=name).exists():
        raise Refused(rules.SAME_NAME)
    row = OwnPrice(practice_id=practice_id, name=name, ore=ore)
    try:
        with transaction.atomic():
            writing.save(row)
    except IntegrityError as error:
        raise Refused(rules.SAME_NAME) from error
    audit.record(actor, "own-price.added", row.pk, at=now, practice_id=practice_id, ore=ore)
    return row


@transaction.atomic
def remove_own_price(*, actor: Actor, price_id: UUID, now: datetime) -> None:
    """What was charged by it keeps its words and amount. Raises Refused "price-in-use" while a kind of visit has it."""
    row = policy.own_prices_visible_to(actor).filter(pk=price_id).first()
    if row is None:
        raise NotFound
    policy.check_decides(actor, row.practice_id)
    try:
        removed = writing.remove(row)
    except ProtectedError as error:
        raise Refused(rules.PRICE_IN_USE) from error
    if removed:
        audit.record(actor, "own-price.removed", price_id, at=now, practice_id=row.practice_id)


def promise(
    *,
    actor: Actor,
    object_id: UUID,
    patient_id: UUID,
    practice_id: UUID,
    service: str,
    clinician_id: UUID | None,
    restriction: str = Restriction.NORMAL.value,
    starts_at: datetime | None = None,
    stated: rules.Stated | None = None,
    mark: str | None = None,
    raises: bool = True,
    is_new: bool = False,
    now: datetime,
) -> None:
    """Keep the price with what was booked or sent, in the same transaction; `is_new` says that it has none yet. A later
    one, as when a time is moved or a question becomes an e-consultation, takes the place of the first; without
    `raises`, as it was not shown anew, it is never above the first.

    Raises Refused "price-changed" when the page with this `mark` (texts.shown) had shown another.
    """
    found = queries.price(
        patient_id=patient_id,
        practice_id=practice_id,
        service=service,
        clinician_id=clinician_id,
        starts_at=starts_at,
        stated=stated,
        now=now,
    )
    _check_shown(mark, found)
    before = None if is_new else Promise.objects.filter(object_id=object_id).first()
    told = _told(found, restriction, now)
    if before and not raises:
        told |= _no_more(told, found, before)
    if before:
        _change(before, told)
    else:
        _add(actor, object_id, patient_id, practice_id, told)


def unraised(
    *,
    object_id: UUID,
    patient_id: UUID,
    practice_id: UUID,
    service: str,
    clinician_id: UUID,
    starts_at: datetime,
    stated: rules.Stated,
    now: datetime,
) -> tuple[Price | None, Price]:
    """What is kept, and what `promise` without `raises` would keep instead, for the page on which she says yes to it.
    Who may see the thing itself is asked before."""
    found = queries.price(
        patient_id=patient_id,
        practice_id=practice_id,
        service=service,
        clinician_id=clinician_id,
        starts_at=starts_at,
        stated=stated,
        now=now,
    )
    before = Promise.objects.filter(object_id=object_id).first()
    if before is None:
        return None, found
    told = _told(found, before.restriction, now)
    then = Promise(practice_id=practice_id, **(told | _no_more(told, found, before)))
    return queries.promised_by(before), queries.promised_by(then)


def promise_one_of(
    *,
    actor: Actor,
    object_id: UUID,
    patient_id: UUID,
    practice_id: UUID,
    offered: Sequence[str],
    wished: Sequence[str],
    clinician_id: UUID | None,
    mark: str | None = None,
    now: datetime,
) -> None:
    """She was shown what each of the services `offered` costs, and has sent for one of those `wished`, or of all when
    she wished for none: the range over them is kept. Raises Refused "price-changed", as `promise`."""
    found, _known = queries.prices(
        patient_id=patient_id, practice_id=practice_id, clinician_id=clinician_id, services=offered, now=now
    )
    _check_shown(mark, *found.values())
    told = rules.widest([found[each] for each in offered if each in wished] or list(found.values()))
    _add(actor, object_id, patient_id, practice_id, _told(told, Restriction.NORMAL.value, now))


def _no_more(told: dict[str, Any], found: Price, before: Promise) -> dict[str, Any]:
    """What was not shown anew is never above what was, and is told as that was where it would be."""
    least = {name: _least(getattr(before, name), told[name]) for name in AMOUNTS}
    same = {name: getattr(before, name) for name in ("own_what", "own_ore", "laboratory", "laboratory_ore")}
    if before.told is not None and any(least[name] != told[name] for name in AMOUNTS):
        same |= {"told": before.told, "why": before.why}
    elif before.told is not None:  # the hour or the doctor is another, the list of own prices is as she read it
        said = queries.why_of(before)
        same["told"] = rules.kept_why(replace(found, own=said.own, own_listed=said.own_listed))
    if before.why == Why.OWN:
        same["why"] = before.why
    return least | same


def _check_shown(mark: str | None, *found: Price) -> None:
    if mark is not None and mark != seen.mark(*map(rules.seen_of, found)):
        raise Refused(rules.PRICE_CHANGED)


def _told(found: Price, restriction: str, now: datetime) -> dict[str, Any]:
    return {
        "service": found.service,
        "content": rules.CONTENT_OF[found.service],
        "restriction": restriction,
        "why": found.why.value,
        "low": found.low,
        "high": found.high,
        "missed": found.missed,
        "own_what": found.extra.name if found.extra else None,
        "own_ore": found.extra.ore if found.extra else None,
        "invoice": found.invoice,
        "dispatch": found.dispatch if found.service == Service.RENEWAL else None,
        "laboratory": found.laboratory,
        "laboratory_ore": found.laboratory_ore,
        "told": rules.kept_why(found),
        "at": now,
    }


def _add(actor: Actor, object_id: UUID, patient_id: UUID, practice_id: UUID, told: dict[str, Any]) -> None:
    by = actor.person_id if actor.is_citizen else None
    row = Promise(object_id=object_id, patient_id=patient_id, practice_id=practice_id, by_person_id=by, **told)
    writing.add(row, or_leave=True)


AMOUNTS = ("low", "high", "missed", "invoice", "dispatch")


def _change(row: Promise, told: dict[str, Any]) -> None:
    for name, value in told.items():
        setattr(row, name, value)
    row.save(update_fields=list(told))


def keep_below(object_id: UUID, of: UUID) -> None:
    """What came of something else that she was shown a range for costs no more than its top. Who was free then is told
    anew: the day was not known."""
    told = Promise.objects.filter(object_id=of).exclude(why=Why.EXEMPT.value).first()
    row = Promise.objects.filter(object_id=object_id).first() if told else None
    if told and row:
        least: dict[str, Any] = {name: _least(getattr(told, name), getattr(row, name)) for name in AMOUNTS}
        if told.told is not None and least["high"] != row.high:
            least |= {"told": told.told, "why": told.why}
        _change(row, least)


def _least(before: int | None, now: int | None) -> int | None:
    """What is not known now stays at what she was told of it."""
    return min((each for each in (before, now) if each is not None), default=None)


def hide(object_id: UUID, restriction: str) -> None:
    """The thing is hidden from somebody, or shown again, so its price is too (code 9603)."""
    Promise.objects.filter(object_id=object_id).update(restriction=restriction)
    with fence.system("the patient hides what the office asks for with what it is asked for"):
        Charge.objects.filter(object_id=object_id).update(restriction=restriction)
