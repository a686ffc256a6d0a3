"""What is to be told, written in the transaction of what happened. Nothing is sent from here."""

from datetime import datetime
from uuid import UUID

from legedialog.outbox.models import Notification


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
    Notification.objects.bulk_create(
        [
            Notification(
                event=event,
                object_id=object_id,
                sequence=sequence,
                recipient_id=recipient_id,
                practice_id=practice_id,
                created_at=now,
                due_at=due_at or now,
                status_at=now,
                text="",
            )
        ],
        ignore_conflicts=True,
    )
