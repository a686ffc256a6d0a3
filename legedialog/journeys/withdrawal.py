"""A citizen takes her consent back. What follows is told first; what the service keeps only for her goes at once."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db import transaction

from legedialog.access.actor import Actor
from legedialog.appointments import queries as appointments
from legedialog.appointments import requested
from legedialog.appointments import services as times
from legedialog.appointments.models import OPEN_REQUESTS
from legedialog.appointments.queries import AppointmentRow
from legedialog.appointments.requested import Wished
from legedialog.consent import services as consents
from legedialog.consent.rules import Level
from legedialog.core import contexts
from legedialog.core.errors import NotFound
from legedialog.core.sql import ask_as_one
from legedialog.dialogues import queries as dialogues
from legedialog.dialogues.queries import DialogueRow
from legedialog.outbox import queries as notices
from legedialog.prescriptions import queries as prescriptions
from legedialog.prescriptions import services as renewals
from legedialog.prescriptions.queries import OrderLine


@dataclass(frozen=True, slots=True)
class Consequences:
    """What goes on at the office without her seeing it here, and notices that will not be sent."""

    coming: list[AppointmentRow]
    open_requests: list[Wished]
    open_dialogues: list[DialogueRow]
    open_renewals: list[OrderLine]
    notices: int


def consequences(actor: Actor, person_id: UUID, now: datetime) -> Consequences:
    """Raises NotFound for a stranger. Three queries."""
    if person_id not in actor.patients:
        raise NotFound
    coming, wishes, talks = ask_as_one(
        appointments.asks_coming(actor, person_id, now),
        requested.wishes(actor, person_id),
        dialogues.open_ones(actor, person_id),
    )
    return Consequences(
        coming=appointments.coming_from(coming, now).rows,
        open_requests=[row for row in wishes if row.status in OPEN_REQUESTS],
        open_renewals=[row for row in prescriptions.orders(actor, person_id, ()) if row.is_open],
        open_dialogues=dialogues.rows_from(talks),
        notices=notices.waiting_for(actor, person_id),
    )


@transaction.atomic
def withdraw(*, actor: Actor, person_id: UUID, to: Level, now: datetime) -> None:
    """Back to Basis, or to nothing. With nothing left, what is not the office's record or proof is removed.

    Raises NotFound, Denied, or Refused ("under-16"). Source: docs/facts.md#consent-levels.
    """
    consents.withdraw(actor=actor, person_id=person_id, to=to, now=now)
    times.release(actor=actor)
    renewals.forget_looks(actor=actor, person_id=person_id)
    if to == Level.NONE:
        contexts.forget(actor, person_id, now)
