"""The use cases of appointments: one function each. State, audit, notices and live events commit together."""

from datetime import date, datetime, time, timedelta
from typing import Any
from uuid import UUID

from django.db import connection, transaction
from django.db.backends.postgresql.psycopg_any import DateTimeTZRange

from legedialog.access.actor import Actor
from legedialog.appointments import filing, policy, queries, rules
from legedialog.appointments.models import (
    Appointment,
    Block,
    Calendar,
    CancelledBy,
    Channel,
    Claim,
    ClaimKind,
    ExternalAppointment,
    RequestStatus,
    Source,
    Status,
    TimeRequest,
    VisitType,
)
from legedialog.audit import services as audit
from legedialog.consent import policy as consent
from legedialog.core import events
from legedialog.core.errors import NotFound, Refused
from legedialog.core.ids import new_id
from legedialog.core.times import local_day
from legedialog.outbox import services as outbox
from legedialog.patients import policy as patient_policy
from legedialog.patients import queries as patients
from legedialog.patients.representation import Restriction
from legedialog.practices import policy as practices
from legedialog.practices.models import Service


@transaction.atomic
def hold(
    *,
    actor: Actor,
    patient_id: UUID,
    calendar_id: UUID,
    visit_type_id: UUID,
    channel: str,
    starts_at: datetime,
    now: datetime,
) -> Claim:
    """Keep a free time for ten minutes. An earlier hold of the same person is released.

    Raises NotFound for a stranger or another office's calendar, Refused when consent is missing, the service is
    closed, she has enough coming ones, or the time is not free ("time-taken").
    """
    policy.check_acts_for(actor, patient_id)
    consent.check_full(patient_id)
    calendar, visit_type = _bookable(patient_id, calendar_id, visit_type_id, channel, now)
    _one_window_at_a_time(patient_id)
    _check_limit(patient_id, visit_type, now)
    _check_free(calendar, visit_type, channel, starts_at, now=now, for_citizen=True, holder_id=patient_id)
    _remove_holds("holder_id = %s", patient_id)
    claim = Claim(
        calendar=calendar,
        period=DateTimeTZRange(starts_at, starts_at + timedelta(minutes=visit_type.minutes)),
        kind=ClaimKind.HOLD,
        holder_id=patient_id,
        visit_type=visit_type,
        channel=channel,
        expires_at=now + rules.HOLD,
    )
    if not _claim(claim, now):
        raise Refused(rules.TAKEN)
    events.publish(f"calendar:{calendar.practice_id}")
    return claim


@transaction.atomic
def release(*, actor: Actor, now: datetime) -> None:
    """Give up the time that is held for the person she acts for. Nothing to give up is fine."""
    if actor.acting_for_id in actor.patients:
        for practice_id in _remove_holds("holder_id = %s", actor.acting_for_id):
            events.publish(f"calendar:{practice_id}")


def tidy(now: datetime) -> None:
    """Remove holds that have ended. They block nobody meanwhile, but tell who looked at which time."""
    _remove_holds("expires_at <= %s", now)


@transaction.atomic
def book(*, actor: Actor, hold_id: UUID, reason: str, now: datetime) -> Appointment:
    """Turn a hold into an appointment. The same hold twice gives the same appointment.

    Raises Refused "hold-ended" when the ten minutes are over, "needs-full-access" when consent was withdrawn meanwhile.
    """
    _one_window_at_a_time(actor.acting_for_id)
    claim = (
        Claim.objects.select_for_update(of=("self",))
        .select_related("calendar__clinician", "visit_type")
        .filter(pk=hold_id)
        .first()
    )
    if claim is None:
        raise Refused(rules.HOLD_ENDED)
    if claim.kind == ClaimKind.BOOKING:
        appointment = Appointment.objects.get(claim=claim)  # read after the lock, so the other click's row is seen
        policy.check_acts_for(actor, appointment.patient_id)
        return appointment
    if claim.holder_id is None or claim.visit_type is None or claim.expires_at is None:
        raise NotFound
    policy.check_acts_for(actor, claim.holder_id)
    consent.check_full(claim.holder_id)
    if claim.expires_at <= now:
        raise Refused(rules.HOLD_ENDED)

    patient_id = claim.holder_id
    claim.kind = ClaimKind.BOOKING
    claim.holder = None
    claim.expires_at = None
    claim.save(update_fields=["kind", "holder", "expires_at"])
    return _appoint(actor, claim, claim.visit_type, patient_id, reason, now)


