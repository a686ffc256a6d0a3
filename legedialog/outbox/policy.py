"""Who sees and handles an office's undelivered notices: those who work there."""

from uuid import UUID

from django.db.models import QuerySet

from legedialog.access.actor import Actor
from legedialog.core.finding import found
from legedialog.outbox.models import Notification


def visible_to(actor: Actor) -> QuerySet[Notification]:
    if not actor.is_staff:
        return Notification.objects.none()
    return Notification.objects.filter(practice__in=actor.practices)


def find(actor: Actor, notification_id: UUID) -> Notification:
    """Locked. A stranger's is not found."""
    return found(visible_to(actor), notification_id, lock=True)
