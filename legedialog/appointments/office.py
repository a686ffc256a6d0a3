"""What the office's own screens read, beside `days`. Only rows of the offices she works at are found."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID

from django.db.models import Max, Q, QuerySet

from legedialog.access.actor import Actor
from legedialog.appointments import free, free_rules, policy, rules
from legedialog.appointments.models import (
    OPEN_REQUESTS,
    Appointment,
    Block,
    Calendar,
    Claim,
    ClaimKind,
    DayNote,
    RequestStatus,
    Status,
    TimeRequest,
    VisitType,
    in_language,
)
from legedialog.audit import policy as audit_policy
from legedialog.audit import services as audit
from legedialog.core import seen
from legedialog.core.errors import NotFound, Refusal
from legedialog.core.finding import found
from legedialog.core.names import by_name
from legedialog.core.sql import Asked, Statement
from legedialog.core.times import local_day, local_period
from legedialog.fees import queries as fees
from legedialog.visibility import policy as visibility

MANY = 300  # rows of one list; those that are left come when these are done
LATEST = 30  # appointments on a patient's page
RECENT = timedelta(days=14)  # so long after it a visit or an answer is still an open contact


@dataclass(frozen=True, slots=True)
class Visit:
    """One appointment as the office sees it. `reason` is None for those who may not read it now."""

    id: UUID
    practice_id: UUID
    calendar_id: UUID
    clinician_id: UUID
    clinician_name: str
    patient_id: UUID
    patient_name: str
    birth_date: date
    patient_phone: str
    starts_at: datetime
    ends_at: datetime
    status: str
    status_at: datetime
    arrived_at: datetime | None
    arrived_online: bool  # she said so herself
    channel: str
    visit_name: str
    reason: str | None
    needs_purpose: bool  # the reason is there for those who say why they read it
    booked_at: datetime
    booked_by_patient: bool
    is_overbooked: bool
    overbook_reason: str  # as the reason: in somebody's words
    cancelled_by: str
    cancel_note: str
    restriction: str
    is_late: bool
    cutoff_hours: int  # before it starts: the patient's own deadline
    moves: frozenset[str]  # states it may be set to now
    visit_type_id: UUID
    mark: str  # of what a page that moves it has shown

    @property
    def minutes(self) -> int:
        return int((self.ends_at - self.starts_at).total_seconds()) // 60


def visit(actor: Actor, appointment_id: UUID, now: datetime) -> Visit:
    """With the reason, which is clinical content: reading it is logged. Raises NotFound for another office's.

    Without it when the visit is long past, the patient has no open contact, and no purpose has been stated.
    """
    appointment = _at_the_office(actor).filter(pk=appointment_id).first()
    if appointment is None:
        raise NotFound
    reads = policy.reads_reason(actor, appointment)
    has_text = bool(appointment.reason or appointment.cancel_note or appointment.claim.note)
    if reads and has_text and appointment.ends_at < now - RECENT:
        needs_purpose = not audit_policy.may_open(actor, appointment.patient_id, now)
        if needs_purpose:
            return _visit(appointment, now, needs_purpose=True)
    if reads and has_text:
        audit.looked(
            actor,
            "appointment.reason",
            appointment.pk,
            at=now,
            patient_id=appointment.patient_id,
            practice_id=appointment.practice_id,
        )
    return _visit(appointment, now, with_reason=reads, mark=seen.mark(*rules.seen_of_appointment(appointment)))


@dataclass(frozen=True, slots=True)
class Late:
    """The patient's own deadline is over. `fee` is the most that may be asked for (øre); None: it is not known."""

    deadline: datetime
    fee: int | None


def late(row: Visit, now: datetime) -> Late | None:
    """Whether somebody who cancels it for the patient now may ask for a fee, as when she does it herself. Who declines
    a time that she was given is never late."""
    deadline = rules.free_until(row.starts_at, row.cutoff_hours, row.booked_at)
    if now <= deadline or TimeRequest.objects.filter(appointment=row.id, status=RequestStatus.ASSIGNED).exists():
        return None
    fee = fees.missed(
        row.id,
        practice_id=row.practice_id,
        clinician_id=row.clinician_id,
        day=local_day(row.starts_at),
        patient_id=row.patient_id,
    )
    return None if fee == 0 else Late(deadline, fee)


def brief(actor: Actor, appointment_id: UUID, now: datetime) -> Visit:
    """Without what is clinical, so that it may be drawn again and again. Raises NotFound for another office's."""
    appointment = _at_the_office(actor).filter(pk=appointment_id).first()
    if appointment is None:
        raise NotFound
    return _visit(appointment, now, mark=seen.mark(*rules.seen_of_appointment(appointment)))


