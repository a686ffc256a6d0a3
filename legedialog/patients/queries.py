"""Who a person is, whose list she is on, and staff's search."""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any, Protocol
from uuid import UUID

from django.db.models import Count, Exists, Min, Q, QuerySet

from legedialog.access.actor import Actor
from legedialog.access.queries import name_of
from legedialog.audit import services as audit
from legedialog.core import broken, fence, seen
from legedialog.core.crypto import blind_index
from legedialog.core.errors import NotFound
from legedialog.core.names import sort_key
from legedialog.core.sql import Asked, Statement, ask, ask_as_one
from legedialog.core.times import local_day
from legedialog.patients import freshness, policy, rules
from legedialog.patients.freshness import Fact
from legedialog.patients.models import FormerNumber, Guardianship, Membership, Person, Responsibility
from legedialog.practices import queries as practices
from legedialog.practices import rules as at_offices
from legedialog.practices.queries import Doctor, PracticeRow
from legedialog.practices.rules import Away, Offered, Switch


@dataclass(frozen=True, slots=True)
class Gp:
    """The list a person is on, with the office and those who serve it: several on a common list."""

    contract_id: UUID
    is_common_list: bool
    since: date
    practice: PracticeRow
    doctors: list[Doctor]

    @property
    def clinician_ids(self) -> list[UUID]:
        return [doctor.clinician_id for doctor in self.doctors]

    @property
    def serving_ids(self) -> list[UUID]:
        """The doctors, and those who stand in for one who is away today: in whose calendars she may ask for a time."""
        stand_ins = [doctor.away.substitute_id for doctor in self.doctors if doctor.away and doctor.away.substitute_id]
        return [*self.clinician_ids, *stand_ins]

    @property
    def name(self) -> str:
        return ", ".join(doctor.name for doctor in self.doctors)

    @property
    def offers(self) -> list[Offered]:
        """What the list's doctors offer together today."""
        return practices.offered_by_any(self.doctors)


@dataclass(frozen=True, slots=True)
class Profile:
    """What a citizen sees of herself. The number is masked."""

    id: UUID
    name: str
    given_name: str
    masked_number: str
    birth_date: date
    phone: str
    email: str
    contact_confirmed_at: datetime | None
    contact_is_fresh: bool
    contact_until: date | None  # the first day it is too old for notices
    notices: dict[rules.NoticeKind, rules.Way]
    language: str
    is_reserved: bool
    is_local: bool = False  # no register has told of her: the office has registered her itself
    is_listed: bool = True  # on the reader's lists; False of a walk-in, and of one who has left
    has_left: bool = False  # the reader's lists: see profile_of_record

    @property
    def contact_mark(self) -> str:
        return seen.mark(self.phone, self.email)

    @property
    def notices_mark(self) -> str:
        return seen.mark(*rules.seen_of_notices(self.notices))


@dataclass(frozen=True, slots=True)
class PatientRow:
    """A hit for staff."""

    id: UUID
    name: str
    birth_date: date
    age: int
    doctors: str
    is_protected: bool  # the address is graded
    has_left: bool = False  # the office's lists
    is_walk_in: bool = False


@dataclass(frozen=True, slots=True)
class Found:
    rows: list[PatientRow]
    is_cut: bool  # there are more than are shown
    is_understood: bool = True  # False when what was typed says too little to search for


@dataclass(frozen=True, slots=True)
class ListPlace:
    contract_number: str
    practice_name: str
    starts_date: date
    ends_date: date | None


@dataclass(frozen=True, slots=True)
class _Serving:
    """Her place on a list, with one of those who serve it; `clinician_id` is None for a list that nobody serves."""

    contract_id: UUID
    is_common_list: bool
    starts_date: date
    practice_id: UUID
    name: str
    street: str
    postal_code: str
    city: str
    phone: str
    email: str
    website: str
    directions: str
    supported_services: list[str]
    secretary_reads: bool
    clinician_id: UUID | None
    doctor: str | None
    is_specialist: bool | None
    absence_id: UUID | None
    first_date: date | None
    last_date: date | None
    substitute_id: UUID | None
    substitute: str | None
    note: str | None
    services: list[str]
    open: list[bool]
    until: list[date | None]
    reasons: list[str]
    ready: list[bool]


