"""Who may act for whom, and in what. One table of grounds and one of rules; no database, no clock.

A ground opens areas; every rule that holds for it closes some of them again. Several grounds add up. What stands here
is asked at every request and again when queued work is delivered: consent/acting.py finds the facts.
docs/representation.md is made from this file, by representation_page.py.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from enum import StrEnum

from django.db.models import TextChoices
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from legedialog.patients.freshness import LIMITS, Fact


class Area(TextChoices):
    """What a citizen uses, cut where the law cuts."""

    GP = "gp", _("Se hvem fastlegen er")
    APPOINTMENTS = "appointments", _("Se timer hos fastlegen og i kommunen")
    SPECIALIST = "specialist", _("Se timer på sykehus")
    BOOKING = "booking", _("Bestille, be om og avbestille time")
    INBOX = "inbox", _("Lese svar om timer og resepter")
    MESSAGES = "messages", _("Skrive til legen og kontoret")
    PRESCRIPTIONS = "prescriptions", _("Se og fornye resepter")
    CONSENT = "consent", _("Velge samtykke og ungdomstilgang")


class Ground(StrEnum):
    """Why somebody may act. The values are the national codes 7611 where there is one. Source: docs/facts.md#codes."""

    PARENT = "FO"
    GUARDIAN = "VE"
    ATTORNEY = "FU"
    # Source: docs/facts.md#acting-for-another
    ASSIGNED = "TD"  # for one who permanently lacks capacity, after her GP has confirmed it
    YOUTH = "youth"  # herself, 13 to 15, with a parent's consent


class Restriction(TextChoices):
    """Who one item is hidden from: code system 9603. Source: docs/facts.md#children and #codes."""

    NORMAL = "N", _("Vises som vanlig")
    FROM_PARENTS = "NORN_FORANS", _("Skjult for foreldrene")
    FROM_YOUTH = "NORN_UNGDOM", _("Skjult for ungdommen")


# What a youth sees of it, and chooses: whether her parents see the item.
HIDES = {"yes": Restriction.FROM_PARENTS, "no": Restriction.NORMAL}


class AddressRule(StrEnum):
    """What the population register's addresses decide for parents. Published pages differ.

    Source: docs/facts.md#children.
    """

    ANY = "any"  # one parent at the child's address opens for both
    OWN = "own"  # only for the parent who lives there
    OFF = "off"


YOUTH, HEALTH_MAJORITY, ADULT = 13, 16, 18  # whole years
NARROWS = 12
ENDS = HEALTH_MAJORITY
WARN_DAYS = 30  # before an age that changes access

ALL = frozenset(Area)
GP_SERVICES = frozenset({Area.APPOINTMENTS, Area.BOOKING, Area.INBOX, Area.MESSAGES, Area.PRESCRIPTIONS})
WITH_FULL = ALL - {Area.GP, Area.CONSENT}

OPENS: dict[Ground, frozenset[Area]] = {
    Ground.PARENT: ALL,
    Ground.GUARDIAN: ALL,
    Ground.ATTORNEY: ALL - {Area.CONSENT},
    Ground.ASSIGNED: ALL - {Area.CONSENT},
    Ground.YOUTH: frozenset({Area.GP, Area.APPOINTMENTS, Area.INBOX, Area.PRESCRIPTIONS}),
}
# Areas of a power of attorney (tjenesteområder). The second is not published, so it opens nothing.
# Source: docs/facts.md#acting-for-another.
ATTORNEY_AREAS: dict[int, frozenset[Area]] = {
    1: frozenset({Area.GP}),
    2: frozenset(),
    3: ALL - {Area.GP, Area.CONSENT},
}
ATTORNEY_NAMES: dict[int, str | Promise] = {
    1: _("Se opplysninger som er registrert om deg, som hvem fastlegen din er"),
    3: _("Bruke helsetjenester på nett for deg, som timer, meldinger og resepter"),
}


# To the one who has it, of the other.
ATTORNEY_NAMES_RECEIVED: dict[int, str | Promise] = {
    1: _("Se hvem fastlegen er, og andre opplysninger som er registrert"),
    3: _("Bruke helsetjenester på nett, som timer, meldinger og resepter"),
}


@dataclass(frozen=True, slots=True)
class Case:
    """What is known of two persons on one day. `person` is the one whose affairs it is; for a youth alone, both."""

    actor_age: int
    person_age: int
    is_self: bool = False
    is_parent: bool = False
    is_guardian: bool = False
    attorney_areas: frozenset[int] = frozenset()  # of one that is in force today
    is_assigned: bool = False  # the person's GP has confirmed that she lacks capacity, and the actor as next of kin
    has_youth_access: bool = False
    actor_has_address: bool = True  # a registered Norwegian one
    lives_with: bool = False  # the parent who acts is registered at the child's address
    other_parent_does: bool = False  # another parent with responsibility is
    address_rule: AddressRule = AddressRule.ANY
    actor_is_protected: bool = False
    person_is_protected: bool = False
    someone_is_dead: bool = False
    consent: str = "basis"  # the level of the person: "none", "basis", "full"
    office: bool | None = True  # whether the office's system supports representation; None without a GP
    is_reserved: bool = False  # the person, against digital contact
    is_locked: bool = False  # the person has locked all digital use of hers (akuttsperre)
    too_old: frozenset[Fact] = frozenset()  # what the registers have not confirmed for so long that it counts no more


