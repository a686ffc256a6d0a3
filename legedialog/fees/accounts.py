"""What the office sees of its money: what waits, what is unpaid, a month with its sums, and what the bank told of."""

from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID

from django.db.models import Count, F, IntegerField, OuterRef, Q, Subquery, Sum
from django.db.models.functions import ExtractYear
from django.db.models.lookups import GreaterThan

from legedialog.access.actor import Actor
from legedialog.audit import services as audit
from legedialog.core import fence
from legedialog.core.sql import Asked, Due, Heap, Statement, ask_all, heap
from legedialog.core.times import CLINIC, local_day, local_period
from legedialog.fees import bills, charge_rules, policy, queries, rules, told
from legedialog.fees.bills import ChargeRow, LineRow
from legedialog.fees.charge_rules import Finding, Kind, Status, Way
from legedialog.fees.models import Charge, Invoice, Line, OwnPrice, Payment, Promise, Received, Run
from legedialog.fees.queries import Known
from legedialog.fees.rules import CODES, Service, amount
from legedialog.fees.texts import EXEMPTED, named
from legedialog.outbox import services as outbox
from legedialog.patients import walk_ins

MOST = 300  # in a list


def waiting(actor: Actor, practice_id: UUID, now: datetime) -> list[ChargeRow]:
    """Proposed, the oldest first."""
    return _listed(actor, practice_id, Q(status=Status.PROPOSED), "happened_at", now)


TO_APPROVE = Statement(
    "charges that wait for a yes",
    """
    SELECT NULL::date AS due_date FROM fees_charge
     WHERE practice_id = ANY(%(practices)s) AND status = 'proposed'
    """,
    Due,
)


def to_approve(actor: Actor, now: datetime) -> Asked[Heap]:
    """How many `waiting` shows."""
    return heap(Asked(TO_APPROVE, {"practices": list(actor.practices) if actor.is_staff else []}), local_day(now))


def checking(actor: Actor, practice_id: UUID, now: datetime) -> list[ChargeRow]:
    """Approved, and waiting for the card register's answer; who has waited longest first."""
    return _listed(actor, practice_id, Q(status=Status.CHECKING), "status_at", now)


def owing(actor: Actor, practice_id: UUID, now: datetime) -> list[ChargeRow]:
    """What is to be paid, the oldest first."""
    which = bills.owing(Charge.objects.filter(practice=practice_id)).values("pk")
    return _listed(actor, practice_id, Q(pk__in=which), "happened_at", now)


def paid_over(actor: Actor, practice_id: UUID, now: datetime) -> list[ChargeRow]:
    """What too much was paid for and is to be paid back."""
    which = bills.paid_over(Charge.objects.filter(practice=practice_id)).values("pk")
    return _listed(actor, practice_id, Q(pk__in=which), "happened_at", now)


def owed(practice_id: UUID) -> int:
    """All that is to be paid at the office, however many charges that is."""
    which = bills.owing(Charge.objects.filter(practice=practice_id)).values("pk")
    cost = Line.objects.filter(charge__in=which).aggregate(sum=Sum("ore", default=0))["sum"]
    paid = Payment.objects.filter(charge__in=which).aggregate(sum=Sum("ore", default=0))["sum"]
    return int(cost - paid)


def to_review(actor: Actor, practice_id: UUID, now: datetime) -> list[tuple[ChargeRow, int]]:
    """What the year's ceiling took off charges, and there is room for since something that counted was taken off: the
    office decides whether it is asked for after all. With how much of each."""
    taken = Line.objects.filter(charge=OuterRef("pk"), by_ceiling=True).order_by().values("charge")
    less = Subquery(taken.annotate(sum=Sum("ore")).values("sum"), output_field=IntegerField())
    which = Charge.objects.filter(GreaterThan(0, less), practice=practice_id, status=Status.APPROVED)
    found = policy.charges_visible_to(actor).filter(pk__in=which.values("pk"), is_left_free=False)
    rows = [row for row in bills.rows_of(found.order_by("happened_at", "pk")) if row.by_ceiling]
    ceilings = {year: queries.known(practice_id, date(year, 12, 31)).ceiling for year in {_year(row) for row in rows}}
    counted = _counted({row.patient_id for row in rows})
    review = []
    for row in rows:
        most, so_far = ceilings[_year(row)], counted.get((row.patient_id, _year(row)), 0)
        if most is not None and so_far < most:
            review.append((row, min(row.by_ceiling, most - so_far)))
    listed = {row.patient_id for row, _ore in review}
    audit.looked_many(actor, "charges.listed", listed, at=now, practice_id=practice_id)
    return review[:MOST]


