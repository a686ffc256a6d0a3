"""Somebody comes to an office, and somebody leaves it: her calendar, and what she leaves behind.

A calendar comes by itself with everybody who treats patients there: docs/adr/0080-what-an-office-needs.md.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID

from django.db import connection, transaction
from django.db.models import Count, Q, QuerySet
from django.db.models.functions import TruncDate

from legedialog.access.actor import Actor, Role
from legedialog.appointments.models import OPEN_REQUESTS, Appointment, Block, Calendar, Channel, Status, TimeRequest
from legedialog.core import events, fence, writing
from legedialog.core.errors import NotFound
from legedialog.core.times import CLINIC, local_day, local_period
from legedialog.dialogues import rules as dialogue_rules
from legedialog.dialogues import services as dialogues
from legedialog.dialogues.models import Dialogue
from legedialog.errands import services as errands
from legedialog.errands.models import Errand
from legedialog.practices import employees, policy
from legedialog.practices import services as practices
from legedialog.practices.models import ContractDoctor, Employee, Practice
from legedialog.prescriptions import rules as renewal_rules
from legedialog.prescriptions.models import Item

SHOWN = timedelta(days=30)  # an empty calendar of one who has left stays so long, for what was in it
COMING = (Status.BOOKED, Status.ARRIVED)


def employ(
    *,
    actor: Actor,
    practice_id: UUID,
    name: str,
    national_number: str,
    role: Role,
    hpr_number: str,
    starts_date: date,
    now: datetime,
) -> Employee:
    """As practices.employees.employ; whoever has an HPR number also gets her calendar."""
    with transaction.atomic():
        employee = employees.employ(
            actor=actor,
            practice_id=practice_id,
            name=name,
            national_number=national_number,
            role=role,
            hpr_number=hpr_number,
            starts_date=starts_date,
            now=now,
        )
        open_calendars([practice_id])
    return employee


def open_office(
    *,
    actor: Actor,
    name: str,
    organisation_number: str,
    supported_services: list[str],
    manager: str,
    national_number: str,
    now: datetime,
) -> Practice:
    """A new office with its first manager, who sets up the rest. Raises Denied, or Refused as the two it is made of."""
    with transaction.atomic():
        practice = practices.open_practice(
            actor=actor,
            name=name,
            organisation_number=organisation_number,
            supported_services=supported_services,
            now=now,
        )
        appoint(actor=actor, practice_id=practice.pk, name=manager, national_number=national_number, now=now)
    return practice


def appoint(*, actor: Actor, practice_id: UUID, name: str, national_number: str, now: datetime) -> Employee:
    """A manager, from today, by whoever runs the platform: for an office that has none who can log in."""
    return employees.employ(
        actor=actor,
        practice_id=practice_id,
        name=name,
        national_number=national_number,
        role=Role.MANAGER,
        hpr_number="",
        starts_date=local_day(now),
        now=now,
    )


OPEN = """
INSERT INTO appointments_calendar AS old (id, practice_id, clinician_id, is_active)
SELECT gen_random_uuid(), practice_id, clinician_id, true FROM (
    SELECT practice_id, clinician_id FROM practices_employee WHERE clinician_id IS NOT NULL AND ends_date IS NULL
    UNION
    SELECT c.practice_id, d.clinician_id FROM practices_contractdoctor d
      JOIN practices_contract c ON c.id = d.contract_id WHERE d.ends_date IS NULL) AS there
 WHERE practice_id = ANY (%s) OR %s
