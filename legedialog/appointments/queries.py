"""What the pages read: typed rows, in order, with a number of queries that does not grow with the history."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, fields, replace
from datetime import date, datetime, time
from typing import Any
from uuid import UUID

from legedialog.access.actor import Actor
from legedialog.appointments import policy, rules
from legedialog.appointments.models import (
    Appointment,
    Channel,
    Source,
    Status,
    VisitType,
    in_language,
)
from legedialog.audit import services as audit
from legedialog.core import seen
from legedialog.core.names import sort_key
from legedialog.core.sql import Asked, Statement, ask, ask_as_one, ask_for, known
from legedialog.patients.representation import Restriction
from legedialog.practices import rules as at_offices
from legedialog.practices.queries import Doctor, PracticeRow
from legedialog.practices.rules import Offered, Switch
from legedialog.visibility import policy as visibility
from legedialog.visibility.rules import Content

PAGE = 20  # rows of the past at a time
COUNTED = 30  # at most so many that are not shown are counted
SAME_START = 10  # at most so many of one patient's start at the same moment: booked and cancelled again


@dataclass(frozen=True, slots=True)
class Hold:
    id: UUID
    calendar_id: UUID
    clinician_id: UUID
    clinician_name: str
    practice_id: UUID
    visit_type: VisitType
    channel: str
    starts_at: datetime
    ends_at: datetime
    expires_at: datetime
    cancel_by: datetime


@dataclass(frozen=True, slots=True)
class AppointmentRow:
    """An appointment as its patient sees it. `cancel_by` is the last moment that is not late; times are aware UTC."""

    id: UUID
    status: str
    starts_at: datetime
    ends_at: datetime
    channel: str
    visit_name: str
    clinician_name: str
    practice_id: UUID
    practice_name: str
    practice_address: str
    practice_phone: str
    directions: str
    preparation: str
    cancel_by: datetime
    can_cancel: bool
    can_move: bool  # by herself, as far as the row tells
    visit_type_id: UUID
    clinician_id: UUID
    calendar_id: UUID
    is_hidden_from_parents: bool
    is_late_now: bool
    cancelled_by: str
    is_late: bool
    sequence: int
    booked_at: datetime
    status_at: datetime
    joins_at: datetime | None = None  # when the room of a video appointment that is going to happen opens
    can_join: bool = False  # it is open
    joins_in: int | None = None  # whole seconds until it opens
    mark: str = ""  # only from `one`: of what a page that moves it has shown
    reason: str | None = None  # only from `one`, for those who may read it
    cancel_note: str = ""
    offers_new: bool = False  # only from `one`: the office asks her to choose another time

    @property
    def minutes(self) -> int:
        return int((self.ends_at - self.starts_at).total_seconds()) // 60


@dataclass(frozen=True, slots=True)
class _Other:
    clinician_id: UUID
    name: str
    is_specialist: bool
    services: list[str]
    open: list[bool]
    until: list[date | None]
    reasons: list[str]
    ready: list[bool]


OTHERS = Statement(
    "who else may be booked",
    """
    SELECT k.clinician_id, c.name, c.is_specialist, o.services, o.open, o.until, o.reasons, o.ready
      FROM appointments_calendar k
      JOIN practices_clinician c ON c.id = k.clinician_id
     CROSS JOIN LATERAL (
           SELECT COALESCE(array_agg(service), '{}') AS services, COALESCE(array_agg(is_open), '{}') AS open,
                  COALESCE(array_agg(closed_until_date), '{}') AS until,
                  COALESCE(array_agg(closed_reason), '{}') AS reasons,
                  COALESCE(array_agg(service_is_ready(practice_id, clinician_id, service, %(today)s)), '{}') AS ready
             FROM practices_offer WHERE practice_id = k.practice_id AND clinician_id = k.clinician_id) o
     WHERE k.is_active
       AND k.practice_id = (
           SELECT t.practice_id FROM patients_membership m JOIN practices_contract t ON t.id = m.contract_id
            WHERE m.person_id = %(person_id)s
              AND m.starts_date <= %(today)s AND (m.ends_date IS NULL OR m.ends_date > %(today)s))
       AND EXISTS (SELECT FROM appointments_visittype v WHERE v.practice_id = k.practice_id
                      AND v.is_with_anybody AND v.is_bookable_by_citizens AND v.is_active)
    """,
    _Other,
)


def others_from(rows: Iterable[_Other], practice: PracticeRow, but: Collection[UUID], today: date) -> list[Doctor]:
    """Who else at her office has a calendar where some kind may be booked with anybody, by name, with what each offers:
    of what OTHERS told. Of who is away no time is free."""
    found = [each for each in rows if each.clinician_id not in but]
    return [
        Doctor(each.clinician_id, each.name, each.is_specialist, None, _offers(each, practice, today))
        for each in sorted(found, key=lambda each: (sort_key(each.name), str(each.clinician_id)))
    ]


def _offers(each: _Other, practice: PracticeRow, today: date) -> tuple[Offered, ...]:
    chosen = zip(each.services, each.open, each.until, each.reasons, each.ready, strict=True)
    switches = {name: Switch(is_open, until, reason, ready) for name, is_open, until, reason, ready in chosen}
    return at_offices.offers(practice.supported_services, switches, None, today)


@dataclass(frozen=True, slots=True)
class _Kind:
    """A VisitType, whole."""

    id: UUID
    practice_id: UUID
    name: str
    name_nn: str
    name_en: str
    kind: str
    minutes: int
    channels: list[str]
    is_bookable_by_citizens: bool
    is_with_anybody: bool
    needs_order: bool
    horizon_days: int
    lead_minutes: int
    release_clock: time | None
    buffer_minutes: int
    cutoff_hours: int
    max_coming: int
    preparation: str
    exemption: str
    own_price_id: UUID | None
    is_own_price_alone: bool
    laboratory: str
    is_active: bool
    position: int

    def as_row(self) -> VisitType:
        return known(VisitType, **{each.name: getattr(self, each.name) for each in fields(self)})


OF_KIND = ", ".join(f"v.{each.name}" for each in fields(_Kind))
KINDS = Statement(
    "kinds of visit that she may book",
    f"""
    SELECT {OF_KIND}
      FROM appointments_visittype v
     WHERE v.practice_id = %(practice)s AND v.is_active AND v.is_bookable_by_citizens
       AND EXISTS (SELECT FROM appointments_block b JOIN appointments_calendar k ON k.id = b.calendar_id
             JOIN appointments_block_visit_types o ON o.block_id = b.id
            WHERE o.visittype_id = v.id AND b.is_online AND k.is_active AND k.clinician_id = ANY(%(clinicians)s)
              AND (v.is_with_anybody OR k.clinician_id = ANY(%(own)s)))
     ORDER BY v.position, v.name
    """,  # noqa: S608 - names of our own fields
    _Kind,
)


def bookable_visit_types(
    practice_id: UUID, clinician_ids: Collection[UUID], own: Collection[UUID] | None = None
) -> list[VisitType]:
    """Those a citizen may book herself and that some online block of these doctors has.

    `own` of them are hers; with the others only what may be booked with anybody. None: all are.
    """
    hers = clinician_ids if own is None else own
    found = ask(KINDS, practice=practice_id, clinicians=list(clinician_ids), own=list(hers))
    return [each.as_row() for each in found]


@dataclass(frozen=True, slots=True)
class _Held:
    id: UUID
    calendar_id: UUID
    clinician_id: UUID
    clinician_name: str
    practice_id: UUID
    channel: str
    starts_at: datetime
    ends_at: datetime
    expires_at: datetime


OF_HOLD = """
      FROM appointments_claim c
      JOIN appointments_calendar k ON k.id = c.calendar_id
      JOIN practices_clinician d ON d.id = k.clinician_id
      JOIN appointments_visittype v ON v.id = c.visit_type_id
     WHERE c.holder_id = ANY(%(patients)s) AND c.holder_id = %(person_id)s AND c.kind = 'hold' AND c.is_active
       AND c.expires_at > %(now)s
     ORDER BY c.id LIMIT 1
