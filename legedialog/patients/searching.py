"""An office's search among its patients, and lists it makes of its own: by age and doctor, and of those chosen."""

from collections.abc import Collection
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db.models import Q, QuerySet
from django.utils.translation import gettext_lazy as _

from legedialog.access.actor import Actor
from legedialog.audit import searching as searches
from legedialog.audit import services as audit
from legedialog.core.crypto import blind_index
from legedialog.core.errors import TooMany
from legedialog.core.names import sort_key
from legedialog.core.times import local_day
from legedialog.patients import policy, rules
from legedialog.patients.models import Membership, Person, WalkIn, name_keys
from legedialog.patients.queries import Found, PatientRow
from legedialog.practices import queries as practices

HITS = 8  # shown; more than that needs more words
CANDIDATES = 200  # opened at most for one search
SEARCH_WINDOW = timedelta(hours=1)
SEARCHED_TOO_MUCH = _(
    "Du har søkt mange ganger den siste timen uten å åpne noen. Åpne pasienten du leter etter, eller vent litt. "
    "Lederen av kontoret ser slike søk."
)


def check_searches(actor: Actor, practice_id: UUID, now: datetime) -> None:
    """Whoever lists the office name by name, and opens nobody, is stopped for a while. Her manager sees it."""
    recent = searches.without_opening(actor, practice_id, now - SEARCH_WINDOW, now)
    if len(recent) >= settings.SEARCHES_WITHOUT_OPENING:
        raise TooMany(SEARCHED_TOO_MUCH, seconds=int((recent[0] + SEARCH_WINDOW - now).total_seconds()) + 1)


def search(
    actor: Actor,
    practice_id: UUID,
    words: str,
    *,
    now: datetime,
    with_former: bool = False,
    with_walk_ins: bool = True,
) -> Found:
    """Patients on the office's lists and those it has registered itself, by beginnings of names and maybe a birth date,
    by telephone or by number.

    `with_former`: the number also finds one who has left, as her record is still there. At most HITS, by name. Leaves a
    trace of how many were shown, and in the log of each who was. Raises Denied, and TooMany for one who has searched
    and searched without opening anybody.
    """
    policy.check_search(actor, practice_id)
    check_searches(actor, practice_id, now)
    wanted = rules.understand(words, synthetic=settings.SYNTHETIC_PERSONS)
    if wanted is None:
        return Found([], is_cut=False, is_understood=False)

    today = local_day(now)
    places = Membership.objects.filter(contract__practice=practice_id)
    if not (with_former and wanted.national_number):
        places = places.filter(policy.on(today), person__death_date=None)
    if wanted.national_number:
        latest = places.filter(_has_number(wanted), starts_date__lte=today).order_by("-starts_date")
        places = places.filter(pk__in=latest.values("pk")[:1])
    opened = _opened(places, wanted, "contract_id", "ends_date")
    here = {place.person_id for place in opened if place.ends_date is None or place.ends_date > today}
    own = _opened(_walk_ins(practice_id, wanted), wanted) if with_walk_ins else []
    own = [each for each in own if each.person_id not in here]
    again = {each.person_id for each in own}
    met: list[Membership | WalkIn] = [*(each for each in opened if each.person_id not in again), *own]
    hits = sorted(
        (each for each in met if rules.matches(wanted, each.person.name)),
        key=lambda each: (sort_key(each.person.family_name), sort_key(each.person.given_name), str(each.pk)),
    )[: HITS + 1]
    shown = hits[:HITS]
    doctors = practices.doctor_names({each.contract_id for each in shown if isinstance(each, Membership)}, today)
    rows = [
        row_of(each, doctors.get(each.contract_id, ""), today)
        if isinstance(each, Membership)
        else walk_in_row(each, today)
        for each in shown
    ]
    audit.record(actor, "patients.searched", None, at=now, practice_id=practice_id, hits=len(rows))
    audit.looked_many(actor, "patient.found", {row.id for row in rows}, at=now, practice_id=practice_id)
    return Found(rows, is_cut=len(hits) > HITS or max(len(opened), len(own)) > CANDIDATES)


def _has_number(wanted: rules.Search) -> Q:
    index = blind_index(wanted.national_number, purpose="national-number")
    return Q(person__national_number_index=index) | Q(person__former_numbers__national_number_index=index)


