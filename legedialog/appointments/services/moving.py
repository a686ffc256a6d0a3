"""Flytt time: another time, doctor, kind, channel or reason for what is booked, in one transaction. See ADR 0075."""

from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction
from django.db.models import Q

from legedialog.access.actor import Actor
from legedialog.appointments import free, free_rules, policy, rules
from legedialog.appointments.free import Wanted
from legedialog.appointments.models import Appointment, Calendar, Claim, ClaimKind, Status, VisitType
from legedialog.appointments.services.claims import bookable, one_window_at_a_time, period_of, remove_holds, take
from legedialog.appointments.services.traces import changed
from legedialog.consent import policy as consent
from legedialog.core import events, fence, seen
from legedialog.core.errors import NotFound, Refused
from legedialog.patients import policy as patient_policy
from legedialog.pending import policy as pending


@transaction.atomic
def move(
    *,
    actor: Actor,
    appointment_id: UUID,
    calendar_id: UUID,
    visit_type_id: UUID,
    channel: str,
    starts_at: datetime,
    reason: str | None,
    mark: str | None = None,
    now: datetime,
    minutes: int | None = None,
    overbook_reason: str = "",
    offer_id: UUID | None = None,
) -> Appointment:
    """Move an appointment, or change what it is. Its old time is free in the same instant.

    The patient is bound as when she books, until the cut-off ("too-late-to-move"), and stays at the office; a time that
    she holds is used, as is one that is kept for her by `offer_id`. The office may give another length, and overbook
    with a reason. `mark` is of what was seen of it; without a reason it keeps its own. Raises NotFound, Denied, or
    Refused, with why the new time is not free.
    """
    by_office = actor.is_staff
    if not by_office:
        one_window_at_a_time(actor.acting_for_id)
    appointment = policy.find(actor, appointment_id, lock=True)
    policy.check_cancel(actor, appointment)
    seen.check(mark, *rules.seen_of_appointment(appointment))
    if by_office:
        pending.check_nothing_waits(appointment.pk)
    if appointment.status != Status.BOOKED:
        raise Refused(rules.CANNOT_CHANGE)
    if by_office:
        calendar, visit_type = _of_the_office(actor, appointment, calendar_id, visit_type_id, channel)
    else:
        calendar, visit_type = _for_citizen(appointment, calendar_id, visit_type_id, channel, now)
        minutes = None
    length = minutes or (visit_type.minutes if visit_type.pk != appointment.visit_type_id else appointment.minutes)
    if _takes_the_same(appointment, calendar, visit_type, starts_at, length):
        claim = appointment.claim
    else:
        wanted = Wanted(
            calendar.practice_id,
            [calendar.clinician_id],
            visit_type,
            channel,
            now,
            appointment.patient_id,
            for_citizen=not by_office,
            moving_id=appointment.pk,
            minutes=length,
            offer_id=offer_id,
        )
        if not overbook_reason:
            free.check(wanted, calendar.pk, starts_at)
        elif refusal := free_rules.refusal_to_overbook(starts_at, now):
            raise Refused(refusal)
        claim = _taken(appointment, calendar, visit_type, channel, starts_at, length, overbook_reason, offer_id, now)
    return changed(
        actor,
        appointment,
        claim=claim,
        calendar=calendar,
        visit_type=visit_type,
        channel=channel,
        starts_at=starts_at,
        ends_at=starts_at + timedelta(minutes=length),
        reason=appointment.reason if reason is None else reason,
        now=now,
    )


@transaction.atomic
def hold_to_move(
    *,
    actor: Actor,
    appointment_id: UUID,
    calendar_id: UUID,
    visit_type_id: UUID,
    channel: str,
    starts_at: datetime,
    now: datetime,
) -> Claim | None:
    """Keep the new time for ten minutes while she looks it over. None where it overlaps the old one, which is hers.

    Raises as `move`.
    """
    one_window_at_a_time(actor.acting_for_id)
    appointment = policy.find(actor, appointment_id)
    policy.check_acts_for(actor, appointment.patient_id)
    claim = claim_to_move(appointment, calendar_id, visit_type_id, channel, starts_at, now)
    for practice_id in remove_holds("c.kind = 'hold' AND holder_id = %s", appointment.patient_id):
        events.publish(f"calendar:{practice_id}")
    calendar, own = claim.calendar, appointment.claim.period
    is_there = appointment.calendar_id == calendar.pk
    if is_there and own.lower < claim.period.upper and claim.period.lower < own.upper:
        return None
    if not take(claim, now):
        raise Refused(free_rules.TAKEN)
    events.publish(f"calendar:{calendar.practice_id}")
    return claim


