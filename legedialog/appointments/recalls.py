"""Who is asked to book (innkalling), what has become of it, and who need not be. See docs/adr/0245-innkalling.md."""

from collections import Counter, defaultdict
from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from django.db.models import Count

from legedialog.access.actor import Actor
from legedialog.appointments import policy
from legedialog.appointments.models import Recall, RecallStatus, Status, in_language
from legedialog.audit import services as audit
from legedialog.core.errors import NotFound
from legedialog.core.names import sort_key
from legedialog.core.sql import Asked, Statement, ask_for
from legedialog.core.times import local_day, local_period
from legedialog.visibility import policy as visibility
from legedialog.visibility.rules import Content

ROUNDS = 60  # the latest that are shown

# ---- hers


@dataclass(frozen=True, slots=True)
class Asks:
    """An office asks her to book. `doctor` and `clinician_id` are None where she chooses with whom."""

    id: UUID
    status: str
    first_date: date
    last_date: date
    asked_at: datetime
    visit_type_id: UUID
    name: str
    name_nn: str
    name_en: str
    preparation: str
    practice_name: str
    practice_phone: str
    clinician_id: UUID | None
    doctor: str | None

    @property
    def visit_name(self) -> str:
        return in_language(self.name, self.name_nn, self.name_en)


# What policy.recalls_visible_to says, for her whose they are or who acts for her: from the day she is told.
ASKED = Statement(
    "what an office asks her to book",
    """
    SELECT r.id, r.status, r.first_date, r.last_date, r.asked_at, r.visit_type_id, v.name, v.name_nn, v.name_en,
           v.preparation, p.name AS practice_name, p.phone AS practice_phone, k.clinician_id, c.name AS doctor
      FROM appointments_recall r
      JOIN appointments_visittype v ON v.id = r.visit_type_id
      JOIN practices_practice p ON p.id = r.practice_id
      LEFT JOIN appointments_calendar k ON k.id = r.calendar_id AND k.is_active
      LEFT JOIN practices_clinician c ON c.id = k.clinician_id
     WHERE r.patient_id = %(person_id)s AND r.patient_id = ANY(%(patients)s)
       AND r.status = ANY(%(statuses)s) AND r.tells_date <= %(today)s AND r.last_date >= %(today)s
     ORDER BY r.last_date, r.id
    """,
    Asks,
)


def asks(actor: Actor, person_id: UUID, now: datetime, *, also_declined: bool = False) -> Asked[Asks]:
    """Those she has not answered, the one that ends first first; and those she has declined."""
    statuses = [RecallStatus.ASKED, *([RecallStatus.DECLINED] if also_declined else [])]
    values = {"person_id": person_id, "today": local_day(now), "statuses": [each.value for each in statuses]}
    return Asked(ASKED, values | visibility.values(actor, Content.APPOINTMENT))


def one(actor: Actor, person_id: UUID, recall_id: UUID, now: datetime) -> Asks | None:
    """None when it is not hers to answer: not hers at all, answered by a time, stopped, or over. One query."""
    found = ask_for(asks(actor, person_id, now, also_declined=True))
    return next((each for each in found if each.id == recall_id), None)


# ---- the office's


@dataclass(frozen=True, slots=True)
class Round:
    """Those who were asked at once. `id` is of any of them."""

    id: UUID
    visit_name: str
    doctor: str
    first_date: date
    last_date: date
    tells_date: date
    asked_at: datetime
    asked_by: str
    total: int
    asked: int
    booked: int
    declined: int


def rounds(actor: Actor, practice_id: UUID) -> list[Round]:
    """The latest first. Two queries."""
    rows = policy.recalls_visible_to(actor).filter(practice=practice_id, practice__in=actor.practices)
    ones = rows.select_related("asked_by").order_by("round", "pk").distinct("round")
    latest = sorted(ones, key=lambda row: row.asked_at, reverse=True)[:ROUNDS]
    counted = rows.filter(round__in=[row.round for row in latest]).order_by().values_list("round", "status")
    counts: dict[UUID, Counter[str]] = defaultdict(Counter)
    for round_id, status, number in counted.annotate(number=Count("pk")):
        counts[round_id][status] += number
    return [_round(row, counts[row.round]) for row in latest]


