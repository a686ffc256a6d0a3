"""What is to be told is written in the transaction of what happened; a worker decides, words and sends it later.

Each notice is sent once in effect. A worker keeps its row locked while it sends, so no other worker takes it, and
the row says "sent" when the transaction commits. A worker that dies after the counterpart took the message and before
the commit leaves the row waiting: it is sent again under the same id, which the counterpart knows (docs/integrator.md).
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import structlog
from django.db import transaction
from procrastinate.contrib.django import app

from legedialog.access.actor import Actor
from legedialog.audit import services as audit
from legedialog.core.errors import Refused
from legedialog.outbox import policy, rules
from legedialog.outbox.models import Notification
from legedialog.outbox.rules import Channel, DeliveryFailed, Message, Notice, Reason, Skip, Status

DELIVER = "outbox.deliver"  # the job, in integrations/tasks.py: it needs what stands above the outbox

Decide = Callable[[Notification, datetime], Notice | Skip]
Send = Callable[[Message], None]  # raises DeliveryFailed

log = structlog.get_logger("legedialog.outbox")


@dataclass(frozen=True, slots=True)
class Told:
    """What is to be told to one recipient. `sequence` tells one notice from the next of the same event and object."""

    object_id: UUID
    recipient_id: UUID
    practice_id: UUID | None
    sequence: int = 0


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


def put_many(event: str, told: Iterable[Told], *, now: datetime, due_at: datetime | None = None) -> None:
    """As `put`, for many in two statements."""
    Notification.objects.bulk_create(
        [
            Notification(
                event=event,
                object_id=each.object_id,
                sequence=each.sequence,
                recipient_id=each.recipient_id,
                practice_id=each.practice_id,
                created_at=now,
                due_at=due_at or now,
                status_at=now,
                text="",
            )
            for each in told
        ],
        ignore_conflicts=True,
    )
    if due_at is None or due_at <= now:
        _wake()


def deliver_next(*, decide: Decide, send: Mapping[Channel, Send], now: datetime) -> bool:
    """Send, skip, postpone or give up the next notice that is due. False when there is none that nobody else has."""
    with transaction.atomic():
        notification = (
            Notification.objects.select_related("recipient")
            .select_for_update(of=("self",), skip_locked=True)
            .filter(status=Status.WAITING, due_at__lte=now)
            .order_by("due_at", "pk")
            .first()
        )
        if notification is None:
            return False
        try:
            with transaction.atomic():
                decision = decide(notification, now)
        except Exception:  # a fault of ours must not stop everybody else's notices
            log.exception("notice not decided", notice=notification.event)
            _fail(notification, DeliveryFailed(Reason.OWN_FAULT, is_final=False), now)
            return True
        if isinstance(decision, Skip):
            _leave(notification, decision, now)
        else:
            _send(notification, decision, send, now)
        return True


@transaction.atomic
def retry(*, actor: Actor, notification_id: UUID, now: datetime) -> None:
    """Try a given-up notice again from the start. Raises NotFound, or Refused when it no longer is."""
    notification = _given_up(actor, notification_id)
    notification.status, notification.reason, notification.attempts = Status.WAITING, "", 0
    notification.status_at = notification.due_at = now
    notification.save(update_fields=["status", "reason", "attempts", "status_at", "due_at"])
    _record(actor, "notification.retried", notification, now)
    _wake()


@transaction.atomic
def dismiss(*, actor: Actor, notification_id: UUID, now: datetime) -> None:
    """The office has told the patient in another way. Raises NotFound, or Refused when it is not given up."""
    notification = _given_up(actor, notification_id)
    notification.status, notification.status_at = Status.SKIPPED, now
    notification.save(update_fields=["status", "status_at"])
    _record(actor, "notification.dismissed", notification, now)


def forget(*, actor: Actor, person_id: UUID) -> None:
    """Remove what was or would be sent to her. What the office still must tell her in another way, stays."""
    rows = Notification.objects.filter(recipient=person_id, recipient__in=actor.patients)
    rows.filter(status__in=[Status.SENT, Status.SKIPPED]).delete()
    # What waits is left to be decided when it is due: the office may have to tell her instead.


def tidy(now: datetime) -> None:
    """Remove what was sent or left a year ago: run by a job every hour (operations/tasks.py)."""
    Notification.objects.exclude(status=Status.WAITING).filter(status_at__lte=now - rules.KEPT).delete()


def _wake() -> None:
    """The job commits with the data. Any worker takes everything that is due, and one looks every minute anyway."""
    app.configure_task(DELIVER).defer()


def _send(notification: Notification, notice: Notice, send: Mapping[Channel, Send], now: datetime) -> None:
    ways = rules.ways(notice.contact, send)
    if isinstance(ways, Reason):
        return _leave(notification, Skip(ways, notice.office_tells or ways is Reason.NOT_SET_UP), now)
    failed: DeliveryFailed | None = None
    for channel, address in ways:
        morning = rules.quiet_until(now, notice.about_at) if channel == Channel.SMS else None
        if morning:
            notification.due_at = morning
            return notification.save(update_fields=["due_at"])
        try:
            send[channel](Message(notification.pk, address, notice.subject, notice.text, notice.language))
        except DeliveryFailed as failure:
            failed = failure
            if not failure.is_final:
                break
        except Exception:
            log.exception("notice not sent", notice=notification.event, channel=channel)
            failed = DeliveryFailed(Reason.OWN_FAULT, is_final=False)
            break
        else:
            notification.attempts += 1
            notification.status, notification.channel, notification.reason = Status.SENT, channel, ""
            notification.text, notification.status_at = notice.text, now
            return notification.save(update_fields=["attempts", "status", "channel", "reason", "text", "status_at"])
    if failed:
        _fail(notification, failed, now)
    return None


def _fail(notification: Notification, failure: DeliveryFailed, now: datetime) -> None:
    notification.attempts += 1
    notification.reason = failure.reason
    again_at = None if failure.is_final else rules.retry_at(notification.attempts, now)
    if again_at:
        notification.due_at = again_at
    else:
        notification.status, notification.status_at = Status.DEAD, now
    notification.save(update_fields=["attempts", "reason", "due_at", "status", "status_at"])
    log.warning("notice failed", notice=notification.event, reason=failure.reason.value, given_up=again_at is None)


def _leave(notification: Notification, skip: Skip, now: datetime) -> None:
    notification.status = Status.DEAD if skip.office_tells else Status.SKIPPED
    notification.reason, notification.status_at = skip.reason, now
    notification.save(update_fields=["status", "reason", "status_at"])


def _given_up(actor: Actor, notification_id: UUID) -> Notification:
    notification = policy.find(actor, notification_id)
    if notification.status != Status.DEAD:
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
