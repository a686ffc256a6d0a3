"""Who waits for an earlier time, what they have been offered, and how the office has set it. One query each."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from django.db.models import Prefetch

from legedialog.access.actor import Actor
from legedialog.appointments import policy, rules
from legedialog.appointments.models import OfferStatus, TimeOffer, Wait, Waitlist, WaitStatus, in_language
from legedialog.appointments.wait_rules import ANSWER_MINUTES
from legedialog.core.sql import Asked, Statement, ask_as_one
from legedialog.visibility import policy as visibility
from legedialog.visibility.rules import Content

ENDED_SHOWN = timedelta(days=7)  # how long it is told that she does not wait any more


def settings_of(practice_id: UUID) -> Waitlist:
    return Waitlist.objects.filter(practice=practice_id).first() or Waitlist(practice_id=practice_id)


@dataclass(frozen=True, slots=True)
class Waiting:
    """A wait of hers with what is offered to her now, if anything is."""

    id: UUID
    appointment_id: UUID
    status: str
    asked_at: datetime
    status_at: datetime
    coarse_times: list[str]
    with_anybody: bool
    notice_minutes: int
    own_starts_at: datetime
    offer_id: UUID | None
    offer_starts_at: datetime | None
    offer_clinician_id: UUID | None
    offer_doctor: str | None
    answer_by: datetime | None
    cutoff_hours: int
    exemption: str
    own_price_id: UUID | None
    is_own_price_alone: bool
    laboratory: str
    booked_at: datetime
    now: datetime

    @property
    def is_late_then(self) -> bool:
        return self.cancel_by is not None and self.cancel_by <= self.now

    @property
    def cancel_by(self) -> datetime | None:
        """Of the offered time: the last moment that is not late."""
        at = self.offer_starts_at
        return at and rules.free_until(at, self.cutoff_hours, self.booked_at)


# What policy.waits_visible_to says, for her whose they are or who acts for her.
WAITS = Statement(
    "her waits for an earlier time",
    """
    SELECT w.id, w.appointment_id, w.status, w.asked_at, w.status_at, w.coarse_times, w.with_anybody, w.notice_minutes,
           a.starts_at AS own_starts_at, o.id AS offer_id, o.starts_at AS offer_starts_at,
           k.clinician_id AS offer_clinician_id, c.name AS offer_doctor,
           o.answer_by, v.cutoff_hours, v.exemption, v.own_price_id, v.is_own_price_alone, v.laboratory,
           a.booked_at, %(now)s::timestamptz AS now
      FROM appointments_wait w
      JOIN appointments_appointment a ON a.id = w.appointment_id
      JOIN appointments_visittype v ON v.id = a.visit_type_id
      LEFT JOIN appointments_timeoffer o ON o.wait_id = w.id AND o.status = 'open' AND o.answer_by > %(now)s
      LEFT JOIN appointments_calendar k ON k.id = o.calendar_id
      LEFT JOIN practices_clinician c ON c.id = k.clinician_id
     WHERE w.patient_id = %(person_id)s AND w.patient_id = ANY(%(patients)s) AND a.restriction <> ALL(%(hidden)s)
       AND a.starts_at > %(now)s AND a.status = 'booked'
       AND (w.status = 'waiting' OR w.status <> 'left' AND w.status_at > %(since)s)
     ORDER BY w.asked_at DESC
    """,
    Waiting,
)


def asks(actor: Actor, person_id: UUID, now: datetime) -> Asked[Waiting]:
    """Those that wait, and those that ended lately, while the time that she has is to come; the latest first."""
    values = {"person_id": person_id, "now": now, "since": now - ENDED_SHOWN}
    return Asked(WAITS, values | visibility.values(actor, Content.APPOINTMENT))


@dataclass(frozen=True, slots=True)
class _Setting:
    is_open: bool
    answer_minutes: int


SETTING = Statement(
    "whether an office has a waitlist",
    "SELECT is_open, answer_minutes FROM appointments_waitlist WHERE practice_id = %(practice)s",
    _Setting,
)


@dataclass(frozen=True, slots=True)
class Beside:
    """What stands beside an appointment of hers: her wait, if any, and whether the office has a waitlist."""

    waiting: Waiting | None
    is_open: bool
    answer_minutes: int

    @property
    def waits(self) -> bool:
        return self.waiting is not None and self.waiting.status == WaitStatus.WAITING


def beside(actor: Actor, person_id: UUID, appointment_id: UUID, practice_id: UUID, now: datetime) -> Beside:
    """The one that waits, or the latest that ended lately. One query."""
    return beside_from(ask_as_one(*asks_beside(actor, person_id, practice_id, now)), appointment_id)


def asks_beside(actor: Actor, person_id: UUID, practice_id: UUID, now: datetime) -> list[Asked[Any]]:
    return [asks(actor, person_id, now), Asked(SETTING, {"practice": practice_id})]


def beside_from(rows: Sequence[Sequence[Any]], appointment_id: UUID) -> Beside:
    """As `beside`, of what `asks_beside` was told among other facts."""
    found, setting = rows
    mine = [each for each in found if each.appointment_id == appointment_id]
    waiting = next((each for each in mine if each.status == WaitStatus.WAITING), mine[0] if mine else None)
    decided = setting[0] if setting else _Setting(is_open=True, answer_minutes=ANSWER_MINUTES)
    return Beside(waiting, decided.is_open, decided.answer_minutes)


@dataclass(frozen=True, slots=True)
class OfficeWait:
    """One who waits, as the office sees it."""

    id: UUID
    appointment_id: UUID
    patient_id: UUID
    patient_name: str
    birth_date: date
    asked_at: datetime
    own_starts_at: datetime
    visit_name: str
    channel: str
    clinician_name: str
    coarse_times: list[str]
    with_anybody: bool
    notice_minutes: int
    refused: int
    lapsed: int
    offered_at: datetime | None  # the time that is offered to her now
    offered_with: str
    answer_by: datetime | None


def at_the_office(actor: Actor, practice_id: UUID, now: datetime) -> list[OfficeWait]:
    """Those who wait, in the order they are asked. Two queries."""
    offers = TimeOffer.objects.select_related("calendar__clinician")
    rows = policy.waits_visible_to(actor).select_related("patient").prefetch_related(Prefetch("offers", offers))
    rows = rows.filter(practice=practice_id, practice__in=actor.practices, status=WaitStatus.WAITING)
    rows = rows.filter(appointment__starts_at__gt=now, appointment__status="booked")
    return [_office_wait(wait, now) for wait in rows.order_by("asked_at", "pk")[:300]]


def _office_wait(wait: Wait, now: datetime) -> OfficeWait:
    visit, offers = wait.appointment, list(wait.offers.all())
    is_open = next((each for each in offers if each.status == OfferStatus.OPEN and each.answer_by > now), None)
    kind = visit.visit_type
    return OfficeWait(
        id=wait.pk,
        appointment_id=visit.pk,
        patient_id=wait.patient_id,
        patient_name=wait.patient.name,
        birth_date=wait.patient.birth_date,
        asked_at=wait.asked_at,
        own_starts_at=visit.starts_at,
        visit_name=in_language(kind.name, kind.name_nn, kind.name_en),
        channel=visit.channel,
        clinician_name=visit.calendar.clinician.name,
        coarse_times=wait.coarse_times,
        with_anybody=wait.with_anybody,
        notice_minutes=wait.notice_minutes,
        refused=sum(each.status == OfferStatus.REFUSED for each in offers),
        lapsed=sum(each.status == OfferStatus.LAPSED for each in offers),
        offered_at=is_open.starts_at if is_open else None,
        offered_with=is_open.calendar.clinician.name if is_open else "",
        answer_by=is_open.answer_by if is_open else None,
    )
