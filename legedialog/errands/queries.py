"""Typed rows of errands: the office's lists, those of a patient, and how many wait for the one who looks."""

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from uuid import UUID

from django.db.models import QuerySet

from legedialog.access.actor import Actor
from legedialog.audit import services as audit
from legedialog.core import seen
from legedialog.core.names import by_name
from legedialog.core.sql import Asked, Due, Heap, Statement, heap
from legedialog.core.times import local_day
from legedialog.errands import policy
from legedialog.errands.models import Errand
from legedialog.errands.rules import Group

SHOWN = 200  # rows of one list


class Box(StrEnum):
    """The words in the address."""

    MINE = "mine"
    OFFICE = "kontorets"
    DONE = "gjort"


@dataclass(frozen=True, slots=True)
class Row:
    """`to` is empty where it is a role's: `group` says which."""

    id: UUID
    patient_id: UUID | None
    patient_name: str
    source: str
    source_id: UUID | None
    text: str
    due_date: date
    days_late: int
    is_today: bool
    to_employee_id: UUID | None
    to: str
    group: str
    by: str
    given_at: datetime
    done_at: datetime | None
    done_by: str
    mark: str


# What policy.visible_to and policy.hers say.
FOR_HER = Statement(
    "errands of hers",
    """
    SELECT due_date FROM errands_errand
     WHERE practice_id = ANY(%(practices)s) AND done_at IS NULL AND (%(cares)s OR patient_id IS NULL)
       AND (to_employee_id = %(employee_id)s OR to_group = %(group)s)
    """,
    Due,
)


def for_her(actor: Actor, now: datetime) -> Asked[Heap]:
    """How many are in Box.MINE."""
    values = {
        "practices": list(actor.practices) if actor.is_staff else [],
        "cares": actor.role in policy.CARES,
        "employee_id": actor.employee_id,
        "group": policy.group_of(actor),
    }
    return heap(Asked(FOR_HER, values), local_day(now), "due_date")


def listed(actor: Actor, box: Box, now: datetime) -> list[Row]:
    """By date; those that are done the latest first. Each patient who is named is a look in her log."""
    rows = policy.visible_to(actor)
    if box is Box.DONE:
        rows = rows.filter(done_at__isnull=False).order_by("-done_at", "pk")
    else:
        rows = rows.filter(done_at=None).order_by("due_date", "given_at", "pk")
    if box is Box.MINE:
        rows = rows.filter(policy.hers(actor))
    return _read(actor, rows, now)


def of_patient(actor: Actor, patient_id: UUID, now: datetime) -> list[Row]:
    """Those about her that are not done. It is logged. Who may open her is asked before."""
    return _read(actor, policy.visible_to(actor).filter(patient=patient_id, done_at=None).order_by("due_date"), now)


def one(actor: Actor, errand_id: UUID, now: datetime) -> Row:
    """Raises NotFound. It is logged."""
    found = policy.find(actor, errand_id)
    return _read(actor, Errand.objects.filter(pk=found.pk), now)[0]


def colleagues(actor: Actor, *, is_about_patient: bool, now: datetime) -> list[tuple[UUID, str]]:
    """Who may be given one, by name: (id, name). One query."""
    assert actor.practice_id  # noqa: S101  every employee works at an office
    roles = (policy.CARES,) if is_about_patient else ()
    rows = policy.colleagues(actor.practice_id, local_day(now), *roles)
    return list(rows.order_by(by_name("name"), "pk").values_list("pk", "name"))


def groups(*, is_about_patient: bool) -> list[Group]:
    return [each for each in Group if not is_about_patient or each in policy.GROUPS]


def seen_of(row: Errand) -> tuple[object, ...]:
    """What a page that changes it has shown."""
    return row.pk, row.to_employee_id, row.to_group, row.due_date, row.done_at


def mark_of(row: Errand) -> str:
    return seen.mark(*seen_of(row))


def _read(actor: Actor, rows: QuerySet[Errand], now: datetime) -> list[Row]:
    today = local_day(now)
    found = [
        _row(each, today) for each in rows.select_related("patient", "to_employee", "by_employee", "done_by")[:SHOWN]
    ]
    named = {row.patient_id for row in found if row.patient_id}
    audit.looked_many(actor, "errands.read", named, at=now, practice_id=actor.practice_id)
    return found


def _row(each: Errand, today: date) -> Row:
    return Row(
        id=each.pk,
        patient_id=each.patient_id,
        patient_name=each.patient.name if each.patient else "",
        source=each.source,
        source_id=each.source_id,
        text=each.text,
        due_date=each.due_date,
        days_late=max((today - each.due_date).days, 0),
        is_today=each.due_date == today,
        to_employee_id=each.to_employee_id,
        to=each.to_employee.name if each.to_employee else "",
        group=each.to_group,
        by=each.by_employee.name,
        given_at=each.given_at,
        done_at=each.done_at,
        done_by=each.done_by.name if each.done_by else "",
        mark=mark_of(each),
    )