GP = Statement(
    "gp",
    """
    SELECT m.contract_id, c.is_common_list, m.starts_date, c.practice_id,
           p.name, p.street, p.postal_code, p.city, p.phone, p.email, p.website, p.directions, p.supported_services,
           p.secretary_reads, k.id AS clinician_id, k.name AS doctor, k.is_specialist,
           a.id AS absence_id, a.first_date, a.last_date, a.substitute_id, s.name AS substitute, a.note,
           o.services, o.open, o.until, o.reasons, o.ready
      FROM patients_membership m
      JOIN practices_contract c ON c.id = m.contract_id
      JOIN practices_practice p ON p.id = c.practice_id
      LEFT JOIN practices_contractdoctor d ON d.contract_id = c.id
            AND d.starts_date <= %(today)s AND (d.ends_date IS NULL OR d.ends_date > %(today)s)
      LEFT JOIN practices_clinician k ON k.id = d.clinician_id
      LEFT JOIN practices_absence a ON a.practice_id = c.practice_id AND a.clinician_id = k.id
            AND %(today)s BETWEEN a.first_date AND a.last_date
      LEFT JOIN practices_clinician s ON s.id = a.substitute_id
     CROSS JOIN LATERAL (
           SELECT COALESCE(array_agg(service), '{}') AS services, COALESCE(array_agg(is_open), '{}') AS open,
                  COALESCE(array_agg(closed_until_date), '{}') AS until,
                  COALESCE(array_agg(closed_reason), '{}') AS reasons,
                  COALESCE(array_agg(service_is_ready(practice_id, clinician_id, service, %(today)s)), '{}') AS ready
             FROM practices_offer WHERE practice_id = c.practice_id AND clinician_id = k.id) o
     WHERE m.person_id = %(person_id)s
       AND m.starts_date <= %(today)s AND (m.ends_date IS NULL OR m.ends_date > %(today)s)
    """,
    _Serving,
)


def gp_of(person_id: UUID, today: date) -> Gp | None:
    """With what her doctors offer today. None for those without a GP. One query."""
    return gp_from(ask(GP, person_id=person_id, today=today), today)


@dataclass(frozen=True, slots=True)
class _Reached:
    contact_confirmed_at: datetime | None


REACHED = Statement(
    "when she said how she is reached",
    "SELECT contact_confirmed_at FROM patients_person WHERE id = %(person_id)s AND id = ANY(%(patients)s)",
    _Reached,
)


def home_of(actor: Actor, person_id: UUID, now: datetime) -> tuple[Gp | None, bool]:
    """For Hjem: `gp_of`, and whether how she is reached was confirmed lately. Raises NotFound for a stranger. One
    query."""
    today = local_day(now)
    serving, reached = ask_as_one(
        Asked(GP, {"person_id": person_id, "today": today}),
        Asked(REACHED, {"person_id": person_id, "patients": list(actor.patients)}),
    )
    if not reached:
        raise NotFound
    return gp_from(serving, today), rules.is_fresh(reached[0].contact_confirmed_at, now)


def gp_from(rows: Sequence[_Serving], today: date) -> Gp | None:
    """As `gp_of`, of what GP has told among other facts."""
    if not rows:
        return None
    place = rows[0]
    doctors = [_doctor(row, today) for row in rows if row.clinician_id]
    return Gp(
        contract_id=place.contract_id,
        is_common_list=place.is_common_list,
        since=place.starts_date,
        practice=PracticeRow(
            id=place.practice_id,
            name=place.name,
            street=place.street,
            postal_code=place.postal_code,
            city=place.city,
            phone=place.phone,
            email=place.email,
            website=place.website,
            directions=place.directions,
            supported_services=tuple(place.supported_services),
            secretary_reads=place.secretary_reads,
        ),
        doctors=sorted(doctors, key=lambda doctor: (sort_key(doctor.name), str(doctor.clinician_id))),
    )


