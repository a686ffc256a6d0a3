"""Powers of attorney and youth access: given, ended, and what was done by those who act. Never changed, only ended."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID

from django.conf import settings
from django.db import IntegrityError, transaction
from django.db.models import Q
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from legedialog.access.actor import Actor, Kind
from legedialog.audit import services as audit
from legedialog.audit.models import Event
from legedialog.core import events, fence
from legedialog.core.errors import Denied, NotFound, Refusal, Refused, TooMany
from legedialog.core.identifiers import BadIdentifier, parse_national_number
from legedialog.core.names import sort_key, words_of
from legedialog.core.sql import Statement, ask
from legedialog.core.times import local_day
from legedialog.patients import policy, queries
from legedialog.patients.models import Grading, Guardianship, Person, PowerOfAttorney, Responsibility, YouthAccess
from legedialog.patients.representation import (
    ADULT,
    ATTORNEY_NAMES,
    ATTORNEY_NAMES_RECEIVED,
    HEALTH_MAJORITY,
    YOUTH,
    Area,
)
from legedialog.patients.rules import age_on

TRIES_A_DAY = 10  # to name a receiver who is not found: nobody learns who has a number by trying
SHOWN = 100  # of what was done

NOT_FOUND = Refusal(
    code="receiver-not-found",
    to_patient=_(
        "Vi kan ikke gi fullmakt til denne personen. Se at fødselsnummeret og navnet er riktige. "
        "Personen må ha fylt 18 år."
    ),
    source="docs/facts.md#acting-for-another",
)
CANNOT_GIVE = Refusal(
    code="cannot-give-power",
    to_patient=_("Du kan ikke gi fullmakt her. Den som gir fullmakt, må ha fylt 16 år og ikke ha sperret adresse."),
    source="docs/facts.md#acting-for-another",
)
ALREADY = Refusal(
    code="power-exists",
    to_patient=_("Denne personen har allerede fullmakt fra deg i perioden. Avslutt den først, og gi så en ny."),
    source="docs/facts.md#acting-for-another",
)
BAD_PERIOD = Refusal(
    code="power-ends-too-early",
    to_patient=_("Velg en siste dag som ikke er passert."),
    source="docs/facts.md#acting-for-another",
)
NOT_A_YOUTH = Refusal(
    code="not-a-youth",
    to_patient=_("Ungdomstilgang er for dem som er 13, 14 eller 15 år."),
    source="docs/facts.md#children",
)


def give(
    *, actor: Actor, national_number: str, name: str, areas: Collection[int], last_date: date | None, now: datetime
) -> PowerOfAttorney:
    """From today to and with `last_date`, or until it is ended. One answer for all that is wrong with the receiver.

    Raises Denied, TooMany, or Refused.
    """
    check_own(actor)
    today = local_day(now)
    giver = policy.find(actor, _me(actor), today)
    if age_on(giver.birth_date, today) < HEALTH_MAJORITY or giver.address_grading != Grading.OPEN:
        raise Refused(CANNOT_GIVE)
    if last_date and last_date < today:
        raise Refused(BAD_PERIOD)
    receiver = _receiver(actor, national_number, name, now)
    try:
        with transaction.atomic():
            power = PowerOfAttorney.objects.create(
                giver=giver,
                receiver=receiver,
                areas=sorted(set(areas) & ATTORNEY_NAMES.keys()),
                starts_date=today,
                ends_date=last_date + timedelta(days=1) if last_date else None,
                given_at=now,
            )
            audit.record(actor, "power.given", power.pk, at=now, patient_id=giver.pk)
            _tell(giver.pk, receiver.pk)
    except IntegrityError:
        raise Refused(ALREADY) from None
    return power


@fence.system("whether the number and the name are the same person's")
def who_may_receive(national_number: str, name: str, *, from_id: UUID | None, now: datetime) -> Person | None:
    """A living grown person with an open address, another than the giver, whose number and whole name these are.

    Raises BadIdentifier.
    """
    number = parse_national_number(national_number, synthetic=settings.SYNTHETIC_PERSONS).reveal()
    found_id = queries.id_of(number)
    found = Person.objects.filter(pk=found_id).first() if found_id else None
    may = (
        found
        and found.pk != from_id
        and words_of(found.name) == words_of(name)
        and age_on(found.birth_date, local_day(now)) >= ADULT
        and found.address_grading == Grading.OPEN
        and found.death_date is None
    )
    return found if may else None


def _receiver(actor: Actor, national_number: str, name: str, now: datetime) -> Person:
    lately = Q(person_id=actor.person_id, action="power.not-found", at__gt=now - timedelta(days=1))
    if Event.objects.filter(lately, patient_id=actor.person_id).count() >= TRIES_A_DAY:
        raise TooMany(_("Du har prøvd for mange ganger. Prøv igjen i morgen."), seconds=24 * 3600)
    try:
        found = who_may_receive(national_number, name, from_id=actor.person_id, now=now)
    except BadIdentifier:
        raise Refused(NOT_FOUND) from None
    if not found:
        audit.record(actor, "power.not-found", None, at=now, patient_id=actor.person_id)
        raise Refused(NOT_FOUND)
    return found


@transaction.atomic
def end(*, actor: Actor, power_id: UUID, now: datetime) -> None:
    """By either of the two. Counts from the next click of the other. Raises NotFound or Denied."""
    check_own(actor)
    mine = Q(giver=actor.person_id) | Q(receiver=actor.person_id)
    power = PowerOfAttorney.objects.select_for_update().filter(mine, pk=power_id, ended_at=None).first()
    if power is None:
        raise NotFound
    power.ended_at, power.ended_by_id = now, actor.person_id
    power.save(update_fields=["ended_at", "ended_by"])
    audit.record(actor, "power.ended", power.pk, at=now, patient_id=power.giver_id)
    _tell(power.giver_id, power.receiver_id)


@transaction.atomic
def give_youth_access(*, actor: Actor, person_id: UUID, now: datetime) -> None:
    """A parent or guardian lets the youth she acts for use her own pages. Raises Denied, NotFound or Refused."""
    person = _child(actor, person_id, now)
    if not YOUTH <= age_on(person.birth_date, local_day(now)) < HEALTH_MAJORITY:
        raise Refused(NOT_A_YOUTH)
    _given, is_new = YouthAccess.objects.get_or_create(
        person=person, ended_at=None, defaults={"given_by_id": _me(actor), "given_at": now}
    )
    if is_new:
        audit.record(actor, "youth-access.given", person_id, at=now, patient_id=person_id)
        _tell(person_id)


@transaction.atomic
def end_youth_access(*, actor: Actor, person_id: UUID, now: datetime) -> None:
    """Raises Denied or NotFound."""
    _child(actor, person_id, now)
    running = YouthAccess.objects.filter(person=person_id, ended_at=None)
    if running.update(ended_at=now, ended_by=_me(actor)):
        audit.record(actor, "youth-access.ended", person_id, at=now, patient_id=person_id)
        _tell(person_id)


def has_youth_access(person_id: UUID) -> bool:
    return YouthAccess.objects.filter(person=person_id, ended_at=None).exists()


@dataclass(frozen=True, slots=True)
class Power:
    """As one of the two sees it: `name` is the other's. `last_date` is None for one without an end."""

    id: UUID
    name: str
    areas: list[str | Promise]
    starts_date: date
    last_date: date | None
    ended_at: datetime | None
    is_running: bool


