"""What a service costs, and why: codes, the hour, the doctor, exemptions. No database, no clock.

Money is integers of øre. Rates are rows of dated tables (tables.py), never numbers in the code: what no table tells
is unknown, and is said to be so.
"""

import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time
from enum import StrEnum
from typing import Any, NamedTuple
from uuid import UUID

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _
from django.utils.translation import gettext_noop

from legedialog.core.errors import Refusal
from legedialog.core.reading import day as day_of
from legedialog.core.reading import typed
from legedialog.core.times import CLINIC, local_day
from legedialog.core.workdays import is_working_day
from legedialog.patients.rules import age_on
from legedialog.visibility.rules import Content

FREE_UNDER = 16  # whole years. Source: docs/facts.md#prices
LARGEST_AMOUNT = 10_000_000  # øre of one price or line: more than that is a slip of the hand
DAY_BEGINS, EVENING_BEGINS = time(8), time(16)  # on working days. Source: docs/facts.md#prices

# ---- codes


@dataclass(frozen=True, slots=True)
class Code:
    """One code of a rate table. `evening` is its name in the evening, where that differs. `is_counted`: towards the
    exemption card; what is not counted is paid by the exempt too. Source: docs/facts.md#prices."""

    code: str
    what: str  # bokmål, as it is kept; texts.named says it in the reader's language
    evening: str = ""
    is_counted: bool = True
    is_typed: bool = True  # chosen as a line of a charge


CONSULTATION, ECONSULTATION, SIMPLE, REMOTE, HOME = "2ad", "2ae", "1ad", "1bd", "11ad"
CONTACTS = frozenset({CONSULTATION, ECONSULTATION, SIMPLE, REMOTE, HOME})  # one of them is what a charge is for
MATERIAL = ("10a", "10b", "10c", "10d")
LABORATORY, DISPATCH, MISSED, INVOICE, CEILING = "701a", "8", "missed", "invoice", "ceiling"
REMINDER = "reminder"
OWN = "own"  # the code of a line with the office's own price
CODES: dict[str, Code] = {
    each.code: each
    for each in (
        Code(CONSULTATION, gettext_noop("Konsultasjon hos lege"), "2ak"),
        Code(ECONSULTATION, gettext_noop("E-konsultasjon hos lege, tekst eller video"), "2aek"),
        Code(SIMPLE, gettext_noop("Enkel pasientkontakt ved oppmøte"), "1ak"),
        Code(REMOTE, gettext_noop("Enkel pasientkontakt ved brev, telefon eller melding"), "1bk"),
        Code(HOME, gettext_noop("Sykebesøk"), "11ak"),
        Code(LABORATORY, gettext_noop("Prøvetaking")),
        Code("10a", gettext_noop("Materiell, trinn a"), is_counted=False),
        Code("10b", gettext_noop("Materiell, trinn b"), is_counted=False),
        Code("10c", gettext_noop("Materiell, trinn c"), is_counted=False),
        Code("10d", gettext_noop("Materiell, trinn d"), is_counted=False),
        Code(DISPATCH, gettext_noop("Ekspedisjonsgebyr"), is_counted=False),
        Code(MISSED, gettext_noop("Gebyr for time som ikke ble avbestilt i tide"), is_counted=False, is_typed=False),
        Code(INVOICE, gettext_noop("Fakturagebyr"), is_counted=False, is_typed=False),
        Code(REMINDER, gettext_noop("Purregebyr"), is_counted=False, is_typed=False),
        Code(CEILING, gettext_noop("Egenandelstak"), is_counted=False, is_typed=False),
    )
}


def in_tariff(code: str, *, in_evening: bool = False) -> str:
    """The code as people know it; "" for what has none: a fee, the ceiling, the office's own price."""
    if code not in CODES or code in {MISSED, INVOICE, REMINDER, CEILING}:
        return ""
    return (in_evening and CODES[code].evening) or code


def names_code(name: str) -> bool:
    """Whether somebody who types `name` would find a code: by its number, its words or both."""
    return " ".join(typed(name).casefold().split()) in _CODE_NAMES


