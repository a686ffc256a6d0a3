"""A citizen holds a time and books it; the office books for her; either cancels."""

from datetime import datetime
from uuid import UUID

from django.db import transaction

from legedialog.access.actor import Actor
from legedialog.appointments import free, free_rules, policy, rules
from legedialog.appointments.free import Wanted
from legedialog.appointments.models import (
    Appointment,
    Claim,
    ClaimKind,
    RequestStatus,
    Status,
    Taken,
    TimeRequest,
    VisitType,
)
from legedialog.appointments.services import recalls
from legedialog.appointments.services.claims import (
    bookable,
    bookable_with_any,
    held,
    one_window_at_a_time,
    period_of,
    remove_holds,
    take,
    take_one,
)
from legedialog.appointments.services.traces import answered, booked, cancelled
from legedialog.appointments.services.visits import charge
from legedialog.audit import services as audit
from legedialog.consent import policy as consent
from legedialog.core import events, fence, seen
from legedialog.core.errors import NotFound, Refused
from legedialog.core.times import local_day
from legedialog.fees import services as fees
from legedialog.journal import services as journal
from legedialog.patients import policy as patient_policy
from legedialog.patients.representation import Restriction
from legedialog.pending import policy as pending


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
    closed, she has enough coming ones ("too-many-coming"), or the time is not free, with the reason.
    """
    policy.check_acts_for(actor, patient_id)
    calendar, visit_type = bookable(patient_id, calendar_id, visit_type_id, channel, now)
    wanted = Wanted(calendar.practice_id, [calendar.clinician_id], visit_type, channel, now, patient_id)
    free.check(wanted, calendar_id, starts_at)
    claim = Claim(
        calendar=calendar,
        period=period_of(visit_type, starts_at),
        kind=ClaimKind.HOLD,
        holder_id=patient_id,
        visit_type=visit_type,
        channel=channel,
        expires_at=now + rules.HOLD,
    )
    if not take(claim, now):
        raise Refused(free_rules.TAKEN)
    events.publish(f"calendar:{calendar.practice_id}")
    return claim


@transaction.atomic
def hold_any(
    *, actor: Actor, patient_id: UUID, visit_type_id: UUID, channel: str, starts_at: datetime, now: datetime
) -> Claim:
    """As `hold`, with whoever of the office she may book and is free: the one with the least that day.

    Raises as `hold`; "time-taken" when nobody is left.
    """
    policy.check_acts_for(actor, patient_id)
    consent.check_full(patient_id)
    practice_id, clinician_ids, visit_type = bookable_with_any(patient_id, visit_type_id, channel, now)
    one_window_at_a_time(patient_id)
    day = local_day(starts_at)
    found = free.find(Wanted(practice_id, clinician_ids, visit_type, channel, now, patient_id), day, day)
    calendars = [] if found.limit else found.whoever(starts_at)
    if not calendars:
        raise Refused(found.limit or found.why_nobody(starts_at))
    claim = take_one(
        [
            Claim(
                calendar_id=calendar_id,
                period=period_of(visit_type, starts_at),
                kind=ClaimKind.HOLD,
                holder_id=patient_id,
                visit_type=visit_type,
                channel=channel,
                expires_at=now + rules.HOLD,
            )
            for calendar_id in calendars
        ],
        now,
    )
    if claim is None:
        raise Refused(free_rules.TAKEN)
    events.publish(f"calendar:{practice_id}")
    return claim


@transaction.atomic
def release(*, actor: Actor, hold_id: UUID | None = None) -> None:
    """Give up this time that is held for the person she acts for, and no newer one. Nothing to give up is fine.

    None is asked by somebody without a page: whatever is held.
    """
    if actor.acting_for_id in actor.patients:
        whose = "c.kind = 'hold' AND holder_id = %s AND c.id = COALESCE(%s::uuid, c.id)"
        for practice_id in remove_holds(whose, actor.acting_for_id, hold_id):
            events.publish(f"calendar:{practice_id}")


def tidy(now: datetime) -> None:
    """Remove holds that have ended. They block nobody meanwhile, but tell who looked at which time."""
    remove_holds("expires_at <= %s", now)


@transaction.atomic
def book(*, actor: Actor, hold_id: UUID, reason: str, price: str | None = None, now: datetime) -> Appointment:
    """Turn a hold into an appointment. The same hold twice gives the same appointment.

    Raises Refused "hold-ended" when the ten minutes are over, "needs-full-access" when consent was withdrawn meanwhile,
    "price-changed" when she saw another `price` (fees.texts.shown).
    """
    claim, full = held(actor.acting_for_id, hold_id)
    if claim is None:
        if Taken.objects.filter(pk=hold_id).exists():  # somebody else's
            raise NotFound
        raise Refused(rules.HOLD_ENDED)
    if claim.kind == ClaimKind.BOOKING:
        appointment = Appointment.objects.get(claim=claim)  # read after the lock, so the other click's row is seen
        policy.check_acts_for(actor, appointment.patient_id)
        return appointment
    if claim.holder_id is None or claim.visit_type is None or claim.expires_at is None:
        raise NotFound
    policy.check_acts_for(actor, claim.holder_id)
    if claim.holder_id != actor.acting_for_id:
        raise NotFound
    consent.check_is_full(full)
    if claim.expires_at <= now:
        raise Refused(rules.HOLD_ENDED)
    if claim.visit_type.needs_order and not recalls.asks_for(claim.holder_id, claim.visit_type, claim.period.lower):
        raise Refused(free_rules.NEEDS_ORDER)  # it was stopped while she looked it over

    patient_id = claim.holder_id
    with fence.system("until it has its appointment, the time belongs to nobody"):
        return booked(actor, claim, claim.visit_type, patient_id, reason, now, price=price)


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

    Raises Denied, NotFound, or Refused "not-bookable", or with the reason why the time is not free.
    """
    calendar = policy.find_calendar(actor, calendar_id)
    policy.check_books(actor, calendar.practice_id)
    patient_policy.find(actor, patient_id, local_day(now))
    patient_policy.check_lives(patient_id)
    patient_policy.check_can_meet(patient_id, channel)
    visit_type = VisitType.objects.filter(pk=visit_type_id, practice=calendar.practice_id, is_active=True).first()
    if visit_type is None or channel not in visit_type.channels:
        raise Refused(rules.NOT_BOOKABLE)
    if not overbook_reason:
        wanted = Wanted(
            calendar.practice_id, [calendar.clinician_id], visit_type, channel, now, patient_id, for_citizen=False
        )
        free.check(wanted, calendar_id, starts_at)
    elif refusal := free_rules.refusal_to_overbook(starts_at, now):
        raise Refused(refusal)
    claim = Claim(
        calendar=calendar,
        period=period_of(visit_type, starts_at),
        kind=ClaimKind.BOOKING,
        visit_type=visit_type,
        channel=channel,
        note=overbook_reason or None,
    )
    if not take(claim, now):
        if not overbook_reason:
            raise Refused(free_rules.TAKEN)
        claim.is_overbooked = True
        claim.save(force_insert=True)
    return booked(actor, claim, visit_type, patient_id, reason, now)


