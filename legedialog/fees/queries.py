"""What is known of prices at an office, and what its manager may confirm."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from django.db.models import IntegerField, Max, Min, OuterRef, QuerySet, Subquery, Sum
from django.db.models.functions import Coalesce
from django.db.models.lookups import GreaterThan

from legedialog.access.actor import Actor
from legedialog.audit import services as audit
from legedialog.core import fence, seen
from legedialog.core.errors import NotFound
from legedialog.core.sql import Asked, Statement, ask, ask_as_one
from legedialog.core.times import local_day, local_period
from legedialog.fees import policy, rules
from legedialog.fees.models import (
    Charge,
    Confirmation,
    ExemptionCard,
    Invoice,
    Line,
    OwnPrice,
    Payment,
    Promise,
    Rate,
    RateTable,
    Terms,
    Transfer,
)
from legedialog.fees.rules import CEILING, CODES, Price, Why


@dataclass(frozen=True, slots=True)
class Known:
    """What one office's pages may tell on one day."""

    rates: dict[str, rules.Rate] = field(default_factory=dict)
    terms: rules.Terms = field(default_factory=rules.Terms)

    @property
    def ceiling(self) -> int | None:
        """Øre of counted co-payments in a calendar year, after which the exemption card comes."""
        return self.rates[CEILING].day if CEILING in self.rates else None


# Those of tables that the office has confirmed. Where two tell of the same, what was confirmed last holds.
RATES = Statement(
    "rates of an office",
    """SELECT DISTINCT ON (rate.code) rate.code, rate.day, rate.evening, rate.specialist_day, rate.specialist_evening,
              rate.from_date, rate.to_date, rate.source
       FROM fees_confirmation confirmed JOIN fees_rate rate ON rate.table_id = confirmed.table_id
       WHERE confirmed.practice_id = %(practice)s AND %(day)s::date BETWEEN rate.from_date AND rate.to_date
       ORDER BY rate.code, confirmed.at DESC, confirmed.id DESC""",
    rules.Rate,
)
TERMS = Statement(
    "terms of an office",
    """SELECT promises_day_rate, charges_missed, charges_invoice, account_number, due_days, kid_modulus
       FROM fees_terms WHERE practice_id = %(practice)s""",
    rules.Terms,
)


def known(practice_id: UUID, day: date) -> Known:
    """One query."""
    rates, terms = ask_as_one(
        Asked(RATES, {"practice": practice_id, "day": day}), Asked(TERMS, {"practice": practice_id})
    )
    return Known({rate.code: rate for rate in rates}, terms[0] if terms else rules.Terms())


def invoice_fee(practice_id: UUID, now: datetime) -> int | None:
    """What an invoice of today costs her on top."""
    found = known(practice_id, local_day(now))
    return rules.invoice_fee(found.rates, found.terms)


@dataclass(frozen=True, slots=True)
class Standing:
    """What of a patient and a doctor decides a price."""

    birth_date: date
    is_specialist: bool | None
    has_card: bool


STANDING = Statement(
    "who it costs",
    """SELECT person.birth_date, doctor.is_specialist,
              EXISTS (SELECT FROM fees_exemptioncard card
                      WHERE card.patient_id = person.id AND card.from_date <= %(day)s::date
                        AND card.year = extract(year FROM %(day)s::date)) AS has_card
       FROM patients_person person LEFT JOIN practices_clinician doctor ON doctor.id = %(clinician)s::uuid
       WHERE person.id = %(patient)s""",
    Standing,
)


def price(
    *,
    patient_id: UUID,
    practice_id: UUID,
    service: str,
    clinician_id: UUID | None,
    now: datetime,
    starts_at: datetime | None = None,
    stated: str = "",
    evenings: Collection[bool] = (),
) -> Price:
    """What it costs her, for every page that tells it: one query. Whose page it is, is asked before.

    `clinician_id` is None while the doctor is not known, `starts_at` while the time is not: then it is a range.
    `stated`: the exemption of the kind of visit. `evenings`: as in `rules.price`.
    """
    standing, at = _standing(patient_id, practice_id, clinician_id, local_day(starts_at or now))
    return rules.price(
        service=service,
        rates=at.rates,
        terms=at.terms,
        is_specialist=standing.is_specialist,
        birth_date=standing.birth_date,
        now=now,
        starts_at=starts_at,
        has_card=standing.has_card,
        stated=stated,
        evenings=evenings,
    )