@transaction.atomic
def book_for_patient(
    *,
    actor: Actor,
    patient_id: UUID,
    calendar_id: UUID,
    visit_type_id: UUID,
    channel: str,
    starts_at: datetime,
    reason: str,
    now: datetime,
    overbook_reason: str = "",
) -> Appointment:
    """The office books. With `overbook_reason` it may be outside the plan and on top of another, which is audited.

    Raises Denied, NotFound, or Refused "time-taken" / "not-bookable".
    """
    calendar = policy.find_calendar(actor, calendar_id)
    policy.check_books(actor, calendar.practice_id)
    patient_policy.find(actor, patient_id, local_day(now))
    visit_type = VisitType.objects.filter(pk=visit_type_id, practice=calendar.practice_id, is_active=True).first()
    if visit_type is None or channel not in visit_type.channels:
        raise Refused(rules.NOT_BOOKABLE)
    if not overbook_reason:
        _check_free(calendar, visit_type, channel, starts_at, now=now, for_citizen=False)
    claim = Claim(
        calendar=calendar,
        period=DateTimeTZRange(starts_at, starts_at + timedelta(minutes=visit_type.minutes)),
        kind=ClaimKind.BOOKING,
        visit_type=visit_type,
        channel=channel,
        note=overbook_reason,
    )
    if not _claim(claim, now):
        if not overbook_reason:
            raise Refused(rules.TAKEN)
        claim.is_overbooked = True
        claim.save(force_insert=True)
    return _appoint(actor, claim, visit_type, patient_id, reason, now)


@transaction.atomic
def cancel(*, actor: Actor, appointment_id: UUID, now: datetime, note: str = "") -> Appointment:
    """Cancel a booked appointment and free its time. A note from the office is shown to the patient.

    After the cut-off it is still cancelled, and marked late; after the start it is refused ("cannot-change"). Who
    cancels a time that was assigned to her wish declines it, which is never late.
    """
    appointment = policy.find(actor, appointment_id, lock=True)
    policy.check_cancel(actor, appointment)
    rules.check_move(appointment.status, Status.CANCELLED)
    by_patient = appointment.patient_id in actor.patients
    if by_patient and appointment.starts_at <= now:
        raise Refused(rules.CANNOT_CHANGE)
    wish = TimeRequest.objects.filter(appointment=appointment, status=RequestStatus.ASSIGNED).first()
    if by_patient and wish:
        _cancel(actor, appointment, is_late=False, note=note, now=now)
        _answer(actor, wish, RequestStatus.DECLINED, now)
        return appointment
    late = now > rules.cancel_by(appointment.starts_at, appointment.visit_type.cutoff_hours)
    return _cancel(actor, appointment, is_late=by_patient and late, note=note, now=now)


@transaction.atomic
def restrict(*, actor: Actor, appointment_id: UUID, restriction: Restriction, now: datetime) -> Appointment:
    """Hide one appointment from the parents or from the youth, or show it again. Raises NotFound or Denied."""
    appointment = policy.find(actor, appointment_id, lock=True)
    policy.check_restrict(actor, appointment, restriction)
    if appointment.restriction != restriction:
        appointment.restriction = restriction
        appointment.save(update_fields=["restriction"])
        audit.record(
            actor,
            "appointment.hidden",
            appointment.pk,
            at=now,
            patient_id=appointment.patient_id,
            practice_id=appointment.practice_id,
            restriction=restriction.value,
        )
        events.publish(f"person:{appointment.patient_id}")
    return appointment


def arrive(*, actor: Actor, appointment_id: UUID, now: datetime) -> Appointment:
    """The patient is here. Also takes back "completed"."""
    return _move(actor, appointment_id, Status.ARRIVED, now)


