"""The day of the visit: whether it is known that she is here, what is asked of her, and how far behind it is."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from legedialog.access.actor import Actor
from legedialog.appointments import rules
from legedialog.appointments.models import ArrivalCode
from legedialog.appointments.queries import AppointmentRow
from legedialog.core.names import sort_key
from legedialog.core.sql import Asked, Statement, ask, ask_for
from legedialog.core.times import local_day, local_period
from legedialog.visibility import policy as visibility
from legedialog.visibility.rules import Content


@dataclass(frozen=True, slots=True)
class Arrival:
    """Of an appointment of today."""

    id: UUID
    channel: str
    status: str
    starts_at: datetime
    ends_at: datetime
    arrived_at: datetime | None
    is_online: bool  # she said so herself
    asks_code: bool  # the one on the office's wall
    delay: int  # about so many minutes, as the office last said; 0 when it has said nothing
    told_at: datetime | None

    @property
    def is_visit(self) -> bool:
        return self.channel == "attendance"

    def can_arrive(self, now: datetime) -> bool:
        return self.is_visit and self.status == "booked" and rules.arrives_from(self.starts_at) <= now < self.ends_at

    def opens_in(self, now: datetime) -> int | None:
        """Whole seconds until she can say that she is here; None when she can, or it is over."""
        opens_at = rules.arrives_from(self.starts_at)
        waits = self.is_visit and self.status == "booked" and opens_at > now
        return int((opens_at - now).total_seconds()) + 1 if waits else None

    @property
    def opens_at(self) -> datetime:
        return rules.arrives_from(self.starts_at)

    @property
    def can_take_back(self) -> bool:
        return self.status == "arrived" and self.is_online


TODAY = Statement(
    "arrivals of today",
    """
    SELECT a.id, a.channel, a.status, a.starts_at, a.ends_at, a.arrived_at, a.arrived_online AS is_online,
           EXISTS (SELECT FROM appointments_arrivalcode w WHERE w.practice_id = a.practice_id) AS asks_code,
           COALESCE(d.minutes, 0) AS delay, d.told_at
      FROM appointments_appointment a
      LEFT JOIN appointments_delay d ON d.calendar_id = a.calendar_id AND d.day = %(today)s
     WHERE a.patient_id = %(person_id)s AND a.patient_id = ANY(%(patients)s) AND a.restriction <> ALL(%(hidden)s)
       AND a.starts_at >= %(first)s AND a.starts_at < %(last)s
       AND a.status IN ('booked', 'arrived')
    """,
    Arrival,
)


def asks(actor: Actor, person_id: UUID, now: datetime) -> Asked[Arrival]:
    first, last = local_period(local_day(now))
    values = {"person_id": person_id, "first": first, "last": last, "today": local_day(now)}
    return Asked(TODAY, values | visibility.values(actor, Content.APPOINTMENT))


def of(actor: Actor, person_id: UUID, row: AppointmentRow, now: datetime) -> Arrival | None:
    """Of one appointment; None on another day, and when it is over. No query on another day."""
    if not is_of_today(row, now):
        return None
    return by_id(ask_for(asks(actor, person_id, now))).get(row.id)


def is_of_today(row: AppointmentRow, now: datetime) -> bool:
    return local_day(row.starts_at) == local_day(now)


def wakes_in(seconds: int | None, arrival: Arrival | None, now: datetime) -> int | None:
    """Until the page has something new: the room opens, or she may say that she is here."""
    both = [each for each in (seconds, arrival and arrival.opens_in(now)) if each]
    return min(*both, 3600) if both else None


def by_id(found: Iterable[Arrival]) -> Mapping[UUID, Arrival]:
    return {each.id: each for each in found}


def wall_code(actor: Actor) -> ArrivalCode | None:
    """That of the office she works at."""
    return ArrivalCode.objects.filter(practice__in=actor.practices).first()


@dataclass(frozen=True, slots=True)
class Behind:
    """One calendar of the office, by its doctor's name. `minutes` is 0 when nothing is said of today."""

    calendar_id: UUID
    name: str
    minutes: int
    told_at: datetime | None


BEHIND = Statement(
    "delays of today",
    """
    SELECT k.id AS calendar_id, c.name, COALESCE(d.minutes, 0) AS minutes, d.told_at
      FROM appointments_calendar k
      JOIN practices_clinician c ON c.id = k.clinician_id
      LEFT JOIN appointments_delay d ON d.calendar_id = k.id AND d.day = %(today)s
     WHERE k.practice_id = ANY(%(practices)s) AND k.is_active
    """,
    Behind,
)


def delays(practices: Iterable[UUID], now: datetime) -> list[Behind]:
    """Every calendar there, by name. One query."""
    found = ask(BEHIND, practices=list(practices), today=local_day(now))
    return sorted(found, key=lambda each: (sort_key(each.name), str(each.calendar_id)))
