"""Whom a citizen may act for now: the facts of two persons, put to the rules in patients/representation.py.

Asked at every request by the middleware, and again by jobs that carry on what somebody asked for.
"""

from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from django.conf import settings

from legedialog.access.actor import Actor, Kind
from legedialog.consent import rules
from legedialog.core import crypto, fence
from legedialog.core.names import sort_key
from legedialog.core.sql import Statement, ask
from legedialog.core.times import local_day
from legedialog.patients import freshness
from legedialog.patients.freshness import Fact
from legedialog.patients.models import Grading, Person
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


@dataclass(frozen=True, slots=True)
class _Pair:
    """What is known of two, of whom the one may act for the other; or of one, who is both."""

    actor_id: UUID
    actor_given_name: bytes
    actor_family_name: bytes
    actor_birth_date: date
    actor_death_date: date | None
    actor_address_key: bytes | None
    actor_grading: str
    actor_confirmed_at: datetime
    person_id: UUID
    given_name: bytes
    family_name: bytes
    birth_date: date
    death_date: date | None
    address_key: bytes | None
    grading: str
    confirmed_at: datetime
    is_reserved: bool
    reservation_confirmed_at: datetime
    child_confirmed_at: datetime | None
    other_parent_here: bool
    ward_confirmed_at: datetime | None
    power: list[int] | None
    is_assigned: bool
    has_youth_access: bool
    office: bool | None
    list_confirmed_at: datetime | None
    level: str | None
    is_locked: bool

    @property
    def is_self(self) -> bool:
        return self.actor_id == self.person_id

    @property
    def actor_name(self) -> tuple[str, str]:
        return _opened(self.actor_id, self.actor_given_name, self.actor_family_name)

    @property
    def name(self) -> tuple[str, str]:
        return _opened(self.person_id, self.given_name, self.family_name)


_FACTS = """
    SELECT a.id AS actor_id, a.given_name AS actor_given_name, a.family_name AS actor_family_name,
           a.birth_date AS actor_birth_date, a.death_date AS actor_death_date, a.address_key AS actor_address_key,
           a.address_grading AS actor_grading, a.confirmed_at AS actor_confirmed_at,
           p.id AS person_id, p.given_name, p.family_name, p.birth_date, p.death_date, p.address_key,
           p.address_grading AS grading, p.confirmed_at, p.is_reserved, p.reservation_confirmed_at,
           r.confirmed_at AS child_confirmed_at,
           EXISTS (SELECT FROM patients_responsibility other JOIN patients_person parent ON parent.id = other.parent_id
                    WHERE other.child_id = p.id AND other.parent_id <> a.id AND other.confirmed_at > %(parenthood)s
                      AND other.starts_date <= %(today)s AND (other.ends_date IS NULL OR other.ends_date > %(today)s)
                      AND parent.confirmed_at > %(register)s AND parent.address_key = p.address_key
                      AND parent.address_grading = 'open' AND parent.death_date IS NULL) AS other_parent_here,
           g.confirmed_at AS ward_confirmed_at, f.areas AS power,
           EXISTS (SELECT FROM patients_assignment t
                    WHERE t.person_id = p.id AND t.relative_id = a.id AND t.ended_at IS NULL) AS is_assigned,
           EXISTS (SELECT FROM patients_youthaccess y
                    WHERE y.person_id = p.id AND y.ended_at IS NULL) AS has_youth_access,
           o.supports_representation AS office, m.confirmed_at AS list_confirmed_at,
           (SELECT c.level FROM consent_consent c WHERE c.person_id = p.id AND c.ends_at IS NULL) AS level,
           EXISTS (SELECT FROM access_lock l WHERE l.person_id = p.id AND l.lifted_at IS NULL) AS is_locked
      FROM pair
      JOIN patients_person a ON a.id = pair.actor_id
      JOIN patients_person p ON p.id = pair.person_id
      LEFT JOIN patients_responsibility r ON r.parent_id = a.id AND r.child_id = p.id
            AND r.starts_date <= %(today)s AND (r.ends_date IS NULL OR r.ends_date > %(today)s)
      LEFT JOIN patients_guardianship g ON g.guardian_id = a.id AND g.person_id = p.id
            AND g.starts_date <= %(today)s AND (g.ends_date IS NULL OR g.ends_date > %(today)s)
      LEFT JOIN patients_powerofattorney f ON f.receiver_id = a.id AND f.giver_id = p.id AND f.ended_at IS NULL
            AND f.starts_date <= %(today)s AND (f.ends_date IS NULL OR f.ends_date > %(today)s)
      LEFT JOIN patients_membership m ON m.person_id = p.id
            AND m.starts_date <= %(today)s AND (m.ends_date IS NULL OR m.ends_date > %(today)s)
      LEFT JOIN practices_contract k ON k.id = m.contract_id
      LEFT JOIN practices_practice o ON o.id = k.practice_id
    """
