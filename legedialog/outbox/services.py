"""What is to be told is written in the transaction of what happened; a worker decides, words and sends it later.

How it is sent: delivery.py. What the counterparts tell of it afterwards, and what the office does: here.
"""

from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

import structlog
from django.db import connection, transaction
from django.db.models import Q

from legedialog.access.actor import Actor
from legedialog.audit import services as audit
from legedialog.core import crypto, events, fence, writing
from legedialog.core.errors import Refused
from legedialog.core.ids import new_id
from legedialog.outbox import policy, rules
from legedialog.outbox.models import Gate, Notification
from legedialog.outbox.rules import Channel, Reason, Status

SOON = timedelta(minutes=1)  # a worker looks this often anyway
PUT = """
INSERT INTO outbox_notification (id, event, object_id, sequence, recipient_id, employee_id, practice_id, created_at,
  due_at, status_at, status, attempts, channel, refused, reason, text)
SELECT given.id, %(event)s, given.object_id, given.sequence, given.recipient_id, given.employee_id, given.practice_id,
  %(now)s, %(due_at)s, %(now)s, 'waiting', 0, '', '', '', given.text
FROM unnest(%(ids)s::uuid[], %(objects)s::uuid[], %(sequences)s::int[], %(recipients)s::uuid[], %(employees)s::uuid[],
  %(practices)s::uuid[], %(texts)s::bytea[])
  AS given (id, object_id, sequence, recipient_id, employee_id, practice_id, text)
ON CONFLICT DO NOTHING
"""

log = structlog.get_logger("legedialog.outbox")


@dataclass(frozen=True, slots=True)
class Told:
    """What is to be told to one recipient. `sequence` tells one notice from the next of the same event and object.
    To an employee it has neither a person nor an office, who could see it."""

    object_id: UUID
    recipient_id: UUID | None
    practice_id: UUID | None
    sequence: int = 0
    employee_id: UUID | None = None


def put(
    event: str,
    object_id: UUID,
    *,
    recipient_id: UUID,
    practice_id: UUID | None,
    now: datetime,
    due_at: datetime | None = None,
    sequence: int = 0,
) -> None:
    """One notification for this event, object, sequence and recipient; putting it twice makes one."""
    put_many(event, [Told(object_id, recipient_id, practice_id, sequence)], now=now, due_at=due_at)


def put_to_employee(event: str, *, employee_id: UUID, sequence: int, now: datetime) -> None:
    """One notification about what is hers; putting it twice makes one."""
    put_many(event, [Told(employee_id, None, None, sequence, employee_id)], now=now)


@fence.system("what one may not see may still wait to be told")
def is_waiting(event: str, object_id: UUID) -> bool:
    """Whether somebody has still to be told. What is being sent this moment counts as told."""
    return Notification.objects.filter(event=event, object_id=object_id, status=Status.WAITING).exists()


@fence.system("what one may not see may have been told")
def was_told(event: str, object_id: UUID) -> bool:
    """Whether a notice of it went to somebody, within rules.KEPT."""
    return Notification.objects.filter(event=event, object_id=object_id, status=Status.SENT).exists()


@fence.system("what one may not see may have been told")
def told_of(event: str, object_ids: Collection[UUID]) -> set[UUID]:
    """Those of them that a notice went to somebody of, as `was_told`."""
    rows = Notification.objects.filter(event=event, object_id__in=object_ids, status=Status.SENT)
    return set(rows.values_list("object_id", flat=True))


@fence.system("what one may not see may have been told")
def may_be_told(event: str, object_id: UUID) -> bool:
    """Whether a notice of it went to somebody, or is on its way."""
    rows = Notification.objects.filter(event=event, object_id=object_id)
    return rows.filter(status__in=(Status.SENT, Status.WAITING)).exists()


@fence.system("what one may not see may have been told")
def recipients(event: str, object_id: UUID) -> set[UUID]:
    """Who was told of it, or is to be: kept for rules.KEPT."""
    rows = Notification.objects.filter(event=event, object_id=object_id, recipient__isnull=False)
    return set(rows.values_list("recipient_id", flat=True))


@fence.system("what happens to one person is told to others")
def put_many(event: str, told: Iterable[Told], *, now: datetime, due_at: datetime | None = None) -> None:
    """As `put`, for many in one statement. The worker is woken after the commit, once for all.

    With `due_at` a little ahead a change may be taken back before anybody is told: what is no longer true is not sent.
    """
    rows, seal = [(new_id(), each) for each in told], seals()
    with connection.cursor() as cursor:
        cursor.execute(
            PUT,
            {
                "event": event,
                "now": now,
                "due_at": due_at or now,
                "ids": [id for id, _ in rows],
                "objects": [each.object_id for _, each in rows],
                "sequences": [each.sequence for _, each in rows],
                "recipients": [each.recipient_id for _, each in rows],
                "employees": [each.employee_id for _, each in rows],
                "practices": [each.practice_id for _, each in rows],
                "texts": [
                    seal("", id=id, recipient_id=each.recipient_id, practice_id=each.practice_id) for id, each in rows
                ],
            },
        )
    if due_at is None or due_at <= now + SOON:
        events.wake()


def seals() -> Callable[..., bytes]:
    """Makes of a text, and the ids of its notice, what stands in the row."""
    return crypto.text_of("outbox.Notification", "text").writer(None)