def _doctor(row: _Serving, today: date) -> Doctor:
    assert row.clinician_id  # noqa: S101  a list that nobody serves has no doctor
    away = None
    if row.absence_id and row.first_date and row.last_date:
        away = Away(
            id=row.absence_id,
            clinician_id=row.clinician_id,
            clinician_name=row.doctor or "",
            first_date=row.first_date,
            last_date=row.last_date,
            substitute_id=row.substitute_id,
            substitute_name=row.substitute or "",
            note=row.note or "",
        )
    chosen = zip(row.services, row.open, row.until, row.reasons, row.ready, strict=True)
    switches = {each: Switch(is_open, until, reason, ready) for each, is_open, until, reason, ready in chosen}
    return Doctor(
        clinician_id=row.clinician_id,
        name=row.doctor or "",
        is_specialist=bool(row.is_specialist),
        away=away,
        offers=at_offices.offers(row.supported_services, switches, away, today),
    )


def memberships(actor: Actor, person_id: UUID, today: date) -> list[ListPlace]:
    """Her lists through the years, newest first. Raises NotFound for a stranger."""
    person = policy.find(actor, person_id, today)
    rows = Membership.objects.select_related("contract__practice").filter(person=person).order_by("-starts_date")
    return [ListPlace(r.contract.number, r.contract.practice.name, r.starts_date, r.ends_date) for r in rows]


def profile(actor: Actor, person_id: UUID, now: datetime) -> Profile:
    """Raises NotFound for a stranger. One query."""
    return profile_of(policy.find(actor, person_id, local_day(now)), now)


def profile_of_record(actor: Actor, person_id: UUID, now: datetime) -> Profile:
    """As `profile`, and also of one who has left the office's lists, whom it has a record of. Two queries."""
    today = local_day(now)
    person = policy.find_of_record(actor, person_id, today)
    listed = policy.listed(actor, today).filter(pk=person.pk)
    registered = policy.walk_ins_visible_to(actor).filter(person=person.pk)
    (is_listed, is_registered), *_rest = Person.objects.filter(pk=person.pk).values_list(
        Exists(listed), Exists(registered)
    )
    return replace(profile_of(person, now), is_listed=is_listed, has_left=not (is_listed or is_registered))


def is_listed(actor: Actor, person_id: UUID, now: datetime) -> bool:
    """Whether she is on the office's lists today, and no one whom it has registered itself. One query."""
    return policy.listed(actor, local_day(now)).filter(pk=person_id).exists()


def profile_of(person: Person, now: datetime) -> Profile:
    """Of a person whom a policy has found."""
    return Profile(
        id=person.pk,
        name=person.name,
        given_name=person.given_name or person.family_name,
        masked_number=rules.masked(person.national_number),
        birth_date=person.birth_date,
        phone=person.phone,
        email=person.email,
        contact_confirmed_at=person.contact_confirmed_at,
        contact_is_fresh=rules.is_fresh(person.contact_confirmed_at, now),
        contact_until=rules.fresh_until(person.contact_confirmed_at),
        notices=broken.read(
            *(person.notices, rules.ways, lambda _: rules.ways({})), of="patients_person.notices", row=person.pk
        ),
        language=person.language,
        is_reserved=person.is_reserved,
        is_local=person.local_to_id is not None,
    )


@dataclass(frozen=True, slots=True)
class Age:
    """How old the facts of one kind are, of those who live. `oldest_at` is None when there are none."""

    fact: Fact
    number: int
    must_be_asked: int
    too_old: int
    oldest_at: datetime | None