def slip(actor: Actor, appointment_id: UUID, now: datetime) -> tuple[Visit, str]:
    """What is written on a note of the time for the patient to take along, and her language, if she has chosen one. It
    is logged. Raises NotFound for another office's."""
    appointment = found(_at_the_office(actor), appointment_id)
    patient_id, practice_id = appointment.patient_id, appointment.practice_id
    audit.looked(actor, "appointment.slip", appointment.pk, at=now, patient_id=patient_id, practice_id=practice_id)
    return _visit(appointment, now), appointment.patient.language


def has_contact(actor: Actor, patient_id: UUID, now: datetime) -> bool:
    """Whether she has a time or a wish for one at the office, or had lately."""
    since = now - RECENT
    if _at_the_office(actor).filter(patient=patient_id, ends_at__gt=since).exists():
        return True
    wishes = policy.requests_visible_to(actor).filter(patient=patient_id, practice__in=actor.practices)
    return wishes.filter(Q(status__in=OPEN_REQUESTS) | Q(status_at__gt=since)).exists()


@dataclass(frozen=True, slots=True)
class Beside:
    """A visit that stands beside something else of the patient's."""

    id: UUID
    starts_at: datetime
    is_coming: bool
    clinician_name: str
    name: str
    name_nn: str
    name_en: str

    @property
    def visit_name(self) -> str:
        return in_language(self.name, self.name_nn, self.name_en)


# Everybody at the office sees that there is an appointment: visibility/rules.py, which `whole` tells.
BESIDE = Statement(
    "a patient's visits beside something of hers",
    """
    WITH hers AS (
        SELECT a.id, a.starts_at, a.ends_at > %(now)s AS is_coming, c.name AS clinician_name, v.name, v.name_nn,
               v.name_en
          FROM appointments_appointment a
          JOIN appointments_calendar k ON k.id = a.calendar_id
          JOIN practices_clinician c ON c.id = k.clinician_id
          JOIN appointments_visittype v ON v.id = a.visit_type_id
         WHERE a.patient_id = %(patient_id)s AND a.practice_id = ANY(%(practices)s) AND 'appointment' = ANY(%(whole)s)
           AND a.status <> 'cancelled')
    (SELECT * FROM hers WHERE is_coming ORDER BY starts_at, id LIMIT %(most)s)
     UNION ALL
    (SELECT * FROM hers WHERE NOT is_coming ORDER BY starts_at DESC, id LIMIT %(most)s)
    """,
    Beside,
)


def beside(actor: Actor, patient_id: UUID, now: datetime, *, most: int) -> Asked[Beside]:
    """The next at her office, and the latest, each so many, from now and away from it. They stand beside something of
    hers whose reading is logged, and are part of that look."""
    values = {"patient_id": patient_id, "now": now, "most": most}
    return Asked(BESIDE, values | visibility.office_values(actor, policy.TIMES.contents))


def visits_of(actor: Actor, patient_id: UUID, now: datetime) -> list[Visit]:
    """The latest at her office, newest first, without reasons. Leaves a trace: it gathers one patient's visits."""
    audit.looked(actor, "patient.appointments", None, at=now, patient_id=patient_id)
    rows = _at_the_office(actor).filter(patient=patient_id).order_by("-starts_at", "pk")[:LATEST]
    return [_visit(row, now) for row in rows]


def last_held(actor: Actor, patient_ids: Collection[UUID]) -> dict[UUID, date]:
    """The day of each patient's latest visit at the office that was held. Those without one are left out. One query."""
    rows = (
        Appointment.objects.filter(
            practice__in=actor.practices, patient__in=patient_ids, status__in=[Status.ARRIVED, Status.COMPLETED]
        )
        .values("patient")
        .annotate(last=Max("starts_at"))
        .values_list("patient", "last")
    )
    return {patient_id: local_day(last) for patient_id, last in rows}


def visits_on(actor: Actor, day: date, now: datetime, *, channel: str = "") -> list[Visit]:
    """Those of a local day that are not cancelled, by doctor and start, without reasons. One query."""
    starts_at, ends_at = local_period(day)
    rows = (
        _at_the_office(actor).exclude(status=Status.CANCELLED).filter(starts_at__gte=starts_at, starts_at__lt=ends_at)
    )
    if channel:
        rows = rows.filter(channel=channel)
    return [_visit(row, now) for row in rows.order_by(by_name("calendar__clinician__name"), "starts_at", "pk")]


def reasons(actor: Actor, appointment_ids: Collection[UUID], now: datetime) -> dict[UUID, str]:
    """Of those who are here now, for those who may read them; one line in each log for each visit to the list."""
    rows = [row for row in _at_the_office(actor).filter(pk__in=appointment_ids) if policy.reads_reason(actor, row)]
    read = [row for row in rows if row.reason]
    audit.looked_many(
        actor, "appointment.reason", {row.patient_id for row in read}, at=now, practice_id=actor.practice_id
    )
    return {row.pk: row.reason for row in read}


