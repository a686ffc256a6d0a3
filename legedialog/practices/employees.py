"""Who works at an office: she comes, changes her role, and leaves with somebody to take over.

The manager does it from the office's screens; whoever runs the platform gives a new office its first manager.
"""

from datetime import date, datetime, time, timedelta
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.db.models import Q

from legedialog.access.actor import Actor, Role
from legedialog.audit import services as audit
from legedialog.core import events, fence, seen, writing
from legedialog.core.crypto import blind_index
from legedialog.core.errors import NotFound, Refused
from legedialog.core.identifiers import BadIdentifier, parse_hpr_number, parse_national_number
from legedialog.core.times import local_day
from legedialog.practices import policy, rules
from legedialog.practices.models import Clinician, Employee, Reach

CLINICAL = (Role.DOCTOR, Role.SUBSTITUTE)


@transaction.atomic
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
    """She may log in from `starts_date`. The number is kept as an index only; `hpr_number` may be empty for reception
    and managers, and gives them a calendar of their own when it is not.

    Raises NotFound, Denied, or Refused ("not-a-national-number", "not-an-hpr-number", "hpr-number-missing",
    "employed-already").
    """
    policy.check_employs(actor, practice_id, role)
    try:
        number = parse_national_number(national_number, synthetic=settings.SYNTHETIC_PERSONS)
    except BadIdentifier as error:
        raise Refused(rules.NOT_A_NATIONAL_NUMBER) from error
    index = blind_index(number.reveal(), purpose="national-number")
    with fence.system("whose office it is has been decided; a doctor's own row is nobody's"):
        policy.lock(practice_id)
        clinician = _clinician(hpr_number, name, role)
        running = Employee.objects.filter(practice=practice_id, national_number_index=index, role=role)
        if running.filter(Q(ends_date=None) | Q(ends_date__gt=starts_date)).exists():
            raise Refused(rules.EMPLOYED_ALREADY)
        employee = Employee.objects.create(
            practice_id=practice_id,
            clinician=clinician,
            name=name,
            role=role,
            national_number_index=index,
            starts_date=starts_date,
        )
    audit.record(actor, "employee.came", employee.pk, at=now, practice_id=practice_id, role=role.value)
    events.publish(f"calendar:{practice_id}")
    return employee


@transaction.atomic
def change(
    *, actor: Actor, employee_id: UUID, name: str, role: Role, mark: str | None = None, now: datetime
) -> Employee:
    """Her name on screens, and her role from the next page she asks for.

    Raises NotFound, Denied, or Refused ("changed-since-seen", "hpr-number-missing", "last-manager",
    "employed-already").
    """
    employee = _find(actor, employee_id)
    policy.check_edit_practice(actor, employee.practice_id)
    seen.check(mark, *rules.seen_of_employee(employee))
    if role in CLINICAL and employee.clinician_id is None:
        raise Refused(rules.HPR_NUMBER_MISSING)
    if employee.role == Role.MANAGER and role is not Role.MANAGER:
        _check_another_manager(employee, local_day(now))
    same = Employee.objects.filter(practice=employee.practice_id, national_number_index=employee.national_number_index)
    if same.filter(role=role, ends_date=None).exclude(pk=employee.pk).exists():
        raise Refused(rules.EMPLOYED_ALREADY)
    employee.name, employee.role = name, role
    employee.save(update_fields=["name", "role"])
    audit.record(
        actor, "employee.changed", employee.pk, at=now, practice_id=employee.practice_id, role=str(employee.role)
    )
    return employee


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
    """Her last day, and who gets what she leaves. Of a doctor that must be one: it is patients who are handed over.

    Raises NotFound, Denied, or Refused ("changed-since-seen", "wrong-last-day", "left-already", "last-manager",
    "wrong-successor").
    """
    employee = _find(actor, employee_id)
    policy.check_edit_practice(actor, employee.practice_id)
    seen.check(mark, *rules.seen_of_employee(employee))
    if employee.ends_date is not None:
        raise Refused(rules.LEFT_ALREADY)
    if last_date < employee.starts_date - timedelta(days=1):
        raise Refused(rules.WRONG_LAST_DAY)
    ends_date = last_date + timedelta(days=1)
    if employee.role == Role.MANAGER:
        _check_another_manager(employee, ends_date)
    if successor_id and successor_id not in {each.pk for each in policy.successors(employee, ends_date)}:
        raise Refused(rules.WRONG_SUCCESSOR)
    employee.ends_date, employee.successor_id = ends_date, successor_id
    employee.save(update_fields=["ends_date", "successor"])
    audit.record(actor, "employee.left", employee.pk, at=now, practice_id=employee.practice_id)
    events.publish(f"calendar:{employee.practice_id}")
    return employee


def _find(actor: Actor, employee_id: UUID) -> Employee:
    """Of her office, locked with it, so that two managers do not both leave."""
    employee = Employee.objects.filter(pk=employee_id, practice__in=actor.practices).first()
    if employee is None:
        raise NotFound
    policy.find(actor, employee.practice_id, lock=True)
    employee.refresh_from_db()
    return employee


def _check_another_manager(employee: Employee, day: date) -> None:
    others = Employee.objects.filter(policy.on(day), practice=employee.practice_id, role=Role.MANAGER)
    if not others.exclude(pk=employee.pk).exists():
        raise Refused(rules.LAST_MANAGER)


def _clinician(hpr_number: str, name: str, role: Role) -> Clinician | None:
    if not hpr_number:
        if role in CLINICAL:
            raise Refused(rules.HPR_NUMBER_MISSING)
        return None
    try:
        number = parse_hpr_number(hpr_number)
    except BadIdentifier as error:
        raise Refused(rules.NOT_AN_HPR_NUMBER) from error
    return Clinician.objects.get_or_create(hpr_number=number, defaults={"name": name})[0]


@transaction.atomic
def choose_reach(
    *,
    actor: Actor,
    mode: str,
    channel: str,
    address: str,
    language: str,
    from_clock: time,
    to_clock: time,
    on_days_off: bool,
    now: datetime,
) -> None:
    """How she herself is told, when she is away, that work waits; no `mode` is not at all. Clocks are local."""
    if not actor.is_staff or actor.employee_id is None:
        raise NotFound
    writing.remove(Reach.objects.filter(employee=actor.employee_id))
    if mode:
        Reach.objects.create(
            employee_id=actor.employee_id,
            mode=mode,
            channel=channel,
            address=address,
            language=language,
            from_clock=from_clock,
            to_clock=to_clock,
            on_days_off=on_days_off,
            chosen_at=now,
        )
    audit.record(actor, "employee.chose-notices", actor.employee_id, at=now, practice_id=actor.practice_id)


def forget_leavers(now: datetime) -> None:
    """Where those who have left were reached: run by a job every hour (operations/tasks.py)."""
    writing.remove(Reach.objects.filter(employee__ends_date__lte=local_day(now)))
