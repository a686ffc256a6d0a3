"""Be om time: what a citizen asks for, and what the office makes of it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.utils import translation

from legedialog.access.actor import Actor
from legedialog.appointments import filing, free, free_rules, policy, rules
from legedialog.appointments.free import Wanted
from legedialog.appointments.models import (
    Channel,
    Claim,
    ClaimKind,
    ProposedTime,
    RequestStatus,
    Status,
    TimeRequest,
    VisitType,
)
from legedialog.appointments.services.booking import book_for_patient
from legedialog.appointments.services.claims import one_window_at_a_time, period_of, practice_of, remove_holds, take
from legedialog.appointments.services.traces import answered, booked, cancelled
from legedialog.audit import services as audit
from legedialog.consent import policy as consent
from legedialog.core import events, fence, seen
from legedialog.core.errors import NotFound, Refused
from legedialog.core.times import local_day
from legedialog.fees import services as fees
from legedialog.outbox import services as outbox
from legedialog.practices import policy as practices
from legedialog.practices.models import Service
from legedialog.ui.dates import long_datetime


@dataclass(frozen=True, slots=True)
class Proposed:
    """A time that the office names for a wish."""

    calendar_id: UUID
    visit_type_id: UUID
    channel: str
    starts_at: datetime


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
    priced_for: UUID | None = None,
    offered: Sequence[str] = tuple(Channel.values),
    price: str | None = None,
    now: datetime,
) -> TimeRequest:
    """Ask the patient's doctor for a time. The same key twice makes one request. The range that she was shown is kept
    with it: `price` is its mark, `priced_for` the doctor whose it was, None for several; of each channel `offered` she
    was told what it costs.

    Raises NotFound for a stranger or a doctor who is not hers, Refused without full consent, when the doctor does not
    take requests, when one is already open ("request-open"), or "price-changed".
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
        fees.promise_one_of(
            actor=actor,
            object_id=stored.pk,
            patient_id=patient_id,
            practice_id=practice_id,
            offered=offered,
            wished=stored.channels,
            clinician_id=priced_for,
            mark=price,
            now=now,
        )
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
    mark: str | None = None,
    now: datetime,
) -> TimeRequest:
    """Answer a request with a time: a booking like any other, under the same constraint.

    `mark` is of what was seen of it, here and below.
    """
    request = policy.find_request(actor, request_id, lock=True)
    policy.check_books(actor, request.practice_id)
    seen.check(mark, *rules.seen_of_request(request))
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
    fees.keep_below(request.appointment.pk, of=request.pk)
    return answered(actor, request, RequestStatus.ASSIGNED, now)


@transaction.atomic
def propose_times(
    *, actor: Actor, request_id: UUID, times: Sequence[Proposed], mark: str | None = None, now: datetime
) -> TimeRequest:
    """Answer a request with times that she may choose among. They are not kept for her; named anew, the old are gone.

    Raises Refused "too-many-proposed", or with the reason why one of them is not free.
    """
    request = policy.find_request(actor, request_id, lock=True)
    policy.check_books(actor, request.practice_id)
    seen.check(mark, *rules.seen_of_request(request))
    rules.check_move(request.status, RequestStatus.PROPOSED, rules.REQUEST_MOVES)
    times = sorted(set(times), key=lambda each: each.starts_at)
    if not 1 <= len(times) <= rules.MOST_PROPOSED:
        raise Refused(rules.TOO_MANY_PROPOSED)
    request.rounds += 1
    rows = [_proposed(actor, request, each, now) for each in times]
    ProposedTime.objects.bulk_create(rows)
    with translation.override("nb"):
        said = "\n".join(f"{long_datetime(each.starts_at)} hos {each.calendar.clinician.name}" for each in rows)
    outbox.put(
        "request.proposed",
        request.pk,
        recipient_id=request.patient_id,
        practice_id=request.practice_id,
        sequence=request.rounds,
        now=now,
    )
    return answered(actor, request, RequestStatus.PROPOSED, now, said=said)