def _counted(patient_ids: Collection[UUID]) -> dict[tuple[UUID, int], int]:
    """As `queries.counted_in`, for many patients and each of their years: one statement."""
    rows = Line.objects.filter(charge__patient__in=patient_ids, charge__status="approved", is_counted=True).order_by()
    rows = rows.annotate(year=ExtractYear("charge__happened_at", tzinfo=CLINIC))
    with fence.system("the ceiling is counted over all offices"):
        found = rows.values_list("charge__patient", "year").annotate(sum=Sum("ore"))
        return {(patient_id, year): ore for patient_id, year, ore in found}


def _year(row: ChargeRow) -> int:
    return local_day(row.happened_at).year


def month(actor: Actor, practice_id: UUID, first: date, now: datetime) -> list[ChargeRow]:
    """All that is approved: a file that leaves some out is worse than none, and what is not decided is no claim."""
    return _listed(actor, practice_id, _approved_in(first), "happened_at", now, is_whole=True)


def _approved_in(first: date) -> Q:
    begins, ends = span(first)
    return Q(happened_at__gte=begins, happened_at__lt=ends, status=Status.APPROVED)


@dataclass(frozen=True, slots=True)
class Settled:
    """A code of a charge in the file for a settlement: how many, and what the patient is asked for."""

    row: ChargeRow
    national_number: str
    tariff: str
    count: int
    ore: int


def settlement(actor: Actor, practice_id: UUID, first: date, now: datetime) -> list[Settled]:
    """All approved of a month, with whose they are: the one file in which an identity number leaves with money. Each
    patient's log says that it was fetched. Raises NotFound, Denied."""
    policy.check_settles(actor, practice_id)
    found = policy.charges_visible_to(actor).filter(_approved_in(first), practice=practice_id)
    rows = bills.rows_of(found.order_by("happened_at", "pk"))
    numbers = {row.patient_id: row.patient.national_number for row in found.select_related("patient")}
    numbers |= walk_ins.numbers(practice_id, [each for each, number in numbers.items() if not number])
    audit.looked_many(actor, "settlement.read", set(numbers), at=now, practice_id=practice_id)
    return [Settled(row, numbers[row.patient_id], *each) for row in rows for each in claimed(row.lines)]


def claimed(lines: Sequence[LineRow]) -> list[tuple[str, int, int]]:
    """By code, what was done: also what the patient is free of, but nothing that the office has taken off."""
    off = {each.corrects for each in lines if not each.by_ceiling and each.reason != EXEMPTED}
    found: dict[str, list[int]] = {}
    for line in lines:
        if line.is_counter or not line.tariff or (line.id in off and not line.left):
            continue
        sums = found.setdefault(line.tariff, [0, 0])
        sums[0], sums[1] = sums[0] + (not line.by_ceiling), sums[1] + line.left
    return [(tariff, count, ore) for tariff, (count, ore) in found.items() if count]


@dataclass(frozen=True, slots=True)
class Moved:
    """Money that came or went, for the accounts."""

    charge_id: UUID | None  # None: it is on no charge
    at: datetime
    way: str
    ore: int
    invoice: int | None
    kid: str | None


def payments(actor: Actor, practice_id: UUID, first: date) -> list[Moved]:
    """Of a month, by when the money came; also what the bank told of that is on no charge. Nobody's name."""
    begins, ends = span(first)
    rows = Payment.objects.filter(
        charge__in=policy.charges_visible_to(actor), practice=practice_id, at__gte=begins, at__lt=ends
    )
    found = rows.order_by("at", "pk").values_list(
        *("charge_id", "at", "way", "ore", "charge__invoice__number", "charge__invoice__kid")
    )
    loose = policy.received_visible_to(actor).filter(
        practice=practice_id, charge=None, read_at__gte=begins, read_at__lt=ends
    )
    return sorted(
        [*(Moved(*each) for each in found), *(_loose(row) for row in loose.order_by("read_at", "pk"))],
        key=lambda each: each.at,
    )


def _loose(row: Received) -> Moved:
    is_back = row.finding == Finding.BACK
    return Moved(
        None, row.read_at, Way.BOUNCE if is_back else Way.BANK, -row.ore if is_back else row.ore, None, row.kid
    )


def span(first: date) -> tuple[datetime, datetime]:
    """The clinic's month."""
    after = (first + timedelta(days=31)).replace(day=1)
    return local_period(first)[0], local_period(after)[0]


