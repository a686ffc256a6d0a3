"""What is proposed that an office asks to be paid, when something is done.

How another context proposes: inside the transaction in which the visit or the e-consultation is completed,

    proposing.complete(actor=…, object_id=appointment.pk, patient_id=…, practice_id=…, service=appointment.channel,
                       clinician_id=…, at=appointment.starts_at, now=now)

The object names the charge, so proposing twice makes one. An office that has never confirmed a table charges nothing;
where none of those it has confirmed tells of the day, the charge stands without an amount until one does.
"""

from collections.abc import Collection
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import transaction

from legedialog.access.actor import Actor
from legedialog.audit import services as audit
from legedialog.core import events, fence
from legedialog.core.errors import Refused
from legedialog.core.sql import Asked, ask_all, ask_for
from legedialog.core.times import local_day
from legedialog.fees import charge_rules, charging, entries, holding, queries, rules
from legedialog.fees.charge_rules import Kind, Main, Status
from legedialog.fees.models import Charge, Confirmation, Promise
from legedialog.fees.rules import CONTACTS, DISPATCH, LABORATORY, OWN, Exemption, Laboratory, Own, Why
from legedialog.patients.representation import Restriction

TAKEN_BACK = "Tatt tilbake"  # the words of a receipt, in bokmål as the record
REPLACED = "Byttet ut med en annen takst"


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
        charging.approve(actor=actor, charge_id=charge.pk, now=now)
    elif charge.status == Status.WAIVED or first is None or first.code != main.code:
        raise Refused(charge_rules.DECIDED)


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
    promise = Promise.objects.filter(object_id=object_id).first()
    own = queries.own_of(promise) if promise and kind == Kind.SERVICE else None
    if not rates and own is None and not Confirmation.objects.filter(practice=practice_id).exists():
        return None
    known = queries.Known({rate.code: rate for rate in rates}, decided)
    is_specialist = bool(standing[0].is_specialist)
    if kind == Kind.MISSED and 0 in (rules.missed(known.rates, decided, is_specialist), most(promise, kind)):
        return None  # the office takes no fee, or she was told that it takes none
    # Who was told that it is free is asked for nothing; of others the ceiling takes its part on approval: entries.py.
    left = known.left(standing[0].counted) if most(promise, kind) == 0 else None
    given = {
        "kind": kind,
        "service": service,
        "rates": known.rates,
        "terms": decided,
        "is_specialist": is_specialist,
        "birth_date": standing[0].birth_date,
        "at": at,
        "has_card": standing[0].has_card,
        "left": left,
        "stated": stated,
    }
    samples = _samples(promise, kind, given)
    code = LABORATORY if promise and promise.laboratory == Laboratory.ALONE else code
    main = _alone(promise, own) or charge_rules.main_line(promised=most(promise, kind), code=code, **given)
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
        _add(charge, main, samples, own, now)
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
        given = {
            "kind": charge.kind,
            "service": charge.service,
            "rates": known.rates,
            "terms": known.terms,
            "is_specialist": bool(standing.is_specialist),
            "birth_date": standing.birth_date,
            "at": charge.happened_at,
            "has_card": standing.has_card,
            "stated": charge.exemption,
        }
        code = LABORATORY if promise and promise.laboratory == Laboratory.ALONE else ""
        main = charge_rules.main_line(promised=most(promise, charge.kind), code=code, **given)
        if main is None:
            continue
        charge.exemption = main.exemption.value
        charge.save(update_fields=["exemption"])
        own = queries.own_of(promise) if promise and charge.kind == Kind.SERVICE else None
        _add(charge, main, _samples(promise, charge.kind, given), own, now)
        done += 1
    return done


def _alone(promise: Promise | None, own: Own | None) -> Main | None:
    """She was shown a price of the office's own list in the place of a co-payment."""
    return _own(own) if own and promise and promise.why == Why.OWN else None


def _own(own: Own) -> Main:
    return Main(OWN, own.ore, False, own.ore, Exemption.NONE)


def _samples(promise: Promise | None, kind: str, given: dict[str, Any]) -> Main | None:
    """She was shown that samples are taken too, and what they cost."""
    if promise is None or kind == Kind.MISSED or promise.laboratory != Laboratory.WITH:
        return None
    return charge_rules.main_line(promised=promise.laboratory_ore, code=LABORATORY, **given)


def _add(charge: Charge, main: Main, samples: Main | None, own: Own | None, now: datetime) -> None:
    """What was done, the samples that she was told are taken, and what of the office's own list she was shown."""
    if main.code != OWN:
        entries.add(charge, main, None, now)
    if samples:
        entries.add(charge, samples, None, now)
    if own:
        entries.add(charge, _own(own), None, now, what=own.name)


def most(promise: Promise | None, kind: str) -> int | None:
    """What was shown that it would cost at most; None when nothing was, or it was not known."""
    return None if promise is None else promise.missed if kind == Kind.MISSED else promise.high


def most_of(charge: Charge, code: str, name: str = "") -> int | None:
    """The most that a line may cost by what she was shown, or None: a contact, samples, post, or what the office's own
    list calls `name`."""
    promise = Promise.objects.filter(object_id=charge.object_id).first()
    if promise is None:
        return None
    if code == OWN:
        own = queries.own_of(promise)
        told = [*rules.read_why(promise.told).own, *([own] if own else [])]
        return next((each.ore for each in told if each.name.casefold() == name.casefold()), None)
    if code == LABORATORY:
        return most(promise, charge.kind) if promise.laboratory == Laboratory.ALONE else promise.laboratory_ore
    if code == DISPATCH:
        return promise.dispatch
    return most(promise, charge.kind) if code in CONTACTS else None


def charged(object_ids: Collection[UUID]) -> set[UUID]:
    """Those of them that have a charge."""
    return set(Charge.objects.filter(object_id__in=object_ids).values_list("object_id", flat=True))


@transaction.atomic
def withdraw(*, actor: Actor, object_id: UUID, now: datetime) -> None:
    """The visit was not completed after all. What was waived stays so.

    Raises Refused "charge-stands" when somebody has approved it: that is theirs to waive first.
    """
    charge = Charge.objects.select_for_update().filter(object_id=object_id, status__in=charge_rules.OPEN).first()
    if charge is None:
        return
    if charge.status != Status.PROPOSED:
        raise Refused(charge_rules.STANDS)
    entries.counter_all(charge, actor, TAKEN_BACK, now)
    charge.status, charge.status_at = Status.WITHDRAWN, now
    charge.save(update_fields=["status", "status_at"])
    holding.happened(actor, charge, "charge.withdrawn", now)