def _proposed(actor: Actor, request: TimeRequest, time: Proposed, now: datetime) -> ProposedTime:
    calendar = policy.find_calendar(actor, time.calendar_id)
    visit_type = VisitType.objects.filter(pk=time.visit_type_id, practice=request.practice_id, is_active=True).first()
    if calendar.practice_id != request.practice_id or visit_type is None or time.channel not in visit_type.channels:
        raise Refused(rules.NOT_BOOKABLE)
    row = ProposedTime(
        request=request,
        round=request.rounds,
        calendar=calendar,
        visit_type=visit_type,
        channel=time.channel,
        starts_at=time.starts_at,
    )
    free.check(_as_the_office(request, row, now), calendar.pk, time.starts_at)
    return row


def _as_the_office(request: TimeRequest, row: ProposedTime, now: datetime) -> Wanted:
    """What the office has named, she may take: by the office's bounds, and by her own other times."""
    doctors = [row.calendar.clinician_id]
    return Wanted(
        *(request.practice_id, doctors, row.visit_type, row.channel, now, request.patient_id), for_citizen=False
    )


@transaction.atomic
def accept_proposed(
    *, actor: Actor, request_id: UUID, proposed_id: UUID, price: str | None = None, now: datetime
) -> TimeRequest:
    """She takes one of the times: a booking like any other, under the same constraint. Twice is as once.

    Raises Refused with the reason why it is not free any more, "changed-since-seen" when the office has named others
    since, or "price-changed" when she saw another `price`.
    """
    one_window_at_a_time(actor.acting_for_id)
    request = policy.find_request(actor, request_id, lock=True)
    policy.check_acts_for(actor, request.patient_id)
    consent.check_full(request.patient_id)
    if request.status == RequestStatus.ACCEPTED:
        return request
    rules.check_move(request.status, RequestStatus.ACCEPTED, rules.REQUEST_MOVES)
    rows = ProposedTime.objects.select_related("calendar__clinician", "visit_type")
    row = rows.filter(pk=proposed_id, request=request, round=request.rounds).first()
    if row is None:
        raise Refused(seen.CHANGED)
    for practice_id in remove_holds("c.kind = 'hold' AND holder_id = %s", request.patient_id):
        events.publish(f"calendar:{practice_id}")
    free.check(_as_the_office(request, row, now), row.calendar_id, row.starts_at)
    claim = Claim(
        calendar=row.calendar,
        period=period_of(row.visit_type, row.starts_at),
        kind=ClaimKind.BOOKING,
        visit_type=row.visit_type,
        channel=row.channel,
    )
    with fence.system("until it has its appointment, the time belongs to nobody"):
        if not take(claim, now):
            raise Refused(free_rules.TAKEN)
        request.appointment = booked(actor, claim, row.visit_type, request.patient_id, request.wishes, now, price=price)
    return answered(actor, request, RequestStatus.ACCEPTED, now)


@transaction.atomic
def decline_proposed(
    *, actor: Actor, request_id: UUID, text: str, was: str | None = None, now: datetime
) -> TimeRequest:
    """None of the times suits her: it is sent again, with what she says of it. `was` is the round that she saw."""
    request = policy.find_request(actor, request_id, lock=True)
    policy.check_acts_for(actor, request.patient_id)
    consent.check_full(request.patient_id)
    if request.status != RequestStatus.PROPOSED:
        raise Refused(rules.CANNOT_CHANGE)
    seen.same(was, str(request.rounds))
    request.reply = text
    said = f"Svar fra pasienten: {text}" if text else ""
    return answered(
        *(actor, request, RequestStatus.SENT, now),
        action="request.none-suited",
        title=filing.NONE_SUITED,
        said=said,
    )


@transaction.atomic
def refuse_request(*, actor: Actor, request_id: UUID, text: str, mark: str | None = None, now: datetime) -> TimeRequest:
    """Answer a request with a text instead of a time."""
    request = policy.find_request(actor, request_id, lock=True)
    policy.check_books(actor, request.practice_id)
    seen.check(mark, *rules.seen_of_request(request))
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
