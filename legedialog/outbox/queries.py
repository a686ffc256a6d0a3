"""What did not reach the patient, for her office; what would have been sent, for the demo; and counts."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import Count
from django.utils.functional import Promise

from legedialog.access.actor import Actor
from legedialog.access.queries import name_of
from legedialog.core import fence
from legedialog.core.contexts import Line
from legedialog.core.sql import Asked, Statement
from legedialog.outbox import texts
from legedialog.outbox.models import Gate, Notification
from legedialog.outbox.rules import Channel, Status

SHOWN = 200
SHOWN_TO_OFFICE = (Status.DEAD, Status.PERHAPS)
WENT_OUT = (Status.SENT, Status.PERHAPS)


@dataclass(frozen=True, slots=True)
class Undelivered:
    """`what` is a notice's name, `why` what happened and `advice` what to do, in the reader's language.

    `state` says how far it came: not sent, perhaps sent, or sent and not delivered.
    """

    id: UUID
    object_id: UUID
    what: str | Promise
    why: str | Promise
    advice: str | Promise
    state: str | Promise
    color: str  # of the state's tag
    patient_id: UUID
    patient_name: str
    given_up_at: datetime


@dataclass(frozen=True, slots=True)
class Sent:
    to: str
    address: str
    channel: str
    sent_at: datetime
    text: str


def is_closed() -> bool:
    """Nothing goes out: a restored copy, or somebody has closed it. One query."""
    return Gate.objects.exists()


@dataclass(frozen=True, slots=True)
class _Undelivered:
    id: UUID
    object_id: UUID
    event: str
    reason: str
    recipient_id: UUID
    status_at: datetime
    given_name: bytes
    family_name: bytes


# Those that policy.visible_to shows.
UNDELIVERED = Statement(
    "notices that reached nobody",
    """
    SELECT n.id, n.object_id, n.event, n.reason, n.recipient_id, n.status_at, p.given_name, p.family_name
      FROM outbox_notification n JOIN patients_person p ON p.id = n.recipient_id
     WHERE n.practice_id = %(practice_id)s AND n.practice_id = ANY(%(practices)s) AND n.status = ANY(%(statuses)s)
     ORDER BY n.status_at DESC, n.id LIMIT %(most)s
    """,
    _Undelivered,
)


def not_delivered(actor: Actor, practice_id: UUID) -> Asked[_Undelivered]:
    """What the office must see to, the latest first; nothing for those who do not work there."""
    practices = actor.practices if actor.is_staff else ()
    values = {"practice_id": practice_id, "practices": list(practices), "most": SHOWN}
    return Asked(UNDELIVERED, values | {"statuses": [each.value for each in SHOWN_TO_OFFICE]})


def notices_from(found: Iterable[_Undelivered]) -> list[Undelivered]:
    return [
        Undelivered(
            row.id,
            row.object_id,
            texts.title(row.event),
            *texts.REASONS[row.reason],
            *texts.state(row.reason),
            row.recipient_id,
            name_of(row.recipient_id, row.given_name, row.family_name),
            row.status_at,
        )
        for row in found
    ]


@fence.system("the demo shows everybody's notices")
def sent_in_demo() -> list[Sent]:
    """The latest of everybody's. Only the demo and tests may show it."""
    rows = Notification.objects.select_related("recipient", "employee").filter(status__in=WENT_OUT)
    return [
        Sent(
            _name(row),
            _address(row),
            row.get_channel_display(),
            row.status_at,
            row.text,
        )
        for row in rows.order_by("-status_at", "-pk")[:SHOWN]
    ]


def _name(row: Notification) -> str:
    to: Any = row.recipient or row.employee  # one of the two: a constraint
    return str(to.name)


def _address(row: Notification) -> str:
    """A patient's. An employee's is known to her alone."""
    if row.recipient is None:
        return ""
    return str(row.recipient.phone if row.channel == Channel.SMS else row.recipient.email)


@fence.system("an employee's notices are nobody else's to see, so no scope of hers holds them")
def not_reached(actor: Actor) -> str | Promise:
    """What happened to the latest notice to her, when it did not reach her; else empty. One query."""
    row = Notification.objects.filter(employee=actor.employee_id, employee__isnull=False).order_by("-status_at").first()
    return texts.REASONS[row.reason][0] if row and row.status in SHOWN_TO_OFFICE else ""


@fence.system("numbers for the metrics")
def counts() -> dict[tuple[str, str], int]:
    """How many wait, are perhaps sent, and are given up, by (event, status). For the metrics. One query."""
    rows = (
        Notification.objects.filter(status__in=[Status.WAITING, *SHOWN_TO_OFFICE])
        .values_list("event", "status")
        .annotate(number=Count("pk"))
        .order_by("event", "status")
    )
    return {(event, status): number for event, status, number in rows}


def sent_to(actor: Actor, person_id: UUID) -> list[Line]:
    """The latest that were sent to the person she acts for, newest first. One query."""
    rows = Notification.objects.filter(recipient=person_id, recipient__in=actor.patients, status__in=WENT_OUT)
    return [
        Line(row.status_at, texts.title(row.event), row.text, row.get_channel_display(), "neutral")
        for row in rows.order_by("-status_at", "-pk")[:SHOWN]
    ]


def waiting_for(actor: Actor, person_id: UUID) -> int:
    """How many notices are still to be sent to the person she acts for. One query."""
    return Notification.objects.filter(recipient=person_id, recipient__in=actor.patients, status=Status.WAITING).count()