ON CONFLICT (practice_id, clinician_id) DO UPDATE SET is_active = true WHERE NOT old.is_active
"""


def open_calendars(practice_ids: Collection[UUID] | None = None) -> int:
    """For everybody who treats patients at these offices, or at all: how many are new. One query."""
    with fence.system("a calendar comes with who works there"), connection.cursor() as cursor:
        cursor.execute(OPEN, [list(practice_ids or []), practice_ids is None])
        return int(cursor.rowcount)


@dataclass(frozen=True, slots=True)
class Left:
    """What somebody leaves at an office, in numbers: nothing of any patient."""

    days: list[tuple[date, int]]  # with coming appointments after her last day, and how many
    on_video: int  # of them
    requests: int  # wishes for a time with her
    dialogues: int  # that wait for her answer, or were given to her
    renewals: int  # that wait for her
    errands: int  # that she is to do
    lists: int  # that she serves

    @property
    def appointments(self) -> int:
        return sum(number for _, number in self.days)

    @property
    def is_nothing(self) -> bool:
        return not (self.days or self.requests or self.dialogues or self.renewals or self.errands or self.lists)


def left_by(actor: Actor, employee_id: UUID, last_date: date | None, now: datetime) -> Left:
    """`last_date` None is today. Raises NotFound or Denied. Seven queries."""
    employee = _find(actor, employee_id)
    today = local_day(now)
    after = local_period(max(last_date or today, today - timedelta(days=1)))[1]
    to_do = Errand.objects.filter(practice=employee.practice_id, to_employee=employee, done_at=None)
    if employee.clinician_id is None:
        mine = Dialogue.objects.filter(practice=employee.practice_id, status__in=dialogue_rules.WAITING)
        return Left([], 0, 0, mine.filter(assigned_to=employee).count(), 0, to_do.count(), 0)
    with fence.system("numbers of what she leaves, and nothing of whose it is"):
        coming = Appointment.objects.filter(
            calendar__practice=employee.practice_id,
            calendar__clinician=employee.clinician_id,
            status__in=COMING,
            starts_at__gte=max(after, now),
        )
        days = coming.annotate(day=TruncDate("starts_at", tzinfo=CLINIC)).values_list("day").annotate(Count("pk"))
        waits = Q(assigned_to=employee) | Q(answerer=employee.clinician_id)
        return Left(
            days=list(days.order_by("day")),
            on_video=coming.filter(channel=Channel.VIDEO).count(),
            requests=TimeRequest.objects.filter(
                practice=employee.practice_id, clinician=employee.clinician_id, status__in=OPEN_REQUESTS
            ).count(),
            dialogues=Dialogue.objects.filter(
                waits, practice=employee.practice_id, status__in=dialogue_rules.WAITING
            ).count(),
            renewals=Item.objects.filter(
                practice=employee.practice_id, clinician=employee.clinician_id, status__in=renewal_rules.OPEN
            ).count(),
            errands=to_do.count(),
            lists=_serving(employee, today).count(),
        )


@transaction.atomic
def leave(
    *,
    actor: Actor,
    employee_id: UUID,
    last_date: date,
    successor_id: UUID | None,
    mark: str | None = None,
    now: datetime,
) -> Employee:
    """As practices.employees.leave. Of who treats patients: her plan ends with her last day, and the doctor who takes
    over serves her lists from the day after, as far as the GP register has not said it yet. What waits follows when
    that day has come; booked appointments stay until somebody moves them.
    """
    employee = employees.leave(
        actor=actor, employee_id=employee_id, last_date=last_date, successor_id=successor_id, mark=mark, now=now
    )
    if employee.clinician_id and not _works_on(employee):
        _end_plan(employee, last_date)
        _hand_over_lists(employee, local_day(now))
    follow(now=now, practice_id=employee.practice_id)
    return employee


def follow(*, now: datetime, practice_id: UUID | None = None) -> None:
    """Where somebody's last day has passed, what waits goes to who took over, and an empty calendar closes.

    Run at once when she leaves, and by a job every hour. Twice is as once.
    """
    with fence.system("what waits for one who has left"):
        dialogues.follow_leavers(now=now, practice_id=practice_id)
        dialogues.follow_absences(now=now, practice_id=practice_id)
        errands.follow_leavers(now=now, practice_id=practice_id)
        _close_calendars(now, practice_id)


def _find(actor: Actor, employee_id: UUID) -> Employee:
    employee = Employee.objects.filter(pk=employee_id, practice__in=actor.practices).first()
    if employee is None:
        raise NotFound
    policy.check_edit_practice(actor, employee.practice_id)
    return employee


def _works_on(employee: Employee) -> bool:
    """In another role at the same office, as the same doctor."""
    others = Employee.objects.filter(practice=employee.practice_id, clinician=employee.clinician_id, ends_date=None)
    return others.exclude(pk=employee.pk).exists()


def _end_plan(employee: Employee, last_date: date) -> None:
    blocks = Block.objects.filter(
        Q(last_date=None) | Q(last_date__gt=last_date),
        calendar__practice=employee.practice_id,
        calendar__clinician=employee.clinician_id,
    )
    writing.remove(blocks.filter(first_date__gt=last_date))
    blocks.filter(first_date__lte=last_date).update(last_date=last_date)
    events.publish(f"calendar:{employee.practice_id}")


def _serving(employee: Employee, day: date) -> QuerySet[ContractDoctor]:
    rows = ContractDoctor.objects.filter(Q(ends_date=None) | Q(ends_date__gt=day), clinician=employee.clinician_id)
    return rows.filter(contract__practice=employee.practice_id)


def _hand_over_lists(employee: Employee, today: date) -> None:
    """Her lists, from the day after; the register may say otherwise later, and is believed."""
    ends_date = employee.ends_date
    assert ends_date  # noqa: S101  she has just left
    heir = employee.successor.clinician_id if employee.successor else None
    for row in _serving(employee, ends_date):
        served = ContractDoctor.objects.filter(policy.on(ends_date), contract=row.contract_id, clinician=heir)
        row.ends_date = max(ends_date, row.starts_date)
        row.save(update_fields=["ends_date"])
        if heir and not served.exists():
            ContractDoctor.objects.create(contract_id=row.contract_id, clinician_id=heir, starts_date=row.ends_date)


def _close_calendars(now: datetime, practice_id: UUID | None) -> None:
    """Of those who are at their office no more and have had nobody there for a while."""
    today = local_day(now)
    employed = Employee.objects.filter(Q(ends_date=None) | Q(ends_date__gt=today), clinician__isnull=False)
    serving = ContractDoctor.objects.filter(Q(ends_date=None) | Q(ends_date__gt=today))
    there = {
        *employed.values_list("practice", "clinician"),
        *serving.values_list("contract__practice", "clinician"),
    }
    rows = Calendar.objects.filter(is_active=True, clinician__column="")
    if practice_id:
        rows = rows.filter(practice=practice_id)
    gone = [pk for pk, *place in rows.values_list("pk", "practice", "clinician") if tuple(place) not in there]
    used = Appointment.objects.filter(calendar__in=gone, starts_at__gt=now - SHOWN, status__in=COMING)
    empty = set(gone) - set(used.values_list("calendar", flat=True))
    Calendar.objects.filter(pk__in=empty).update(is_active=False)
