"""What screens read about offices. Offices are public to those who are logged in; pages ask for the login."""

import json
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from uuid import UUID

from django.db.models import Count, Q, QuerySet
from django.utils.translation import get_language

from legedialog.access.actor import Actor, Role, at_work
from legedialog.core import sql
from legedialog.core.errors import NotFound
from legedialog.core.names import by_name, sort_key
from legedialog.core.sql import Asked, Statement, ask
from legedialog.core.times import local_day
from legedialog.core.workdays import holiday_name
from legedialog.practices import policy, rules
from legedialog.practices.models import (
    Absence,
    Clinician,
    ContractDoctor,
    Employee,
    OpeningException,
    Practice,
    Reach,
)
from legedialog.practices.rules import Away, Exceptions, Hours, Offered, Opening, Service, Weekly


@dataclass(frozen=True, slots=True)
class PracticeRow:
    id: UUID
    name: str
    street: str
    postal_code: str
    city: str
    phone: str
    email: str
    website: str
    directions: str
    supported_services: tuple[str, ...]
    secretary_reads: bool  # e-consultations too

    @property
    def place(self) -> str:
        """`0123 Fjordbyen`."""
        return f"{self.postal_code} {self.city}".strip()

    @property
    def address(self) -> str:
        return ", ".join(part for part in (self.street, self.place) if part)


@dataclass(frozen=True, slots=True)
class Doctor:
    clinician_id: UUID
    name: str
    is_specialist: bool
    away: Away | None
    offers: tuple[Offered, ...] = ()  # every service, open or closed with a reason, in the order of Service

    def offers_on(self, service: Service) -> Offered:
        return next(each for each in self.offers if each.service is service)


@dataclass(frozen=True, slots=True)
class Day:
    """One day's hours, none when it is closed. `note` is the holiday's name or the office's own words."""

    date: date
    hours: list[Hours]
    note: str = ""


@dataclass(frozen=True, slots=True)
class Week:
    """The ordinary week (Monday first), and the coming days that differ from it."""

    weekdays: list[list[Hours]]
    different: list[Day]
    opening: Opening


@dataclass(frozen=True, slots=True)
class DoctorOffers:
    """For the settings page: what a doctor offers as citizens see it today."""

    clinician_id: UUID
    name: str
    offers: list[Offered]


def practice(practice_id: UUID) -> PracticeRow | None:
    row = Practice.objects.filter(pk=practice_id).first()
    return to_row(row) if row else None


@dataclass(frozen=True, slots=True)
class OfficeRow:
    """For whoever runs the platform."""

    id: UUID
    name: str
    organisation_number: str
    managers: int
    employees: int


def offices(today: date) -> list[OfficeRow]:
    """All, by name, with how many work there. One query."""
    there = policy.on_of("employees", today)
    rows = Practice.objects.annotate(
        number=Count("employees", filter=there), bosses=Count("employees", filter=there & Q(employees__role="manager"))
    )
    return [
        OfficeRow(row.pk, row.name, row.organisation_number, row.bosses, row.number)
        for row in rows.order_by(by_name("name"), "pk")
    ]


@dataclass(frozen=True, slots=True)
class _Name:
    id: UUID
    name: str


NAMES = Statement(
    "names of those who work or worked at an office, and of offices",
    """
    SELECT e.id, e.name FROM practices_employee e WHERE e.id = ANY(%(employees)s)
     UNION ALL SELECT p.id, p.name FROM practices_practice p WHERE p.id = ANY(%(practices)s)
    """,
    _Name,
)


def names(employees: Collection[UUID], practices: Collection[UUID]) -> dict[UUID, str]:
    """Of those who work or worked at an office, and of offices, by their ids. One query."""
    return {each.id: each.name for each in ask(NAMES, employees=[*employees], practices=[*practices])}


def employee_names(ids: Collection[UUID]) -> dict[UUID, str]:
    """Of those who work or worked at an office."""
    return dict(Employee.objects.filter(pk__in=ids).values_list("pk", "name"))


def to_row(row: Practice) -> PracticeRow:
    return PracticeRow(
        id=row.pk,
        name=row.name,
        street=row.street,
        postal_code=row.postal_code,
        city=row.city,
        phone=row.phone,
        email=row.email,
        website=row.website,
        directions=row.directions,
        supported_services=tuple(row.supported_services),
        secretary_reads=row.secretary_reads,
    )


CONTACT = ("street", "postal_code", "city", "phone", "email", "website", "directions")


def seen_of_contact(row: Practice | PracticeRow) -> tuple[object, ...]:
    return tuple(getattr(row, name) for name in CONTACT)