@dataclass(frozen=True, slots=True)
class Rule:
    """Closes `closes` for `grounds` when `holds`. `is_private`: told to nobody, for the register protects the person.

    `text` is for the one who acts; None where no text would help.
    """

    code: str
    grounds: frozenset[Ground]
    holds: Callable[[Case], bool] = field(repr=False)
    closes: frozenset[Area]
    when: str  # for docs
    source: str
    text: str | Promise = ""
    is_private: bool = False


PROXIES = frozenset({Ground.PARENT, Ground.GUARDIAN, Ground.ATTORNEY, Ground.ASSIGNED})
FOR_CHILDREN = frozenset({Ground.PARENT, Ground.GUARDIAN})
PARENTS = frozenset({Ground.PARENT})
ATTORNEYS = frozenset({Ground.ATTORNEY})
ASSIGNED = frozenset({Ground.ASSIGNED})
YOUTHS = frozenset({Ground.YOUTH})
EVERYBODY = frozenset(Ground)


def _nobody_lives_there(case: Case) -> bool:
    if case.address_rule is AddressRule.OFF:
        return False
    return not (case.lives_with or (case.address_rule is AddressRule.ANY and case.other_parent_does))


# In the order in which reasons are told.
RULES: tuple[Rule, ...] = (
    Rule(
        "deceased",
        EVERYBODY,
        lambda case: case.someone_is_dead,
        ALL,
        "one of the two is dead",
        "docs/facts.md#acting-for-another",
        is_private=True,
    ),
    Rule(
        "person-protected",
        PROXIES,
        lambda case: case.person_is_protected,
        ALL,
        "the person has a protected address (code 6 or 7)",
        "docs/facts.md#children",
        is_private=True,
    ),
    Rule(
        "person-locked",
        EVERYBODY,
        lambda case: case.is_locked,
        ALL,
        "the person has locked all digital use (akuttsperre)",
        "docs/facts.md#consent-levels",
        _("Tilgangen er sperret. Bare legekontoret kan åpne den igjen."),
    ),
    Rule(
        "actor-protected",
        PROXIES,
        lambda case: case.actor_is_protected,
        ALL,
        "she who acts has a protected address (code 6 or 7)",
        "docs/facts.md#children",
        _("Du har sperret adresse i Folkeregisteret. Da kan du ikke handle for andre her."),
    ),
    Rule(
        "register-too-old",
        PROXIES,
        lambda case: Fact.PERSON in case.too_old,
        ALL,
        f"the population register has not confirmed one of the two for {LIMITS[Fact.PERSON].lasts.days} days",
        LIMITS[Fact.PERSON].source,
        _(
            "Vi har ikke fått bekreftet opplysningene i Folkeregisteret på flere dager. Derfor kan du ikke handle for "
            "andre akkurat nå. Prøv igjen senere. Haster det, ring legekontoret."
        ),
    ),
    Rule(
        "parenthood-too-old",
        PARENTS,
        lambda case: Fact.PARENTHOOD in case.too_old,
        ALL,
        f"the population register has not confirmed the responsibility for {LIMITS[Fact.PARENTHOOD].lasts.days} days",
        LIMITS[Fact.PARENTHOOD].source,
        _(
            "Vi har ikke fått bekreftet foreldreansvaret i Folkeregisteret på flere dager. Derfor kan du ikke handle "
            "for barnet akkurat nå. Prøv igjen senere. Haster det, ring legekontoret."
        ),
    ),
    Rule(
        "guardianship-too-old",
        frozenset({Ground.GUARDIAN}),
        lambda case: Fact.GUARDIANSHIP in case.too_old,
        ALL,
        f"the population register has not confirmed the guardianship for {LIMITS[Fact.GUARDIANSHIP].lasts.days} days",
        LIMITS[Fact.GUARDIANSHIP].source,
        _(
            "Vi har ikke fått bekreftet vergemålet i Folkeregisteret på flere dager. Derfor kan du ikke handle som "
            "verge akkurat nå. Prøv igjen senere. Haster det, ring legekontoret."
        ),
    ),
    Rule(
        "of-age",
        PARENTS,
        lambda case: case.person_age >= ENDS,
        ALL,
        "the child is 16 or older",
        "docs/facts.md#children, pasient- og brukerrettighetsloven § 4-3",
        _("Barnet har fylt 16 år og bestemmer selv. Det kan gi deg fullmakt i sin egen profil."),
    ),
    Rule(
        "actor-under-16",
        FOR_CHILDREN,
        lambda case: case.actor_age < HEALTH_MAJORITY,
        ALL,
        "she who acts is under 16",
        "docs/facts.md#children",
        _("Du må ha fylt 16 år for å handle for andre."),
    ),
    Rule(
        "actor-without-address",
        PARENTS,
        lambda case: not case.actor_has_address,
        ALL,
        "the parent has no registered Norwegian address",
        "docs/facts.md#children",
        is_private=True,
    ),
    Rule(
        "no-parent-at-the-address",
        PARENTS,
        _nobody_lives_there,
        ALL,
        "no parent that counts lives at the child's address (LEGEDIALOG_PARENT_ADDRESS says which count)",
        "docs/facts.md#children",
        is_private=True,
    ),
    Rule(
        "guardian-under-18",
        frozenset({Ground.GUARDIAN}),
        lambda case: case.actor_age < ADULT,
        ALL,
        "the guardian is under 18",
        "docs/facts.md#acting-for-another",
        _("Du må ha fylt 18 år for å være verge."),
    ),
    Rule(
        "guardian-of-an-adult",
        frozenset({Ground.GUARDIAN}),
        lambda case: case.person_age >= HEALTH_MAJORITY,
        frozenset({Area.CONSENT}),
        "the person is 16 or older: she chooses her consent herself",
        "docs/facts.md#consent-levels",
        _("Den du er verge for, velger selv samtykke."),
    ),
    Rule(
        "giver-under-16",
        ATTORNEYS,
        lambda case: case.person_age < HEALTH_MAJORITY,
        ALL,
        "the giver is under 16",
        "docs/facts.md#acting-for-another",
        _("Den som gir fullmakt, må ha fylt 16 år."),
    ),
    Rule(
        "receiver-under-18",
        ATTORNEYS,
        lambda case: case.actor_age < ADULT,
        ALL,
        "the receiver is under 18",
        "docs/facts.md#acting-for-another",
        _("Du må ha fylt 18 år for å bruke en fullmakt."),
    ),
    *(
        Rule(
            f"attorney-without-area-{number}",
            ATTORNEYS,
            lambda case, number=number: number not in case.attorney_areas,  # type: ignore[misc]
            opened,
            f"the power of attorney does not name area {number}",
            "docs/facts.md#acting-for-another",
            _("Fullmakten gjelder ikke dette."),
        )
        for number, opened in ATTORNEY_AREAS.items()
        if opened
    ),
    Rule(
        "assigned-for-under-16",
        ASSIGNED,
        lambda case: case.person_age < HEALTH_MAJORITY,
        ALL,
        "the person is under 16: her parents or guardian act",
        "docs/facts.md#children and #acting-for-another",
        _("Tildelt fullmakt er for pasienter som har fylt 16 år."),
    ),
    Rule(
        "assigned-to-under-18",
        ASSIGNED,
        lambda case: case.actor_age < ADULT,
        ALL,
        "the next of kin is under 18",
        "docs/facts.md#acting-for-another",
        _("Du må ha fylt 18 år for å bruke en fullmakt."),
    ),
    Rule(
        "too-young-alone",
        YOUTHS,
        lambda case: case.person_age < YOUTH,
        ALL,
        "she is under 13",
        "docs/facts.md#children",
        _("Du må ha fylt 13 år før en forelder kan gi deg tilgang."),
    ),
    Rule(
        "youth-grown",
        YOUTHS,
        lambda case: case.person_age >= HEALTH_MAJORITY,
        ALL,
        "she is 16 or older and needs nobody's leave",
        "docs/facts.md#children",
        is_private=True,
    ),
    Rule(
        "youth-needs-full",
        YOUTHS,
        lambda case: case.consent != "full",
        ALL,
        "the parent has not set the level to Full",
        "docs/facts.md#children",
        _("En forelder må gi full tilgang for deg først."),
    ),
    Rule(
        "narrows-at-12",
        FOR_CHILDREN,
        lambda case: NARROWS <= case.person_age < HEALTH_MAJORITY,
        frozenset({Area.SPECIALIST, Area.MESSAGES}),
        "the child is 12 to 15",
        "docs/facts.md#children",
        _(
            "Barnet har fylt 12 år og har rett til mer privatliv. Derfor kan du ikke lenger se timer på sykehus eller "
            "skrive til legen for det. Ring legekontoret når du trenger det."
        ),
    ),
    Rule(
        "person-has-no-office",
        PROXIES,
        lambda case: case.office is None,
        GP_SERVICES,
        "the person has no GP",
        "docs/facts.md#children",
        _("Den du handler for, har ingen fastlege. Derfor er det ingen tjenester å bruke."),
    ),
    Rule(
        "office-without-support",
        PROXIES,
        lambda case: case.office is False,
        GP_SERVICES,
        "the office's record system does not support representation",
        "docs/facts.md#children and #messages",
        _("Legekontoret kan ikke ta imot at noen handler for andre på nett. Ring kontoret."),
    ),
    Rule(
        "list-too-old",
        PROXIES,
        lambda case: Fact.LIST in case.too_old,
        GP_SERVICES,
        f"the GP register has not confirmed whose list the person is on for {LIMITS[Fact.LIST].lasts.days} days",
        LIMITS[Fact.LIST].source,
        _(
            "Vi har lenge ikke fått bekreftet hvem som er fastlegen. Derfor er tjenestene hos legen stengt for deg som "
            "handler for andre. Prøv igjen senere. Haster det, ring legekontoret."
        ),
    ),
    Rule(
        "reservation-too-old",
        PROXIES,
        lambda case: Fact.RESERVATION in case.too_old,
        frozenset({Area.INBOX, Area.MESSAGES}),
        f"the contact register has not told for {LIMITS[Fact.RESERVATION].lasts.days} days whether the person is "
        "reserved against digital contact",
        LIMITS[Fact.RESERVATION].source,
        _(
            "Vi har ikke fått vite på flere dager om den du handler for, har reservert seg mot digital kontakt. Derfor "
            "er meldinger og svar stengt for deg. Prøv igjen senere. Haster det, ring legekontoret."
        ),
    ),
    Rule(
        "person-reserved",
        PROXIES,
        lambda case: case.is_reserved,
        frozenset({Area.INBOX, Area.MESSAGES}),
        "the person is reserved against digital contact",
        "docs/facts.md#acting-for-another",
        _("Den du handler for, har reservert seg mot digital kontakt. Svarene kommer i posten."),
    ),
    Rule(
        "person-not-full",
        PROXIES,
        lambda case: case.consent != "full",
        WITH_FULL,
        "the person's own level is not Full",
        "docs/facts.md#consent-levels and #acting-for-another",
        _("Den du handler for, har ikke full tilgang. Du kan aldri gjøre mer enn hun eller han kan selv."),
    ),
    Rule(
        "person-none",
        PROXIES,
        lambda case: case.consent == "none",
        frozenset({Area.GP}),
        "the person has turned the services off",
        "docs/facts.md#consent-levels and #acting-for-another",
        _("Den du handler for, har slått av tjenestene."),
    ),
)


