"""When a prescription may be renewed, how a renewal may move, and what the doctor is warned of. No database, no clock.

The tables are read from the top and the first that holds is the answer. docs/renewal-rules.md and
docs/renewal-states.md are made from them: pages.py.
"""

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from enum import StrEnum
from typing import Any

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _

from legedialog.core.errors import Refusal, Refused
from legedialog.core.workdays import add_working_days
from legedialog.patients.rules import months_after

EARLY_DAYS = 30  # before it runs out it may be renewed
NUDGE_DAYS = 14  # before it runs out, to her who looked and did not order. Source: docs/facts.md#what-others-learnt
KEPT_MONTHS = 12  # an expired one is shown so long. Source: docs/facts.md#prescriptions
TOO_OLD_MONTHS = 6  # … and renewed so long; after that the yearly check-up is more than half a year late
CONTROL_MONTHS = 12  # the yearly check-up. Source: docs/facts.md#prescriptions
VALID_MONTHS = 12  # a prescription is normally valid for a year. Source: docs/facts.md#prescriptions
# Source: docs/facts.md#prescriptions
DUE_DAYS = 5  # working days that the citizen is told. Offices promise two to five, some a week
WARN_DAYS = 8  # working days after which both sides are warned
LAPSE_DAYS = 10  # working days after which what nobody has treated lapses
MOST_ITEMS = 20  # in one order
MOST_PACKS = 12
NOTE_LENGTH = 1000  # characters
ANSWER_LENGTH = 1000
ANTIBIOTICS = "J01"  # ATC: antibacterials for systemic use


class Kind(TextChoices):
    """What may be renewed. Source: docs/facts.md#prescriptions."""

    MEDICINE = "medicine", _("Legemiddel")
    EQUIPMENT = "equipment", _("Medisinsk utstyr")
    NUTRITION = "nutrition", _("Næringsmiddel")


class Group(TextChoices):
    """By risk of misuse (reseptgruppe). Equipment and nutrition have none. Source: docs/facts.md#prescriptions."""

    A = "A", _("A: sterkt vanedannende")
    B = "B", _("B: vanedannende")
    C = "C", _("C: andre legemidler")
    UNKNOWN = "U", _("Ikke oppgitt")  # its source did not say: never taken for C
    NONE = "", _("Ingen")


# Beginnings of ATC codes whose medicines are never in group C: opioids, and benzodiazepines and what works as they do.
# Source: narkotikaforskriften § 5 and its list; docs/facts.md#prescriptions.
NARCOTIC = {"N02AA": Group.A, "N02AB": Group.A, "N05BA": Group.B, "N05CD": Group.B, "N05CF": Group.B}


def group_left_out(atc: str) -> Group:
    """The group of a medicine whose source did not tell it: the strict one where the code says so, else unknown."""
    return NARCOTIC.get(atc[:5], Group.UNKNOWN)


class Pickup(TextChoices):
    """Where she wants to collect. `AP` is the national code (8324); no other value of it is known.

    Source: docs/facts.md#codes.
    """

    PHARMACY = "AP"
    OFFICE = "office"  # on paper


class State(StrEnum):
    """Where one prescription stands, as the citizen reads it."""

    AT_PHARMACY = "at-pharmacy"  # nothing collected yet
    PARTLY = "partly-dispensed"
    USED_UP = "used-up"
    EXPIRED = "expired"
    WITHDRAWN = "withdrawn"


class Status(TextChoices):
    """How far one item of a renewal has come."""

    SENT = "sent"
    RECEIVED = "received"  # somebody at the office has opened it
    PREPARED = "prepared"  # staff have looked through it
    WITH_DOCTOR = "with-doctor"
    RENEWED = "renewed"
    CHANGED = "changed"  # renewed with another strength, amount or use
    REFUSED = "refused"
    NEEDS_APPOINTMENT = "needs-appointment"
    LAPSED = "lapsed"  # nobody treated it in time
    WITHDRAWN = "withdrawn"  # by the citizen


S = Status
OPEN = frozenset({S.SENT, S.RECEIVED, S.PREPARED, S.WITH_DOCTOR})
SIGNED = frozenset({S.RENEWED, S.CHANGED})  # a new prescription was written
DECIDED = SIGNED | {S.REFUSED, S.NEEDS_APPOINTMENT}  # by a doctor
ENDED = frozenset({S.LAPSED, S.WITHDRAWN})
_FROM_ANY = DECIDED | ENDED  # a doctor may decide at once, and she may withdraw until it is decided