_CODE_NAMES = {
    name.casefold()
    for each in CODES.values()
    for name in (each.code, each.evening, each.what, f"{each.code} {each.what}")
    if name
}


@dataclass(frozen=True, slots=True)
class Rate:
    """What one code costs from the first day to the last, both included; øre. None: as the one before it."""

    code: str
    day: int
    evening: int | None
    specialist_day: int | None
    specialist_evening: int | None
    from_date: date
    to_date: date
    source: str


def amount(rate: Rate, *, in_evening: bool, is_specialist: bool) -> int:
    evening = rate.day if rate.evening is None else rate.evening
    if not is_specialist:
        return evening if in_evening else rate.day
    day = rate.day if rate.specialist_day is None else rate.specialist_day
    if not in_evening:
        return day
    if rate.specialist_evening is not None:
        return rate.specialist_evening
    return evening if rate.specialist_day is None else max(evening, day)


def is_evening(at: datetime) -> bool:
    """Whether the clinic's clock stands in the evening, the night, a weekend or a holiday at `at`. Aware."""
    local = at.astimezone(CLINIC)
    if not is_working_day(local.date()):
        return True
    return not DAY_BEGINS <= local.time() < EVENING_BEGINS


# ---- exemptions


class Exemption(TextChoices):
    """Why a counted co-payment is not asked for. Source: docs/facts.md#prices."""

    NONE = "", _("Ingen fritak")
    CHILD = "child", _("Under 16 år")
    CARD = "card", _("Frikort")
    YOUTH_THERAPY = "therapy", _("Under 18 år i psykoterapi")
    PREGNANCY = "pregnancy", _("Svangerskapskontroll")
    INFECTION = "infection", _("Allmennfarlig smittsom sykdom, eller mistanke om det")
    INJURY = "injury", _("Godkjent yrkesskade")
    CONSCRIPT = "conscript", _("Vernepliktig i tjeneste")
    VIOLENCE = "violence", _("Første undersøkelse etter vold i nære relasjoner eller seksuelle overgrep")
    CEILING = "ceiling", _("Egenandelstaket for året er nådd")

    @property
    def is_stated(self) -> bool:
        """What an office says of a visit or a charge; age, the card and the ceiling say themselves."""
        return self not in {Exemption.NONE, Exemption.CHILD, Exemption.CARD, Exemption.CEILING}

    @classmethod
    def stated(cls) -> "list[tuple[str, Any]]":
        return [(each.value, each.label) for each in cls if each.is_stated]


THERAPY_UNDER = 18


def exemption(
    *, birth_date: date, day: date, has_card: bool = False, stated: str = "", left: int | None = None
) -> Exemption:
    """The first that holds on the day: age by the birthday at local midnight, the card, what the office states, and
    that nothing is `left` to the year's ceiling (None: not known)."""
    if is_free_by_age(birth_date, day):
        return Exemption.CHILD
    if has_card:
        return Exemption.CARD
    is_too_old = stated == Exemption.YOUTH_THERAPY and age_on(birth_date, day) >= THERAPY_UNDER
    if Exemption(stated).is_stated and not is_too_old:
        return Exemption(stated)
    return Exemption.CEILING if left == 0 else Exemption.NONE


def may_end(exemption: str) -> bool:
    """Whether somebody at the office may say that it was wrong: age and the card say themselves."""
    return exemption not in {Exemption.NONE, Exemption.CHILD, Exemption.CARD}


def is_free_by_age(birth_date: date, day: date) -> bool:
    return age_on(birth_date, day) < FREE_UNDER


# ---- the price


class Service(TextChoices):
    """What the citizen is about to do, in the words of the pages."""

    ATTENDANCE = "attendance"
    PHONE = "phone"
    VIDEO = "video"
    ECONSULTATION = "econsultation"
    RENEWAL = "renewal"
    CONTACT = "contact"


CODE_OF: dict[str, str] = {
    Service.ATTENDANCE: CONSULTATION,
    Service.PHONE: CONSULTATION,  # a talk that takes the place of a visit; the office may charge less, never more
    Service.VIDEO: ECONSULTATION,
    Service.ECONSULTATION: ECONSULTATION,
    Service.RENEWAL: REMOTE,
}


