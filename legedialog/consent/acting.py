"""Whom a citizen may act for now: the facts of two persons, put to the rules in patients/representation.py.

Asked at every request by the middleware, and again by jobs that carry on what somebody asked for.
"""

from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from uuid import UUID

from django.conf import settings
from django.db.models import Exists, OuterRef, Q, QuerySet, Subquery

from legedialog.access.actor import Actor, Kind
from legedialog.access.models import Lock
from legedialog.consent import rules
from legedialog.consent.models import Consent
from legedialog.core import fence
from legedialog.core.names import sort_key
from legedialog.core.times import local_day
from legedialog.patients import freshness
from legedialog.patients.freshness import Fact
from legedialog.patients.models import (
    Assignment,
    Grading,
    Guardianship,
    Membership,
    Person,
    PowerOfAttorney,
    Responsibility,
    YouthAccess,
)
from legedialog.patients.policy import on
from legedialog.patients.representation import (
    ENDS,
    FOR_CHILDREN,
    NARROWS,
    WARN_DAYS,
    AddressRule,
    Area,
    Case,
    Decision,
    decide,
)
from legedialog.patients.rules import HEALTH_MAJORITY, age_on, turns


@dataclass(frozen=True, slots=True)
class Standing:
    """What one person may do for another today."""

    person_id: UUID
    name: str
    given_name: str
    birth_date: date
    age: int
    decision: Decision
    must_be_asked: bool = False  # a register, before any of this is used: see facts.py
    changes_on: date | None = None  # a birthday within 30 days after which a parent or guardian may less, or nothing

    def reasons(self, area: str | None = None) -> list[str]:
        """Why something is closed; with `area` why that is."""
        return [str(each.text) for each in self.decision.reasons if area is None or area in each.closes]


@fence.system("two persons' facts, before it is known what the one may for the other")
def standings(actor_id: UUID, person_ids: Collection[UUID], now: datetime) -> dict[UUID, Standing]:
    """For each of the persons, herself among them when asked for: then as one who is under 16. One query."""
    today = local_day(now)
    rows = {row.pk: row for row in _facts(actor_id, now).filter(pk__in={actor_id, *person_ids})}
    actor = rows.get(actor_id)
    if actor is None:
        return {}
    return {row.pk: _standing(actor, row, today, now) for row in rows.values() if row.pk in person_ids}


def _standing(actor: Person, row: Person, today: date, now: datetime) -> Standing:
    ages = _ages(actor, row)
    case = _case(actor, row, today)
    decision = decide(
        replace(case, too_old=frozenset(fact for fact, at in ages if freshness.is_too_old(fact, at, now)))
    )
    return Standing(
        person_id=row.pk,
        name=row.name,
        given_name=row.given_name or row.family_name,
        birth_date=row.birth_date,
        age=age_on(row.birth_date, today),
        decision=decision,
        must_be_asked=any(freshness.must_be_asked(fact, at, now) for fact, at in ages),
        changes_on=_changes_on(row.birth_date, decision, today),
    )


def standing(actor_id: UUID, person_id: UUID, now: datetime) -> Standing | None:
    return standings(actor_id, [person_id], now).get(person_id)


def allowed(actor_id: UUID, person_id: UUID, area: Area, now: datetime) -> bool:
    """Whether she may, now: at the delivery of what was queued, after a birthday or a withdrawal. One query."""
    found = standing(actor_id, person_id, now)
    if found is None:
        return False
    is_of_age = actor_id == person_id and found.age >= HEALTH_MAJORITY
    return is_of_age or area in found.decision.areas


def narrowed(actor: Actor, found: Standing) -> Actor:
    """The actor while she acts for the other, or a youth who is alone: the other's things only, and only the areas."""
    return replace(
        actor,
        acting_for_id=found.person_id,
        patients=frozenset({found.person_id}),
        areas=frozenset(area.value for area in found.decision.areas),
        ground=found.decision.ground.value if found.decision.ground else "",
    )


def reader(person_id: UUID, whose_id: UUID, now: datetime) -> Actor | None:
    """Who she would be if she came now to see what is the other's, or hers alone: for what is decided without her."""
    found = standing(person_id, whose_id, now)
    herself = Actor(kind=Kind.CITIZEN, person_id=person_id, acting_for_id=person_id, patients=frozenset({person_id}))
    return narrowed(herself, found) if found else None


@fence.system("whose parent, guardian or attorney she is, before she may anything for them")
def others(actor_id: UUID, now: datetime) -> list[Standing]:
    """Those she may have a right to act for, by name, with what the rules say. Two queries however many."""
    today = local_day(now)
    children = Responsibility.objects.filter(on(today), parent=actor_id).values("child_id")
    wards = Guardianship.objects.filter(on(today), guardian=actor_id).values("person_id")
    givers = PowerOfAttorney.objects.filter(on(today), receiver=actor_id, ended_at=None).values("giver_id")
    assigned = Assignment.objects.filter(relative=actor_id, ended_at=None).values("person_id")
    ids = list(children.union(wards, givers, assigned).values_list(flat=True))
    found = standings(actor_id, ids, now) if ids else {}
    return sorted(found.values(), key=lambda each: (sort_key(each.name), str(each.person_id)))


def alone(person: Person, now: datetime) -> Actor:
    """She herself, who acts for nobody. Under 16 she sees what her youth access opens, and nothing without one."""
    herself = Actor(kind=Kind.CITIZEN, person_id=person.pk, acting_for_id=person.pk, patients=frozenset({person.pk}))
    if age_on(person.birth_date, local_day(now)) >= HEALTH_MAJORITY:
        return herself
    found = standing(person.pk, person.pk, now)
    return narrowed(herself, found) if found else replace(herself, areas=frozenset())