@dataclass(frozen=True, slots=True)
class Proxy:
    """Somebody whom a register lets act for her."""

    name: str
    is_guardian: bool
    starts_date: date
    last_date: date | None


@dataclass(frozen=True, slots=True)
class Act:
    """Something that was done on her behalf."""

    at: datetime
    name: str
    action: str
    ground: str
    was_read: bool


@fence.system("the name of the other")
def given(actor: Actor, now: datetime) -> list[Power]:
    """Hers to others, the newest first, ended ones too. One query."""
    return [_power(row, row.receiver.name, ATTORNEY_NAMES, now) for row in _powers(actor, "giver", "receiver")]


@fence.system("the name of the other")
def received(actor: Actor, now: datetime) -> list[Power]:
    """Others' to her. One query."""
    return [_power(row, row.giver.name, ATTORNEY_NAMES_RECEIVED, now) for row in _powers(actor, "receiver", "giver")]


@fence.system("the names of her parents and guardians")
def proxies(actor: Actor, now: datetime) -> list[Proxy]:
    """Parents while she is under 16, and guardians, as the registers say today. Three queries."""
    today = local_day(now)
    me = policy.find(actor, _me(actor), today)
    names = ("given_name", "family_name")
    found = []
    if age_on(me.birth_date, today) < HEALTH_MAJORITY:
        parents = Responsibility.objects.select_related("parent").filter(policy.on(today), child=me)
        for row in parents.only("starts_date", "ends_date", *(f"parent__{name}" for name in names)):
            found.append(Proxy(row.parent.name, False, row.starts_date, _last(row.ends_date)))
    guardians = Guardianship.objects.select_related("guardian").filter(policy.on(today), person=me)
    for ward in guardians.only("starts_date", "ends_date", *(f"guardian__{name}" for name in names)):
        found.append(Proxy(ward.guardian.name, True, ward.starts_date, _last(ward.ends_date)))
    return sorted(found, key=lambda row: sort_key(row.name))


