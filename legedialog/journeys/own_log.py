"""The log in a citizen's own data, in the words it is read in."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from legedialog.access.actor import Actor
from legedialog.audit import policy
from legedialog.audit.models import Event
from legedialog.core.contexts import Own
from legedialog.core.fhir import Resource, full
from legedialog.journeys import log
from legedialog.patients.models import Person
from legedialog.practices.models import Employee, Practice


@dataclass(frozen=True, slots=True)
class Line:
    """`employee` and `office` are names, as they are now."""

    event: Event
    is_by_herself: bool
    employee: str
    office: str


def _log(actor: Actor, person_id: UUID, now: datetime) -> list[Line]:
    former = Person.objects.only("former_ids").get(pk=person_id).former_ids  # by the numbers she had before
    events = list(policy.own(replace(actor, former_ids=frozenset(former))).order_by("at", "pk"))
    offices = Practice.objects.filter(pk__in={row.practice_id for row in events if row.practice_id})
    staff = Employee.objects.filter(pk__in={row.employee_id for row in events if row.employee_id})
    names = dict(offices.values_list("pk", "name")) | dict(staff.values_list("pk", "name"))

    def name(of: UUID | None) -> str:
        return names.get(of, "") if of else ""

    return [Line(row, row.person_id == person_id, name(row.employee_id), name(row.practice_id)) for row in events]


def _line(row: Line) -> Sequence[object]:
    who = ", ".join(filter(None, (row.employee, row.office))) or _("Legedialog")
    return [row.event.at, _("Du") if row.is_by_herself else who, log.what(row.event)]


def _resource(row: Line, me: Resource) -> Resource:
    event = row.event
    who = me if row.is_by_herself else {"display": row.employee or event.actor_kind}
    return {
        "resourceType": "AuditEvent",
        "id": str(event.pk),
        "type": {
            "system": "http://terminology.hl7.org/CodeSystem/audit-event-type",
            "code": "rest",
            "display": event.action,
        },
        "action": "R" if event.kind == "read" else "U",
        "recorded": event.at.isoformat(),
        "outcome": "0",
        "agent": [full({"who": who, "role": [{"text": event.role}] if event.role else [], "requestor": True})],
        "source": {"observer": {"display": row.office or "Legedialog"}},
        "entity": [{"what": me}],
    }


LOG = Own(
    title=gettext_lazy("Logg"),
    head=(gettext_lazy("Når"), gettext_lazy("Hvem"), gettext_lazy("Hva")),
    rows=_log,
    line=_line,
    resources=lambda row, me: [_resource(row, me)],
    order=100,
)