def prices(
    *, patient_id: UUID, practice_id: UUID, clinician_id: UUID | None, services: Iterable[str], now: datetime
) -> tuple[dict[str, Price], int | None]:
    """What each costs her, as by `price`, and the year's ceiling: one round trip."""
    standing, at = _standing(patient_id, practice_id, clinician_id, local_day(now))
    found = {
        service: rules.price(
            service=service,
            rates=at.rates,
            terms=at.terms,
            is_specialist=standing.is_specialist,
            birth_date=standing.birth_date,
            now=now,
            has_card=standing.has_card,
        )
        for service in services
    }
    return found, at.ceiling


def _standing(patient_id: UUID, practice_id: UUID, clinician_id: UUID | None, day: date) -> tuple[Standing, Known]:
    standing, rates, terms = ask_as_one(
        Asked(STANDING, {"patient": patient_id, "clinician": clinician_id, "day": day}),
        Asked(RATES, {"practice": practice_id, "day": day}),
        Asked(TERMS, {"practice": practice_id}),
    )
    if not standing:
        raise NotFound
    return standing[0], Known({rate.code: rate for rate in rates}, terms[0] if terms else rules.Terms())


def promised(object_id: UUID) -> Price | None:
    """What was shown before she booked or sent. Who may see the thing itself is asked before."""
    row = Promise.objects.filter(object_id=object_id).first()
    if row is None:
        return None
    return Price(row.service, Why(row.why), row.low, row.high, local_day(row.at), missed=row.missed)


def may_cost(object_id: UUID, *, by_office: bool) -> bool:
    """What an office begins costs nothing before she has answered with the price beside the button."""
    return not by_office or Promise.objects.filter(object_id=object_id).exists()


@dataclass(frozen=True, slots=True)
class TableRow:
    id: UUID
    name: str
    is_invented: bool
    from_date: date
    to_date: date
    confirmed_at: datetime | None
    confirmed_by: str


def tables(actor: Actor, practice_id: UUID) -> list[TableRow]:
    """All that are loaded, the newest first, and whether the office has confirmed them."""
    confirmed = {
        table_id: (at, name)
        for table_id, at, name in Confirmation.objects.filter(practice=practice_id).values_list(
            "table_id", "at", "by_employee__name"
        )
    }
    rows = RateTable.objects.annotate(first=Min("rates__from_date"), last=Max("rates__to_date"))
    return [
        TableRow(row.pk, row.name, row.is_invented, row.first, row.last, *confirmed.get(row.pk, (None, "")))
        for row in rows.order_by("-last", "-loaded_at")
    ]


@dataclass(frozen=True, slots=True)
class Compared:
    """A rate of a table, and what the office's pages tell of the same code today, or told last."""

    rate: rules.Rate
    before: rules.Rate | None

    @property
    def tariff(self) -> str:
        return rules.in_tariff(self.rate.code)

    @property
    def is_changed(self) -> bool:
        new, old = self.rate, self.before
        return old is None or (new.day, new.evening, new.specialist_day, new.specialist_evening) != (
            *(old.day, old.evening, old.specialist_day, old.specialist_evening),
        )


@dataclass(frozen=True, slots=True)
class Table:
    id: UUID
    name: str
    is_invented: bool
    rows: Sequence[Compared]
    unknown: Sequence[str]  # codes that it does not tell of
    mark: str


def table(practice_id: UUID, name: str) -> Table:
    """To look at before it counts."""
    found = policy.find_table(name)
    rates = [_rate(row) for row in found.rates.order_by("from_date", "code")]
    others = Rate.objects.filter(table__confirmations__practice=practice_id).exclude(table=found)
    last: dict[str, rules.Rate] = {row.code: _rate(row) for row in others.order_by("from_date")}
    order = list(CODES)
    rows = [
        Compared(rate, last.get(rate.code))
        for rate in sorted(rates, key=lambda rate: (order.index(rate.code), rate.from_date))
    ]
    told = {rate.code for rate in rates}
    unknown = [code for code in CODES if code not in told]
    return Table(found.pk, found.name, found.is_invented, rows, unknown, seen_of_table(found))


def seen_of_table(found: RateTable) -> str:
    return seen.mark(found.digest)


def _rate(row: Rate) -> rules.Rate:
    return rules.Rate(
        *(row.code, row.day, row.evening, row.specialist_day, row.specialist_evening),
        *(row.from_date, row.to_date, row.source),
    )


def terms(practice_id: UUID) -> Terms:
    return Terms.objects.filter(pk=practice_id).first() or Terms(practice_id=practice_id)


def seen_of_terms(row: Terms) -> tuple[object, ...]:
    return (
        *(row.promises_day_rate, row.charges_missed, row.charges_invoice),
        *(row.account_number, row.due_days, row.kid_modulus),
    )


def own_prices(actor: Actor) -> list[OwnPrice]:
    return list(policy.own_prices_visible_to(actor).order_by("name"))