MOVES: Mapping[str, frozenset[str]] = {
    S.SENT: frozenset({S.RECEIVED, S.PREPARED, S.WITH_DOCTOR, *_FROM_ANY}),
    S.RECEIVED: frozenset({S.PREPARED, S.WITH_DOCTOR, *_FROM_ANY}),
    S.PREPARED: frozenset({S.WITH_DOCTOR, *_FROM_ANY}),
    S.WITH_DOCTOR: frozenset({S.PREPARED, *_FROM_ANY}),  # back to staff with a question
    S.RENEWED: frozenset(),
    S.CHANGED: frozenset(),
    S.REFUSED: frozenset(),
    S.NEEDS_APPOINTMENT: frozenset(),
    S.LAPSED: frozenset(),
    S.WITHDRAWN: frozenset(),
}
WHO: Mapping[str, str] = {
    S.RECEIVED: "staff or doctor, by opening it",
    S.PREPARED: "staff; the doctor when she sends it back",
    S.WITH_DOCTOR: "staff",
    S.RENEWED: "doctor, or the substitute who stands in",
    S.CHANGED: "doctor, or the substitute who stands in",
    S.REFUSED: "doctor, or the substitute who stands in",
    S.NEEDS_APPOINTMENT: "doctor, or the substitute who stands in",
    S.LAPSED: f"a job, after {LAPSE_DAYS} working days",
    S.WITHDRAWN: "the citizen, or who acts for her",
}

DISPENSED = Refusal(
    code="dispensed",
    to_patient=_("Noe er alt hentet på resepten."),
    to_practice=_(
        "Pasienten har alt hentet på denne resepten, så den kan ikke trekkes tilbake. Ring pasienten, og be apoteket "
        "om ikke å utlevere mer."
    ),
)
NOT_OURS = Refusal(
    code="not-ours",
    to_patient=_("Resepten er skrevet et annet sted."),
    to_practice=_("Resepten er skrevet et annet sted, gjelder ikke lenger, eller er alt trukket tilbake."),
)
DECIDED_ALREADY = Refusal(
    code="renewal-decided",
    to_patient=_("Denne bestillingen er allerede avgjort, så den kan ikke endres lenger."),
    to_practice=_("En kollega eller pasienten rakk å avgjøre dette før deg. Siden viser hva som gjelder nå."),
    source="docs/facts.md#the-inbox",
)
CAUTION_UNSEEN = Refusal(
    code="renewal-caution",
    to_patient=_("Legen må se på en advarsel før resepten kan fornyes."),
    to_practice=_(
        "Pasienten har en CAVE-advarsel som ligner dette legemiddelet. Se på den, og sett haken før du fornyer."
    ),
)
NOTHING_CHOSEN = Refusal(
    code="renewal-nothing-chosen",
    to_patient=_("Velg minst én resept du vil fornye."),
    to_practice=_("Velg minst én fornyelse."),
    source="docs/facts.md#prescriptions",
)
TOO_MANY = Refusal(
    code="renewal-too-many",
    to_patient=_("Du kan fornye opptil 20 resepter på en gang. Send resten i en ny bestilling."),
    source="docs/facts.md#prescriptions",
)
NO_GP = Refusal(
    code="renewal-no-gp",
    to_patient=_("Du har ingen fastlege som kan fornye resepten. Finn en fastlege, eller ring legevakten på 116 117."),
    source="docs/facts.md#prescriptions",
)
BAD_DRAFT = Refusal(
    code="renewal-not-writable",
    to_patient=_("Resepten kan ikke skrives slik. Ring legekontoret."),
    to_practice=_("Gruppe A og B kan bare utleveres én gang. B på blå resept kan ha flere uttak."),
    source="docs/facts.md#prescriptions",
)


class Next(StrEnum):
    """What she can do when something stops. A link is shown only where it leads somewhere."""

    BOOK = "book"
    ECONSULTATION = "econsultation"
    COLLECT = "collect"
    WAIT = "wait"
    ORDER = "order"  # see the one she has sent
    CALL = "call"