def booked_with(actor: Actor, clinician_id: UUID, first: date, last: date | None, now: datetime) -> list[Visit]:
    """Those that are still going to happen from one local day to another, both included, the next first, MANY at most.

    Without reasons. `mark` is of where each stands (rules.seen_of_place). One query.
    """
    rows = _at_the_office(actor).filter(
        calendar__clinician=clinician_id, status=Status.BOOKED, starts_at__gte=max(now, local_period(first)[0])
    )
    if last:
        rows = rows.filter(starts_at__lt=local_period(last)[1])
    return [
        _visit(row, now, mark=seen.mark(*rules.seen_of_place(row))) for row in rows.order_by("starts_at", "pk")[:MANY]
    ]


def still_booked(actor: Actor, away: Collection[tuple[UUID, date, date | None]], now: datetime) -> list[int]:
    """How many each of these doctors still has from the one day to the other, in the order given. One query."""
    latest = [last for _clinician, _first, last in away]
    rows = Appointment.objects.filter(
        practice__in=actor.practices,
        calendar__clinician__in={clinician for clinician, _first, _last in away},
        status=Status.BOOKED,
        starts_at__gte=now,
    )
    if latest and all(latest):
        rows = rows.filter(starts_at__lt=local_period(max(each for each in latest if each))[1])
    booked = [(who, local_day(at)) for who, at in rows.values_list("calendar__clinician", "starts_at")]
    return [
        sum(who == clinician and first <= day and (last is None or day <= last) for who, day in booked)
        for clinician, first, last in away
    ]