LOOKS_AHEAD = timedelta(days=60)


@dataclass(frozen=True, slots=True)
class Lasts:
    is_told: bool


LASTS = Statement(
    "whether a rate is told then",
    """SELECT EXISTS (SELECT FROM fees_confirmation confirmed JOIN fees_rate rate ON rate.table_id = confirmed.table_id
                      WHERE confirmed.practice_id = %(practice)s AND rate.code = %(code)s
                        AND %(day)s::date BETWEEN rate.from_date AND rate.to_date) AS is_told""",
    Lasts,
)


def is_running_out(practice_id: UUID, now: datetime) -> bool:
    """No confirmed table tells what a consultation costs in two months: the manager is told in good time."""
    (found,) = ask(LASTS, practice=practice_id, code=rules.CONSULTATION, day=local_day(now + LOOKS_AHEAD))
    return not found.is_told


# ---- what is charged


@dataclass(frozen=True, slots=True)
class LineRow:
    id: UUID
    code: str
    what: str
    ore: int
    reason: str
    is_counter: bool
    left: int  # of it, when counter-entries have taken theirs
    in_evening: bool
    is_counted: bool

    @property
    def tariff(self) -> str:
        return rules.in_tariff(self.code, in_evening=self.in_evening)


@dataclass(frozen=True, slots=True)
class ChargeRow:
    """A charge with its sums. `owed` is below nothing when she has paid more than it came to."""

    id: UUID
    patient_id: UUID
    patient_name: str
    practice_id: UUID
    practice_name: str
    practice_address: str
    organisation_number: str
    clinician_name: str
    clinician_hpr: str
    service: str
    kind: str
    happened_at: datetime
    status: str
    status_at: datetime
    exemption: str
    reason: str
    total: int
    paid: int
    lines: Sequence[LineRow]
    payments: Sequence[Payment]
    invoice: Invoice | None
    transfers: Sequence[Transfer]  # through the payment provider, the latest last
    mark: str

    @property
    def owed(self) -> int:
        return self.total - self.paid

    @property
    def came_online(self) -> bool:
        return any((each.direction, each.stand) == ("in", "done") for each in self.transfers)

    @property
    def is_over(self) -> bool:
        """She has paid too much."""
        return self.owed < 0

    @property
    def is_paid(self) -> bool:
        return self.status == "approved" and self.owed <= 0


def rows_of(charges: QuerySet[Charge]) -> list[ChargeRow]:
    """Three statements, however many they are. In a list nobody asks how far a transfer has come."""
    found = charges.select_related("patient", "practice", "clinician", "invoice")
    return [_charge_row(row, ()) for row in found.prefetch_related("lines", "payments")]


def row_of(charge_id: UUID) -> ChargeRow:
    """One, and what goes through the payment provider. Who may see it is asked before."""
    found = Charge.objects.select_related("patient", "practice", "clinician", "invoice")
    row = found.prefetch_related("lines", "payments", "transfers").get(pk=charge_id)
    return _charge_row(row, sorted(row.transfers.all(), key=lambda each: each.begun_at))


def _charge_row(row: Charge, transfers: Sequence[Transfer]) -> ChargeRow:
    lines = sorted(row.lines.all(), key=lambda line: line.number)
    taken: dict[UUID | None, int] = defaultdict(int)
    for line in lines:
        taken[line.corrects_id] += line.ore
    at = row.practice
    return ChargeRow(
        id=row.pk,
        patient_id=row.patient_id,
        patient_name=row.patient.name,
        practice_id=row.practice_id,
        practice_name=at.name,
        practice_address=", ".join(filter(None, (at.street, f"{at.postal_code} {at.city}".strip()))),
        organisation_number=at.organisation_number,
        clinician_name=row.clinician.name,
        clinician_hpr=row.clinician.hpr_number,
        service=row.service,
        kind=row.kind,
        happened_at=row.happened_at,
        status=row.status,
        status_at=row.status_at,
        exemption=row.exemption,
        reason=row.reason or "",
        total=sum(line.ore for line in lines),
        paid=sum(each.ore for each in row.payments.all()),
        lines=[
            LineRow(
                line.pk,
                line.code,
                line.what,
                line.ore,
                line.reason or "",
                line.corrects_id is not None,
                line.ore + taken[line.pk] if line.corrects_id is None else 0,
                line.in_evening,
                line.is_counted,
            )
            for line in lines
        ],
        payments=sorted(row.payments.all(), key=lambda each: each.at),
        invoice=getattr(row, "invoice", None),
        transfers=transfers,
        mark=seen.mark(row.status, row.exemption, [str(line.pk) for line in lines]),
    )


MOST_SHOWN = 200  # payments on a citizen's page