_TWO = "WITH pair AS (SELECT %(actor_id)s::uuid AS actor_id, unnest(%(person_ids)s::uuid[]) AS person_id)"
# Those whom one may have a right to act for (`by`), or she herself and those who may act for her (`of`).
_ALL = """
    WITH pair AS (
           SELECT %(of)s::uuid AS actor_id, %(of)s::uuid AS person_id
            UNION
           SELECT parent_id, child_id FROM patients_responsibility
            WHERE (parent_id = %(by)s OR child_id = %(of)s)
              AND starts_date <= %(today)s AND (ends_date IS NULL OR ends_date > %(today)s)
            UNION
           SELECT guardian_id, person_id FROM patients_guardianship
            WHERE (guardian_id = %(by)s OR person_id = %(of)s)
              AND starts_date <= %(today)s AND (ends_date IS NULL OR ends_date > %(today)s)
            UNION
           SELECT receiver_id, giver_id FROM patients_powerofattorney
            WHERE (receiver_id = %(by)s OR giver_id = %(of)s) AND ended_at IS NULL
              AND starts_date <= %(today)s AND (ends_date IS NULL OR ends_date > %(today)s)
            UNION
           SELECT relative_id, person_id FROM patients_assignment
            WHERE (relative_id = %(by)s OR person_id = %(of)s) AND ended_at IS NULL)
    """
TWO = Statement("acting", _TWO + _FACTS, _Pair)
ALL = Statement("acting, all", _ALL + _FACTS, _Pair)


def _asked(statement: Statement[_Pair], now: datetime, **whom: Any) -> list[_Pair]:
    return ask(
        statement,
        **whom,
        today=local_day(now),
        parenthood=freshness.too_old_at(Fact.PARENTHOOD, now),
        register=freshness.too_old_at(Fact.PERSON, now),
    )


def _opened(person_id: UUID, *sealed: bytes) -> tuple[str, str]:
    given, family = (
        crypto.text_of("patients.Person", name).read(value, id=person_id)
        for name, value in zip(("given_name", "family_name"), sealed, strict=True)
    )
    return given, family


@fence.system("two persons' facts, before it is known what the one may for the other")
def standings(actor_id: UUID, person_ids: Collection[UUID], now: datetime) -> dict[UUID, Standing]:
    """For each of the persons, herself among them when asked for: then as one who is under 16. One query."""
    return {
        pair.person_id: _standing(pair, now)
        for pair in _asked(TWO, now, actor_id=actor_id, person_ids=list(person_ids))
    }


