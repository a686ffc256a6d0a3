"""Errands of tests, given by the use case."""

from datetime import datetime, timedelta
from typing import Any

from legedialog.access.actor import Actor
from legedialog.core.ids import new_id
from legedialog.core.times import local_day
from legedialog.errands import services
from legedialog.errands.models import Errand
from legedialog.errands.rules import About, Source, To
from legedialog.patients.models import Person

TEXT = "Ring om prøvesvarene"


def errand(by: Actor, patient: Person | None = None, *, now: datetime, **given: Any) -> Errand:
    """To herself, until tomorrow, unless it is said otherwise."""
    assert by.practice_id
    values: dict[str, Any] = {
        "key": new_id(),
        "text": TEXT,
        "due_date": local_day(now) + timedelta(days=1),
        "to": To(by.employee_id),
        "about": About(patient.pk, Source.PATIENT) if patient else services.NOBODY,
    }
    return services.give(actor=by, practice_id=by.practice_id, now=now, **(values | given))
