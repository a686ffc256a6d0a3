"""What a register has changed, told to the office that has the patient: seen and confirmed there, and reopened."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from legedialog.access.actor import Actor, Role
from legedialog.access.queries import name_of
from legedialog.appointments import services as appointments
from legedialog.appointments.models import Appointment, RequestStatus, Status, TimeRequest
from legedialog.audit import services as audit
from legedialog.core import broken, events, fence, reading
from legedialog.core.errors import Denied, NotFound, Refusal, Refused
from legedialog.core.sql import Asked, Statement
from legedialog.core.times import local_day
from legedialog.dialogues import services as dialogues
from legedialog.dialogues.models import Dialogue
from legedialog.journeys.models import Change, RegisterChange
from legedialog.patients.models import Membership, Person
from legedialog.patients.policy import on
from legedialog.prescriptions import deaths as renewals
from legedialog.prescriptions.models import Item
from legedialog.prescriptions.rules import Status as ItemStatus

SEES = frozenset({Role.SECRETARY, Role.DOCTOR, Role.SUBSTITUTE})
SEEN = Refusal(
    code="change-seen",
    to_patient=_("En kollega har allerede bekreftet dette."),
    to_practice=_("En kollega har allerede bekreftet dette."),
    source="docs/adr/0051-death.md",
)


@dataclass(frozen=True, slots=True)
class Line:
    """One thing that was closed. `at` is when an appointment would have been, or when the rest was sent: it tells one
    dialogue from the next. `is_closed`: it may be opened again."""

    what: str  # "appointment", "request", "dialogue", "renewal"
    id: UUID
    at: datetime | None
    is_closed: bool


@dataclass(frozen=True, slots=True)
class ChangeRow:
    id: UUID
    kind: Change
    patient_id: UUID
    patient_name: str
    birth_date: date
    death_date: date | None
    at: datetime
    lines: list[Line]
    seen_at: datetime | None
    seen_by: str


Closed = Appointment | TimeRequest | Dialogue | Item
WHATS: Mapping[type, str] = {
    Appointment: "appointment",
    TimeRequest: "request",
    Dialogue: "dialogue",
    Item: "renewal",
}


@fence.system("a register's change is told to every office that has her")
def tell(person_id: UUID, kind: Change, closed: Iterable[Closed], now: datetime, also: Iterable[UUID] = ()) -> None:
    """Her office of today, those where something was closed, and `also`. Telling twice adds what is new."""
    lines: dict[UUID, list[dict[str, str]]] = defaultdict(list)
    for each in closed:
        lines[each.practice_id].append({"what": WHATS[type(each)], "id": str(each.pk), "at": _at(each).isoformat()})
    places = Membership.objects.filter(on(local_day(now)), person=person_id)
    for practice_id in {*lines, *also, *places.values_list("contract__practice", flat=True)}:
        row, _is_new = RegisterChange.objects.select_for_update().get_or_create(
            practice_id=practice_id, person_id=person_id, kind=kind, seen_at=None, defaults={"at": now}
        )
        known = {line["id"] for line in row.lines}
        row.lines += [line for line in lines.get(practice_id, ()) if line["id"] not in known]
        row.save(update_fields=["lines"])
        events.publish(f"inbox:{practice_id}")


@fence.system("a register's answer about an office's own patient is told to that office alone")
def tell_joined(person_id: UUID, practice_id: UUID, now: datetime) -> None:
    RegisterChange.objects.get_or_create(
        practice_id=practice_id, person_id=person_id, kind=Change.JOINED, seen_at=None, defaults={"at": now}
    )
    events.publish(f"inbox:{practice_id}")


@dataclass(frozen=True, slots=True)
class Unseen:
    id: UUID
    kind: str
    patient_id: UUID
    at: datetime
    given_name: bytes
    family_name: bytes

    @property
    def patient_name(self) -> str:
        return name_of(self.patient_id, self.given_name, self.family_name)


UNSEEN = Statement(
    "what registers have changed",
    """
    SELECT c.id, c.kind, c.person_id AS patient_id, c.at, p.given_name, p.family_name
      FROM journeys_registerchange c JOIN patients_person p ON p.id = c.person_id
     WHERE c.practice_id = %(practice_id)s AND c.practice_id = ANY(%(practices)s) AND c.seen_at IS NULL
     ORDER BY c.at, c.id
    """,
    Unseen,
)


def unseen(actor: Actor, practice_id: UUID) -> Asked[Unseen]:
    """What nobody at the office has seen, the oldest first; nothing for those who do not work with patients."""
    practices = actor.practices if _may(actor) else ()
    return Asked(UNSEEN, {"practice_id": practice_id, "practices": list(practices)})


def one(actor: Actor, change_id: UUID, now: datetime) -> ChangeRow:
    """With what was closed, and whether it still is. Reading it is logged. Raises NotFound, Denied."""
    row = _find(actor, change_id)
    audit.looked(actor, "register-change.read", row.pk, at=now, patient_id=row.person_id, practice_id=row.practice_id)
    lines = broken.read(
        row.lines, lambda lines: _lines(lines, now), lambda _: [], of="journeys_registerchange.lines", row=row.pk
    )
    return _row(row, lines)


@transaction.atomic
def see(*, actor: Actor, change_id: UUID, now: datetime) -> None:
    """Somebody at the office has seen it. Raises NotFound, Denied, or Refused when a colleague was first."""
    row = _find(actor, change_id, lock=True)
    if row.seen_at:
        raise Refused(SEEN)
    row.seen_at, row.seen_by_id = now, actor.employee_id
    row.save(update_fields=["seen_at", "seen_by"])
    audit.record(actor, "register-change.seen", row.pk, at=now, patient_id=row.person_id, practice_id=row.practice_id)
    events.publish(f"inbox:{row.practice_id}")


def reopen(*, actor: Actor, change_id: UUID, line_id: UUID, now: datetime) -> None:
    """One of what the death had closed, when it was a mistake. Raises NotFound, Denied, Refused."""
    row = _find(actor, change_id)
    what = next((line["what"] for line in row.lines if line["id"] == str(line_id)), "")
    if row.kind != Change.NO_DEATH or not what:
        raise NotFound
    OPENS[what](actor, line_id, now)


def _appointment(actor: Actor, object_id: UUID, now: datetime) -> None:
    appointments.reopen_appointment(actor=actor, appointment_id=object_id, now=now)


def _request(actor: Actor, object_id: UUID, now: datetime) -> None:
    appointments.reopen_request(actor=actor, request_id=object_id, now=now)


def _dialogue(actor: Actor, object_id: UUID, now: datetime) -> None:
    dialogues.reopen_after_death(actor=actor, dialogue_id=object_id, now=now)


def _renewal(actor: Actor, object_id: UUID, now: datetime) -> None:
    renewals.reopen(actor=actor, item_id=object_id, now=now)


OPENS: Mapping[str, Callable[[Actor, UUID, datetime], None]] = {
    "appointment": _appointment,
    "request": _request,
    "dialogue": _dialogue,
    "renewal": _renewal,
}


def _at(closed: Closed) -> datetime:
    match closed:
        case Appointment():
            return closed.starts_at
        case Dialogue():
            return closed.started_at
        case Item():
            return closed.renewal.sent_at
        case TimeRequest():
            return closed.sent_at


def _lines(lines: list[dict[str, str]], now: datetime) -> list[Line]:
    ids = {what: [line["id"] for line in lines if line["what"] == what] for what in OPENS}
    closed = {
        *Appointment.objects.filter(pk__in=ids["appointment"], status=Status.CANCELLED, starts_at__gt=now).values_list(
            "pk", flat=True
        ),
        *TimeRequest.objects.filter(pk__in=ids["request"], status=RequestStatus.ENDED).values_list("pk", flat=True),
        *Dialogue.objects.filter(pk__in=ids["dialogue"], is_ended_by_death=True).values_list("pk", flat=True),
        *Item.objects.filter(pk__in=ids["renewal"], status=ItemStatus.LAPSED).values_list("pk", flat=True),
    }
    return [
        Line(
            what=line["what"],
            id=UUID(line["id"]),
            at=reading.moment(line["at"]),
            is_closed=UUID(line["id"]) in closed,
        )
        for line in lines
    ]


def _row(row: RegisterChange, lines: list[Line]) -> ChangeRow:
    person: Person = row.person
    return ChangeRow(
        id=row.pk,
        kind=Change(row.kind),
        patient_id=row.person_id,
        patient_name=person.name,
        birth_date=person.birth_date,
        death_date=person.death_date,
        at=row.at,
        lines=lines,
        seen_at=row.seen_at,
        seen_by=row.seen_by.name if row.seen_by else "",
    )


def _may(actor: Actor) -> bool:
    return actor.is_staff and actor.role in SEES


def _find(actor: Actor, change_id: UUID, *, lock: bool = False) -> RegisterChange:
    rows = RegisterChange.objects.select_related("person", "seen_by").filter(practice__in=actor.practices)
    row = (rows.select_for_update(of=("self",)) if lock else rows).filter(pk=change_id).first()
    if row is None:
        raise NotFound
    if not _may(actor):
        raise Denied(_("Bare de som arbeider med pasienter ved kontoret, kan se dette."))
    return row
