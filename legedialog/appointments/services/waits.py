"""How a wait for an earlier time ends, and its offer with it. What begins and answers them: waiting.py."""

from datetime import datetime

from legedialog.access.actor import Actor
from legedialog.appointments import wait_rules
from legedialog.appointments.models import Appointment, OfferStatus, Status, TimeOffer, Wait, WaitStatus
from legedialog.appointments.services.claims import remove_holds
from legedialog.audit import services as audit
from legedialog.core import events


def follow(actor: Actor, appointment: Appointment, before: datetime | None, now: datetime) -> None:
    """The appointment is cancelled, or changed from what started at `before`: what waits for an earlier one follows.

    Moved by the office to an earlier time, she has got it. Moved otherwise she waits on, by her new time.
    """
    wait = Wait.objects.filter(appointment=appointment, status=WaitStatus.WAITING).first()
    if wait is None:
        return
    if appointment.status == Status.CANCELLED:
        end(actor, wait, WaitStatus.OVER, now)
    elif actor.is_staff and before and wait_rules.is_earlier(appointment.starts_at, before):
        end(actor, wait, WaitStatus.GIVEN, now)
    else:  # the offer was for what it was: of another length, kind or doctor it is another
        close_offers(actor, wait, OfferStatus.WITHDRAWN, now)


def end(actor: Actor, wait: Wait, status: WaitStatus, now: datetime) -> None:
    """What is offered is free for others in the same instant."""
    close_offers(actor, wait, OfferStatus.WITHDRAWN, now)
    wait.status, wait.status_at = status, now
    wait.save(update_fields=["status", "status_at"])
    record(actor, f"wait.{status}", wait, now)


def close_offers(actor: Actor, wait: Wait, status: OfferStatus, now: datetime) -> None:
    """The open one, if there is any. Its time is free, unless it was taken."""
    offer = TimeOffer.objects.filter(wait=wait, status=OfferStatus.OPEN).first()
    if offer is None:
        return
    if status != OfferStatus.ACCEPTED:
        remove_holds("c.id = %s", offer.pk)
    offer.status, offer.status_at = status, now
    offer.save(update_fields=["status", "status_at"])
    record(actor, f"offer.{status}", wait, now)


def record(actor: Actor, action: str, wait: Wait, now: datetime) -> None:
    audit.record(actor, action, wait.pk, at=now, patient_id=wait.patient_id, practice_id=wait.practice_id)
    events.publish(f"calendar:{wait.practice_id}", f"person:{wait.patient_id}")
