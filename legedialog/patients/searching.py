"""Lists of patients that an office makes of its own: by age and doctor, and of those it has chosen."""

from collections.abc import Collection
from datetime import datetime
from uuid import UUID

from django.db.models import Q

from legedialog.access.actor import Actor
from legedialog.audit import services as audit
from legedialog.core.names import sort_key
from legedialog.core.times import local_day
from legedialog.patients import policy, queries, rules
from legedialog.patients.models import Membership
from legedialog.patients.queries import Found, PatientRow
from legedialog.practices import queries as practices


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
    queries.check_searches(actor, practice_id, now)
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
    rows = [queries.row_of(place, doctors.get(place.contract_id, ""), today) for place in opened[:most]]
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
