"""The day itself: the patient arrives, is seen, or does not come."""

from datetime import datetime
from uuid import UUID

from django.db import transaction

from legedialog.access.actor import Actor
from legedialog.appointments import filing, policy, rules
from legedialog.appointments.models import (
    Appointment,
    Status,
)
from legedialog.audit import services as audit
from legedialog.core import events, seen
from legedialog.core.errors import Refused
from legedialog.fees import proposing
from legedialog.fees.charge_rules import Kind
from legedialog.pending import policy as pending


def arrive(*, actor: Actor, appointment_id: UUID, was: str | None = None, now: datetime) -> Appointment:
    """The patient is here. Also takes back "completed"."""
    return _move(actor, appointment_id, Status.ARRIVED, was, now)


def complete(*, actor: Actor, appointment_id: UUID, was: str | None = None, now: datetime) -> Appointment:
    """She has been seen, and is charged for it. Raises Refused "visit-not-begun" long before the time."""
    return _move(actor, appointment_id, Status.COMPLETED, was, now)


def no_show(*, actor: Actor, appointment_id: UUID, was: str | None = None, now: datetime) -> Appointment:
    """The patient did not come. Not before the appointment has started."""
    return _move(actor, appointment_id, Status.NO_SHOW, was, now)


def back_to_booked(*, actor: Actor, appointment_id: UUID, was: str | None = None, now: datetime) -> Appointment:
    """Take back "arrived" or "no-show" that was set by mistake."""
    return _move(actor, appointment_id, Status.BOOKED, was, now)


def charge(actor: Actor, appointment: Appointment, now: datetime) -> None:
    """A charge is proposed for a visit, and for one that was missed or cancelled too late; else there is none."""
    missed = appointment.status == Status.NO_SHOW or appointment.is_late
    if appointment.status != Status.COMPLETED and not missed:
        proposing.withdraw(actor=actor, object_id=appointment.pk, now=now)
        return
    proposing.complete(
        actor=actor,
        object_id=appointment.pk,
        patient_id=appointment.patient_id,
        practice_id=appointment.practice_id,
        service=appointment.channel,
        clinician_id=appointment.calendar.clinician_id,
        at=appointment.starts_at,
        kind=Kind.MISSED if missed else Kind.SERVICE,
        restriction=appointment.restriction,
        stated=appointment.visit_type.exemption,
        now=now,
    )


@transaction.atomic
def _move(actor: Actor, appointment_id: UUID, status: Status, was: str | None, now: datetime) -> Appointment:
    """`was`: the state that the page showed."""
    appointment = policy.find(actor, appointment_id, lock=True)
    policy.check_books(actor, appointment.practice_id)
    pending.check_nothing_waits(appointment.pk)
    rules.check_move(appointment.status, status)
    seen.same(was, appointment.status)
    rules.check_day_has_come(appointment.starts_at, now)
    if status == Status.NO_SHOW and appointment.starts_at > now:
        raise Refused(rules.TOO_EARLY)
    if status == Status.COMPLETED and not rules.may_complete(appointment.starts_at, now):
        raise Refused(rules.NOT_BEGUN)
    return put(actor, appointment, status, now)


def put(actor: Actor, appointment: Appointment, status: Status, now: datetime, *, online: bool = False) -> Appointment:
    """Into the state, with all that follows; the caller has locked it, and knows that it may be."""
    appointment.status = status
    appointment.status_at = now
    if status == Status.ARRIVED and appointment.arrived_at is None:
        appointment.arrived_at, appointment.arrived_online = now, online
    if status == Status.BOOKED:
        appointment.arrived_at, appointment.arrived_online = None, False
    appointment.save(update_fields=["status", "status_at", "arrived_at", "arrived_online"])
    audit.record(actor, f"appointment.{status}", appointment.pk, at=now, patient_id=appointment.patient_id)
    filing.moved(actor, appointment, now)
    charge(actor, appointment, now)
    events.publish(f"calendar:{appointment.practice_id}", f"person:{appointment.patient_id}")
    return appointment
