"""What changes with an appointment or a wish: the row, the trace, the notice, the record and the live event."""

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from legedialog.access.actor import Actor
from legedialog.appointments import filing, rules
from legedialog.appointments.models import (
    Appointment,
    Calendar,
    CancelledBy,
    Claim,
    ClaimKind,
    RequestStatus,
    Status,
    TimeRequest,
    VisitType,
)
from legedialog.appointments.services import recalls, waits
from legedialog.appointments.services.claims import keep
from legedialog.audit import services as audit
from legedialog.core import events, writing
from legedialog.core.ids import new_id
from legedialog.core.sql import together
from legedialog.fees import services as fees
from legedialog.outbox import services as outbox


def promise(
    actor: Actor,
    appointment: Appointment,
    now: datetime,
    *,
    mark: str | None = None,
    raises: bool = True,
    is_new: bool = False,
) -> None:
    """What it costs is kept as the patient was told it. A time that is moved costs her no more than that."""
    fees.promise(
        actor=actor,
        object_id=appointment.pk,
        patient_id=appointment.patient_id,
        practice_id=appointment.practice_id,
        service=appointment.channel,
        clinician_id=appointment.calendar.clinician_id,
        starts_at=appointment.starts_at,
        stated=appointment.visit_type.stated,
        restriction=appointment.restriction,
        mark=mark,
        raises=raises,
        is_new=is_new,
        now=now,
    )


def booked(
    actor: Actor,
    claim: Claim,
    visit_type: VisitType,
    patient_id: UUID,
    reason: str,
    now: datetime,
    *,
    price: str | None = None,
) -> Appointment:
    """The row with all that goes with it, in one round trip after the price has been read. A hold becomes its time."""
    practice_id = claim.calendar.practice_id
    appointment = Appointment(
        id=new_id(),
        practice_id=practice_id,
        calendar=claim.calendar,
        patient_id=patient_id,
        visit_type=visit_type,
        claim=claim,
        channel=claim.channel,
        starts_at=claim.period.lower,
        ends_at=min(claim.period.lower + timedelta(minutes=visit_type.minutes), claim.period.upper),
        reason=reason,
        booked_at=now,
        booked_by_person_id=actor.person_id if actor.is_citizen else None,
        booked_by_employee_id=actor.employee_id,
        status_at=now,
    )
    whom: dict[str, Any] = {"recipient_id": patient_id, "practice_id": practice_id, "now": now}
    with together():
        promise(actor, appointment, now, mark=price, is_new=True)
        if claim.kind == ClaimKind.HOLD:
            keep(claim)
        writing.add(appointment)
        recalls.answer(appointment, now)
        audit.record(
            actor,
            "appointment.booked",
            appointment.pk,
            at=now,
            patient_id=patient_id,
            practice_id=practice_id,
            overbooked=claim.is_overbooked,
        )
        outbox.put("appointment.booked", appointment.pk, **whom)
        remind_at = rules.remind_at(appointment.starts_at, now)
        if remind_at:
            outbox.put("appointment.reminder", appointment.pk, **whom, due_at=remind_at)
        filing.booked(actor, appointment, now)
    events.publish(f"calendar:{practice_id}", f"person:{patient_id}")
    return appointment


def changed(
    actor: Actor,
    appointment: Appointment,
    *,
    claim: Claim,
    calendar: Calendar,
    visit_type: VisitType,
    channel: str,
    starts_at: datetime,
    ends_at: datetime,
    reason: str,
    now: datetime,
) -> Appointment:
    """It is moved, or something else of it is new; nothing new leaves no trace. She is told once, and not of words."""
    before, kind_before = appointment.starts_at, appointment.visit_type
    is_moved = starts_at != before
    is_other = (calendar.pk, visit_type.pk, channel) != (
        *(appointment.calendar_id, appointment.visit_type_id),
        appointment.channel,
    )
    if not (is_moved or is_other or ends_at != appointment.ends_at or reason != appointment.reason):
        return appointment
    appointment.claim, appointment.calendar, appointment.visit_type = claim, calendar, visit_type
    appointment.channel, appointment.starts_at, appointment.ends_at = channel, starts_at, ends_at
    appointment.reason = reason
    appointment.sequence += 1
    if is_moved or is_other:
        appointment.changes += 1
        promise(actor, appointment, now, raises=False)
    if is_moved and not outbox.is_waiting("appointment.moved", appointment.pk):
        appointment.moved_from_at = before
    appointment.save(
        update_fields=[
            *("claim", "calendar", "visit_type", "channel", "starts_at", "ends_at", "reason"),
            *("sequence", "changes", "moved_from_at"),
        ]
    )
    if visit_type.pk != kind_before.pk:
        recalls.answer(appointment, now)
    audit.record(
        actor,
        "appointment.moved" if is_moved else "appointment.changed",
        appointment.pk,
        at=now,
        patient_id=appointment.patient_id,
        practice_id=appointment.practice_id,
        overbooked=claim.is_overbooked,
    )
    if is_moved or is_other:
        _tell_of_change(actor, appointment, now, is_moved=is_moved)
    if is_moved:
        filing.rescheduled(actor, appointment, before, now)
    else:
        filing.changed(actor, appointment, kind_before.name, now)
    waits.follow(actor, appointment, before, now)
    events.publish(f"calendar:{appointment.practice_id}", f"person:{appointment.patient_id}")
    return appointment