def _walk_ins(practice_id: UUID, wanted: rules.Search) -> QuerySet[WalkIn]:
    rows = WalkIn.objects.filter(practice=practice_id, person__death_date=None)
    if wanted.national_number:
        index = blind_index(wanted.national_number, purpose="national-number")
        return rows.filter(Q(number_index=index) | _has_number(wanted)).distinct()
    return rows


def _opened(places: QuerySet[Any], wanted: rules.Search, *columns: str) -> list[Any]:
    """Places of those who may be meant, with who they are; a few more than are opened tell that there are more."""
    if wanted.phone:
        places = places.filter(person__in=_reached_at(wanted.phone, places))
    if long := [name for name in wanted.names if len(name) >= rules.SHORTEST]:
        places = places.filter(person__name_keys__contains=name_keys(*long, whole=True))
    if wanted.birth_dates:
        places = places.filter(person__birth_date__in=wanted.birth_dates)
    named = ("given_name", "family_name", "birth_date", "address_grading")
    rows = places.select_related("person").only(*columns, *(f"person__{name}" for name in named))
    return list(rows.order_by("person__birth_date", "pk")[: CANDIDATES + 1])


def row_of(place: Membership, doctors: str, today: date) -> PatientRow:
    row = person_row(place.person, today)
    return replace(row, doctors=doctors, has_left=place.ends_date is not None and place.ends_date <= today)


def walk_in_row(walk_in: WalkIn, today: date) -> PatientRow:
    return replace(person_row(walk_in.person, today), is_walk_in=True)


def person_row(person: Person, today: date) -> PatientRow:
    return PatientRow(
        id=person.pk,
        name=person.name,
        birth_date=person.birth_date,
        age=rules.age_on(person.birth_date, today),
        doctors="",
        is_protected=person.address_grading != "open",
    )


def _reached_at(phone: str, places: QuerySet[Any]) -> list[UUID]:
    """Whose telephone it is, among the office's own. Each is opened, as they are sealed: docs/adr/0091-telephone.md."""
    people = Person.objects.filter(pk__in=places.values("person"))
    return [pk for pk, kept in people.values_list("pk", "phone") if str(kept) == phone]


def listed(
    actor: Actor,
    practice_id: UUID,
    *,
    clinician_id: UUID | None,
    born_first: int | None,
    born_last: int | None,
    most: int,
    now: datetime,
) -> Found:
    """Patients on the office's lists today, maybe of one doctor's, and born in those years (both with): the oldest
    first, at most so many. Leaves a trace of how many were shown, and in the log of each who was. Raises Denied, and
    TooMany as `search`."""
    policy.check_search(actor, practice_id)
    check_searches(actor, practice_id, now)
    today = local_day(now)
    places = Membership.objects.filter(policy.on(today), contract__practice=practice_id, person__death_date=None)
    if clinician_id:
        serves = Q(contract__doctors__ends_date=None) | Q(contract__doctors__ends_date__gt=today)
        serves &= Q(contract__doctors__clinician=clinician_id, contract__doctors__starts_date__lte=today)
        places = places.filter(serves)
    if born_first:
        places = places.filter(person__birth_date__year__gte=born_first)
    if born_last:
        places = places.filter(person__birth_date__year__lte=born_last)
    names = ("given_name", "family_name", "birth_date", "address_grading")
    opened = list(
        places.select_related("person")
        .only("contract_id", "ends_date", *(f"person__{name}" for name in names))
        .order_by("person__birth_date", "pk")[: most + 1]
    )
    doctors = practices.doctor_names({place.contract_id for place in opened}, today)
    rows = [row_of(place, doctors.get(place.contract_id, ""), today) for place in opened[:most]]
    audit.record(actor, "patients.searched", None, at=now, practice_id=practice_id, hits=len(rows))
    audit.looked_many(actor, "patient.found", {row.id for row in rows}, at=now, practice_id=practice_id)
    return Found(rows, is_cut=len(opened) > most)


def chosen(actor: Actor, patient_ids: Collection[UUID], now: datetime) -> list[PatientRow]:
    """Those of them who are on the office's lists today, by name: for a page that has shown them already."""
    today = local_day(now)
    rows = policy.listed(actor, today).filter(pk__in=list(patient_ids), death_date=None)
    found = [
        PatientRow(
            id=row.pk,
            name=row.name,
            birth_date=row.birth_date,
            age=rules.age_on(row.birth_date, today),
            doctors="",
            is_protected=row.address_grading != "open",
        )
        for row in rows.only("given_name", "family_name", "birth_date", "address_grading")
    ]
    return sorted(found, key=lambda row: (sort_key(row.name), str(row.id)))