def _listed(
    actor: Actor, practice_id: UUID, which: Q, order: str, now: datetime, *, is_whole: bool = False
) -> list[ChargeRow]:
    found = policy.charges_visible_to(actor).filter(which, practice=practice_id).order_by(order, "pk")
    found = found if is_whole else found[:MOST]
    rows = bills.rows_of(found)
    audit.looked_many(actor, "charges.listed", {row.patient_id for row in rows}, at=now, practice_id=practice_id)
    return rows


def one(actor: Actor, charge_id: UUID, now: datetime) -> ChargeRow:
    found = policy.find_charge(actor, charge_id)
    audit.looked(actor, "charge.read", charge_id, at=now, patient_id=found.patient_id, practice_id=found.practice_id)
    return bills.row_of(charge_id)


def of_thing(actor: Actor, object_id: UUID) -> ChargeRow | None:
    """The charge of an appointment or a dialogue, beside the thing itself, whose look is logged."""
    found = bills.rows_of(policy.charges_visible_to(actor).filter(object_id=object_id).exclude(status="withdrawn"))
    return found[0] if found else None


def capped(row: ChargeRow, known: Known) -> dict[UUID, int]:
    """Lines that cost less than their rate, because no more was promised, each with what the rate is."""
    found = {}
    for line in row.lines:
        if line.code in known.rates and not line.is_counter and line.ore and line.ore == line.top:
            rate = known.rates[line.code]
            full = amount(rate, in_evening=line.in_evening, is_specialist=row.is_specialist)
            if full > line.ore:
                found[line.id] = full
    return found


def codes(actor: Actor, practice_id: UUID, known: Known) -> list[tuple[str, str]]:
    """What may be typed as a line: codes that a confirmed table tells of and the office takes, then its own prices."""
    own = OwnPrice.objects.filter(practice=practice_id, practice__in=actor.practices).order_by("name")
    typed = rules.typed_codes(known.rates, known.terms)
    return [
        *((each.code, f"{each.code} {named(each.code, each.what)}") for each in typed),
        *((str(row.pk), row.name) for row in own),
    ]


@dataclass(frozen=True, slots=True)
class Choice:
    """A code that an answer may be charged by. `tariff` is its name at this hour."""

    code: str
    tariff: str
    ore: int
    is_capped: bool  # by what she was promised


def answers(
    *, object_id: UUID, practice_id: UUID, patient_id: UUID, clinician_id: UUID | None, now: datetime
) -> list[Choice]:
    """What an answer in writing costs now, never more than was promised. Whose it is, is asked before."""
    promise = queries.promised(object_id)
    standing, rates, terms = ask_all(
        queries.standing(patient_id, clinician_id, local_day(now)),
        Asked(queries.RATES, {"practice": practice_id, "day": local_day(now)}),
        Asked(queries.TERMS, {"practice": practice_id}),
    )
    found, told = [], {rate.code: rate for rate in rates}
    is_specialist = bool(standing[0].is_specialist)
    for code in rules.ANSWERS:
        main = charge_rules.main_line(
            kind=Kind.SERVICE,
            service=Service.ECONSULTATION,
            code=code,
            rates=told,
            terms=terms[0] if terms else rules.Terms(),
            is_specialist=is_specialist,
            birth_date=standing[0].birth_date,
            at=now,
            promised=promise.high if promise else None,
            has_card=standing[0].has_card,
        )
        if main:
            full = amount(told[code], in_evening=main.in_evening, is_specialist=is_specialist)
            tariff = rules.in_tariff(code, in_evening=main.in_evening)
            found.append(Choice(code, tariff, main.ore, is_capped=0 < main.ore < full))
    return found


@dataclass(frozen=True, slots=True)
class Sums:
    """`name` of a code, a doctor or a month: how many lines that stand, what they came to."""

    name: str
    lines: int
    ore: int
    in_evening: bool = False


@dataclass(frozen=True, slots=True)
class Totals:
    by_code: Sequence[Sums]
    by_doctor: Sequence[Sums]
    by_month: Sequence[Sums]
    ore: int