def claim_to_move(
    appointment: Appointment, calendar_id: UUID, visit_type_id: UUID, channel: str, starts_at: datetime, now: datetime
) -> Claim:
    """What keeps a time that its patient may move it to: for ten minutes, not taken yet.

    Raises NotFound, or Refused with why it is not free or may not be moved.
    """
    if appointment.status != Status.BOOKED:
        raise Refused(rules.CANNOT_CHANGE)
    calendar, visit_type = _for_citizen(appointment, calendar_id, visit_type_id, channel, now)
    minutes = visit_type.minutes if visit_type.pk != appointment.visit_type_id else appointment.minutes
    wanted = Wanted(
        calendar.practice_id,
        [calendar.clinician_id],
        visit_type,
        channel,
        now,
        appointment.patient_id,
        moving_id=appointment.pk,
        minutes=minutes,
    )
    free.check(wanted, calendar.pk, starts_at)
    return Claim(
        calendar=calendar,
        period=period_of(visit_type, starts_at, minutes),
        kind=ClaimKind.HOLD,
        holder_id=appointment.patient_id,
        visit_type=visit_type,
        channel=channel,
        expires_at=now + rules.HOLD,
    )


def _of_the_office(
    actor: Actor, appointment: Appointment, calendar_id: UUID, visit_type_id: UUID, channel: str
) -> tuple[Calendar, VisitType]:
    """A kind that is not in use any more may stay."""
    calendar = policy.find_calendar(actor, calendar_id)
    visit_type = VisitType.objects.filter(pk=visit_type_id, practice=calendar.practice_id).first()
    if calendar.practice_id != appointment.practice_id or visit_type is None:
        raise NotFound
    patient_policy.check_can_meet(appointment.patient_id, channel)
    stays = visit_type.pk == appointment.visit_type_id and channel == appointment.channel
    if not stays and (not visit_type.is_active or channel not in visit_type.channels):
        raise Refused(rules.NOT_BOOKABLE)
    return calendar, visit_type


def _for_citizen(
    appointment: Appointment, calendar_id: UUID, visit_type_id: UUID, channel: str, now: datetime
) -> tuple[Calendar, VisitType]:
    consent.check_full(appointment.patient_id)
    if appointment.starts_at <= now:
        raise Refused(rules.CANNOT_CHANGE)
    if now > rules.free_until(appointment.starts_at, appointment.visit_type.cutoff_hours, appointment.booked_at):
        raise Refused(rules.TOO_LATE_TO_MOVE)
    calendar, visit_type = bookable(appointment.patient_id, calendar_id, visit_type_id, channel, now)
    if calendar.practice_id != appointment.practice_id:
        raise Refused(rules.CANNOT_CHANGE)
    return calendar, visit_type


def _takes_the_same(
    appointment: Appointment, calendar: Calendar, visit_type: VisitType, starts_at: datetime, minutes: int
) -> bool:
    """Nothing of it needs other time: only words, kind or channel are new."""
    is_there = appointment.calendar_id == calendar.pk and appointment.starts_at == starts_at
    same_kind = appointment.visit_type_id == visit_type.pk
    return is_there and appointment.minutes == minutes and (same_kind or not visit_type.buffer_minutes)


def _taken(
    appointment: Appointment,
    calendar: Calendar,
    visit_type: VisitType,
    channel: str,
    starts_at: datetime,
    minutes: int,
    overbook_reason: str,
    offer_id: UUID | None,
    now: datetime,
) -> Claim:
    """The new time, when the old one is let go: they may overlap. What is kept for her of it becomes the booking."""
    Claim.objects.filter(pk=appointment.claim_id).update(is_active=False)
    period = period_of(visit_type, starts_at, minutes)
    with fence.system("until it has its appointment, the time belongs to nobody"):
        held = (
            Claim.objects.select_for_update(of=("self",))
            .filter(Q(kind=ClaimKind.HOLD) | Q(kind=ClaimKind.OFFER, pk=offer_id))
            .filter(is_active=True, holder=appointment.patient_id, calendar=calendar, period=period)
            .filter(expires_at__gt=now)
            .first()
        )
        if held:
            held.kind, held.holder, held.expires_at = ClaimKind.BOOKING, None, None
            held.save(update_fields=["kind", "holder", "expires_at"])
            return held
        claim = Claim(
            calendar=calendar,
            period=period,
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
        return claim