def _standing(pair: _Pair, now: datetime) -> Standing:
    today, ages = local_day(now), _ages(pair)
    decision = decide(
        replace(_case(pair, today), too_old=frozenset(fact for fact, at in ages if freshness.is_too_old(fact, at, now)))
    )
    given, family = pair.name
    return Standing(
        person_id=pair.person_id,
        name=f"{given} {family}".strip(),
        given_name=given or family,
        birth_date=pair.birth_date,
        age=age_on(pair.birth_date, today),
        decision=decision,
        must_be_asked=any(freshness.must_be_asked(fact, at, now) for fact, at in ages),
        changes_on=_changes_on(pair.birth_date, decision, today),
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
    return narrowed(_herself(person_id), found) if found else None


@fence.system("whose parent, guardian or attorney she is, before she may anything for them")
def others(actor_id: UUID, now: datetime) -> list[Standing]:
    """Those she may have a right to act for, by name, with what the rules say. One query however many."""
    found = [_standing(pair, now) for pair in _asked(ALL, now, by=actor_id, of=None)]
    return sorted(found, key=lambda each: (sort_key(each.name), str(each.person_id)))


def named(actor_id: UUID, now: datetime) -> list[Standing]:
    """Those whom she may choose by a press where she is: no register is asked to show a name, but before it is used."""
    found = others(actor_id, now)
    return [each for each in found if each.decision.areas or (each.must_be_asked and not each.decision.is_private)]


def alone(person: Person, now: datetime) -> Actor:
    """She herself, who acts for nobody. Under 16 she sees what her youth access opens, and nothing without one."""
    if age_on(person.birth_date, local_day(now)) >= HEALTH_MAJORITY:
        return _herself(person.pk)
    found = standing(person.pk, person.pk, now)
    return narrowed(_herself(person.pk), found) if found else replace(_herself(person.pk), areas=frozenset())


def _herself(person_id: UUID) -> Actor:
    return Actor(kind=Kind.CITIZEN, person_id=person_id, acting_for_id=person_id, patients=frozenset({person_id}))


@fence.system("who may act for her, before anybody is told who reads")
def readers(person_id: UUID, now: datetime) -> list[tuple[str, Actor]]:
    """She herself, then those who may act for her now by name: each as whom they would be if they came now. One query
    however many."""
    found = []
    for pair in _asked(ALL, now, by=None, of=person_id):
        herself, at = _herself(pair.actor_id), _standing(pair, now)
        is_of_age = pair.is_self and at.age >= HEALTH_MAJORITY
        found.append((" ".join(pair.actor_name).strip(), herself if is_of_age else narrowed(herself, at)))
    return sorted(found, key=lambda each: (each[1].person_id != person_id, sort_key(each[0]), str(each[1].person_id)))


def _changes_on(birth_date: date, decision: Decision, today: date) -> date | None:
    if decision.ground not in FOR_CHILDREN:
        return None
    coming = (turns(birth_date, age) for age in (NARROWS, ENDS))
    return next((day for day in coming if today < day <= today + timedelta(days=WARN_DAYS)), None)


def _ages(pair: _Pair) -> list[tuple[Fact, datetime]]:
    """What the decision is built on, and when a register last confirmed it. Nothing of one's own."""
    if pair.is_self:
        return []
    found = (
        (Fact.PERSON, min(pair.actor_confirmed_at, pair.confirmed_at)),
        (Fact.PARENTHOOD, pair.child_confirmed_at),
        (Fact.GUARDIANSHIP, pair.ward_confirmed_at),
        (Fact.RESERVATION, pair.reservation_confirmed_at),
        (Fact.LIST, pair.list_confirmed_at),
    )
    return [(fact, at) for fact, at in found if at]


def _case(pair: _Pair, today: date) -> Case:
    here = pair.actor_address_key is not None and pair.address_key is not None
    return Case(
        actor_age=age_on(pair.actor_birth_date, today),
        person_age=age_on(pair.birth_date, today),
        is_self=pair.is_self,
        is_parent=pair.child_confirmed_at is not None,
        is_guardian=pair.ward_confirmed_at is not None,
        attorney_areas=frozenset(pair.power or ()),
        is_assigned=pair.is_assigned,
        has_youth_access=pair.has_youth_access,
        actor_has_address=pair.actor_address_key is not None,
        lives_with=here and bytes(pair.actor_address_key or b"") == bytes(pair.address_key or b""),
        other_parent_does=pair.other_parent_here,
        address_rule=AddressRule(settings.PARENT_ADDRESS),
        actor_is_protected=pair.actor_grading != Grading.OPEN,
        person_is_protected=pair.grading != Grading.OPEN,
        someone_is_dead=bool(pair.actor_death_date or pair.death_date),
        consent=pair.level or rules.DEFAULT.value,
        office=pair.office,
        is_reserved=pair.is_reserved,
        is_locked=pair.is_locked,
    )
