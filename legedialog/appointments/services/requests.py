"""Be om time: what a citizen asks for, and what the office makes of it."""

from datetime import datetime
from uuid import UUID

from django.db import transaction

from legedialog.access.actor import Actor
from legedialog.appointments import policy, rules
from legedialog.appointments.models import (
    Channel,
    RequestStatus,
    Status,
    TimeRequest,
)
from legedialog.appointments.services.booking import book_for_patient
from legedialog.appointments.services.claims import practice_of
from legedialog.appointments.services.traces import answered, cancelled
from legedialog.audit import services as audit
from legedialog.consent import policy as consent
from legedialog.core import events
from legedialog.core.errors import NotFound, Refused
from legedialog.core.times import local_day
from legedialog.outbox import services as outbox
from legedialog.practices import policy as practices
from legedialog.practices.models import Service


@transaction.atomic
def send_request(
    *,
    actor: Actor,
    patient_id: UUID,
    clinician_id: UUID,
    key: UUID,
    wishes: str,
    coarse_times: list[str],
    channels: list[str],
    now: datetime,
) -> TimeRequest:
    """Ask the patient's doctor for a time. The same key twice makes one request.

    Raises NotFound for a stranger or a doctor who is not hers, Refused without full consent, when the doctor does not
    take requests, or when one is already open ("request-open").
    """
    policy.check_acts_for(actor, patient_id)
    consent.check_full(patient_id)
    sent = TimeRequest.objects.filter(key=key, patient=patient_id).first()
    if sent:
        return sent
    practice_id = practice_of(patient_id, clinician_id, now)
    practices.check_offered(practice_id, clinician_id, Service.REQUEST, local_day(now))
    request = TimeRequest(
        practice_id=practice_id,
        clinician_id=clinician_id,
        patient_id=patient_id,
        sent_by_id=actor.person_id or patient_id,
        key=key,
        wishes=wishes,
        coarse_times=[each for each in rules.COARSE_TIMES if each in coarse_times],
        channels=[each for each in Channel.values if each in channels],
        sent_at=now,
        status_at=now,
    )
    TimeRequest.objects.bulk_create([request], ignore_conflicts=True)  # a double click, or two windows at once
    stored = TimeRequest.objects.filter(key=key, patient=patient_id).first()
    if stored is None:
        raise Refused(rules.REQUEST_OPEN)
    if stored.pk == request.pk:
        audit.record(actor, "request.sent", stored.pk, at=now, patient_id=patient_id, practice_id=practice_id)
        events.publish(f"requests:{practice_id}", f"person:{patient_id}")
    return stored


@transaction.atomic
def assign_request(
    *,
    actor: Actor,
    request_id: UUID,
    calendar_id: UUID,
    visit_type_id: UUID,
    channel: str,
    starts_at: datetime,
    now: datetime,
) -> TimeRequest:
    """Answer a request with a time: a booking like any other, under the same constraint."""
    request = policy.find_request(actor, request_id, lock=True)
    policy.check_books(actor, request.practice_id)
    rules.check_move(request.status, RequestStatus.ASSIGNED, rules.REQUEST_MOVES)
    request.appointment = book_for_patient(
        actor=actor,
        patient_id=request.patient_id,
        calendar_id=calendar_id,
        visit_type_id=visit_type_id,
        channel=channel,
        starts_at=starts_at,
        reason=request.wishes,
        now=now,
    )
    return answered(actor, request, RequestStatus.ASSIGNED, now)


@transaction.atomic
def refuse_request(*, actor: Actor, request_id: UUID, text: str, now: datetime) -> TimeRequest:
    """Answer a request with a text instead of a time."""
    request = policy.find_request(actor, request_id, lock=True)
    policy.check_books(actor, request.practice_id)
    rules.check_move(request.status, RequestStatus.REFUSED, rules.REQUEST_MOVES)
    request.answer = text
    outbox.put("request.refused", request.pk, recipient_id=request.patient_id, practice_id=request.practice_id, now=now)
    return answered(actor, request, RequestStatus.REFUSED, now)


@transaction.atomic
def withdraw_request(*, actor: Actor, request_id: UUID, now: datetime) -> TimeRequest:
    request = policy.find_request(actor, request_id, lock=True)
    policy.check_acts_for(actor, request.patient_id)
    rules.check_move(request.status, RequestStatus.WITHDRAWN, rules.REQUEST_MOVES)
    return answered(actor, request, RequestStatus.WITHDRAWN, now)


@transaction.atomic
def decline_assigned(*, actor: Actor, request_id: UUID, now: datetime) -> TimeRequest:
    """No to the assigned time. It is freed and never late, as she did not choose it."""
    request = policy.find_request(actor, request_id, lock=True)
    policy.check_acts_for(actor, request.patient_id)
    rules.check_move(request.status, RequestStatus.DECLINED, rules.REQUEST_MOVES)
    if request.appointment_id is None:  # the constraint an_assigned_request_has_an_appointment forbids it
        raise NotFound
    appointment = policy.find(actor, request.appointment_id, lock=True)
    rules.check_move(appointment.status, Status.CANCELLED)
    if appointment.starts_at <= now:
        raise Refused(rules.CANNOT_CHANGE)
    cancelled(actor, appointment, is_late=False, note="", now=now)
    return answered(actor, request, RequestStatus.DECLINED, now)