class Verdict(TextChoices):
    """What the office has said of a medicine by its ATC code. Source: docs/facts.md#what-the-office-decides."""

    ALLOWED = "allowed", _("Kan fornyes uten konsultasjon")
    CONSULTATION = "consultation", _("Trenger konsultasjon")


@dataclass(frozen=True, slots=True)
class Facts:
    """What the rules need to know of one prescription."""

    valid_until: date  # the last day it is valid
    dispensings: int  # how many in all
    dispensed: int
    group: str = Group.C
    kind: str = Kind.MEDICINE
    atc: str = ""
    last_dispensed: date | None = None
    supply_days: int | None = None  # how long one dispensing lasts, when the source tells
    is_withdrawn: bool = False
    is_ours: bool = True  # written at the office that would renew it
    was_collected_before: bool = False  # an earlier prescription of the same
    is_ordered: bool = False  # an open order of it, or of the same substance
    is_renewed: bool = False  # a newer prescription of the same can be used
    verdict: str = ""  # the office's, or none

    @property
    def left(self) -> int:
        return max(self.dispensings - self.dispensed, 0)


def state(facts: Facts, today: date) -> State:
    if facts.is_withdrawn:
        return State.WITHDRAWN
    if facts.left == 0:
        return State.USED_UP
    if today > facts.valid_until:
        return State.EXPIRED
    return State.PARTLY if facts.dispensed else State.AT_PHARMACY


def is_active(facts: Facts, today: date) -> bool:
    """Something can still be collected on it."""
    return state(facts, today) in (State.AT_PHARMACY, State.PARTLY)


def is_current(facts: Facts, today: date) -> bool:
    """Among those she uses now: valid still, or what she has collected lasts still."""
    return not facts.is_withdrawn and not facts.is_renewed and today <= max(runs_out(facts), facts.valid_until)


def runs_out(facts: Facts) -> date:
    """The last day she is covered by: what she has collected and may collect, or the prescription's own last day.

    A prescription with something left ends with its validity, however much she has at home: she should not find out at
    the counter. When all is collected it is the last package that counts, or the day it was collected.
    """
    covered = None
    if facts.last_dispensed and facts.supply_days:
        covered = facts.last_dispensed + timedelta(days=facts.supply_days * (facts.left + 1))
    if facts.left:
        return min(facts.valid_until, covered) if covered else facts.valid_until
    return covered or facts.last_dispensed or facts.valid_until


def earliest_order(facts: Facts) -> date:
    """The first day on which it may be renewed."""
    return runs_out(facts) - timedelta(days=EARLY_DAYS)


@dataclass(frozen=True, slots=True)
class Stop:
    """A reason not to take the order. `when` is for docs."""

    refusal: Refusal
    holds: Callable[[Facts, date], bool] = field(repr=False)
    next: tuple[Next, ...]
    when: str


def _stop(
    code: str,
    holds: Callable[[Facts, date], bool],
    next_: tuple[Next, ...],
    when: str,
    source: str,
    text: object,
    to_practice: object = "",
) -> Stop:
    refusal = Refusal(f"renewal-{code}", text, to_practice, source)  # type: ignore[arg-type]
    return Stop(refusal, holds, next_, when)