@dataclass(frozen=True, slots=True)
class _Number:
    number: int


WHO_ACT = Statement(
    "who may act",
    """
    SELECT count(*) AS number FROM (
        SELECT receiver_id FROM patients_powerofattorney
         WHERE giver_id = %(person)s AND ended_at IS NULL AND (ends_date IS NULL OR ends_date > %(today)s)
         UNION SELECT guardian_id FROM patients_guardianship
         WHERE person_id = %(person)s AND starts_date <= %(today)s AND (ends_date IS NULL OR ends_date > %(today)s)
         UNION SELECT relative_id FROM patients_assignment WHERE person_id = %(person)s AND ended_at IS NULL
         UNION SELECT parent_id FROM patients_responsibility
         WHERE child_id = %(person)s AND starts_date <= %(today)s AND (ends_date IS NULL OR ends_date > %(today)s)
           AND %(is_child)s
    ) those
    """,
    _Number,
)


def who_act(actor: Actor, *, is_child: bool, now: datetime) -> int:
    """How many may act for her, by her own word or a register's. One query."""
    check_own(actor)
    return ask(WHO_ACT, person=_me(actor), today=local_day(now), is_child=is_child)[0].number


@fence.system("the names of those who acted for her")
def done_for(actor: Actor) -> list[Act]:
    """What others did and saw while they acted for her, the newest first. Two queries."""
    mine = [_me(actor), *actor.former_ids]
    rows = list(
        Event.objects.filter(patient_id__in=mine, actor_kind=Kind.CITIZEN.value, person_id__isnull=False)
        .exclude(person_id__in=mine)
        .exclude(action__startswith="power.")
        .order_by("-at", "-pk")[:SHOWN]
    )
    people = queries.names({row.person_id for row in rows if row.person_id})
    return [
        Act(row.at, people[row.person_id], row.action, row.role, row.kind == "read")
        for row in rows
        if row.person_id in people
    ]


def _powers(actor: Actor, mine: str, other: str) -> list[PowerOfAttorney]:
    check_own(actor)
    columns = ("areas", "starts_date", "ends_date", "ended_at", f"{other}__given_name", f"{other}__family_name")
    rows = PowerOfAttorney.objects.select_related(other).filter(**{mine: actor.person_id})
    return list(rows.only(*columns).order_by("-given_at")[:SHOWN])


def _power(row: PowerOfAttorney, name: str, names: Mapping[int, str | Promise], now: datetime) -> Power:
    return Power(
        id=row.pk,
        name=name,
        areas=[names[area] for area in row.areas if area in names],
        starts_date=row.starts_date,
        last_date=_last(row.ends_date),
        ended_at=row.ended_at,
        is_running=row.ended_at is None and (row.ends_date is None or row.ends_date > local_day(now)),
    )


def _last(ends_date: date | None) -> date | None:
    return ends_date - timedelta(days=1) if ends_date else None


def _child(actor: Actor, person_id: UUID, now: datetime) -> Person:
    if not (actor.acts_for_another and actor.acting_for_id == person_id and actor.opens(Area.CONSENT)):
        raise Denied(_("Bare en forelder eller verge kan gi og ta tilbake ungdomstilgang."))
    return policy.find(actor, person_id, local_day(now), lock=True)


def check_own(actor: Actor) -> None:
    """A power of attorney is for the two alone, never for somebody who acts for one of them.

    Source: docs/facts.md#acting-for-another.
    """
    if actor.kind is not Kind.CITIZEN or actor.acts_for_another:
        raise Denied(_("Fullmakter gjelder bare deg selv. Bytt tilbake til deg selv først."))


def _me(actor: Actor) -> UUID:
    if actor.person_id is None:
        raise NotFound
    return actor.person_id


def _tell(*person_ids: UUID) -> None:
    events.publish(*(f"person:{person_id}" for person_id in person_ids))