@fence.system("how old the registers' facts are, for operations")
def ages(now: datetime) -> list[Age]:
    """For the operator, in the order of Fact. One query for each."""
    today = local_day(now)
    lives = Person.objects.filter(death_date=None, local_to=None)
    rows: dict[Fact, tuple[QuerySet[Any], str]] = {
        Fact.PERSON: (lives, "confirmed_at"),
        Fact.PARENTHOOD: (
            Responsibility.objects.filter(policy.on(today), parent__in=lives, child__in=lives),
            "confirmed_at",
        ),
        Fact.GUARDIANSHIP: (
            Guardianship.objects.filter(policy.on(today), guardian__in=lives, person__in=lives),
            "confirmed_at",
        ),
        Fact.RESERVATION: (lives, "reservation_confirmed_at"),
        Fact.LIST: (Membership.objects.filter(policy.on(today), person__in=lives), "confirmed_at"),
    }
    found = []
    for fact in Fact:
        kept, column = rows[fact]
        asked = Q(**{f"{column}__lte": freshness.ask_before(fact, now)})
        old = Q(**{f"{column}__lte": freshness.too_old_at(fact, now)})
        counts = kept.aggregate(
            number=Count("pk"),
            must_be_asked=Count("pk", filter=asked),
            too_old=Count("pk", filter=old),
            oldest_at=Min(column),
        )
        found.append(Age(fact=fact, **counts))
    return found


class Named(Protocol):
    """A row of a statement about a patient, with her name where its reader reaches her."""

    @property
    def patient_id(self) -> UUID: ...
    @property
    def given_name(self) -> bytes | None: ...
    @property
    def family_name(self) -> bytes | None: ...


def names_in(rows: Collection[Named]) -> dict[UUID, str]:
    """Whose they are. One query where a name is missing."""
    known = {row.patient_id: name_of(row.patient_id, row.given_name, row.family_name) for row in rows if row.given_name}
    missing = {row.patient_id for row in rows} - known.keys()
    return known | names(missing) if missing else known


@fence.system("names that stand in rows their reader has been given")
def names(ids: Collection[UUID]) -> dict[UUID, str]:
    """For rows that already stand before a reader who may see them."""
    rows = Person.objects.filter(pk__in=fence.with_those_they_became(ids)) if ids else Person.objects.none()
    return {
        each: row.name
        for row in rows.only("given_name", "family_name", "former_ids")
        for each in (row.pk, *row.former_ids)
        if each in ids
    }


@fence.system("nobody is known before the number is looked up")
def id_of(national_number: str) -> UUID | None:
    """Who has this whole number: for the login and for messages from others."""
    index = blind_index(national_number, purpose="national-number")
    return by_indexes([index]).get(index)


@fence.system("nobody is known before the number is looked up")
def by_indexes(indexes: Collection[bytes]) -> dict[bytes, UUID]:
    """Persons by the blind index of a number that is theirs, or was. One query when all are in use, else two."""
    found = {
        bytes(index): pk
        for index, pk in Person.objects.filter(national_number_index__in=list(indexes)).values_list(
            "national_number_index", "pk"
        )
        if index
    }
    if missing := [index for index in indexes if index not in found]:
        former = FormerNumber.objects.filter(national_number_index__in=missing)
        found |= {bytes(index): pk for index, pk in former.values_list("national_number_index", "person_id")}
    return found


@fence.system("nobody is known before the number is looked up")
def has_number(person_id: UUID, number: str) -> bool:
    """It stands sealed to her own row, now or from before: an index that somebody put there lets nobody in."""
    numbers = Person.objects.filter(pk=person_id).values_list("national_number", flat=True)
    former = FormerNumber.objects.filter(person=person_id).values_list("national_number", flat=True)
    return number in [str(each) for each in (*numbers, *former)]


def national_number(actor: Actor, person_id: UUID, now: datetime) -> str:
    """The whole of it, for who must write it on a form. Leaves a line in her log. Raises NotFound, Denied."""
    person = policy.find_of_record(actor, person_id, local_day(now))
    number = policy.find_walk_in(actor, person_id).number if person.local_to_id else person.national_number
    audit.looked(actor, "patient.number", person.pk, at=now, patient_id=person.pk, practice_id=actor.practice_id)
    return str(number)


def counted_by_age(now: datetime) -> Iterator[tuple[tuple[str, str], float]]:
    """For the metrics, by fact and state."""
    for age in ages(now):
        yield (age.fact.value, "all"), age.number
        yield (age.fact.value, "must_be_asked"), age.must_be_asked
        yield (age.fact.value, "too_old"), age.too_old