# The first that holds is told. What nothing can be done about stands first, then what she should do instead.
STOPS: tuple[Stop, ...] = (
    _stop(
        "already-ordered",
        lambda facts, today: facts.is_ordered,
        (Next.ORDER,),
        "an order of it, or of the same medicine, waits at the office",
        "docs/facts.md#what-others-learnt",
        _("Du har allerede bestilt denne. Du trenger ikke å gjøre noe mer."),
        _("Stoppet: samme legemiddel er allerede bestilt."),
    ),
    _stop(
        "withdrawn",
        lambda facts, today: facts.is_withdrawn,
        (Next.BOOK, Next.ECONSULTATION, Next.CALL),
        "the prescriber has withdrawn it",
        "docs/facts.md#prescriptions",
        _("Legen har trukket denne resepten tilbake. Snakk med legen hvis du fortsatt bruker dette."),
        _("Stoppet: resepten er trukket tilbake."),
    ),
    _stop(
        "already-renewed",
        lambda facts, today: facts.is_renewed,
        (Next.COLLECT,),
        "a newer prescription of the same can be used",
        "docs/facts.md#what-others-learnt",
        _("Du har en nyere resept på det samme. Bruk den."),
        _("Stoppet: en nyere resept på det samme er gyldig."),
    ),
    _stop(
        "group-a",
        lambda facts, today: facts.group == Group.A,
        (Next.BOOK, Next.CALL),
        "group A",
        "docs/facts.md#prescriptions",
        _("Dette legemiddelet er sterkt vanedannende (gruppe A). Legen må snakke med deg hver gang det skrives ut."),
        _("Stoppet: gruppe A krever konsultasjon."),
    ),
    _stop(
        "group-b",
        lambda facts, today: facts.group == Group.B,
        (Next.BOOK, Next.ECONSULTATION, Next.CALL),
        "group B",
        "docs/facts.md#prescriptions",
        _("Dette legemiddelet er vanedannende (gruppe B). Legen må vurdere det med deg hver gang det skrives ut."),
        _("Stoppet: gruppe B krever konsultasjon."),
    ),
    _stop(
        "group-unknown",
        lambda facts, today: facts.group == Group.UNKNOWN,
        (Next.BOOK, Next.ECONSULTATION, Next.CALL),
        "a medicine whose group its source has not told",
        "docs/facts.md#prescriptions",
        _("Vi vet ikke om dette legemiddelet kan fornyes uten at legen snakker med deg. Spør legen om en ny resept."),
        _("Stoppet: reseptgruppen er ikke oppgitt."),
    ),
    _stop(
        "antibiotic",
        lambda facts, today: facts.atc.startswith(ANTIBIOTICS) and facts.verdict != Verdict.ALLOWED,
        (Next.BOOK, Next.ECONSULTATION, Next.CALL),
        f"an antibiotic (ATC {ANTIBIOTICS}) that the office has not allowed",
        "docs/facts.md#prescriptions",
        _("Antibiotika fornyes ikke. Er du syk igjen, må legen vurdere hva som er rett behandling."),
        _("Stoppet: antibiotika krever vurdering."),
    ),
    _stop(
        "needs-consultation",
        lambda facts, today: facts.verdict == Verdict.CONSULTATION,
        (Next.BOOK, Next.ECONSULTATION, Next.CALL),
        "on the office's list of what needs a consultation",
        "docs/facts.md#what-the-office-decides",
        _("Legen din vil snakke med deg før dette skrives ut på nytt, for eksempel for å ta en prøve eller måle noe."),
        _("Stoppet: står på kontorets liste over det som trenger konsultasjon."),
    ),
    _stop(
        "other-prescriber",
        lambda facts, today: not facts.is_ours,
        (Next.BOOK, Next.ECONSULTATION, Next.CALL),
        "written elsewhere than at her GP's office",
        "docs/facts.md#prescriptions",
        _(
            "Denne resepten er skrevet et annet sted enn hos fastlegen din. Be den som skrev den om en ny, eller snakk "
            "med fastlegen om å ta over."
        ),
        _("Stoppet: skrevet av en annen enn kontoret."),
    ),
    _stop(
        "never-had",
        lambda facts, today: not facts.dispensed and not facts.was_collected_before,
        (Next.COLLECT,),
        "she has never collected it, on this or on an earlier prescription",
        "docs/facts.md#prescriptions",
        _("Du har ikke hentet ut dette før, så det er ingenting å fornye."),
        _("Stoppet: aldri hentet ut."),
    ),
    _stop(
        "expired-too-long",
        lambda facts, today: today > months_after(facts.valid_until, TOO_OLD_MONTHS),
        (Next.BOOK, Next.ECONSULTATION, Next.CALL),
        f"it ran out more than {TOO_OLD_MONTHS} months ago",
        "docs/facts.md#prescriptions (a year's prescription, yearly check-up)",
        _("Resepten gikk ut for mer enn seks måneder siden. Legen må vurdere om du fortsatt trenger det."),
        _("Stoppet: utløpt for mer enn seks måneder siden."),
    ),
    _stop(
        "too-early",
        lambda facts, today: today < earliest_order(facts),
        (Next.COLLECT, Next.WAIT),
        f"more than {EARLY_DAYS} days until it runs out",
        "docs/facts.md#prescriptions",
        _("Du har fortsatt nok på denne resepten. Du kan fornye den fra 30 dager før den går ut."),
        _("Stoppet: mer enn 30 dager igjen."),
    ),
)