@dataclass(frozen=True, slots=True)
class Reason:
    code: str
    text: str | Promise
    closes: frozenset[Area]


@dataclass(frozen=True, slots=True)
class Decision:
    """`areas` is empty when she may not act at all. `reasons` tell what is closed and may be told, in RULES's order.

    `is_private`: something that must not be told closed it whole, so nothing is said of the person.
    """

    areas: frozenset[Area] = frozenset()
    ground: Ground | None = None  # the first that opens anything
    reasons: tuple[Reason, ...] = ()
    is_private: bool = False


def grounds_of(case: Case) -> list[Ground]:
    claimed = {
        Ground.YOUTH: case.is_self and case.has_youth_access,
        Ground.PARENT: not case.is_self and case.is_parent,
        Ground.GUARDIAN: not case.is_self and case.is_guardian,
        Ground.ATTORNEY: not case.is_self and bool(case.attorney_areas),
        Ground.ASSIGNED: not case.is_self and case.is_assigned,
    }
    return [ground for ground, holds in claimed.items() if holds]


def decide(case: Case) -> Decision:
    """What she may do for the other today, and why not more."""
    opened: dict[Ground, frozenset[Area]] = {}
    stopped: list[Rule] = []
    for ground in grounds_of(case):
        holding = [rule for rule in RULES if ground in rule.grounds and rule.holds(case)]
        opened[ground] = OPENS[ground].difference(*(rule.closes for rule in holding))
        stopped += [rule for rule in holding if rule not in stopped and rule.closes & OPENS[ground]]
    areas = frozenset().union(*opened.values())
    told = [Reason(rule.code, rule.text, rule.closes - areas) for rule in RULES if rule in stopped and rule.text]
    return Decision(
        areas=areas,
        ground=next((ground for ground, found in opened.items() if found), None),
        reasons=tuple(reason for reason in told if reason.closes),
        is_private=not areas and any(rule.is_private for rule in stopped),
    )


def is_hidden(restriction: str, ground: Ground | str | None) -> bool:
    """Whether one item is hidden from the reader: a parent or guardian, or the youth herself."""
    if restriction == Restriction.FROM_PARENTS:
        return ground in FOR_CHILDREN
    return restriction == Restriction.FROM_YOUTH and ground == Ground.YOUTH