@dataclass(frozen=True, slots=True)
class EmployeeRow:
    """Somebody who works at an office, will, or did."""

    id: UUID
    name: str
    role: str
    clinician_id: UUID | None
    hpr_number: str
    starts_date: date
    ends_date: date | None
    successor_name: str

    @property
    def last_date(self) -> date | None:
        return self.ends_date - timedelta(days=1) if self.ends_date else None

    def is_there(self, day: date) -> bool:
        return self.starts_date <= day and not self.has_left(day)

    def has_left(self, day: date) -> bool:
        return self.ends_date is not None and self.ends_date <= day


def employees(practice_id: UUID) -> list[EmployeeRow]:
    """All, by name; those who have left too. One query."""
    rows = Employee.objects.filter(practice=practice_id).select_related("clinician", "successor")
    return [_employee(row) for row in rows.order_by(by_name("name"), "starts_date", "pk")]


def employee(practice_id: UUID, employee_id: UUID) -> EmployeeRow:
    """Raises NotFound for one of another office."""
    rows = Employee.objects.select_related("clinician", "successor")
    row = rows.filter(pk=employee_id, practice=practice_id).first()
    if row is None:
        raise NotFound
    return _employee(row)


def successors(practice_id: UUID, employee_id: UUID, day: date) -> list[tuple[UUID, str]]:
    """Who may take over from her that day: (id, name)."""
    row = Employee.objects.get(pk=employee_id, practice=practice_id)
    return [(each.pk, each.name) for each in policy.successors(row, day)]


def _employee(row: Employee) -> EmployeeRow:
    return EmployeeRow(
        id=row.pk,
        name=row.name,
        role=row.role,
        clinician_id=row.clinician_id,
        hpr_number=(row.clinician and row.clinician.hpr_number) or "",
        starts_date=row.starts_date,
        ends_date=row.ends_date,
        successor_name=row.successor.name if row.successor else "",
    )


def offers(practice_id: UUID, clinician_id: UUID, today: date) -> list[Offered]:
    """Every service of one doctor, open or closed with a reason, in the order of Service."""
    return policy.offers_of(practice_id, [clinician_id], today)[clinician_id]


def offered_by_any(doctors: Sequence[Doctor]) -> list[Offered]:
    """What they offer together: open when one of them offers it."""
    return [max(same, key=lambda row: row.is_open) for same in zip(*(each.offers for each in doctors), strict=True)]


def offers_of_all(practice_id: UUID, today: date, *, columns: bool = False) -> list[DoctorOffers]:
    """For each doctor who works at the office today, by name; with the office's `columns`, which may be booked and
    have no other service."""
    ids = policy.receives_at(practice_id, today) if columns else policy.clinicians_at(practice_id, today)
    rows = Clinician.objects.filter(pk__in=ids).order_by(by_name("name"), "pk")
    found = policy.offers_of(practice_id, [row.pk for row in rows], today)
    return [
        DoctorOffers(
            row.pk, row.name, [each for each in found[row.pk] if not row.column or each.service is Service.BOOK]
        )
        for row in rows
    ]


def doctor_names(contract_ids: Collection[UUID], day: date) -> dict[UUID, str]:
    """Those who serve each list that day, by name with commas between. One query."""
    names: dict[UUID, list[str]] = {}
    for row in ContractDoctor.objects.select_related("clinician").filter(policy.on(day), contract__in=contract_ids):
        names.setdefault(row.contract_id, []).append(row.clinician.name)
    return {contract_id: ", ".join(sorted(found, key=sort_key)) for contract_id, found in names.items()}


def absences(practice_id: UUID, today: date) -> list[Away]:
    """The running and coming ones, earliest first."""
    rows = Absence.objects.select_related("clinician", "substitute").filter(practice=practice_id, last_date__gte=today)
    return [policy.to_away(row) for row in rows.order_by("first_date", by_name("clinician__name"), "pk")]


def opening(practice_id: UUID, now: datetime) -> Opening:
    weekly, other, _notes = _hours(practice_id, local_day(now))
    return rules.opening(now, weekly, other)


def week(practice_id: UUID, now: datetime, *, days: int = 14) -> Week:
    """The ordinary week, what differs from it in the next `days`, and whether it is open now. One query."""
    today = local_day(now)
    weekly, other, notes = _hours(practice_id, today)
    ordinary = [rules.ordinary_hours(number, weekly) for number in range(7)]
    different = []
    for day in (today + timedelta(days=count) for count in range(days)):
        hours = rules.hours_on(day, weekly, other)
        if hours != ordinary[day.weekday()]:
            note = notes.get(day) or holiday_name(day, get_language() or "nb") or ""
            different.append(Day(day, hours, note))
    return Week(ordinary, different, rules.opening(now, weekly, other))


