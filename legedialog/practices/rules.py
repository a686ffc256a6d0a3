"""When an office is open, and what a doctor offers today. No database and no clock: everything is a parameter."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from itertools import pairwise
from typing import Protocol
from uuid import UUID

from django.db.models import TextChoices
from django.utils.functional import Promise
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from legedialog.core.errors import Refusal, Refused
from legedialog.core.times import CLINIC, at_local, local_day
from legedialog.core.workdays import holiday_name, is_working_day

LOOK_AHEAD = 60  # days. An office closed for longer says so itself


class Service(TextChoices):
    """What a doctor may offer digitally. Names on screen are in practices/texts.py."""

    BOOK = "book"
    REQUEST = "request"
    ECONSULTATION = "econsultation"
    RENEW = "renew"
    CONTACT = "contact"
    VIDEO = "video"


class Mode(TextChoices):
    """What of her work an employee is told when she is away."""

    NEAR = "near", _("Når noe nærmer seg fristen og ingen er logget inn")
    DIGEST = "digest", _("Én gang om dagen, hvis noe venter")


DAY = (time(8), time(21))  # no telephone buzzes at night: outbox/rules.py


class Hourly(Protocol):
    """A choice of hours."""

    @property
    def mode(self) -> str: ...
    @property
    def from_clock(self) -> time: ...
    @property
    def to_clock(self) -> time: ...
    @property
    def on_days_off(self) -> bool: ...


def may_tell(reach: Hourly, now: datetime) -> bool:
    """Whether it is within the hours she has chosen; of a digest, in the first of them."""
    local = now.astimezone(CLINIC)
    ends = reach.to_clock
    if reach.mode == Mode.DIGEST:
        ends = min(ends, time(reach.from_clock.hour + 1, reach.from_clock.minute))
    return reach.from_clock <= local.time() < ends and (reach.on_days_off or is_working_day(local.date()))


# Only the doctor herself can answer these, so they close while she is away and nobody stands in. Times can be booked
# for when she is back, and reception answers the rest. Source: docs/facts.md#absence.
ANSWERED_BY_THE_DOCTOR = frozenset({Service.ECONSULTATION, Service.RENEW})


@dataclass(frozen=True, slots=True)
class Hours:
    """From and with `opens`, to and without `closes`, on the clinic's wall."""

    opens: time
    closes: time


@dataclass(frozen=True, slots=True)
class Opening:
    """`changes_at` (UTC) is when it closes, or opens next; None when it does not open within LOOK_AHEAD days."""

    is_open: bool
    changes_at: datetime | None


Weekly = Mapping[int, Sequence[Hours]]  # Monday is 0
Exceptions = Mapping[date, Hours | None]  # None is closed all day


def hours_on(day: date, weekly: Weekly, exceptions: Exceptions) -> list[Hours]:
    """The day's own exception wins over holidays, and a public holiday over the week."""
    if day in exceptions:
        hours = exceptions[day]
        return [hours] if hours else []
    if holiday_name(day, "nb"):
        return []
    return ordinary_hours(day.weekday(), weekly)


def ordinary_hours(weekday: int, weekly: Weekly) -> list[Hours]:
    return sorted(weekly.get(weekday, ()), key=lambda hours: hours.opens)


def opening(now: datetime, weekly: Weekly, exceptions: Exceptions) -> Opening:
    today = local_day(now)
    for days in range(LOOK_AHEAD + 1):
        day = today + timedelta(days=days)
        for hours in hours_on(day, weekly, exceptions):
            opens, closes = at_local(day, hours.opens), at_local(day, hours.closes)
            if now < opens:
                return Opening(False, opens)
            if now < closes:
                return Opening(True, closes)
    return Opening(False, None)


@dataclass(frozen=True, slots=True)
class Away:
    """A doctor's absence, both dates included, with who stands in, if anybody."""

    id: UUID
    clinician_id: UUID
    clinician_name: str
    first_date: date
    last_date: date
    substitute_id: UUID | None
    substitute_name: str
    note: str


class Why(StrEnum):
    """Why a service is closed."""

    NOT_SUPPORTED = "not-supported"
    NOT_OFFERED = "not-offered"
    CLOSED = "closed"
    NOT_READY = "not-ready"
    AWAY = "away"


@dataclass(frozen=True, slots=True)
class Offered:
    """A service as it is today: open, or closed with a reason for the citizen. The date is the first open day again."""

    service: Service
    why: Why | None = None
    closed_reason: str | Promise = ""
    closed_until_date: date | None = None

    @property
    def is_open(self) -> bool:
        return self.why is None


def seen_of(offered: Offered) -> tuple[object, ...]:
    """What a page of settings has shown of it, in whatever language."""
    words = offered.closed_reason if isinstance(offered.closed_reason, str) else ""
    return offered.service, offered.why, offered.closed_until_date, words


class Named(Protocol):
    """An employment, as a row or a model."""

    @property
    def name(self) -> str: ...
    @property
    def role(self) -> str: ...
    @property
    def starts_date(self) -> date: ...
    @property
    def ends_date(self) -> date | None: ...


def seen_of_employee(row: Named) -> tuple[object, ...]:
    """What a page has shown of an employment that may change."""
    return row.name, row.role, row.starts_date, row.ends_date


@dataclass(frozen=True, slots=True)
class Switch:
    """What the doctor chose for one service. Not ready: it is on, and she has put nothing out that could be booked."""

    is_open: bool
    closed_until_date: date | None
    closed_reason: str
    is_ready: bool = True