def complete(*, actor: Actor, appointment_id: UUID, now: datetime) -> Appointment:
    return _move(actor, appointment_id, Status.COMPLETED, now)


def no_show(*, actor: Actor, appointment_id: UUID, now: datetime) -> Appointment:
    """The patient did not come. Not before the appointment has started."""
    return _move(actor, appointment_id, Status.NO_SHOW, now)


def back_to_booked(*, actor: Actor, appointment_id: UUID, now: datetime) -> Appointment:
    """Take back "arrived" or "no-show" that was set by mistake."""
    return _move(actor, appointment_id, Status.BOOKED, now)


@transaction.atomic
def block_time(
    *, actor: Actor, calendar_id: UUID, starts_at: datetime, ends_at: datetime, note: str, now: datetime
) -> Claim:
    """Keep time for something else. Refused "time-taken" where patients are booked: move or cancel them first."""
    calendar = policy.find_calendar(actor, calendar_id)
    policy.check_books(actor, calendar.practice_id)
    claim = Claim(calendar=calendar, period=DateTimeTZRange(starts_at, ends_at), kind=ClaimKind.BLOCK, note=note)
    if not _claim(claim, now):
        raise Refused(rules.TAKEN)
    audit.record(actor, "time.blocked", claim.pk, at=now)
    events.publish(f"calendar:{calendar.practice_id}")
    return claim


@transaction.atomic
def unblock(*, actor: Actor, claim_id: UUID, now: datetime) -> None:
    claim = (
        Claim.objects.select_related("calendar")
        .filter(pk=claim_id, kind=ClaimKind.BLOCK, calendar__practice__in=actor.practices)
        .first()
    )
    if claim is None:
        raise NotFound
    policy.check_books(actor, claim.calendar.practice_id)
    claim.delete()
    audit.record(actor, "time.unblocked", claim_id, at=now)
    events.publish(f"calendar:{claim.calendar.practice_id}")


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
    practice_id = _practice_of(patient_id, clinician_id, now)
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
    return _answer(actor, request, RequestStatus.ASSIGNED, now)


@transaction.atomic
def refuse_request(*, actor: Actor, request_id: UUID, text: str, now: datetime) -> TimeRequest:
    """Answer a request with a text instead of a time."""
    request = policy.find_request(actor, request_id, lock=True)
    policy.check_books(actor, request.practice_id)
    rules.check_move(request.status, RequestStatus.REFUSED, rules.REQUEST_MOVES)
    request.answer = text
    outbox.put("request.refused", request.pk, recipient_id=request.patient_id, practice_id=request.practice_id, now=now)
    return _answer(actor, request, RequestStatus.REFUSED, now)


@transaction.atomic
def withdraw_request(*, actor: Actor, request_id: UUID, now: datetime) -> TimeRequest:
    request = policy.find_request(actor, request_id, lock=True)
    policy.check_acts_for(actor, request.patient_id)
    rules.check_move(request.status, RequestStatus.WITHDRAWN, rules.REQUEST_MOVES)
    return _answer(actor, request, RequestStatus.WITHDRAWN, now)


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
    _cancel(actor, appointment, is_late=False, note="", now=now)
    return _answer(actor, request, RequestStatus.DECLINED, now)


@transaction.atomic
def save_block(
    *,
    actor: Actor,
    calendar_id: UUID,
    block_id: UUID | None,
    weekday: int,
    starts: time,
    ends: time,
    step_minutes: int,
    visit_type_ids: list[UUID],
    channels: list[str],
    is_online: bool,
    first_date: date,
    last_date: date | None,
    now: datetime,
) -> Block:
    """Add a block to the weekly plan, or change one. What is booked stays booked."""
    calendar = policy.find_calendar(actor, calendar_id)
    policy.check_plans(actor, calendar)
    block = Block.objects.filter(pk=block_id, calendar=calendar).first() if block_id else Block(calendar=calendar)
    if block is None:
        raise NotFound
    block.weekday, block.starts, block.ends, block.step_minutes = weekday, starts, ends, step_minutes
    block.channels, block.is_online = channels, is_online
    block.first_date, block.last_date = first_date, last_date
    block.save()
    block.visit_types.set(VisitType.objects.filter(practice=calendar.practice_id, pk__in=visit_type_ids))
    audit.record(actor, "plan.changed", block.pk, at=now)
    events.publish(f"calendar:{calendar.practice_id}")
    return block


