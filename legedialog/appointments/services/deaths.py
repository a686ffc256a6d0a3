"""The population register says that a patient is dead, or that it was a mistake."""

from datetime import datetime
from uuid import UUID

from django.db import IntegrityError, transaction

from legedialog.access.actor import Actor, system
from legedialog.appointments import filing, free_rules, policy, rules
from legedialog.appointments.models import OPEN_REQUESTS, Appointment, Claim, RequestStatus, Status, TimeRequest
from legedialog.appointments.services.claims import one_window_at_a_time, remove_holds
from legedialog.appointments.services.recalls import close_recalls_for_death
from legedialog.appointments.services.traces import answered, cancelled
from legedialog.audit import services as audit
from legedialog.core import events
from legedialog.core.errors import Refused
from legedialog.patients import policy as patients


@transaction.atomic
def close_for_death(*, patient_id: UUID, now: datetime) -> list[Appointment | TimeRequest]:
    """Her coming times are free, her wishes and holds are over; nobody is told. What was closed. Safe to repeat."""
    one_window_at_a_time(patient_id)
    for practice_id in remove_holds("holder_id = %s", patient_id):
        events.publish(f"calendar:{practice_id}")
    closed: list[Appointment | TimeRequest] = []
    coming = Appointment.objects.filter(patient=patient_id, status=Status.BOOKED, starts_at__gt=now)
    for appointment in coming.select_for_update(of=("self",)).order_by("pk"):
        by = system(practice_id=appointment.practice_id)
        closed.append(cancelled(by, appointment, is_late=False, note="", now=now, tells=False))
    open_requests = TimeRequest.objects.filter(patient=patient_id, status__in=OPEN_REQUESTS)
    for request in open_requests.select_for_update(of=("self",)).order_by("pk"):
        closed.append(answered(system(practice_id=request.practice_id), request, RequestStatus.ENDED, now))
    close_recalls_for_death(patient_id, now)
    return closed


@transaction.atomic
def reopen_appointment(*, actor: Actor, appointment_id: UUID, now: datetime) -> Appointment:
    """The death was a mistake: booked again, when the time is still to come and nobody has taken it.

    Raises NotFound, Denied, or Refused "time-taken" / "cannot-change" / "deceased".
    """
    appointment = policy.find(actor, appointment_id, lock=True)
    policy.check_books(actor, appointment.practice_id)
    patients.check_lives(appointment.patient_id)
    if appointment.status != Status.CANCELLED or appointment.starts_at <= now:
        raise Refused(rules.CANNOT_CHANGE)
    try:
        with transaction.atomic():
            Claim.objects.filter(pk=appointment.claim_id).update(is_active=True)
    except IntegrityError:
        raise Refused(free_rules.TAKEN) from None
    appointment.status, appointment.status_at, appointment.cancelled_by = Status.BOOKED, now, ""
    appointment.offers_new = False
    appointment.sequence += 1
    appointment.save(update_fields=["status", "status_at", "cancelled_by", "offers_new", "sequence"])
    audit.record(
        actor,
        "appointment.booked",
        appointment.pk,
        at=now,
        patient_id=appointment.patient_id,
        practice_id=appointment.practice_id,
    )
    filing.moved(actor, appointment, now)
    events.publish(f"calendar:{appointment.practice_id}", f"person:{appointment.patient_id}")
    return appointment


@transaction.atomic
def reopen_request(*, actor: Actor, request_id: UUID, now: datetime) -> TimeRequest:
    """Waits for the office again. Raises NotFound, Denied, or Refused "cannot-change" / "request-open"."""
    request = policy.find_request(actor, request_id, lock=True)
    policy.check_books(actor, request.practice_id)
    patients.check_lives(request.patient_id)
    if request.status != RequestStatus.ENDED:
        raise Refused(rules.CANNOT_CHANGE)
    try:
        with transaction.atomic():
            return answered(actor, request, RequestStatus.SENT, now, action="request.reopened")
    except IntegrityError:
        raise Refused(rules.REQUEST_OPEN) from None
