"""Who sees and does errands: those at the office; one about a patient, those there who work with patients."""

from collections.abc import Collection
from datetime import date
from uuid import UUID

from django.db.models import Q, QuerySet
from django.utils.translation import gettext_lazy as _

from legedialog.access.actor import Actor, Role
from legedialog.core.errors import Denied, NotFound, Refused
from legedialog.core.finding import found
from legedialog.errands import rules
from legedialog.errands.models import Errand
from legedialog.errands.rules import About, Group, To
from legedialog.practices import policy as practices
from legedialog.practices.models import Employee

CARES = frozenset({Role.SECRETARY, Role.DOCTOR, Role.SUBSTITUTE})  # Source: docs/facts.md#roles
GROUPS = frozenset({Group.SECRETARIES, Group.DOCTORS})  # the same


def visible_to(actor: Actor) -> QuerySet[Errand]:
    if not actor.is_staff:
        return Errand.objects.none()
    rows = Errand.objects.filter(practice__in=actor.practices)
    return rows if actor.role in CARES else rows.filter(patient=None)


def find(actor: Actor, errand_id: UUID, *, lock: bool = False) -> Errand:
    return found(visible_to(actor), errand_id, lock=lock)


def hers(actor: Actor) -> Q:
    """Those that are given to her, or to her role."""
    return Q(to_employee=actor.employee_id) | Q(to_group=group_of(actor))


def group_of(actor: Actor) -> str:
    return rules.GROUPS[actor.role] if actor.role else ""


def check_give(actor: Actor, practice_id: UUID, about: About) -> None:
    """Everybody at the office; about a patient, those who work with patients. Who may open her is asked before."""
    if not actor.is_staff or practice_id not in actor.practices:
        raise NotFound
    if about.patient_id and actor.role not in CARES:
        raise Denied(_("Bare de som arbeider med pasienter, skriver oppgaver om dem."))


def check_to(practice_id: UUID, to: To, *, is_about_patient: bool, today: date) -> None:
    """Raises Refused when she is not there, or is not to read it."""
    if to.employee_id is None:
        if is_about_patient and to.group not in GROUPS:
            raise Refused(rules.NOT_FOR_MANAGER)
        return
    role = colleagues(practice_id, today).filter(pk=to.employee_id).values_list("role", flat=True).first()
    if role is None:
        raise Refused(rules.NOT_HERE)
    if is_about_patient and role not in CARES:
        raise Refused(rules.NOT_FOR_MANAGER)


def left_to(row: Errand, gone: Employee, today: date) -> To:
    """Whose it is now: who took over, when she is there and may read it, else all of the role."""
    roles = frozenset(Role) if row.patient_id is None else CARES
    if gone.successor_id and colleagues(row.practice_id, today, roles).filter(pk=gone.successor_id).exists():
        return To(gone.successor_id)
    group = rules.GROUPS[Role(gone.role)]
    return To(group=group if row.patient_id is None or group in GROUPS else Group.SECRETARIES)


def colleagues(practice_id: UUID, today: date, roles: Collection[Role] = frozenset(Role)) -> QuerySet[Employee]:
    """Those who work there that day."""
    return Employee.objects.filter(practices.on(today), practice=practice_id, role__in=roles)
