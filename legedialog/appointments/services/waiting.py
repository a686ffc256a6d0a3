"""Tidligere time hvis det blir ledig: who asks for it, what she is offered, and what she answers. See ADR 0190."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from enum import Enum
from uuid import UUID

from django.db import IntegrityError, transaction

from legedialog.access.actor import Actor, system
from legedialog.appointments import free, free_rules, policy, rules, wait_rules, waitlist
from legedialog.appointments.free import FreeTime, Wanted
from legedialog.appointments.models import (
    Appointment,
    Calendar,
    ClaimKind,
    OfferStatus,
    Status,
    TimeOffer,
    Wait,
    Waitlist,
    WaitStatus,
)
from legedialog.appointments.services.claims import (
    bookable_with_any,
    one_window_at_a_time,
    remove_holds,
    take,
)
from legedialog.appointments.services.moving import claim_to_move, move
from legedialog.appointments.services.waits import close_offers, end, record
from legedialog.audit import services as audit
from legedialog.consent import policy as consent
from legedialog.core import seen, writing
from legedialog.core.errors import NotFound, Refused
from legedialog.core.times import local_day
from legedialog.outbox import services as outbox
from legedialog.outbox.rules import quiet_until
from legedialog.patients import queries as patients


@transaction.atomic
def ask_for_earlier(
    *,
    actor: Actor,
    appointment_id: UUID,
    coarse_times: Sequence[str],
    with_anybody: bool,
    notice_minutes: int,
    now: datetime,
) -> Wait:
    """Wait for an earlier time than this one, or change when it suits. What is free now is hers to choose already, so
    it is not offered.

    Raises NotFound, or Refused: without full consent, when the time cannot be moved by herself ("cannot-change",
    "too-late-to-move"), when the office has no waitlist, or when many times are free ("many-free").
    """
    one_window_at_a_time(actor.acting_for_id)
    appointment = policy.find(actor, appointment_id, lock=True)
    policy.check_acts_for(actor, appointment.patient_id)
    consent.check_full(appointment.patient_id)
    if not waitlist.settings_of(appointment.practice_id).is_open:
        raise Refused(wait_rules.WAITLIST_CLOSED)
    _check_can_wait(appointment, now)
    wait = Wait.objects.filter(appointment=appointment, status=WaitStatus.WAITING).first()
    is_new = wait is None
    if wait:
        close_offers(actor, wait, OfferStatus.WITHDRAWN, now)  # it may not suit any more
    wait = wait or Wait(
        appointment=appointment,
        patient_id=appointment.patient_id,
        practice_id=appointment.practice_id,
        asked_by_id=actor.person_id or appointment.patient_id,
        asked_at=now,
    )
    wait.coarse_times = [each for each in rules.COARSE_TIMES if each in coarse_times]
    wait.with_anybody, wait.notice_minutes = with_anybody, notice_minutes
    wait.status_at = now
    wait.known = sorted({each.starts_at for each in free_now(appointment, wait, now)})
    if len(wait.known) > wait_rules.MOST_KNOWN:
        raise Refused(wait_rules.MANY_FREE)
    writing.save(wait)
    record(actor, "wait.asked" if is_new else "wait.changed", wait, now)
    return wait


def free_now(appointment: Appointment, wait: Wait, now: datetime) -> list[FreeTime]:
    """What suits and is free already, for her who asks: it can be moved there at once."""
    clinicians = _whom(appointment, now) if wait.with_anybody else [appointment.calendar.clinician_id]
    wanted = Wanted(
        appointment.practice_id,
        clinicians,
        appointment.visit_type,
        appointment.channel,
        now,
        appointment.patient_id,
        moving_id=appointment.pk,
        minutes=appointment.minutes,
    )
    found = free.find(wanted, local_day(now), local_day(appointment.starts_at))
    if found.limit:
        return []
    times = (each for day in found.days() for each in day.times)
    return [each for each in times if _suits(wait, appointment, each.starts_at, now)]


def _whom(appointment: Appointment, now: datetime) -> list[UUID]:
    """Whom she may book for such a visit today. Raises NotFound when she is on no list there, or Refused."""
    practice_id, clinicians, _kind = bookable_with_any(
        appointment.patient_id, appointment.visit_type_id, appointment.channel, now
    )
    if practice_id != appointment.practice_id:
        raise NotFound
    return clinicians


def _suits(wait: Wait, appointment: Appointment, starts_at: datetime, now: datetime) -> bool:
    return wait_rules.suits(starts_at, wait.coarse_times) and wait_rules.is_soon_enough(
        starts_at, own=appointment.starts_at, notice_minutes=wait.notice_minutes, now=now
    )


def _check_can_wait(appointment: Appointment, now: datetime) -> None:
    """She takes an offer by moving it herself, so only while she can."""
    if appointment.status != Status.BOOKED or appointment.starts_at <= now:
        raise Refused(rules.CANNOT_CHANGE)
    kind = appointment.visit_type
    if not (kind.is_active and kind.is_bookable_by_citizens):
        raise Refused(rules.NOT_BOOKABLE)
    if now > rules.free_until(appointment.starts_at, kind.cutoff_hours, appointment.booked_at):
        raise Refused(rules.TOO_LATE_TO_MOVE)


@transaction.atomic
def stop_waiting(*, actor: Actor, wait_id: UUID, now: datetime) -> Wait:
    """She does not want an earlier one any more. Twice is as once."""
    wait = policy.find_wait(actor, wait_id, lock=True)
    policy.check_acts_for(actor, wait.patient_id)
    if wait.status == WaitStatus.WAITING:
        end(actor, wait, WaitStatus.LEFT, now)
    return wait


@transaction.atomic
def take_off_waitlist(*, actor: Actor, wait_id: UUID, now: datetime) -> Wait:
    """The office takes her off, and she is told. Raises NotFound, Denied, or Refused "not-waiting"."""
    wait = policy.find_wait(actor, wait_id, lock=True)
    policy.check_books(actor, wait.practice_id)
    if wait.status != WaitStatus.WAITING:
        raise Refused(wait_rules.NOT_WAITING)
    end(actor, wait, WaitStatus.REMOVED, now)
    outbox.put("wait.removed", wait.pk, recipient_id=wait.patient_id, practice_id=wait.practice_id, now=now)
    return wait


@transaction.atomic
def accept_offer(*, actor: Actor, offer_id: UUID, now: datetime) -> Appointment:
    """Move her time to the one that is offered. Her old one is free in the same instant. Twice is as once.

    Raises NotFound, or Refused "offer-over", or as `move`.
    """
    offer = policy.find_offer(actor, offer_id)
    policy.check_acts_for(actor, offer.wait.patient_id)
    one_window_at_a_time(offer.wait.patient_id)
    appointment = policy.find(actor, offer.wait.appointment_id, lock=True)
    offer.refresh_from_db(fields=["status", "answer_by"])
    if offer.status == OfferStatus.ACCEPTED and appointment.starts_at == offer.starts_at:
        return appointment
    if offer.status != OfferStatus.OPEN or offer.answer_by <= now:
        raise Refused(wait_rules.OFFER_OVER)
    close_offers(actor, offer.wait, OfferStatus.ACCEPTED, now)
    end(actor, offer.wait, WaitStatus.MOVED, now)
    return move(
        actor=actor,
        appointment_id=appointment.pk,
        calendar_id=offer.calendar_id,
        visit_type_id=appointment.visit_type_id,
        channel=appointment.channel,
        starts_at=offer.starts_at,
        reason=None,
        offer_id=offer.pk,
        now=now,
    )


@transaction.atomic
def refuse_offer(*, actor: Actor, offer_id: UUID, now: datetime) -> TimeOffer:
    """The time is free for the next in the same instant, and she waits on. Twice is as once."""
    offer = policy.find_offer(actor, offer_id)
    policy.check_acts_for(actor, offer.wait.patient_id)
    policy.find(actor, offer.wait.appointment_id, lock=True)
    offer.refresh_from_db(fields=["status", "answer_by"])
    if offer.status == OfferStatus.REFUSED:
        return offer
    if offer.status != OfferStatus.OPEN or offer.answer_by <= now:
        raise Refused(wait_rules.OFFER_OVER)
    close_offers(actor, offer.wait, OfferStatus.REFUSED, now)
    offer.refresh_from_db()
    return offer


@transaction.atomic
def save_waitlist(
    *, actor: Actor, practice_id: UUID, is_open: bool, answer_minutes: int, mark: str | None = None, now: datetime
) -> Waitlist:
    """Whether the office offers freed times, and how long one has to answer. Closed, who waits is offered nothing until
    it opens again. `mark` is of what was seen."""
    policy.check_manages(actor, practice_id)
    row = Waitlist.objects.select_for_update().filter(practice=practice_id).first() or Waitlist(practice_id=practice_id)
    seen.check(mark, *wait_rules.seen_of_waitlist(row))
    row.is_open, row.answer_minutes = is_open, answer_minutes
    writing.save(row)
    audit.record(actor, "waitlist.changed", row.pk, at=now)
    return row


# ---- the worker's: every minute

SAID = ("reason", "cancel_note")  # sealed, and nothing of it is asked here: one that cannot be opened stops nobody


def offer_freed(now: datetime) -> int:
    """End what is not answered, and offer what is free to the first whom it suits. How many offers were made.

    It looks at what is free now, so it is the same how a time became so. At night nothing is offered and none ends.
    """
    if quiet_until(now, None):
        return 0
    for offer_id in TimeOffer.objects.filter(status=OfferStatus.OPEN, answer_by__lte=now).values_list("pk", flat=True):
        _lapse(offer_id, now)
    made = 0
    for queue in _queues(now):
        made += _offer_in(queue, now)
    return made


@transaction.atomic
def _lapse(offer_id: UUID, now: datetime) -> None:
    """Several in a row that nobody answered: she is not asked any more."""
    offer = TimeOffer.objects.select_related("wait").filter(pk=offer_id).first()
    if offer is None:
        return
    wait, actor = offer.wait, system(practice_id=offer.wait.practice_id)
    Appointment.objects.select_for_update(of=("self",)).only("pk").get(pk=wait.appointment_id)
    offer.refresh_from_db(fields=["status"])
    if offer.status != OfferStatus.OPEN:
        return
    close_offers(actor, wait, OfferStatus.LAPSED, now)
    last = list(wait.offers.order_by("-offered_at", "-pk").values_list("status", flat=True)[: wait_rules.MOST_SILENT])
    if last == [OfferStatus.LAPSED] * wait_rules.MOST_SILENT:
        end(actor, wait, WaitStatus.SILENT, now)
        outbox.put("wait.silent", wait.pk, recipient_id=wait.patient_id, practice_id=wait.practice_id, now=now)


def _queues(now: datetime) -> Iterable[list[Wait]]:
    """Those who wait for the same: one kind, way and length at one office. Each by how long they have waited."""
    rows = (
        Wait.objects.select_related("appointment__calendar", "appointment__visit_type")
        .defer(*(f"appointment__{each}" for each in SAID))
        .filter(status=WaitStatus.WAITING, appointment__status=Status.BOOKED, appointment__starts_at__gt=now)
        .exclude(practice__waitlist__is_open=False)
        .order_by("asked_at", "pk")
    )
    queues: dict[tuple[UUID, UUID, str, int], list[Wait]] = defaultdict(list)
    for wait in rows:
        visit = wait.appointment
        queues[visit.practice_id, visit.visit_type_id, visit.channel, visit.minutes].append(wait)
    return queues.values()


def _offer_in(queue: list[Wait], now: datetime) -> int:
    """One look at the calendars for all of them. Each free time is offered to the first whom it suits."""
    one = queue[0].appointment
    calendars = Calendar.objects.filter(practice=one.practice_id, is_active=True)
    wanted = Wanted(
        one.practice_id,
        list(calendars.values_list("clinician", flat=True)),
        one.visit_type,
        one.channel,
        now,
        minutes=one.minutes,
    )
    last = max(wait.appointment.starts_at for wait in queue)
    times = [each for day in free.find(wanted, local_day(now), local_day(last)).days() for each in day.times]
    _forget_what_is_taken(queue, {each.starts_at for each in times})
    answer_minutes, made = waitlist.settings_of(one.practice_id).answer_minutes, 0
    waiting = list(queue)
    for time in times:
        for wait in [each for each in waiting if _may_suit(each, time, now)]:
            outcome = _tried(wait.pk, time, answer_minutes, now)
            if outcome is not Outcome.NOT_THIS:
                waiting.remove(wait)
            if outcome is Outcome.OFFERED:
                made += 1
                break
    return made


def _forget_what_is_taken(queue: list[Wait], free_starts: set[datetime]) -> None:
    """What was free when she asked, and somebody has taken: free again, it is news to her."""
    for wait in queue:
        known = [each for each in wait.known if each in free_starts]
        if known != wait.known:
            wait.known = known
            Wait.objects.filter(pk=wait.pk).update(known=known)


def _may_suit(wait: Wait, time: FreeTime, now: datetime) -> bool:
    """As far as can be told without asking."""
    is_whom = wait.with_anybody or time.calendar_id == wait.appointment.calendar_id
    return is_whom and time.starts_at not in wait.known and _suits(wait, wait.appointment, time.starts_at, now)


class Outcome(Enum):
    OFFERED = 1
    NOT_THIS = 2  # another time may be for her
    NOT_HER = 3  # none is now


def _tried(wait_id: UUID, time: FreeTime, answer_minutes: int, now: datetime) -> Outcome:
    """Keep the time for her and tell her, when the one function says that it is free for her. See ADR 0074."""
    try:
        with transaction.atomic():
            return _offer(wait_id, time, answer_minutes, now)
    except Refused as refused:
        return Outcome.NOT_THIS if refused.refusal in free_rules.REASONS else Outcome.NOT_HER
    except (NotFound, IntegrityError):  # a doctor whom she may not book; or another worker was quicker
        return Outcome.NOT_THIS


def _offer(wait_id: UUID, time: FreeTime, answer_minutes: int, now: datetime) -> Outcome:
    wait = Wait.objects.get(pk=wait_id)
    one_window_at_a_time(wait.patient_id)
    rows = Appointment.objects.select_related("calendar__clinician", "visit_type", "claim").defer(*SAID, "claim__note")
    appointment = rows.select_for_update(of=("self",)).get(pk=wait.appointment_id)
    wait.refresh_from_db()
    is_asked = TimeOffer.objects.filter(wait=wait, status=OfferStatus.OPEN).exists()
    was_asked = TimeOffer.objects.filter(wait=wait, calendar=time.calendar_id, starts_at=time.starts_at).exists()
    if wait.status != WaitStatus.WAITING or is_asked:
        return Outcome.NOT_HER
    if was_asked or not _suits(wait, appointment, time.starts_at, now):
        return Outcome.NOT_THIS
    kind = appointment.visit_type
    claim = claim_to_move(
        appointment, time.calendar_id, appointment.visit_type_id, appointment.channel, time.starts_at, now
    )
    last = min(
        time.starts_at - timedelta(minutes=kind.lead_minutes),
        rules.free_until(appointment.starts_at, kind.cutoff_hours, appointment.booked_at),
    )
    by = wait_rules.answer_by(now, answer_minutes, last)
    if by is None:
        return Outcome.NOT_THIS
    claim.kind, claim.expires_at = ClaimKind.OFFER, by
    remove_holds("c.kind = 'offer' AND holder_id = %s AND expires_at <= %s", wait.patient_id, now)
    if not take(claim, now):
        return Outcome.NOT_THIS
    offer = TimeOffer(
        id=claim.pk,
        wait=wait,
        calendar=claim.calendar,
        starts_at=time.starts_at,
        offered_at=now,
        answer_by=by,
        status_at=now,
    )
    writing.add(offer)
    outbox.put("appointment.offered", offer.pk, recipient_id=wait.patient_id, practice_id=wait.practice_id, now=now)
    record(system(practice_id=wait.practice_id), "offer.made", wait, now)
    return Outcome.OFFERED


def end_what_is_over(now: datetime) -> None:
    """Run by a job every hour: the time has come, or she is on no list at the office any more. What ended a year ago
    is removed."""
    rows = Wait.objects.select_related("appointment__calendar").defer(*(f"appointment__{each}" for each in SAID))
    rows = rows.filter(status=WaitStatus.WAITING)
    for wait in rows.order_by("pk"):
        if wait.appointment.starts_at > now and _is_on_a_list(wait, now):
            continue
        with transaction.atomic():
            Appointment.objects.select_for_update(of=("self",)).only("pk").get(pk=wait.appointment_id)
            wait.refresh_from_db()
            if wait.status == WaitStatus.WAITING:
                end(system(practice_id=wait.practice_id), wait, WaitStatus.OVER, now)
    old = Wait.objects.exclude(status=WaitStatus.WAITING).filter(status_at__lte=now - wait_rules.KEPT)
    writing.remove(TimeOffer.objects.filter(wait__in=old))
    writing.remove(old)


def _is_on_a_list(wait: Wait, now: datetime) -> bool:
    gp = patients.gp_of(wait.patient_id, local_day(now))
    return gp is not None and gp.practice.id == wait.practice_id
