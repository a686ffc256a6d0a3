"""Who sees what waits: those who work at the office. Only who did it takes it back."""

from uuid import UUID

from django.db.models import QuerySet

from legedialog.access.actor import Actor
from legedialog.core.errors import Refused
from legedialog.pending import rules
from legedialog.pending.models import PendingAct


def visible_to(actor: Actor) -> QuerySet[PendingAct]:
    if not actor.is_staff:
        return PendingAct.objects.none()
    return PendingAct.objects.filter(practice__in=actor.practices)


def own(actor: Actor) -> QuerySet[PendingAct]:
    return visible_to(actor).filter(employee=actor.employee_id)


def check_nothing_waits(object_id: UUID) -> None:
    """Nobody at the office does a second thing to what waits. Raises Refused "waits". The patient is never stopped."""
    if PendingAct.objects.filter(object_id=object_id, failed_at=None).exists():
        raise Refused(rules.WAITS)