"""
HELD = Statement(
    "the time that is kept for her",
    "SELECT c.id, c.calendar_id, k.clinician_id, d.name AS clinician_name, k.practice_id, c.channel,"
    f" lower(c.period) AS starts_at, upper(c.period) AS ends_at, c.expires_at {OF_HOLD}",
    _Held,
)
HELD_KIND = Statement("its kind of visit", f"SELECT {OF_KIND} {OF_HOLD}", _Kind)


def hold_asked(actor: Actor, now: datetime) -> tuple[Asked[_Held], Asked[_Kind]]:
    """For `hold_from`, among other facts."""
    values = {"patients": list(actor.patients), "person_id": actor.acting_for_id, "now": now}
    return Asked(HELD, values), Asked(HELD_KIND, values)


def hold_from(held: Sequence[_Held], kinds: Sequence[_Kind], now: datetime) -> Hold | None:
    if not held:
        return None
    found, kind = held[0], kinds[0].as_row()
    cancel_by = rules.free_until(found.starts_at, kind.cutoff_hours, now)
    return Hold(
        **{each.name: getattr(found, each.name) for each in fields(found)}, visit_type=kind, cancel_by=cancel_by
    )


def my_hold(actor: Actor, now: datetime) -> Hold | None:
    """The time that is kept for the person she acts for, while it is. One query."""
    held, kinds = ask_as_one(*hold_asked(actor, now))
    return hold_from(held, kinds, now)


@dataclass(frozen=True, slots=True)
class _Visit:
    """An appointment with the names that its patient sees."""

    id: UUID
    status: str
    starts_at: datetime
    ends_at: datetime
    channel: str
    name: str
    name_nn: str
    name_en: str
    preparation: str
    cutoff_hours: int
    is_bookable: bool  # by citizens, now
    visit_type_id: UUID
    calendar_id: UUID
    clinician_id: UUID
    clinician_name: str
    practice_id: UUID
    practice_name: str
    street: str
    postal_code: str
    city: str
    phone: str
    directions: str
    restriction: str
    cancelled_by: str
    is_late: bool
    sequence: int
    booked_at: datetime
    status_at: datetime
    total: int = 1


# What visibility says of times, for her whose they are or who acts for her: policy.visible_to.
COMING = Statement(
    "coming",
    """
    SELECT a.id, a.status, a.starts_at, a.ends_at, a.channel, v.name, v.name_nn, v.name_en, v.preparation,
           v.cutoff_hours, v.is_bookable_by_citizens AND v.is_active AS is_bookable, a.visit_type_id, a.calendar_id,
           k.clinician_id, c.name AS clinician_name, a.practice_id, p.name AS practice_name, p.street, p.postal_code,
           p.city, p.phone, p.directions, a.restriction, a.cancelled_by, a.is_late, a.sequence, a.booked_at,
           a.status_at, few.total
      FROM (SELECT id, count(*) OVER () AS total
              FROM (SELECT id, starts_at FROM appointments_appointment
                     WHERE patient_id = %(person_id)s AND patient_id = ANY(%(patients)s)
                       AND restriction <> ALL(%(hidden)s)
                       AND starts_at > %(now)s - interval '1 day' AND status IN ('booked', 'arrived')
                       AND (ends_at > %(now)s OR channel = 'video' AND ends_at > %(joined_until)s)
                     ORDER BY starts_at LIMIT %(counted)s) near
             ORDER BY starts_at LIMIT %(most)s) few
      JOIN appointments_appointment a ON a.id = few.id
      JOIN appointments_visittype v ON v.id = a.visit_type_id
      JOIN appointments_calendar k ON k.id = a.calendar_id
      JOIN practices_clinician c ON c.id = k.clinician_id
      JOIN practices_practice p ON p.id = a.practice_id
     ORDER BY a.starts_at
    """,
    _Visit,
)
PAST = Statement(
    "past",
    """
    SELECT a.id, a.status, a.starts_at, a.ends_at, a.channel, v.name, v.name_nn, v.name_en, v.preparation,
           v.cutoff_hours, v.is_bookable_by_citizens AND v.is_active AS is_bookable, a.visit_type_id, a.calendar_id,
           k.clinician_id, c.name AS clinician_name, a.practice_id, p.name AS practice_name, p.street, p.postal_code,
           p.city, p.phone, p.directions, a.restriction, a.cancelled_by, a.is_late, a.sequence, a.booked_at,
           a.status_at
      FROM appointments_appointment a
      JOIN appointments_visittype v ON v.id = a.visit_type_id
      JOIN appointments_calendar k ON k.id = a.calendar_id
      JOIN practices_clinician c ON c.id = k.clinician_id
      JOIN practices_practice p ON p.id = a.practice_id
     WHERE a.patient_id = %(person_id)s AND a.patient_id = ANY(%(patients)s) AND a.restriction <> ALL(%(hidden)s)
       AND (%(before)s::timestamptz IS NULL OR a.starts_at < %(before)s)
       AND NOT (a.status IN ('booked', 'arrived')
                AND (a.ends_at > %(now)s OR a.channel = 'video' AND a.ends_at > %(joined_until)s))
     ORDER BY a.starts_at DESC, a.id LIMIT %(most)s
    """,
    _Visit,
)


@dataclass(frozen=True, slots=True)
class Coming:
    """`more`: how many come after the rows that were asked for; None when they are too many to count."""

    rows: list[AppointmentRow]
    more: int | None


def coming(actor: Actor, person_id: UUID, now: datetime, *, most: int | None = None) -> Coming:
    """Her own, not over and not cancelled, the next first. On video it goes on while it can be joined. One query."""
    return coming_from(ask_for(asks_coming(actor, person_id, now, most=most)), now)


def asks_coming(actor: Actor, person_id: UUID, now: datetime, *, most: int | None = None) -> Asked[_Visit]:
    values = {"person_id": person_id, "now": now, "most": most, "counted": most and most + COUNTED}
    return Asked(COMING, values | _hers(actor, now))


def coming_from(found: Sequence[_Visit], now: datetime) -> Coming:
    """As `coming`, of what COMING has told among other facts."""
    more = found[0].total - len(found) if found else 0
    return Coming([_row(each, now) for each in found], more if more < COUNTED else None)


def past(actor: Actor, person_id: UUID, now: datetime, before: datetime | None = None) -> list[AppointmentRow]:
    """Over or cancelled, the latest first, a page at a time: `before` is the last row's `starts_at`. One query.

    Those that start together stay on one page, so that none is lost between two.
    """
    found = ask(PAST, person_id=person_id, now=now, before=before, most=PAGE + SAME_START, **_hers(actor, now))
    kept = [row for at, row in enumerate(found) if at < PAGE or row.starts_at == found[PAGE - 1].starts_at]
    return [_row(each, now) for each in kept]


def _hers(actor: Actor, now: datetime) -> dict[str, Any]:
    return {"joined_until": now - rules.JOIN_AFTER, **visibility.values(actor, Content.APPOINTMENT)}


def one(actor: Actor, appointment_id: UUID, now: datetime) -> AppointmentRow:
    """Raises NotFound for a stranger. What was written is filled in for the patient. Who acts for her leaves a line in
    her log."""
    appointment = policy.find(actor, appointment_id)
    audit.looked_on_behalf(actor, "appointment.read", appointment.pk, at=now, patient_id=appointment.patient_id)
    row = _row(_visit(appointment), now)
    if appointment.patient_id in actor.patients and policy.reads_reason(actor, appointment):
        row = replace(row, reason=appointment.reason, cancel_note=appointment.cancel_note)
    mark = seen.mark(*rules.seen_of_appointment(appointment))
    return replace(row, mark=mark, offers_new=appointment.offers_new)


def source_id(organisation_number: str) -> UUID | None:
    return Source.objects.values_list("pk", flat=True).filter(organisation_number=organisation_number).first()


def _visit(row: Appointment) -> _Visit:
    practice, kind = row.practice, row.visit_type
    return _Visit(
        id=row.pk,
        status=row.status,
        starts_at=row.starts_at,
        ends_at=row.ends_at,
        channel=row.channel,
        name=kind.name,
        name_nn=kind.name_nn,
        name_en=kind.name_en,
        preparation=kind.preparation,
        cutoff_hours=kind.cutoff_hours,
        is_bookable=kind.is_bookable_by_citizens and kind.is_active,
        visit_type_id=kind.pk,
        calendar_id=row.calendar_id,
        clinician_id=row.calendar.clinician_id,
        clinician_name=row.calendar.clinician.name,
        practice_id=practice.pk,
        practice_name=practice.name,
        street=practice.street,
        postal_code=practice.postal_code,
        city=practice.city,
        phone=practice.phone,
        directions=practice.directions,
        restriction=row.restriction,
        cancelled_by=row.cancelled_by,
        is_late=row.is_late,
        sequence=row.sequence,
        booked_at=row.booked_at,
        status_at=row.status_at,
    )


def _row(appointment: _Visit, now: datetime) -> AppointmentRow:
    deadline = rules.free_until(appointment.starts_at, appointment.cutoff_hours, appointment.booked_at)
    is_booked = appointment.status == Status.BOOKED and appointment.starts_at > now
    is_late = now > deadline
    can_join = rules.can_join(
        channel=appointment.channel,
        status=appointment.status,
        starts_at=appointment.starts_at,
        ends_at=appointment.ends_at,
        now=now,
    )
    goes_on = appointment.status in (Status.BOOKED, Status.ARRIVED) and appointment.ends_at + rules.JOIN_AFTER > now
    joins_at = rules.joins_at(appointment.starts_at) if appointment.channel == Channel.VIDEO and goes_on else None
    return AppointmentRow(
        id=appointment.id,
        status=appointment.status,
        starts_at=appointment.starts_at,
        ends_at=appointment.ends_at,
        channel=appointment.channel,
        visit_name=in_language(appointment.name, appointment.name_nn, appointment.name_en),
        clinician_name=appointment.clinician_name,
        practice_id=appointment.practice_id,
        practice_name=appointment.practice_name,
        practice_address=", ".join(
            part for part in (appointment.street, f"{appointment.postal_code} {appointment.city}") if part
        ),
        practice_phone=appointment.phone,
        directions=appointment.directions,
        preparation=appointment.preparation,
        cancel_by=deadline,
        can_cancel=is_booked,
        can_move=is_booked and not is_late and appointment.is_bookable,
        visit_type_id=appointment.visit_type_id,
        clinician_id=appointment.clinician_id,
        calendar_id=appointment.calendar_id,
        is_hidden_from_parents=appointment.restriction == Restriction.FROM_PARENTS,
        is_late_now=is_late,
        cancelled_by=appointment.cancelled_by,
        is_late=appointment.is_late,
        sequence=appointment.sequence,
        booked_at=appointment.booked_at,
        status_at=appointment.status_at,
        joins_at=joins_at,
        can_join=can_join,
        joins_in=int((joins_at - now).total_seconds()) + 1 if joins_at and joins_at > now else None,
    )
