"""Offices and those who work there. What has a service is reached through it."""

from datetime import UTC, date, datetime, time
from itertools import count
from uuid import UUID

from legedialog.access.actor import Actor, Kind, Role, system
from legedialog.core.ids import new_id
from legedialog.practices import services
from legedialog.practices.models import Clinician, Contract, ContractDoctor, Employee, Practice
from legedialog.practices.rules import Hours, Service

NOW = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)  # Monday 10:00 in Oslo
TODAY = date(2026, 11, 23)
LONG_AGO = date(2020, 1, 1)
WEEKLY = {weekday: [Hours(time(8), time(15, 30))] for weekday in range(5)}

_serial = count(1)


def practice(name: str = "Fjordbyen legesenter", **fields: object) -> Practice:
    return services.save_practice(
        actor=system(),
        organisation_number=f"{920000000 + next(_serial)}",
        now=NOW,
        weekly=WEEKLY,
        name=name,
        **{
            "phone": "55555555",
            "street": "Storgata 1",
            "postal_code": "5003",
            "city": "Fjordbyen",
            "supported_services": Service.values,
        }
        | fields,
    )


def clinician(name: str = "Ingrid Aas") -> Clinician:
    return Clinician.objects.create(name=name, hpr_number=f"{8000000 + next(_serial)}", is_specialist=True)


def doctor(at: Practice, name: str = "Ingrid Aas", role: Role = Role.DOCTOR) -> Clinician:
    """A doctor who works at the office, without a list."""
    made = clinician(name)
    Employee.objects.create(
        practice=at,
        clinician=made,
        name=name,
        role=role,
        national_number_index=f"employee {next(_serial)}".encode().ljust(32)[:32],
        starts_date=LONG_AGO,
    )
    return made


def contract(at: Practice, *doctors: Clinician, is_common_list: bool = False) -> Contract:
    made = Contract.objects.create(practice=at, number=f"L{next(_serial)}", is_common_list=is_common_list)
    for each in doctors:
        ContractDoctor.objects.create(contract=made, clinician=each, starts_date=LONG_AGO)
    return made


def staff(practice_id: UUID, role: Role, clinician_id: UUID | None = None) -> Actor:
    return Actor(
        kind=Kind.STAFF,
        role=role,
        employee_id=new_id(),
        clinician_id=clinician_id,
        practice_id=practice_id,
        practices=frozenset({practice_id}),
    )