def stop(facts: Facts, today: date) -> Stop | None:
    """Why it cannot be ordered, or None when it goes to the office."""
    return next((each for each in STOPS if each.holds(facts, today)), None)


@dataclass(frozen=True, slots=True)
class Entry:
    """A line of the office's list: the beginning of an ATC code, for one doctor or (None) all of them."""

    atc: str
    verdict: str
    clinician: object = None


def verdict(atc: str, entries: Iterable[Entry], clinicians: Collection[object]) -> str:
    """What the list says: the longest beginning wins, and of the same length the doctor's own line."""
    hits = [
        (len(entry.atc), entry.clinician is not None, entry.verdict)
        for entry in entries
        if atc and atc.startswith(entry.atc) and (entry.clinician is None or entry.clinician in clinicians)
    ]
    return max(hits)[2] if hits else ""


def same_medicine(one: str, other: str) -> bool:
    """The same active substance: all seven signs of the ATC code. Nothing is known of what has no code."""
    return len(one) == 7 and one == other


def seen_of(item: Any) -> tuple[object, ...]:
    """Of an item or its row: what a doctor who signs has seen, and a colleague may change meanwhile.

    Whether it is decided is check_move's.
    """
    return item.strength, item.use, item.amount, item.dispensings, item.months, item.staff_note


def check_move(now_status: str, status: str) -> None:
    if status not in MOVES[now_status]:
        raise Refused(DECIDED_ALREADY)


def dates(sent: date) -> tuple[date, date, date]:
    """When she is told to expect an answer, when both sides are warned, and the day it lapses."""
    return add_working_days(sent, DUE_DAYS), add_working_days(sent, WARN_DAYS), add_working_days(sent, LAPSE_DAYS)


def may_write(group: str, dispensings: int, *, is_reimbursed: bool) -> bool:
    """A and B are dispensed once, with an exception for B on national-insurance terms.

    Source: docs/facts.md#prescriptions.
    """
    if group == Group.A:
        return dispensings == 1
    return group != Group.B or dispensings == 1 or is_reimbursed


def check_group(kind: str, group: str, dispensings: int, *, is_reimbursed: bool) -> None:
    """Of a prescription that is about to be kept: its group is sealed, so that the database cannot ask."""
    if (kind == Kind.MEDICINE) != (group != Group.NONE) or not may_write(
        group, dispensings, is_reimbursed=is_reimbursed
    ):
        raise Refused(BAD_DRAFT)


class Warn(StrEnum):
    """What the office sees beside an item before it is signed."""

    CAUTION = "caution"
    GROUP = "group"
    NO_GROUP = "no-group"
    ANTIBIOTIC = "antibiotic"
    CONSULTATION = "consultation"
    NO_CONTROL = "no-control"
    EARLY = "early"
    EXPIRED = "expired"
    DUPLICATE = "duplicate"
    INTERACTION = "interaction"


def warnings(
    facts: Facts,
    *,
    last_control: date | None,
    others: Collection[str],
    has_interaction: bool,
    has_caution: bool = False,
    today: date,
) -> list[Warn]:
    """In the order of the enum. `others` are ATC codes of her other prescriptions that something is left on.

    `last_control` is the latest visit that was held, None when there is none.
    """
    holds = {
        Warn.CAUTION: has_caution,
        Warn.GROUP: facts.group in (Group.A, Group.B),
        Warn.NO_GROUP: facts.group == Group.UNKNOWN,
        Warn.ANTIBIOTIC: facts.atc.startswith(ANTIBIOTICS),
        Warn.CONSULTATION: facts.verdict == Verdict.CONSULTATION,
        Warn.NO_CONTROL: last_control is None or today > months_after(last_control, CONTROL_MONTHS),
        Warn.EARLY: today < earliest_order(facts),
        Warn.EXPIRED: today > facts.valid_until,
        Warn.DUPLICATE: any(same_medicine(facts.atc, other) for other in others),
        Warn.INTERACTION: has_interaction,
    }
    return [warn for warn in Warn if holds[warn]]