def totals(actor: Actor, practice_id: UUID, year: int) -> Totals:
    """Of what is approved in a year. Three statements; nobody's name but doctors'."""
    begins, ends = local_period(date(year, 1, 1))[0], local_period(date(year, 12, 31))[1]
    rows = Line.objects.filter(
        charge__in=policy.charges_visible_to(actor),
        practice=practice_id,
        charge__status=Status.APPROVED,
        charge__happened_at__gte=begins,
        charge__happened_at__lt=ends,
    ).order_by()
    # A line counts when something of it is asked for: neither what is free nor what is taken back whole.
    back = Line.objects.filter(corrects=OuterRef("pk")).values("corrects").annotate(sum=Sum("ore"))
    rows = rows.annotate(back=Subquery(back.values("sum"), output_field=IntegerField()))
    standing = Count("pk", filter=Q(corrects=None, ore__gt=0) & (Q(back=None) | Q(back__gt=-F("ore"))))
    by_code: dict[tuple[str, bool], list[int]] = defaultdict(lambda: [0, 0])
    for code, late, count, ore in rows.values_list("code", "in_evening").annotate(count=standing, sum=Sum("ore")):
        sums = by_code[code, late and code in CODES and bool(CODES[code].evening)]  # many have one name at any hour
        sums[0], sums[1] = sums[0] + count, sums[1] + ore
    by_doctor = rows.values_list("charge__clinician__name").annotate(count=standing, sum=Sum("ore"))
    months: dict[int, list[int]] = {number: [0, 0] for number in range(1, 13)}
    for at, ore in rows.values_list("charge__happened_at", "ore"):
        found = months[at.astimezone(CLINIC).month]
        found[0], found[1] = found[0] + 1, found[1] + ore
    return Totals(
        # What came to nothing is no row of its own.
        by_code=[
            Sums(code, count, ore, in_evening=late) for (code, late), (count, ore) in sorted(by_code.items()) if count
        ],
        by_doctor=[Sums(name, count, ore) for name, count, ore in sorted(by_doctor) if count],
        by_month=[Sums(str(number), count, ore) for number, (count, ore) in months.items()],
        ore=sum(ore for _count, ore in months.values()),
    )


def run_of(actor: Actor, practice_id: UUID) -> Run | None:
    """The latest."""
    found = Run.objects.filter(practice=practice_id, practice__in=actor.practices).select_related("by_employee")
    return found.order_by("-started_at").first()


def to_invoice(practice_id: UUID, now: datetime) -> int:
    return bills.to_invoice(practice_id, now).count()


def with_fee(practice_id: UUID, now: datetime) -> tuple[int, int | None]:
    """How many of `to_invoice` get a fee on top, and of how much at most: 0 where the office takes none, None where no
    table tells."""
    known = queries.known(practice_id, local_day(now))
    fee = rules.invoice_fee(known.rates, known.terms)
    if not fee:
        return 0, fee
    rows = dict(bills.to_invoice(practice_id, now).values_list("pk", "object_id"))
    free = set(Promise.objects.filter(object_id__in=rows.values(), invoice=0).values_list("object_id", flat=True))
    heard = outbox.told_of("charge.approved", rows)
    return sum(rows[each] not in free for each in heard), fee


def pays_first(practice_id: UUID, now: datetime) -> int:
    """How many are not sent yet, because she was told of them so lately."""
    rows = bills.owing(Charge.objects.filter(practice=practice_id, invoice=None, disputed_at=None))
    return rows.filter(notified_at__gt=now - told.PAYS_FIRST).count()


def to_remind(practice_id: UUID, today: date) -> tuple[int, int | None]:
    """How many, and what each costs on top: 0 where the office takes nothing, None where no table tells."""
    count = bills.to_remind(practice_id, today).count()
    known = queries.known(practice_id, today) if count else None
    return count, rules.reminder_fee(known.rates, known.terms) if known else 0


def to_look_at(actor: Actor, practice_id: UUID) -> list[tuple[Received, Invoice | None]]:
    """What the bank told of that does not fit, and nobody has looked at."""
    rows = policy.received_visible_to(actor).filter(practice=practice_id, seen_at=None).exclude(finding=Finding.FITS)
    found = list(rows.select_related("charge__invoice").order_by("read_at", "pk")[:MOST])
    return [(row, getattr(row.charge, "invoice", None) if row.charge else None) for row in found]


def put_aside(actor: Actor, practice_id: UUID) -> list[tuple[Received, Invoice | None]]:
    """What did not fit and somebody has looked at, what was looked at last first."""
    rows = policy.received_visible_to(actor).filter(practice=practice_id, seen_at__isnull=False)
    found = list(rows.select_related("charge__invoice", "seen_by").order_by("-seen_at", "pk")[:MOST])
    return [(row, getattr(row.charge, "invoice", None) if row.charge else None) for row in found]


def on_no_invoice(practice_id: UUID) -> int:
    """Money of the bank that is on no charge, whether somebody has looked at it or not; less what was taken back."""
    rows = Received.objects.filter(practice=practice_id, charge=None).order_by()
    sums = dict(rows.values_list("finding").annotate(sum=Sum("ore")))
    return int(sum(-ore if found == Finding.BACK else ore for found, ore in sums.items()))


def received(actor: Actor, received_id: UUID) -> Received:
    """Raises NotFound."""
    return policy.find_received(actor, received_id)
