"""What a service costs: told, kept, and how far it is to the exemption card."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from uuid import UUID

from django.db.models import Sum

from legedialog.core import broken, fence
from legedialog.core.errors import NotFound
from legedialog.core.sql import Asked, Statement, ask_as_one
from legedialog.core.times import local_day, local_period
from legedialog.fees import rules
from legedialog.fees.models import (
    ExemptionCard,
    Line,
    Promise,
)
from legedialog.fees.rules import CEILING, Price, Why


@dataclass(frozen=True, slots=True)
class Known:
    """What one office's pages may tell on one day."""

    rates: dict[str, rules.Rate] = field(default_factory=dict)
    terms: rules.Terms = field(default_factory=rules.Terms)
    own: Sequence[rules.Own] = ()  # its own prices, by name; with what a patient pays

    @property
    def ceiling(self) -> int | None:
        """Øre of counted co-payments in a calendar year, after which the exemption card comes."""
        return self.rates[CEILING].day if CEILING in self.rates else None

    def left(self, counted: int) -> int | None:
        """To the ceiling. None: not known."""
        return None if self.ceiling is None else max(0, self.ceiling - counted)


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
    """SELECT promises_day_rate, charges_missed, charges_invoice, account_number, due_days, kid_modulus,
              charges_reminder, charges_dispatch
       FROM fees_terms WHERE practice_id = %(practice)s""",
    rules.Terms,
)


OWN = Statement(
    "own prices of an office",
    "SELECT name, ore, id FROM fees_ownprice WHERE practice_id = %(practice)s ORDER BY name",
    rules.Own,
)


def known(practice_id: UUID, day: date) -> Known:
    """One query."""
    rates, terms = ask_as_one(
        Asked(RATES, {"practice": practice_id, "day": day}), Asked(TERMS, {"practice": practice_id})
    )
    return Known({rate.code: rate for rate in rates}, terms[0] if terms else rules.Terms())


def invoice_fee(practice_id: UUID, object_id: UUID, now: datetime) -> int | None:
    """What an invoice of today for that thing costs her on top, never more than she was told. 0: nothing. None: not
    known."""
    found = known(practice_id, local_day(now))
    fee = rules.invoice_fee(found.rates, found.terms)
    told = Promise.objects.filter(object_id=object_id).values_list("invoice", flat=True).first()
    return fee if fee is None or told is None else min(fee, told)


@dataclass(frozen=True, slots=True)
class Standing:
    """What of a patient and a doctor decides a price. `counted` is of the year, of what the reader may see."""

    birth_date: date
    is_specialist: bool | None
    has_card: bool
    counted: int


STANDING = Statement(
    "who it costs",
    """SELECT person.birth_date, doctor.is_specialist,
              EXISTS (SELECT FROM fees_exemptioncard card
                      WHERE card.patient_id = person.id AND card.from_date <= %(day)s::date
                        AND card.year = extract(year FROM %(day)s::date)) AS has_card,
              (SELECT coalesce(sum(line.ore), 0) FROM fees_charge charge
               JOIN fees_line line ON line.charge_id = charge.id
               WHERE charge.patient_id = person.id AND charge.status = 'approved' AND line.is_counted
                 AND charge.happened_at >= %(begins)s AND charge.happened_at < %(ends)s)::int AS counted
       FROM patients_person person LEFT JOIN practices_clinician doctor ON doctor.id = %(clinician)s::uuid
       WHERE person.id = %(patient)s""",
    Standing,
)


def standing(patient_id: UUID, clinician_id: UUID | None, day: date) -> Asked[Standing]:
    begins, ends = _year(day)
    given = {"patient": patient_id, "clinician": clinician_id, "day": day, "begins": begins, "ends": ends}
    return Asked(STANDING, given)


def _year(day: date) -> tuple[datetime, datetime]:
    return local_period(date(day.year, 1, 1))[0], local_period(date(day.year, 12, 31))[1]


def price(
    *,
    patient_id: UUID,
    practice_id: UUID,
    service: str,
    clinician_id: UUID | None,
    now: datetime,
    starts_at: datetime | None = None,
    stated: rules.Stated | None = None,
    among: Collection[rules.Case] = (),
) -> Price:
    """What it costs her, for every page that tells it: one query. Whose page it is, is asked before.

    `clinician_id` is None while the doctor is not known, `starts_at` while the time is not: then it is a range.
    `stated`: of the kind of visit. `among`: as in `rules.price`.
    """
    who, at = _standing(patient_id, practice_id, clinician_id, local_day(starts_at or now))
    of_kind = stated or rules.Stated()
    extra = next((each for each in at.own if each.id == of_kind.own_price_id), None)
    found = rules.price(
        service=service,
        rates=at.rates,
        terms=at.terms,
        is_specialist=who.is_specialist,
        birth_date=who.birth_date,
        now=now,
        starts_at=starts_at,
        has_card=who.has_card,
        left=at.left(who.counted),
        stated=of_kind.exemption,
        among=among,
        extra=extra,
        is_alone=of_kind.is_alone,
        laboratory=of_kind.laboratory,
    )
    return replace(found, own=[each for each in at.own if each is not extra])