@transaction.atomic
def remove_block(*, actor: Actor, block_id: UUID, now: datetime) -> None:
    """Take a block out of the plan. What is booked stays booked."""
    block = Block.objects.select_related("calendar").filter(pk=block_id, calendar__practice__in=actor.practices).first()
    if block is None:
        raise NotFound
    policy.check_plans(actor, block.calendar)
    block.delete()
    audit.record(actor, "plan.changed", block_id, at=now)
    events.publish(f"calendar:{block.calendar.practice_id}")


@transaction.atomic
def save_visit_type(
    *,
    actor: Actor,
    practice_id: UUID,
    visit_type_id: UUID | None,
    name: str,
    name_nn: str,
    name_en: str,
    kind: str,
    minutes: int,
    channels: list[str],
    is_bookable_by_citizens: bool,
    horizon_days: int,
    lead_minutes: int,
    cutoff_hours: int,
    max_coming: int,
    preparation: str,
    is_active: bool,
    position: int,
    now: datetime,
) -> VisitType:
    """Add a visit type or change one. Booked appointments keep their time; their cut-off follows the new rule."""
    policy.check_manages(actor, practice_id)
    visit_type = (
        VisitType.objects.filter(pk=visit_type_id, practice=practice_id).first()
        if visit_type_id
        else VisitType(practice_id=practice_id)
    )
    if visit_type is None:
        raise NotFound
    visit_type.name, visit_type.name_nn, visit_type.name_en = name, name_nn, name_en
    visit_type.kind, visit_type.minutes, visit_type.channels = kind, minutes, channels
    visit_type.is_bookable_by_citizens, visit_type.horizon_days = is_bookable_by_citizens, horizon_days
    visit_type.lead_minutes, visit_type.cutoff_hours, visit_type.max_coming = lead_minutes, cutoff_hours, max_coming
    visit_type.preparation, visit_type.is_active, visit_type.position = preparation, is_active, position
    visit_type.save()
    audit.record(actor, "visit-type.changed", visit_type.pk, at=now)
    return visit_type


@transaction.atomic
def receive_external(
    *,
    source_id: UUID,
    identifier: UUID,
    patient_id: UUID,
    status: str,
    starts_at: datetime,
    ends_at: datetime | None,
    channel: str,
    title: str,
    place: str,
    instruction: str,
    join_url: str,
    sent_at: datetime | None,
    tell: bool = True,
    now: datetime,
) -> tuple[ExternalAppointment, str]:
    """Keep what a source tells of an appointment. Safe to receive twice and out of order.

    Returns the row and "created", "changed", "unchanged" or "older". The patient is told only of what is new to her,
    and not at all when the source has asked for that (`tell`).
    """
    Source.objects.filter(pk=source_id).update(heard_at=now)
    told = {
        "status": status,
        "starts_at": starts_at,
        "ends_at": ends_at,
        "channel": channel,
        "title": title,
        "place": place,
        "instruction": instruction,
        "join_url": join_url,
    }
    fresh = ExternalAppointment(
        source_id=source_id, identifier=identifier, patient_id=patient_id, received_at=now, sent_at=sent_at, **told
    )
    ExternalAppointment.objects.bulk_create([fresh], ignore_conflicts=True)
    kept = ExternalAppointment.objects.select_for_update().get(source=source_id, identifier=identifier)
    if kept.pk == fresh.pk:
        outcome = "created"
    elif kept.patient_id != patient_id:
        raise NotFound
    elif sent_at and kept.sent_at and sent_at < kept.sent_at:
        return kept, "older"
    elif all(getattr(kept, name) == value for name, value in told.items()):
        return kept, "unchanged"
    else:
        for name, value in told.items():
            setattr(kept, name, value)
        kept.sent_at, kept.received_at, kept.sequence = sent_at, now, kept.sequence + 1
        kept.save()
        outcome = "changed"
    if tell and starts_at > now:
        outbox.put(
            "external.changed", kept.pk, recipient_id=patient_id, practice_id=None, now=now, sequence=kept.sequence
        )
    events.publish(f"person:{patient_id}")
    return kept, outcome


