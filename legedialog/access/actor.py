"""Who is asking. Built once for each request by the access middleware, and by jobs for work they carry on."""

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import NamedTuple
from uuid import UUID


class Kind(StrEnum):
    ANONYMOUS = "anonymous"
    CITIZEN = "citizen"
    STAFF = "staff"
    OPERATOR = "operator"  # runs the platform; never sees patients
    SYSTEM = "system"  # jobs, imports and machines


class Role(StrEnum):
    DOCTOR = "doctor"
    SUBSTITUTE = "substitute"
    SECRETARY = "secretary"
    MANAGER = "manager"


class Assurance(StrEnum):
    NONE = "none"
    SUBSTANTIAL = "substantial"
    HIGH = "high"


class Stated(NamedTuple):
    """A purpose that an employee has stated for a patient in this login: a code of audit/rules.py."""

    patient_id: UUID
    code: str
    ends_at: datetime


@dataclass(frozen=True, slots=True)
class Actor:
    """The logged-in person, in a role, at an office, acting for somebody.

    `patients` are the persons whose things she may handle as a citizen: herself, or the one she acts for instead;
    `areas` what of it (patients/representation.py), None when nothing is closed, and `ground` by which right.
    `practices` the offices she works at. Both are empty for a stranger, so filters deny by default.
    """

    kind: Kind = Kind.ANONYMOUS
    login_id: UUID | None = None
    display_name: str = field(default="", repr=False)
    assurance: Assurance = Assurance.NONE
    person_id: UUID | None = None  # who is logged in, as a citizen
    acting_for_id: UUID | None = None  # whose affairs these are: herself until she acts for another
    employee_id: UUID | None = None
    clinician_id: UUID | None = None
    role: Role | None = None
    practice_id: UUID | None = None
    patients: frozenset[UUID] = frozenset()
    practices: frozenset[UUID] = frozenset()
    areas: frozenset[str] | None = None
    former_ids: frozenset[UUID] = frozenset()  # of rows that have become hers: her log has lines under them
    # An employee's of this login, the earliest first, as the request's session tells them. None: whoever needs it asks.
    stated: tuple[Stated, ...] | None = field(default=None, repr=False)
    ground: str = ""  # "FO", "VE", "FU", "TD"; "youth" for one of 13 to 15 alone; "" for herself

    def opens(self, area: str) -> bool:
        return self.areas is None or area in self.areas

    @property
    def acts_for_another(self) -> bool:
        return self.acting_for_id not in (None, self.person_id)

    @property
    def scope(self) -> tuple[UUID | None, ...]:
        """Whom the database works for while she asks: see core/fence.py. Nobody for the system, which must say why."""
        own = (self.person_id, self.employee_id, self.login_id)
        return (*self.patients, *self.practices, *own, *self.former_ids)

    @property
    def is_authenticated(self) -> bool:
        return self.kind is not Kind.ANONYMOUS

    @property
    def is_citizen(self) -> bool:
        return self.kind is Kind.CITIZEN

    @property
    def is_staff(self) -> bool:
        return self.kind is Kind.STAFF


ANONYMOUS = Actor()


def at_work(
    *, employee_id: UUID, clinician_id: UUID | None, role: str, practice_id: UUID, name: str, login_id: UUID | None
) -> Actor:
    """An employee whose work is done after her press, by the worker: what she had begun."""
    return Actor(
        kind=Kind.STAFF,
        login_id=login_id,
        display_name=name,
        assurance=Assurance.HIGH,
        employee_id=employee_id,
        clinician_id=clinician_id,
        role=Role(role),
        practice_id=practice_id,
        practices=frozenset({practice_id}),
    )


def system(*, practice_id: UUID | None = None) -> Actor:
    """For jobs and imports; give the office when the work belongs to one."""
    practices = frozenset({practice_id}) if practice_id else frozenset()
    return Actor(kind=Kind.SYSTEM, practice_id=practice_id, practices=practices)
