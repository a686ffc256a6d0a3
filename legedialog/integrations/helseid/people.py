"""Who at which office a number belongs to."""

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from django.db.models import Q, QuerySet

from legedialog.access.actor import Role
from legedialog.access.models import Operator
from legedialog.core.crypto import blind_index
from legedialog.core.names import by_name
from legedialog.integrations.oidc.client import Identity
from legedialog.integrations.oidc.errors import LoginFailed
from legedialog.practices.models import Employee


@dataclass(frozen=True, slots=True)
class Employment:
    """One office and role of a person, to choose among."""

    id: UUID
    practice_name: str
    role: Role
    is_this: bool


def employees(identity: Identity, today: date) -> list[Employee]:
    """Her running employments, by office. A clinician's only when HelseID names the same HPR number.

    Empty for a stranger; LoginFailed when it is only the HPR number that does not agree.
    """
    found = list(_running(blind_index(identity.number.reveal(), purpose="national-number"), today))
    fitting = [row for row in found if not row.clinician or row.clinician.hpr_number == identity.hpr_number]
    if found and not fitting:
        raise LoginFailed("wrong-hpr")
    return fitting


def operator(identity: Identity) -> Operator:
    """Raises LoginFailed for a stranger."""
    index = blind_index(identity.number.reveal(), purpose="national-number")
    found = Operator.objects.filter(national_number_index=index).first()
    if found is None:
        raise LoginFailed("unknown-employee")
    return found


def employments(employee_id: UUID, today: date) -> list[Employment]:
    """Every office and role of the same person.

    A clinician's are offered only when she is logged in as that clinician: her HPR number was checked then.
    """
    this = Employee.objects.get(pk=employee_id)
    return [
        Employment(row.pk, row.practice.name, Role(row.role), is_this=row.pk == this.pk)
        for row in _running(bytes(this.national_number_index), today)
        if row.clinician_id in (None, this.clinician_id)
    ]


def _running(index: bytes, today: date) -> QuerySet[Employee]:
    return (
        Employee.objects.filter(
            Q(ends_date=None) | Q(ends_date__gt=today), national_number_index=index, starts_date__lte=today
        )
        .select_related("practice", "clinician")
        .order_by(by_name("practice__name"), "role")
    )