def _practice_of(patient_id: UUID, clinician_id: UUID, now: datetime) -> UUID:
    """The office of the patient's list, when the doctor serves it or stands in there today. Raises NotFound."""
    gp = patients.gp_of(patient_id, local_day(now))
    if gp is None or clinician_id not in gp.serving_ids:
        raise NotFound
    return gp.practice.id


def _bookable(
    patient_id: UUID, calendar_id: UUID, visit_type_id: UUID, channel: str, now: datetime
) -> tuple[Calendar, VisitType]:
    """The calendar and visit type, when this patient may book them herself today."""
    calendar = Calendar.objects.select_related("clinician").filter(pk=calendar_id, is_active=True).first()
    if calendar is None or _practice_of(patient_id, calendar.clinician_id, now) != calendar.practice_id:
        raise NotFound
    today = local_day(now)
    practices.check_offered(calendar.practice_id, calendar.clinician_id, Service.BOOK, today)
    if channel == Channel.VIDEO:
        practices.check_offered(calendar.practice_id, calendar.clinician_id, Service.VIDEO, today)
    visit_type = VisitType.objects.filter(
        pk=visit_type_id, practice=calendar.practice_id, is_active=True, is_bookable_by_citizens=True
    ).first()
    if visit_type is None or channel not in visit_type.channels:
        raise Refused(rules.NOT_BOOKABLE)
    return calendar, visit_type


def _one_window_at_a_time(patient_id: UUID | None) -> None:
    """Until the transaction ends, no other window of the same person holds or books: they all count the same."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [f"bookings:{patient_id}"])


def _check_limit(patient_id: UUID, visit_type: VisitType, now: datetime) -> None:
    """How many coming ones of this kind she booked herself. Under the lock of `_one_window_at_a_time`."""
    coming = Appointment.objects.filter(
        patient=patient_id,
        visit_type=visit_type,
        status=Status.BOOKED,
        starts_at__gt=now,
        booked_by_person__isnull=False,
    ).count()
    if coming >= visit_type.max_coming:
        raise Refused(rules.TOO_MANY_COMING)


def _check_free(
    calendar: Calendar,
    visit_type: VisitType,
    channel: str,
    starts_at: datetime,
    *,
    now: datetime,
    for_citizen: bool,
    holder_id: UUID | None = None,
) -> None:
    day = local_day(starts_at)
    free = queries.free_days(
        practice_id=calendar.practice_id,
        clinician_ids=[calendar.clinician_id],
        visit_type=visit_type,
        channel=channel,
        first_day=day,
        last_day=day,
        now=now,
        for_citizen=for_citizen,
        holder_id=holder_id,
    )
    if not any(each.starts_at == starts_at for each in free[0].times):
        raise Refused(rules.TAKEN)


def _claim(claim: Claim, now: datetime) -> bool:
    """Take the time, or tell that someone has it. PostgreSQL decides: see the exclusion constraint on Claim.

    Ended holds on the time are removed first, so that they never block anyone.
    """
    _remove_holds(
        "calendar_id = %s AND expires_at <= %s AND period && %s::tstzrange", claim.calendar_id, now, claim.period
    )
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO appointments_claim (id, calendar_id, period, kind, is_active, is_overbooked, holder_id,"
            " visit_type_id, channel, expires_at, note)"
            " VALUES (%s, %s, %s, %s, true, false, %s, %s, %s, %s, %s) ON CONFLICT DO NOTHING",
            [
                claim.id,
                claim.calendar_id,
                claim.period,
                claim.kind,
                claim.holder_id,
                claim.visit_type_id,
                claim.channel,
                claim.expires_at,
                claim.note,
            ],
        )
        return bool(cursor.rowcount == 1)


def _remove_holds(condition: str, *values: Any) -> list[UUID]:
    """Remove holds and tell whose calendars they stood in, by office.

    In SQL, as PostgreSQL then looks again at a row it waited for: a hold that was booked meanwhile is left alone.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            "DELETE FROM appointments_claim c USING appointments_calendar k"  # noqa: S608 - the conditions are ours
            f" WHERE k.id = c.calendar_id AND c.kind = 'hold' AND c.{condition} RETURNING k.practice_id",
            values,
        )
        return [row[0] for row in cursor.fetchall()]