def prices(
    *, patient_id: UUID, practice_id: UUID, clinician_id: UUID | None, services: Iterable[str], now: datetime
) -> tuple[dict[str, Price], Known]:
    """What each costs her, as by `price`, and all that the office's pages may tell: one round trip."""
    who, at = _standing(patient_id, practice_id, clinician_id, local_day(now))
    found = {
        service: rules.price(
            service=service,
            rates=at.rates,
            terms=at.terms,
            is_specialist=who.is_specialist,
            birth_date=who.birth_date,
            now=now,
            has_card=who.has_card,
            left=at.left(who.counted),
        )
        for service in services
    }
    return {service: replace(each, own=at.own) for service, each in found.items()}, at


def _standing(
    patient_id: UUID, practice_id: UUID | None, clinician_id: UUID | None, day: date
) -> tuple[Standing, Known]:
    who, rates, terms, own = ask_as_one(
        standing(patient_id, clinician_id, day),
        Asked(RATES, {"practice": practice_id, "day": day}),
        Asked(TERMS, {"practice": practice_id}),
        Asked(OWN, {"practice": practice_id}),
    )
    if not who:
        raise NotFound
    told = Known(
        {rate.code: rate for rate in rates},
        terms[0] if terms else rules.Terms(),
        own,
    )
    return who[0], told


def promised(object_id: UUID) -> Price | None:
    """What was shown before she booked or sent. Who may see the thing itself is asked before."""
    row = Promise.objects.filter(object_id=object_id).first()
    return promised_by(row) if row else None


def promised_by(row: Promise) -> Price:
    """All that she was told; of the oldest rows the amounts alone are kept."""
    said = why_of(row)
    found = Price(
        *(row.service, Why(row.why), row.low, row.high, said.day or local_day(row.at)),
        missed=row.missed,
        extra=own_of(row),
        laboratory=row.laboratory,
        laboratory_ore=row.laboratory_ore,
        is_told=said.is_told,
    )
    if not said.is_told:
        return found
    return replace(
        found,
        exemption=said.exemption,
        in_evening=said.in_evening,
        is_specialist=said.is_specialist,
        left=said.left,
        own=said.own,
        own_listed=said.own_listed,
        invoice=row.invoice,
        dispatch=row.dispatch if row.service == rules.Service.RENEWAL else 0,
    )


def why_of(row: Promise) -> rules.WhyKept:
    return broken.read(row.told, rules.read_why, lambda _said: rules.WhyKept(), of="fees_promise.told", row=row.pk)


def own_of(row: Promise) -> rules.Own | None:
    """What of the office's own list she was shown that it costs."""
    return None if row.own_ore is None else rules.Own(row.own_what or "", row.own_ore)


def missed(object_id: UUID, *, practice_id: UUID, clinician_id: UUID, day: date, patient_id: UUID) -> int | None:
    """The most that is asked for one that is cancelled too late, or missed. 0: nothing. None: not known."""
    who, at = _standing(patient_id, practice_id, clinician_id, day)
    fee, told = rules.missed(at.rates, at.terms, who.is_specialist), promised(object_id)
    return fee if fee is None or told is None or told.missed is None else min(fee, told.missed)


def may_cost(object_id: UUID, *, by_office: bool) -> bool:
    """What an office begins costs nothing before she has answered with the price beside the button."""
    return not by_office or Promise.objects.filter(object_id=object_id).exists()


def counted_in(patient_id: UUID, day: date) -> int:
    """Counted co-payments of the calendar year of `day` that offices here have approved, all of them."""
    begins, ends = _year(day)
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
    left: int | None
    from_date: date | None  # she has it; None: the register has not told of one
    is_child: bool  # who pays no co-payment, and needs no card


def card(person_id: UUID, practice_id: UUID | None, now: datetime) -> Card:
    day, counted = local_day(now), counted_in(person_id, local_day(now))
    who, at = _standing(person_id, practice_id, None, day)
    held = ExemptionCard.objects.filter(patient=person_id, year=day.year).first()
    is_child = rules.is_free_by_age(who.birth_date, day)
    return Card(day.year, counted, at.ceiling, at.left(counted), held.from_date if held else None, is_child)