def exceptions(practice_id: UUID, today: date) -> list[Day]:
    """The office's own coming exceptions, earliest first."""
    rows = OpeningException.objects.filter(practice=practice_id, date__gte=today).order_by("date")
    return [Day(row.date, _exception_hours(row), row.note) for row in rows]


@dataclass(frozen=True, slots=True)
class _Hours:
    weekly: str | None
    exceptions: str | None


HOURS = Statement(
    "hours",
    """
    SELECT
        (SELECT jsonb_agg(jsonb_build_array(weekday, opens, closes))::text FROM practices_openinghours
            WHERE practice_id = %(practice)s) AS weekly,
        (SELECT jsonb_agg(jsonb_build_array(date, opens, closes, note))::text FROM practices_openingexception
            WHERE practice_id = %(practice)s AND date >= %(first)s) AS exceptions
    """,
    _Hours,
)


def hours_from(practice_id: UUID, first: date) -> Asked[_Hours]:
    """For `read_hours`, with the days from `first` on which the office has chosen others."""
    return Asked(HOURS, {"practice": practice_id, "first": first})


def hours(practice_id: UUID, first: date) -> tuple[Weekly, Exceptions]:
    """The ordinary week, and the days from `first` on which the office has chosen others. One query."""
    [row] = ask(HOURS, practice=practice_id, first=first)
    return read_hours(row.weekly, row.exceptions)


def read_hours(weekly: str | None, exceptions: str | None) -> tuple[Weekly, Exceptions]:
    """From JSON: rows of (weekday, opens, closes), and of (date, opens, closes) that are null on a closed day."""
    week: dict[int, list[Hours]] = {}
    for weekday, opens, closes in json.loads(weekly or "[]"):
        week.setdefault(weekday, []).append(_stretch(opens, closes))
    other = {
        sql.day(day): _stretch(opens, closes) if opens and closes else None
        for day, opens, closes, *_note in json.loads(exceptions or "[]")
    }
    return week, other


def _stretch(opens: str, closes: str) -> Hours:
    return Hours(time.fromisoformat(opens), time.fromisoformat(closes))


def _hours(practice_id: UUID, first: date) -> tuple[Weekly, Exceptions, dict[date, str]]:
    [row] = ask(HOURS, practice=practice_id, first=first)
    notes = {sql.day(day): note for day, _opens, _closes, note in json.loads(row.exceptions or "[]")}
    return *read_hours(row.weekly, row.exceptions), notes


def _exception_hours(row: OpeningException) -> list[Hours]:
    return [Hours(row.opens, row.closes)] if row.opens and row.closes else []


@dataclass(frozen=True, slots=True, repr=False)
class ReachRow:
    """Her choice of how she is told when she is away, with who she is at work: `actor` has no login."""

    actor: Actor
    mode: str
    channel: str
    address: str
    language: str
    from_clock: time
    to_clock: time
    on_days_off: bool


def reach(actor: Actor) -> ReachRow | None:
    """Her own. One query."""
    return next(iter(_reaches(Reach.objects.filter(employee=actor.employee_id, employee__isnull=False))), None)


def reaches(today: date, employee_ids: Collection[UUID] | None = None) -> dict[UUID, ReachRow]:
    """Of these, or of all, who work at their office that day: by the employee. One query."""
    rows = Reach.objects.filter(policy.on_of("employee", today))
    rows = rows if employee_ids is None else rows.filter(employee__in=employee_ids)
    return {row.actor.employee_id: row for row in _reaches(rows) if row.actor.employee_id}


def same_work(actor: Actor, today: date) -> set[UUID]:
    """Who does what waits for her: reception and managers share theirs, a doctor has her own. One query."""
    if actor.clinician_id and actor.role in (Role.DOCTOR, Role.SUBSTITUTE):
        there = Employee.objects.filter(clinician=actor.clinician_id)
    else:
        there = Employee.objects.filter(role=actor.role)
    return set(there.filter(policy.on(today), practice=actor.practice_id).values_list("pk", flat=True))


def _reaches(rows: QuerySet[Reach]) -> list[ReachRow]:
    return [
        ReachRow(
            actor=at_work(
                employee_id=row.employee_id,
                clinician_id=row.employee.clinician_id,
                role=row.employee.role,
                practice_id=row.employee.practice_id,
                name=row.employee.name,
                login_id=None,
            ),
            mode=row.mode,
            channel=row.channel,
            address=row.address,
            language=row.language,
            from_clock=row.from_clock,
            to_clock=row.to_clock,
            on_days_off=row.on_days_off,
        )
        for row in rows.select_related("employee").order_by("pk")
    ]