def _appoint(
    actor: Actor, claim: Claim, visit_type: VisitType, patient_id: UUID, reason: str, now: datetime
) -> Appointment:
    practice_id = claim.calendar.practice_id
    appointment = Appointment.objects.create(
        id=new_id(),
        practice_id=practice_id,
        calendar=claim.calendar,
        patient_id=patient_id,
        visit_type=visit_type,
        claim=claim,
        channel=claim.channel,
        starts_at=claim.period.lower,
        ends_at=claim.period.upper,
        reason=reason,
        booked_at=now,
        booked_by_person_id=actor.person_id if actor.is_citizen else None,
        booked_by_employee_id=actor.employee_id,
        status_at=now,
    )
    audit.record(
        actor,
        "appointment.booked",
        appointment.pk,
        at=now,
        patient_id=patient_id,
        practice_id=practice_id,
        overbooked=claim.is_overbooked,
    )
    outbox.put("appointment.booked", appointment.pk, recipient_id=patient_id, practice_id=practice_id, now=now)
    remind_at = rules.remind_at(appointment.starts_at, now)
    if remind_at:
        outbox.put(
            "appointment.reminder",
            appointment.pk,
            recipient_id=patient_id,
            practice_id=practice_id,
            now=now,
            due_at=remind_at,
        )
    filing.booked(actor, appointment, now)
    events.publish(f"calendar:{practice_id}", f"person:{patient_id}")
    return appointment


def _cancel(actor: Actor, appointment: Appointment, *, is_late: bool, note: str, now: datetime) -> Appointment:
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
    appointment.sequence += 1
    appointment.save(update_fields=["status", "status_at", "cancelled_by", "cancel_note", "is_late", "sequence"])
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
    outbox.put(
        "appointment.cancelled",
        appointment.pk,
        recipient_id=appointment.patient_id,
        practice_id=appointment.practice_id,
        now=now,
    )
    filing.cancelled(actor, appointment, now)
    events.publish(f"calendar:{appointment.practice_id}", f"person:{appointment.patient_id}")
    return appointment


@transaction.atomic
def _move(actor: Actor, appointment_id: UUID, status: Status, now: datetime) -> Appointment:
    appointment = policy.find(actor, appointment_id, lock=True)
    policy.check_books(actor, appointment.practice_id)
    rules.check_move(appointment.status, status)
    rules.check_day_has_come(appointment.starts_at, now)
    if status == Status.NO_SHOW and appointment.starts_at > now:
        raise Refused(rules.TOO_EARLY)
    appointment.status = status
    appointment.status_at = now
    appointment.save(update_fields=["status", "status_at"])
    audit.record(actor, f"appointment.{status}", appointment.pk, at=now, patient_id=appointment.patient_id)
    filing.moved(actor, appointment, now)
    events.publish(f"calendar:{appointment.practice_id}", f"person:{appointment.patient_id}")
    return appointment


def _answer(actor: Actor, request: TimeRequest, status: RequestStatus, now: datetime) -> TimeRequest:
    request.status = status
    request.status_at = now
    request.save(update_fields=["status", "status_at", "answer", "appointment"])
    audit.record(
        actor,
        f"request.{status}",
        request.pk,
        at=now,
        patient_id=request.patient_id,
        practice_id=request.practice_id,
    )
    filing.answered(actor, request, now)
    events.publish(f"requests:{request.practice_id}", f"person:{request.patient_id}")
    return request
