"""What the parts of the settings' first page show."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from legedialog.access.actor import Actor
from legedialog.access.policy import allows
from legedialog.appointments import office
from legedialog.appointments import policy as appointments_policy
from legedialog.core.times import local_day
from legedialog.practices import policy as practices_policy
from legedialog.practices import queries as practices
from legedialog.practices.texts import SERVICES
from legedialog.workspace import texts
from legedialog.workspace.common import practice_of

Shown = dict[str, Any]


def services(actor: Actor, now: datetime) -> Shown:
    practice_id = practice_of(actor)
    doctors = []
    for doctor in practices.offers_of_all(practice_id, local_day(now), columns=True):
        may = allows(practices_policy.check_edit_services, actor, practice_id, doctor.clinician_id)
        doctors.append((doctor, may, [(row, SERVICES[row.service]) for row in doctor.offers]))
    return {"doctors": doctors}


def own_office(actor: Actor, now: datetime) -> Shown:
    practice_id = practice_of(actor)
    return {
        "office": practices.practice(practice_id),
        "edits_practice": allows(practices_policy.check_edit_practice, actor, practice_id),
    }


def visit_types(actor: Actor, now: datetime) -> Shown:
    return {
        "visit_types": [
            (row, texts.KINDS[row.kind], [texts.CHANNELS[each] for each in row.channels])
            for row in office.visit_types(actor, active_only=False)
        ],
        "manages": allows(appointments_policy.check_manages, actor, practice_of(actor)),
    }


def plans(actor: Actor, now: datetime) -> Shown:
    return {
        "calendars": [(row, allows(appointments_policy.check_plans, actor, row)) for row in office.calendars(actor)]
    }


def absences(actor: Actor, now: datetime) -> Shown:
    practice_id = practice_of(actor)
    return {
        "absences": practices.absences(practice_id, local_day(now)),
        "may_report_absence": bool(may_be_away(actor, practice_id)),
    }


def opening_hours(actor: Actor, now: datetime) -> Shown:
    practice_id = practice_of(actor)
    return {
        "week": list(zip(texts.WEEKDAYS, practices.week(practice_id, now).weekdays, strict=True)),
        "exceptions": practices.exceptions(practice_id, local_day(now)),
        "edits_practice": allows(practices_policy.check_edit_practice, actor, practice_id),
    }


def may_be_away(actor: Actor, practice_id: UUID, doctors: Mapping[UUID, str] | None = None) -> list[tuple[str, str]]:
    """Whose absence she may report: (id, name). `doctors`: those with a calendar, where they are known."""
    everyone = office.doctors(actor) if doctors is None else doctors
    return [
        (str(clinician_id), name)
        for clinician_id, name in everyone.items()
        if allows(practices_policy.check_edit_absence, actor, practice_id, clinician_id)
    ]