# What may be proposed for an answer in writing: as a consultation, or as a simple contact.
ANSWERS = (ECONSULTATION, REMOTE)

# What a price is a part of, so that who sees the one sees the other: visibility/rules.py.
CONTENT_OF: dict[str, Content] = {
    Service.ATTENDANCE: Content.VISIT_PRICE,
    Service.PHONE: Content.VISIT_PRICE,
    Service.VIDEO: Content.VISIT_PRICE,
    Service.ECONSULTATION: Content.WORDS_PRICE,
    Service.RENEWAL: Content.RENEWAL_PRICE,
}


@dataclass(frozen=True, slots=True)
class Terms:
    """What the office itself decides."""

    promises_day_rate: bool = False  # for e-consultations, whenever the doctor answers
    charges_missed: bool = True
    charges_invoice: bool = True  # a fee for each invoice
    account_number: str = ""  # without it nothing is invoiced
    due_days: int = 14
    kid_modulus: int = 10
    charges_reminder: bool = False  # a fee for each reminder
    charges_dispatch: bool = True  # a fee for what is sent by post


class Why(StrEnum):
    """What decides the amount, or why there is none to tell. texts.py says it."""

    FREE = "free"  # the service costs nothing
    EXEMPT = "exempt"
    UNKNOWN = "unknown"  # no table that the office has confirmed tells of the day
    FIXED = "fixed"
    BY_ANSWER = "by-answer"  # the hour of the answer
    BY_HOUR = "by-hour"  # the hour of the appointment, not chosen yet
    DAY_PROMISED = "day-promised"
    OWN = "own"  # a price of the office's own list stands in the place of a co-payment


@dataclass(frozen=True, slots=True)
class Own:
    """A price of the office's own list: never counted, and paid by the exempt too."""

    name: str
    ore: int
    id: UUID | None = None


class Laboratory(TextChoices):
    """Whether samples are taken at a kind of visit, which has a co-payment of its own."""

    NONE = "", _("Nei, eller ikke alltid")
    WITH = "with", _("Ja, sammen med konsultasjonen")
    ALONE = "alone", _("Ja, og ingenting annet: pasienten snakker ikke med lege")


@dataclass(frozen=True, slots=True)
class Stated:
    """What an office states of a kind of visit: why nobody pays a co-payment for it, and what of its own list such a
    visit costs; `is_alone`, in the place of a co-payment. And whether samples are taken."""

    exemption: str = ""
    own_price_id: UUID | None = None
    is_alone: bool = False
    laboratory: str = ""


class Case(NamedTuple):
    """What a visit may turn out to be, of what decides its price."""

    in_evening: bool
    is_specialist: bool


@dataclass(frozen=True, slots=True)
class Price:
    """From the least to the most, both None where it is not known."""

    service: str
    why: Why
    low: int | None
    high: int | None
    day: date
    exemption: Exemption = Exemption.NONE
    in_evening: bool = False
    is_specialist: bool | None = None
    # Fees beside it. 0: the office takes none. None: it is not known what it is.
    missed: int | None = 0  # for who does not come, or cancels too late
    invoice: int | None = 0  # comes on top when an invoice is sent
    dispatch: int | None = 0  # comes on top when something is sent by post
    left: int | None = None  # to the year's ceiling, where that is less than it would cost
    extra: Own | None = None  # what of the office's own list this costs too, or alone
    own: Sequence[Own] = ()  # the others, which may come on top
    laboratory: str = ""  # Laboratory
    laboratory_ore: int | None = None  # the most that samples cost on top, when they are WITH; None: not known
    own_listed: bool = False  # a kept one: she was told that the own prices stand in help
    is_told: bool = True  # False: a kept one from before what decides it was kept too

    @property
    def is_free(self) -> bool:
        return self.high == 0 and self.extra is None and not self.laboratory_ore


