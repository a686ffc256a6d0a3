"""Who takes part in the tests of the services, and what a refusal looks like."""

from datetime import timedelta

import pytest

from legedialog.access.actor import Actor, Role
from legedialog.core.errors import Refused
from legedialog.dialogues.tests.factories import (
    NOW,
    Office,
)
from legedialog.practices.models import Clinician, Employee

LATER = NOW + timedelta(hours=2)


def refused(code: str) -> pytest.RaisesExc[Refused]:
    return pytest.RaisesExc(Refused, check=lambda error: error.code == code)


def doctor(at: Office) -> Actor:
    return at.staff(Role.DOCTOR)


def colleague(at: Office, name: str = "Jonas Vik", role: Role = Role.DOCTOR) -> Actor:
    """Another doctor, without the list."""
    made = Clinician.objects.create(name=name, hpr_number=str(6_000_000 + Clinician.objects.count()))
    return at.staff(role, made)


def employee(actor: Actor) -> Employee:
    assert actor.employee_id
    return Employee.objects.get(pk=actor.employee_id)


def clinician(actor: Actor) -> Clinician:
    assert actor.clinician_id
    return Clinician.objects.get(pk=actor.clinician_id)