@transaction.atomic
def retry(*, actor: Actor, notification_id: UUID, now: datetime) -> None:
    """Try a given-up notice again from the start. Raises NotFound, or Refused when it no longer is."""
    notification = _given_up(actor, notification_id)
    notification.status, notification.reason, notification.attempts = Status.WAITING, "", 0
    notification.channel = notification.refused = ""
    notification.status_at = notification.due_at = now
    notification.save(update_fields=["status", "reason", "attempts", "channel", "refused", "status_at", "due_at"])
    _record(actor, "notification.retried", notification, now)
    events.wake()


@transaction.atomic
def dismiss(*, actor: Actor, notification_id: UUID, now: datetime) -> None:
    """The office has told the patient in another way. Raises NotFound, or Refused when it is not given up."""
    notification = _given_up(actor, notification_id)
    notification.status, notification.status_at = Status.SKIPPED, now
    notification.save(update_fields=["status", "status_at"])
    _record(actor, "notification.dismissed", notification, now)


def forget(*, actor: Actor, person_id: UUID) -> None:
    """Remove what was or would be sent to her. What the office still must tell her in another way, stays."""
    hers = Notification.objects.filter(recipient=person_id, recipient__in=actor.patients)
    writing.remove(hers.filter(status__in=[Status.SENT, Status.PERHAPS, Status.SKIPPED]))
    # What waits is left to be decided when it is due: the office may have to tell her instead.


def stop(*, recipient_id: UUID, now: datetime) -> int:
    """She is dead: what waits for her is never sent. How many. What a worker is sending now is its own to decide."""
    mine = Notification.objects.filter(recipient=recipient_id, status=Status.WAITING)
    free = mine.filter(Q(claimed_until=None) | Q(claimed_until__lte=now)).select_for_update(skip_locked=True)
    return Notification.objects.filter(pk__in=list(free.values_list("pk", flat=True))).update(
        status=Status.SKIPPED, reason=Reason.DECEASED, status_at=now, claimed_until=None
    )


def tidy(now: datetime) -> None:
    """Remove what was sent or left a year ago: run by a job every hour (operations/tasks.py)."""
    writing.remove(Notification.objects.exclude(status=Status.WAITING).filter(status_at__lte=now - rules.KEPT))


@fence.system("a counterpart tells of a notice by its id")
@transaction.atomic
def delivered(*, notification_id: UUID, channel: Channel, at: datetime) -> None:
    """The counterpart says that it reached her, and that settles it: also when its answer to us was lost or has not
    been written down yet, and when it had said otherwise. Told twice is as once; what we do not know is let be.
    """
    rows = Notification.objects.filter(Q(channel=channel) | Q(refused__contains=channel), pk=notification_id)
    rows.filter(delivered_at=None).exclude(status=Status.SKIPPED).update(
        status=Status.SENT, channel=channel, delivered_at=at, reason="", claim=None, claimed_until=None, begun_at=None
    )


@fence.system("a counterpart tells of a notice by its id")
@transaction.atomic
def came_back(*, notification_id: UUID, channel: Channel, reason: Reason, now: datetime) -> None:
    """The counterpart says that it did not reach her. It is tried by another way, or else the office is shown it.

    Told twice is as once: only what went by this channel and was not told of yet. A counterpart may be quicker than we
    write down that it took the message: the worker's claim ends here. Whether it is still true, and whether there is
    another way, is decided when it is sent.
    """
    gone = Q(status__in=[Status.SENT, Status.PERHAPS]) | Q(status=Status.WAITING, begun_at__isnull=False)
    gone |= Q(status=Status.WAITING, attempts__gt=0)
    rows = Notification.objects.filter(gone, pk=notification_id, channel=channel, delivered_at=None)
    row = rows.select_for_update(of=("self",)).first()
    if row is None:
        return
    row.status, row.reason, row.channel = Status.WAITING, reason, ""
    row.refused = f"{row.refused} {channel}".strip()
    row.status_at = row.due_at = now
    row.claim = row.claimed_until = row.begun_at = None
    row.save(
        update_fields=[
            *("status", "reason", "channel", "refused", "status_at", "due_at"),
            *("claim", "claimed_until", "begun_at"),
        ]
    )
    log.warning("notice came back", notice=row.event, reason=reason.value)
    events.wake()


def _given_up(actor: Actor, notification_id: UUID) -> Notification:
    notification = policy.find(actor, notification_id)
    if notification.status not in (Status.DEAD, Status.PERHAPS):
        raise Refused(rules.HANDLED)
    return notification


def _record(actor: Actor, action: str, notification: Notification, now: datetime) -> None:
    audit.record(
        actor,
        action,
        notification.pk,
        at=now,
        patient_id=notification.recipient_id,
        practice_id=notification.practice_id,
        event=notification.event,
    )


@transaction.atomic
def close_gate(now: datetime) -> None:
    """Nothing goes out until `open_gate`: the worker claims nothing, not even what another left."""
    Gate.objects.get_or_create(pk=True, defaults={"closed_at": now})


@transaction.atomic
def open_gate() -> bool:
    """False when it was open."""
    gone = writing.remove(Gate.objects.all())
    events.wake()
    return bool(gone)