def price(
    *,
    service: str,
    rates: Mapping[str, Rate],
    terms: Terms,
    is_specialist: bool | None,
    birth_date: date,
    now: datetime,
    starts_at: datetime | None = None,
    has_card: bool = False,
    left: int | None = None,
    stated: str = "",
    among: Collection[Case] = (),
    extra: Own | None = None,
    is_alone: bool = False,
    laboratory: str = "",
) -> Price:
    """`rates` are those of the day, by code. `is_specialist` is None while the doctor is not known, `starts_at` while
    the time is not: `among` says then what the times to choose among are, so that nothing is told that none of them
    costs. The exempt pay nothing here;
    what is never counted is told of beside it. Nobody pays more than is `left` to the ceiling. `extra`: as in `Price`;
    when it `is_alone`, there is no co-payment beside it."""
    day = local_day(starts_at or now)
    if len(doctors := {each.is_specialist for each in among}) == 1:
        (is_specialist,) = doctors
    found = Price(service, Why.FREE, 0, 0, day, is_specialist=is_specialist)
    if service == Service.CONTACT:
        return found
    found = replace(found, invoice=invoice_fee(rates, terms))
    if starts_at is not None or service in {Service.ATTENDANCE, Service.PHONE, Service.VIDEO}:
        found = replace(found, missed=missed(rates, terms, is_specialist))
    if service == Service.RENEWAL:
        found = replace(found, dispatch=_fee(rates, DISPATCH, takes=terms.charges_dispatch))
    found = replace(found, extra=extra)
    if extra and is_alone:
        return replace(found, why=Why.OWN)
    found = replace(found, laboratory=laboratory)
    if free := exemption(birth_date=birth_date, day=day, has_card=has_card, stated=stated, left=left):
        return replace(
            found, why=Why.EXEMPT, exemption=free, laboratory_ore=0 if laboratory == Laboratory.WITH else None
        )
    rate = rates.get(LABORATORY if laboratory == Laboratory.ALONE else CODE_OF[service])
    if rate is None:
        return replace(found, why=Why.UNKNOWN, low=None, high=None)
    why, cases = _cases(service, terms, rate, starts_at, is_specialist, among)
    amounts = [amount(rate, in_evening=late, is_specialist=doctor) for late, doctor in cases]
    in_evening = all(late for late, _doctor in cases)
    found = replace(found, why=why, low=min(amounts), high=max(amounts), in_evening=in_evening)
    samples = rates.get(LABORATORY) if laboratory == Laboratory.WITH else None
    if samples:
        most = max(amount(samples, in_evening=late, is_specialist=doctor) for late, doctor in cases)
        found = replace(found, laboratory_ore=most)
    if left is None or left >= max(amounts) + (found.laboratory_ore or 0):
        return found
    high = min(max(amounts), left)
    rest = None if found.laboratory_ore is None else min(found.laboratory_ore, left)
    return replace(found, low=min(*amounts, left), high=high, left=left, laboratory_ore=rest)


def _cases(
    service: str,
    terms: Terms,
    rate: Rate,
    starts_at: datetime | None,
    is_specialist: bool | None,
    among: Collection[Case],
) -> tuple[Why, Collection[Case]]:
    """What it may turn out to be, and whether the hour decides it."""
    why, hours = Why.FIXED, [False]
    if service == Service.ECONSULTATION:
        why, hours = (Why.DAY_PROMISED, [False]) if terms.promises_day_rate else (Why.BY_ANSWER, [False, True])
    elif service == Service.RENEWAL:
        why, hours = (Why.FIXED, [False]) if rate.evening in (None, rate.day) else (Why.BY_ANSWER, [False, True])
    elif starts_at is not None:
        hours = [is_evening(starts_at)]
    elif among:
        return (Why.BY_HOUR if len({each.in_evening for each in among}) > 1 else Why.FIXED), among
    else:
        why, hours = Why.BY_HOUR, [False, True]
    doctors = (True, False) if is_specialist is None else (is_specialist,)
    return why, [Case(late, doctor) for late in hours for doctor in doctors]


def missed(rates: Mapping[str, Rate], terms: Terms, is_specialist: bool | None) -> int | None:
    """The most that is asked of who does not come, or cancels after the deadline. As the fees of `Price`."""
    return _fee(rates, MISSED, takes=terms.charges_missed, is_specialist=is_specialist is not False)


def invoice_fee(rates: Mapping[str, Rate], terms: Terms) -> int | None:
    """What comes on top for who gets an invoice. As the fees of `Price`."""
    return _fee(rates, INVOICE, takes=terms.charges_invoice)