@transaction.atomic
def cancel(
    *,
    actor: Actor,
    appointment_id: UUID,
    now: datetime,
    note: str = "",
    mark: str | None = None,
    offers_new: bool = False,
    for_patient: bool = False,
) -> Appointment:
    """Cancel a booked appointment and free its time. A note from the office is shown to the patient, and free times
    of the same kind when it `offers_new` ones.

    After the cut-off it is still cancelled, and marked late; after the start it is refused ("cannot-change"). What the
    office cancels is late only when it says that it does so `for_patient`, who could not do it in time. Who
    cancels a time that was assigned to her wish declines it, which is never late. `mark` is of what was seen of it.
    """
    appointment = policy.find(actor, appointment_id, lock=True)
    policy.check_cancel(actor, appointment)
    seen.check(mark, *rules.seen_of_appointment(appointment))
    if actor.is_staff:
        pending.check_nothing_waits(appointment.pk)
    rules.check_move(appointment.status, Status.CANCELLED)
    by_patient = appointment.patient_id in actor.patients
    if by_patient and appointment.starts_at <= now:
        raise Refused(rules.CANNOT_CHANGE)
    wish = TimeRequest.objects.filter(appointment=appointment, status=RequestStatus.ASSIGNED).first()
    if by_patient and wish:
        cancelled(actor, appointment, is_late=False, note=note, now=now)
        answered(actor, wish, RequestStatus.DECLINED, now)
        return appointment
    late = now > rules.free_until(appointment.starts_at, appointment.visit_type.cutoff_hours, appointment.booked_at)
    cancelled(
        actor,
        appointment,
        is_late=late and (by_patient or for_patient),
        note=note,
        offers_new=offers_new and not by_patient,
        now=now,
    )
    if appointment.is_late:
        charge(actor, appointment, now)
    return appointment


@transaction.atomic
def restrict(
    *, actor: Actor, appointment_id: UUID, restriction: Restriction, was: str | None = None, now: datetime
) -> Appointment:
    """Hide one appointment from the parents or from the youth, or show it again; `was` is what the page showed.

    Raises NotFound, Denied, or Refused "changed-since-seen".
    """
    appointment = policy.find(actor, appointment_id, lock=True)
    policy.check_restrict(actor, appointment, restriction)
    if appointment.restriction != restriction:
        seen.same(was, appointment.restriction)
        appointment.restriction = restriction
        appointment.save(update_fields=["restriction"])
        journal.hide(appointment.pk, restriction.value)
        fees.hide(appointment.pk, restriction.value)
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