def _round(row: Recall, counts: Counter[str]) -> Round:
    return Round(
        id=row.pk,
        visit_name=row.visit_type.label,
        doctor=row.calendar.clinician.name if row.calendar else "",
        first_date=row.first_date,
        last_date=row.last_date,
        tells_date=row.tells_date,
        asked_at=row.asked_at,
        asked_by=row.asked_by.name,
        total=sum(counts.values()),
        asked=counts[RecallStatus.ASKED],
        booked=counts[RecallStatus.BOOKED],
        declined=counts[RecallStatus.DECLINED],
    )


@dataclass(frozen=True, slots=True)
class Called:
    """One who was asked. `visit_*` are of the time she has booked."""

    id: UUID
    patient_id: UUID
    patient_name: str
    birth_date: date
    phone: str
    status: str
    status_at: datetime
    visit_id: UUID | None
    visit_at: datetime | None
    visit_status: str


ORDER = (RecallStatus.ASKED, RecallStatus.DECLINED, RecallStatus.BOOKED, RecallStatus.OVER, RecallStatus.STOPPED)


def round_of(actor: Actor, recall_id: UUID, now: datetime) -> tuple[Round, list[Called]]:
    """Who has not answered first; each by name. A line in the log of each. Raises NotFound. Three queries."""
    one = policy.find_recall(actor, recall_id)
    if one.practice_id not in actor.practices:
        raise NotFound
    rows = policy.recalls_visible_to(actor).filter(practice=one.practice_id, round=one.round)
    found = list(rows.select_related("patient", "asked_by").order_by("pk"))
    audit.looked_many(actor, "recalls.read", {row.patient_id for row in found}, at=now, practice_id=one.practice_id)
    called = [_called(row) for row in found]
    called.sort(key=lambda each: (ORDER.index(RecallStatus(each.status)), sort_key(each.patient_name)))
    return _round(found[0], Counter(row.status for row in found)), called


def _called(row: Recall) -> Called:
    visit = row.appointment
    return Called(
        id=row.pk,
        patient_id=row.patient_id,
        patient_name=row.patient.name,
        birth_date=row.patient.birth_date,
        phone=row.patient.phone,
        status=row.status,
        status_at=row.status_at,
        visit_id=visit.pk if visit else None,
        visit_at=visit.starts_at if visit else None,
        visit_status=visit.status if visit else "",
    )


def open_of(actor: Actor, patient_id: UUID) -> list[Recall]:
    """What the office asks this patient and has no answer to. One query."""
    rows = policy.recalls_visible_to(actor).filter(practice__in=actor.practices, patient=patient_id)
    return list(rows.filter(status=RecallStatus.ASKED).order_by("last_date", "pk"))


@dataclass(frozen=True, slots=True)
class Left:
    """Why one need not be asked: the time she has, or None when she is asked already."""

    starts_at: datetime | None


def left_out(
    actor: Actor, practice_id: UUID, patient_ids: Collection[UUID], visit_type_id: UUID, first: date, last: date
) -> dict[UUID, Left]:
    """Those who have such a time in those days, or are asked for one already. Two queries."""
    ids = list(patient_ids)
    asked = policy.recalls_visible_to(actor).filter(practice=practice_id, visit_type=visit_type_id, patient__in=ids)
    found = dict.fromkeys(asked.filter(status=RecallStatus.ASKED).values_list("patient_id", flat=True), Left(None))
    times = policy.visible_to(actor).filter(practice=practice_id, visit_type=visit_type_id, patient__in=ids)
    period = (local_period(first)[0], local_period(last)[1])
    times = times.filter(status__in=[Status.BOOKED, Status.ARRIVED, Status.COMPLETED])
    times = times.filter(starts_at__gte=period[0], starts_at__lt=period[1])
    found |= {patient_id: Left(at) for patient_id, at in times.values_list("patient_id", "starts_at")}
    return found