def reminder_fee(rates: Mapping[str, Rate], terms: Terms) -> int | None:
    """The most that the law lets a creditor take, as a table tells it. As the fees of `Price`."""
    return _fee(rates, REMINDER, takes=terms.charges_reminder)


def _fee(rates: Mapping[str, Rate], code: str, *, takes: bool, is_specialist: bool = False) -> int | None:
    if not takes:
        return 0
    rate = rates.get(code)
    return amount(rate, in_evening=False, is_specialist=is_specialist) if rate else None


def typed_codes(rates: Mapping[str, Rate], terms: Terms) -> list[Code]:
    """Those that may be a line of a charge: a table tells of them, and the office takes them."""
    taken = (code for code in CODES.values() if code.is_typed and code.code in rates)
    return [code for code in taken if code.code != DISPATCH or terms.charges_dispatch]


def seen_of(found: Price) -> tuple[object, ...]:
    extra = (found.extra.name, found.extra.ore) if found.extra else None
    samples = found.laboratory, found.laboratory_ore
    return found.service, found.low, found.high, found.missed, found.invoice, found.dispatch, extra, samples


OWN_TOLD = 8  # own prices beside another; more than that stand in help alone


def own_told(found: Price) -> Sequence[Own]:
    """What of the office's own list is told one by one beside a price."""
    return found.own if found.service != Service.RENEWAL and len(found.own) <= OWN_TOLD else ()


def kept_why(found: Price) -> str:
    """What decides a price and what was told beside it, as it is kept with what was promised."""
    return json.dumps(
        {
            "exemption": found.exemption.value,
            "in_evening": found.in_evening,
            "is_specialist": found.is_specialist,
            "left": found.left,
            "day": found.day.isoformat(),
            "own": [(each.name, each.ore) for each in own_told(found)],
            "own_listed": found.own_listed or len(found.own) > OWN_TOLD,
        },
        ensure_ascii=False,
    )


@dataclass(frozen=True, slots=True)
class WhyKept:
    """What `kept_why` says. Without it (`is_told`) the amounts alone are known."""

    is_told: bool = False
    exemption: Exemption = Exemption.NONE
    in_evening: bool = False
    is_specialist: bool | None = None
    left: int | None = None
    day: date | None = None
    own: Sequence[Own] = ()
    own_listed: bool = False  # they were too many to be told one by one


def read_why(text: str | None) -> WhyKept:
    """Raises ValueError, KeyError or TypeError for what `kept_why` has not written."""
    if text is None:
        return WhyKept()
    said = json.loads(text)
    if (on := day_of(said["day"])) is None:
        raise ValueError(said["day"])
    return WhyKept(
        is_told=True,
        exemption=Exemption(said["exemption"]),
        in_evening=said["in_evening"],
        is_specialist=said["is_specialist"],
        left=said["left"],
        day=on,
        own=[Own(name, ore) for name, ore in said["own"]],
        own_listed=said["own_listed"],
    )


def widest(found: Sequence[Price]) -> Price:
    """Of what may become one of several services: from the least to the most; not known where one of them is not."""
    top = max(found, key=lambda each: (each.high is None, each.high or 0))
    lows, fees = [each.low for each in found], [each.missed for each in found]
    low = None if top.high is None else min(each for each in lows if each is not None)
    return replace(top, low=low, missed=None if None in fees else max(each for each in fees if each is not None))


PRICE_CHANGED = Refusal("price-changed", _("Prisen er en annen enn den du så. Se over på nytt før du sender."))

# ---- what a manager confirms

NAME_TAKEN = Refusal("rates-name-taken", _("Det finnes allerede en tabell med dette navnet og annet innhold."))
NAME_IS_CODE = Refusal("price-name-is-code", _("Dette er nummeret eller navnet på en takst. Skriv hva prisen gjelder."))
PRICE_IN_USE = Refusal("price-in-use", _("En timetype har denne prisen. Ta den bort fra timetypen først."))
SAME_NAME = Refusal("price-same-name", _("Dere har allerede en pris med dette navnet. Fjern den først."))