def why_not_with(
    actor: Actor, visits: Sequence[Visit], clinician_id: UUID | None, now: datetime
) -> dict[UUID, Refusal | None]:
    """Of each, why another doctor does not see her at the same time; None where she does.

    One statement for each kind, way and length among them, and for each two months.
    """
    calendar = Calendar.objects.filter(practice__in=actor.practices, clinician=clinician_id, is_active=True).first()
    if calendar is None:
        return dict.fromkeys((each.id for each in visits), rules.NOT_BOOKABLE)
    kinds = VisitType.objects.in_bulk({each.visit_type_id for each in visits})
    found: dict[tuple[object, ...], free.Free] = {}
    why: dict[UUID, Refusal | None] = {}
    given: list[Visit] = []
    for each in visits:
        day = local_day(each.starts_at)
        alike = (each.visit_type_id, each.channel, each.minutes, day.toordinal() // rules.WINDOW_DAYS)
        if alike not in found:
            first = date.fromordinal(alike[-1] * rules.WINDOW_DAYS)
            wanted = free.Wanted(
                calendar.practice_id,
                [calendar.clinician_id],
                kinds[each.visit_type_id],
                each.channel,
                now,
                for_citizen=False,
                minutes=each.minutes,
            )
            found[alike] = free.find(wanted, first, first + timedelta(days=rules.WINDOW_DAYS - 1))
        refusal = found[alike].refusal(calendar.pk, each.starts_at)
        if not refusal and any(one.starts_at < each.ends_at and each.starts_at < one.ends_at for one in given):
            refusal = free_rules.TAKEN  # two that stood on top of each other
        if not refusal:
            given.append(each)
        why[each.id] = refusal
    return why


def request(actor: Actor, request_id: UUID, now: datetime) -> TimeRequest:
    """A wish for a time with its words, which are clinical content: reading them is logged."""
    row = (
        policy.requests_visible_to(actor)
        .select_related("patient")
        .filter(pk=request_id, practice__in=actor.practices)
        .first()
    )
    if row is None:
        raise NotFound
    policy.check_books(actor, row.practice_id)
    audit.looked(actor, "request.wishes", row.pk, at=now, patient_id=row.patient_id, practice_id=row.practice_id)
    return row


def calendars(actor: Actor) -> list[Calendar]:
    """The office's active ones with their doctors, by name. One query."""
    return list(
        Calendar.objects.select_related("clinician")
        .filter(practice__in=actor.practices, is_active=True)
        .order_by(by_name("clinician__name"), "pk")
    )


def columns(actor: Actor) -> list[Calendar]:
    """Those of the office that are no doctor's own, the closed ones too, by name. One query."""
    rows = Calendar.objects.select_related("clinician__responsible").filter(clinician__practice__in=actor.practices)
    return list(rows.order_by("-is_active", by_name("clinician__name"), "pk"))


def day_note(actor: Actor, calendar_id: UUID, day: date) -> tuple[str, str]:
    """What is written of a calendar's day, and the mark of it."""
    row = DayNote.objects.filter(calendar=calendar_id, calendar__practice__in=actor.practices, day=day).first()
    text = row.text if row else ""
    return text, seen.mark(*rules.seen_of_note(text))


def doctors(actor: Actor) -> dict[UUID, str]:
    """Those whose calendars they are, by name."""
    rows = Calendar.objects.filter(practice__in=actor.practices, is_active=True)
    return dict(rows.order_by(by_name("clinician__name"), "pk").values_list("clinician_id", "clinician__name"))


def visit_types(actor: Actor, *, active_only: bool = True) -> list[VisitType]:
    rows = VisitType.objects.filter(practice__in=actor.practices).order_by("-is_active", "position", "name")
    return list(rows.filter(is_active=True) if active_only else rows)


def visit_type(actor: Actor, visit_type_id: UUID) -> VisitType:
    row = VisitType.objects.filter(pk=visit_type_id, practice__in=actor.practices).first()
    if row is None:
        raise NotFound
    return row


def plan(actor: Actor, calendar_id: UUID, today: date) -> list[Block]:
    """The running and coming blocks of one calendar, by weekday and clock, with their visit types. Two queries."""
    return list(
        Block.objects.prefetch_related("visit_types")
        .filter(
            Q(last_date=None) | Q(last_date__gte=today), calendar=calendar_id, calendar__practice__in=actor.practices
        )
        .order_by("weekday", "starts", "first_date")
    )


def block(actor: Actor, block_id: UUID) -> Block:
    row = (
        Block.objects.select_related("calendar__clinician")
        .prefetch_related("visit_types")
        .filter(pk=block_id, calendar__practice__in=actor.practices)
        .first()
    )
    if row is None:
        raise NotFound
    return row


def planned_at(actor: Actor, calendar_id: UUID, day: date) -> list[Block]:
    """The blocks of one calendar on a day, with their visit types. Two queries."""
    return [
        block for block in plan(actor, calendar_id, day) if block.weekday == day.weekday() and block.first_date <= day
    ]


def blocked_time(actor: Actor, claim_id: UUID) -> Claim:
    row = (
        Claim.objects.select_related("calendar__clinician")
        .filter(pk=claim_id, kind=ClaimKind.BLOCK, calendar__practice__in=actor.practices)
        .first()
    )
    if row is None:
        raise NotFound
    return row


def moves(status: str, starts_at: datetime, now: datetime) -> frozenset[str]:
    """The states that `services` would accept from `status` at `now`."""
    day_has_come = local_day(now) >= local_day(starts_at)
    may: dict[str, bool] = {
        Status.CANCELLED: True,
        Status.NO_SHOW: starts_at <= now,
        Status.COMPLETED: rules.may_complete(starts_at, now),
    }
    return frozenset(to for to in rules.MOVES[status] if may.get(to, True) and (day_has_come or to == Status.CANCELLED))


def _at_the_office(actor: Actor) -> QuerySet[Appointment]:
    return (
        policy.visible_to(actor)
        .select_related("visit_type", "calendar__clinician", "practice", "patient", "claim")
        .filter(practice__in=actor.practices)
    )


def _visit(
    appointment: Appointment, now: datetime, *, with_reason: bool = False, needs_purpose: bool = False, mark: str = ""
) -> Visit:
    return Visit(
        id=appointment.pk,
        practice_id=appointment.practice_id,
        calendar_id=appointment.calendar_id,
        clinician_id=appointment.calendar.clinician_id,
        clinician_name=appointment.calendar.clinician.name,
        patient_id=appointment.patient_id,
        patient_name=appointment.patient.name,
        birth_date=appointment.patient.birth_date,
        patient_phone=appointment.patient.phone,
        starts_at=appointment.starts_at,
        ends_at=appointment.ends_at,
        status=appointment.status,
        status_at=appointment.status_at,
        arrived_at=appointment.arrived_at,
        arrived_online=appointment.arrived_online,
        channel=appointment.channel,
        visit_name=appointment.visit_type.label,
        reason=appointment.reason if with_reason else None,
        needs_purpose=needs_purpose,
        booked_at=appointment.booked_at,
        booked_by_patient=appointment.booked_by_person_id is not None,
        is_overbooked=bool(appointment.claim.note),
        overbook_reason=(appointment.claim.note or "") if with_reason else "",
        cancelled_by=appointment.cancelled_by,
        cancel_note="" if needs_purpose else appointment.cancel_note,
        restriction=appointment.restriction,
        is_late=appointment.is_late,
        cutoff_hours=appointment.visit_type.cutoff_hours,
        moves=moves(appointment.status, appointment.starts_at, now),
        visit_type_id=appointment.visit_type_id,
        mark=mark,
    )