def _tell_of_change(actor: Actor, appointment: Appointment, now: datetime, *, is_moved: bool) -> None:
    """One notice. None while she has not been told of the booking: that notice says where it stands by then."""
    whom: dict[str, Any] = {
        "recipient_id": appointment.patient_id,
        "practice_id": appointment.practice_id,
        "now": now,
        "sequence": appointment.changes,
    }
    if not outbox.is_waiting("appointment.booked", appointment.pk):
        at = now + rules.TAKEN_BACK if actor.is_staff else now
        event = (
            "appointment.moved"
            if is_moved or outbox.is_waiting("appointment.moved", appointment.pk)
            else "appointment.changed"
        )
        outbox.put(event, appointment.pk, **whom, due_at=at)
    remind_at = rules.remind_at(appointment.starts_at, now)
    if remind_at:
        outbox.put("appointment.reminder", appointment.pk, **whom, due_at=remind_at)


def cancelled(
    actor: Actor,
    appointment: Appointment,
    *,
    is_late: bool,
    note: str,
    now: datetime,
    tells: bool = True,
    offers_new: bool = False,
) -> Appointment:
    """`tells` the patient; not when she is dead. `offers_new`: its page then shows free times of the same kind."""
    by_patient = appointment.patient_id in actor.patients
    if not by_patient:
        by = CancelledBy.PRACTICE
    else:
        by = CancelledBy.PATIENT if appointment.patient_id == actor.person_id else CancelledBy.REPRESENTATIVE
    appointment.status = Status.CANCELLED
    appointment.status_at = now
    appointment.cancelled_by = by
    appointment.cancel_note = note
    appointment.is_late = is_late
    appointment.offers_new = offers_new
    appointment.sequence += 1
    appointment.save(
        update_fields=["status", "status_at", "cancelled_by", "cancel_note", "is_late", "offers_new", "sequence"]
    )
    Claim.objects.filter(pk=appointment.claim_id).update(is_active=False)
    audit.record(
        actor,
        "appointment.cancelled",
        appointment.pk,
        at=now,
        patient_id=appointment.patient_id,
        practice_id=appointment.practice_id,
        late=is_late,
    )
    if tells:
        outbox.put(
            "appointment.cancelled",
            appointment.pk,
            recipient_id=appointment.patient_id,
            practice_id=appointment.practice_id,
            now=now,
        )
    filing.cancelled(actor, appointment, now)
    recalls.ask_again(appointment, now)
    waits.follow(actor, appointment, None, now)
    events.publish(f"calendar:{appointment.practice_id}", f"person:{appointment.patient_id}")
    return appointment


def answered(
    actor: Actor,
    request: TimeRequest,
    status: RequestStatus,
    now: datetime,
    *,
    action: str = "",
    title: str = "",
    said: str = "",
) -> TimeRequest:
    """`title` and `said` are for the record: filing.answered."""
    request.status = status
    request.status_at = now
    request.save(update_fields=["status", "status_at", "answer", "appointment", "rounds", "reply"])
    audit.record(
        actor,
        action or f"request.{status}",
        request.pk,
        at=now,
        patient_id=request.patient_id,
        practice_id=request.practice_id,
    )
    filing.answered(actor, request, now, title=title, said=said)
    events.publish(f"requests:{request.practice_id}", f"person:{request.patient_id}")
    return request