def payments(actor: Actor, person_id: UUID, now: datetime) -> list[ChargeRow]:
    """Hers, the newest first. Whoever acts for her leaves a line in her log."""
    audit.looked_on_behalf(actor, "payments.listed", None, at=now, patient_id=person_id)
    rows = policy.charges_visible_to(actor).filter(patient=person_id).order_by("-happened_at", "-pk")
    return rows_of(rows[:MOST_SHOWN])


def payment(actor: Actor, charge_id: UUID, now: datetime) -> ChargeRow:
    """One of them. Raises NotFound."""
    found = policy.find_charge(actor, charge_id)
    audit.looked_on_behalf(actor, "charge.read", charge_id, at=now, patient_id=found.patient_id)
    return row_of(charge_id)


@dataclass(frozen=True, slots=True)
class Unpaid:
    number: int


# What policy.charges_visible_to says, for her whose they are or who acts for her.
UNPAID = Statement(
    "what she has to pay",
    """SELECT count(*) AS number FROM fees_charge c
       WHERE c.patient_id = %(person_id)s AND c.patient_id = ANY(%(patients)s) AND c.status = 'approved'
         AND c.content = ANY(%(contents)s) AND c.restriction <> ALL(%(hidden)s)
         AND (c.content <> ALL(%(alone)s) OR c.by_person_id IS NULL OR c.by_person_id = %(reader)s)
         AND (SELECT coalesce(sum(ore), 0) FROM fees_line WHERE charge_id = c.id)
             > (SELECT coalesce(sum(ore), 0) FROM fees_payment WHERE charge_id = c.id)""",
    Unpaid,
)


def unpaid(actor: Actor, person_id: UUID) -> Asked[Unpaid]:
    """How many she has to pay, for Hjem."""
    return Asked(UNPAID, {"person_id": person_id, **policy.her_charges(actor)})


def owing(rows: QuerySet[Charge]) -> QuerySet[Charge]:
    """Those approved that more is to be paid of."""
    cost = Subquery(_sum(Line.objects), output_field=IntegerField())
    paid = Subquery(_sum(Payment.objects), output_field=IntegerField())
    return rows.filter(GreaterThan(Coalesce(cost, 0), Coalesce(paid, 0)), status="approved")


def paid_over(rows: QuerySet[Charge]) -> QuerySet[Charge]:
    """Those that more was paid of than they came to, approved or waived."""
    cost = Subquery(_sum(Line.objects), output_field=IntegerField())
    paid = Subquery(_sum(Payment.objects), output_field=IntegerField())
    return rows.filter(GreaterThan(Coalesce(paid, 0), Coalesce(cost, 0)))


def to_invoice(practice_id: UUID) -> QuerySet[Charge]:
    return owing(Charge.objects.filter(practice=practice_id, invoice=None))


def to_remind(practice_id: UUID, today: date) -> QuerySet[Invoice]:
    owed = owing(Charge.objects.filter(practice=practice_id)).values("pk")
    late = today - rules.REMIND_AFTER
    return Invoice.objects.filter(charge__in=owed, due_date__lte=late, reminded_at=None).order_by("number")


def _sum(rows: Any) -> Any:
    of_charge = rows.filter(charge=OuterRef("pk")).order_by().values("charge")
    return of_charge.annotate(sum=Sum("ore")).values("sum")


def counted_in(patient_id: UUID, day: date) -> int:
    """Counted co-payments of the calendar year of `day` that offices here have approved, all of them."""
    begins, ends = local_period(date(day.year, 1, 1))[0], local_period(date(day.year, 12, 31))[1]
    rows = Line.objects.filter(
        charge__patient=patient_id,
        charge__status="approved",
        charge__happened_at__gte=begins,
        charge__happened_at__lt=ends,
        is_counted=True,
    )
    with fence.system("the ceiling is counted over all offices"):
        return int(rows.aggregate(sum=Sum("ore", default=0))["sum"])


@dataclass(frozen=True, slots=True)
class Card:
    """How far it is to the exemption card this year, by the offices here alone; of the card the register tells."""

    year: int
    counted: int
    ceiling: int | None  # None: not known
    from_date: date | None  # she has it; None: the register has not told of one

    @property
    def left(self) -> int | None:
        return None if self.ceiling is None else max(0, self.ceiling - self.counted)


def card(person_id: UUID, practice_id: UUID | None, now: datetime) -> Card:
    day = local_day(now)
    ceiling = known(practice_id, day).ceiling if practice_id else None
    held = ExemptionCard.objects.filter(patient=person_id, year=day.year).first()
    return Card(day.year, counted_in(person_id, day), ceiling, held.from_date if held else None)