@fence.system("who may act for her, before anybody is told who reads")
def readers(person_id: UUID, now: datetime) -> list[tuple[str, Actor]]:
    """She herself, then those who may act for her now by name: each as whom they would be if they came now. A query,
    and one more for each who has a right."""
    today = local_day(now)
    parents = Responsibility.objects.filter(on(today), child=person_id).values("parent_id")
    guardians = Guardianship.objects.filter(on(today), person=person_id).values("guardian_id")
    receivers = PowerOfAttorney.objects.filter(on(today), giver=person_id, ended_at=None).values("receiver_id")
    relatives = Assignment.objects.filter(person=person_id, ended_at=None).values("relative_id")
    which = Q(pk=person_id)
    for some in (parents, guardians, receivers, relatives):
        which |= Q(pk__in=some)
    people = Person.objects.filter(which).only("given_name", "family_name", "birth_date")
    found = sorted(people, key=lambda each: (each.pk != person_id, sort_key(each.name), str(each.pk)))
    actors = [reader(each.pk, person_id, now) if each.pk != person_id else alone(each, now) for each in found]
    return [(each.name, who) for each, who in zip(found, actors, strict=True) if who]


def _changes_on(birth_date: date, decision: Decision, today: date) -> date | None:
    if decision.ground not in FOR_CHILDREN:
        return None
    coming = (turns(birth_date, age) for age in (NARROWS, ENDS))
    return next((day for day in coming if today < day <= today + timedelta(days=WARN_DAYS)), None)


def _facts(actor_id: UUID, now: datetime) -> QuerySet[Person]:
    today = local_day(now)
    parents = Responsibility.objects.filter(on(today), child=OuterRef("pk"))
    neighbours = Q(
        confirmed_at__gt=freshness.too_old_at(Fact.PARENTHOOD, now),
        parent__confirmed_at__gt=freshness.too_old_at(Fact.PERSON, now),
        parent__address_key=OuterRef("address_key"),
        parent__address_grading=Grading.OPEN,
        parent__death_date=None,
    )
    wards = Guardianship.objects.filter(on(today), person=OuterRef("pk"), guardian=actor_id)
    powers = PowerOfAttorney.objects.filter(on(today), giver=OuterRef("pk"), receiver=actor_id, ended_at=None)
    places = Membership.objects.filter(on(today), person=OuterRef("pk"))
    levels = Consent.objects.filter(person=OuterRef("pk"), ends_at=None)
    columns = ("given_name", "family_name", "birth_date", "death_date", "address_key", "address_grading", "is_reserved")
    return Person.objects.only(*columns, "confirmed_at", "reservation_confirmed_at").annotate(
        child_confirmed_at=Subquery(parents.filter(parent=actor_id).values("confirmed_at")[:1]),
        other_parent_here=Exists(parents.exclude(parent=actor_id).filter(neighbours)),
        ward_confirmed_at=Subquery(wards.values("confirmed_at")[:1]),
        power=Subquery(powers.values("areas")[:1]),
        is_assigned=Exists(Assignment.objects.filter(person=OuterRef("pk"), relative=actor_id, ended_at=None)),
        has_youth_access=Exists(YouthAccess.objects.filter(person=OuterRef("pk"), ended_at=None)),
        office=Subquery(places.values("contract__practice__supports_representation")[:1]),
        list_confirmed_at=Subquery(places.values("confirmed_at")[:1]),
        level=Subquery(levels.values("level")[:1]),
        is_locked=Exists(Lock.objects.filter(person=OuterRef("pk"), lifted_at=None)),
    )


def _ages(actor: Person, person: Person) -> list[tuple[Fact, datetime]]:
    """What the decision is built on, and when a register last confirmed it. Nothing of one's own."""
    facts = person.__dict__
    if actor.pk == person.pk:
        return []
    found = (
        (Fact.PERSON, min(actor.confirmed_at, person.confirmed_at)),
        (Fact.PARENTHOOD, facts["child_confirmed_at"]),
        (Fact.GUARDIANSHIP, facts["ward_confirmed_at"]),
        (Fact.RESERVATION, person.reservation_confirmed_at),
        (Fact.LIST, facts["list_confirmed_at"]),
    )
    return [(fact, at) for fact, at in found if at]


def _case(actor: Person, person: "Person", today: date) -> Case:
    facts = person.__dict__  # what _facts annotated
    here = actor.address_key is not None and person.address_key is not None
    return Case(
        actor_age=age_on(actor.birth_date, today),
        person_age=age_on(person.birth_date, today),
        is_self=actor.pk == person.pk,
        is_parent=facts["child_confirmed_at"] is not None,
        is_guardian=facts["ward_confirmed_at"] is not None,
        attorney_areas=frozenset(facts["power"] or ()),
        is_assigned=facts["is_assigned"],
        has_youth_access=facts["has_youth_access"],
        actor_has_address=actor.address_key is not None,
        lives_with=here and bytes(actor.address_key or b"") == bytes(person.address_key or b""),
        other_parent_does=facts["other_parent_here"],
        address_rule=AddressRule(settings.PARENT_ADDRESS),
        actor_is_protected=actor.address_grading != Grading.OPEN,
        person_is_protected=person.address_grading != Grading.OPEN,
        someone_is_dead=bool(actor.death_date or person.death_date),
        consent=facts["level"] or rules.DEFAULT.value,
        office=facts["office"],
        is_reserved=person.is_reserved,
        is_locked=facts["is_locked"],
    )