def offered(
    service: Service, *, supported: Collection[str], switch: Switch | None, away: Away | None, today: date
) -> Offered:
    """First match wins: the office's record system, the doctor's choice, her plan, her absence."""
    if service not in supported:
        return Offered(service, Why.NOT_SUPPORTED, NOT_SUPPORTED)
    if switch is None:
        return Offered(service, Why.NOT_OFFERED, NOT_OFFERED)
    if is_closed(switch, today):
        return Offered(service, Why.CLOSED, switch.closed_reason or CLOSED, switch.closed_until_date)
    if not switch.is_ready:
        return Offered(service, Why.NOT_READY, NOT_READY)
    if away and service in ANSWERED_BY_THE_DOCTOR and not away.substitute_name:
        reason = format_lazy(AWAY, doctor=away.clinician_name)
        return Offered(service, Why.AWAY, reason, away.last_date + timedelta(days=1))
    return Offered(service)


def offers(
    supported: Collection[str], switches: Mapping[str, Switch], away: Away | None, today: date
) -> tuple[Offered, ...]:
    """Every service of one doctor, in the order of Service. `switches` by service."""
    return tuple(
        offered(service, supported=supported, switch=switches.get(service.value), away=away, today=today)
        for service in Service
    )


def is_closed(switch: Switch, today: date) -> bool:
    """Closed until a date opens by itself on that date."""
    if switch.is_open:
        return False
    return switch.closed_until_date is None or today < switch.closed_until_date


NOT_SUPPORTED = _("Journalsystemet til legekontoret støtter ikke dette.")
NOT_OFFERED = _("Legen tilbyr ikke dette.")
CLOSED = _("Legen har stengt dette nå.")
NOT_READY = _("Legen har ikke lagt ut timer.")
AWAY = _("{doctor} er borte, og ingen vikar svarer.")

SERVICE_CLOSED = Refusal(
    code="service-closed",
    to_patient=_("Legen tilbyr ikke dette nå. Ring legekontoret hvis du trenger hjelp."),
    to_practice=_("Stoppet: tjenesten er stengt hos legen."),
    source="docs/facts.md#what-the-office-decides",
)
CLOSED_IN_THE_PAST = Refusal(
    code="closed-until-the-past",
    to_patient=_("Velg en dag fram i tid for når tjenesten åpner igjen."),
    to_practice=_("Velg en dag fram i tid for når tjenesten åpner igjen."),
)
UNSUPPORTED = Refusal(
    code="service-not-supported",
    to_patient=_("Journalsystemet til kontoret støtter ikke denne tjenesten."),
    to_practice=_("Journalsystemet til kontoret støtter ikke denne tjenesten."),
)
NOT_A_NATIONAL_NUMBER = Refusal(
    code="not-a-national-number",
    to_patient=_("Fødselsnummeret stemmer ikke. Se over de 11 sifrene."),
)
NOT_AN_HPR_NUMBER = Refusal(
    code="not-an-hpr-number",
    to_patient=_("HPR-nummeret stemmer ikke. Det har opptil ni siffer."),
)
HPR_NUMBER_MISSING = Refusal(
    code="hpr-number-missing",
    to_patient=_("Leger og vikarer må ha HPR-nummer."),
    source="docs/facts.md#login-of-staff",
)
EMPLOYED_ALREADY = Refusal(
    code="employed-already",
    to_patient=_("Denne personen arbeider allerede ved kontoret i den rollen."),
)
LAST_MANAGER = Refusal(
    code="last-manager",
    to_patient=_("Kontoret må ha en leder. Legg til den nye lederen først."),
)
LEFT_ALREADY = Refusal(
    code="left-already",
    to_patient=_("Siste dag er allerede registrert."),
)
WRONG_LAST_DAY = Refusal(
    code="wrong-last-day",
    to_patient=_("Siste dag kan ikke være før første dag."),
)
WRONG_SUCCESSOR = Refusal(
    code="wrong-successor",
    to_patient=_("Velg en som arbeider ved kontoret etter siste dag. Etter en lege må det være en lege."),
)
BAD_OFFICE_NUMBER = Refusal(
    code="not-an-organisation-number",
    to_patient=_("Organisasjonsnummeret stemmer ikke. Det har ni siffer."),
)
OFFICE_THERE_ALREADY = Refusal(
    code="office-there-already",
    to_patient=_("Et kontor med dette organisasjonsnummeret finnes allerede."),
)
WRONG_DATES = Refusal(
    code="wrong-dates",
    to_patient=_("Siste dag kan ikke være før første dag."),
    to_practice=_("Siste dag kan ikke være før første dag."),
)
OVERLAPPING_ABSENCE = Refusal(
    code="overlapping-absence",
    to_patient=_("Legen har allerede et fravær i denne tiden."),
    to_practice=_("Legen har allerede et fravær i denne tiden. Endre eller avslutt det først."),
)
OWN_STAND_IN = Refusal(
    code="own-stand-in",
    to_patient=_("Legen kan ikke være sin egen vikar."),
    to_practice=_("Legen kan ikke være sin egen vikar."),
)
OVERLAPPING_HOURS = Refusal(
    code="overlapping-hours",
    to_patient=_("Åpningstidene på en dag kan ikke overlappe, og de må stenge etter at de åpner."),
    to_practice=_("Åpningstidene på en dag kan ikke overlappe, og de må stenge etter at de åpner."),
)


def check_week(weekly: Weekly) -> None:
    """Raises Refused unless each day's hours come one after another."""
    for weekday in weekly:
        clocks = [clock for hours in ordinary_hours(weekday, weekly) for clock in (hours.opens, hours.closes)]
        if any(later <= earlier for earlier, later in pairwise(clocks)):
            raise Refused(OVERLAPPING_HOURS)
