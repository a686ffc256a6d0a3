"""Appointments that other systems keep and have told of, and whether those systems are heard from."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from legedialog.access.actor import Actor
from legedialog.appointments import policy
from legedialog.core.crypto import text_of
from legedialog.core.sql import Asked, Statement, ask_for

YEAR = timedelta(days=365)


@dataclass(frozen=True, slots=True)
class Elsewhere:
    """An appointment as its source last told of it. `ends_at` is None where the source does not say."""

    id: UUID
    status: str
    starts_at: datetime
    ends_at: datetime | None
    channel: str
    sequence: int
    source_name: str
    source_phone: str
    title: str
    place: str
    instruction: str
    join_url: str


@dataclass(frozen=True, slots=True)
class _Sealed:
    id: UUID
    patient_id: UUID
    source_id: UUID
    identifier: UUID
    status: str
    starts_at: datetime
    ends_at: datetime | None
    channel: str
    sequence: int
    source_name: str
    source_phone: str
    title: bytes
    place: bytes
    instruction: bytes
    join_url: bytes


# What policy.elsewhere_visible_to says of one patient.
ELSEWHERE = Statement(
    "appointments elsewhere",
    """
    SELECT e.id, e.patient_id, e.source_id, e.identifier, e.status, e.starts_at, e.ends_at, e.channel, e.sequence,
           s.name AS source_name, s.phone AS source_phone, e.title, e.place, e.instruction, e.join_url
      FROM appointments_externalappointment e
      JOIN appointments_source s ON s.id = e.source_id
     WHERE e.patient_id = %(person_id)s AND e.patient_id = ANY(%(patients)s) AND s.kind = ANY(%(kinds)s)
       AND e.starts_at > %(since)s
     ORDER BY e.starts_at, e.id
    """,
    _Sealed,
)


def asks(actor: Actor, person_id: UUID, now: datetime) -> Asked[_Sealed]:
    """Coming and past ones, the next first, a year back. None where they are closed."""
    values = {"person_id": person_id, "patients": list(actor.patients), "since": now - YEAR}
    return Asked(ELSEWHERE, values | {"kinds": policy.source_kinds(actor)})


def rows_from(found: Iterable[_Sealed]) -> list[Elsewhere]:
    """Of what `asks` has been told."""
    return [
        Elsewhere(
            *(each.id, each.status, each.starts_at, each.ends_at, each.channel, each.sequence),
            *(each.source_name, each.source_phone),
            *(_opened(name, each) for name in ("title", "place", "instruction", "join_url")),
        )
        for each in found
    ]


def _opened(name: str, of: _Sealed) -> str:
    field = text_of("appointments.ExternalAppointment", name)
    return field.read(getattr(of, name), **{each.attname: getattr(of, each.attname) for each in field.bound_to})


def rows(actor: Actor, person_id: UUID, now: datetime) -> list[Elsewhere]:
    """One query."""
    return rows_from(ask_for(asks(actor, person_id, now)))


@dataclass(frozen=True, slots=True)
class _Source:
    name: str
    phone: str
    heard_at: datetime | None
    failed_at: datetime | None
    silent_after_minutes: int


SOURCES = Statement(
    "sources of appointments",
    """
    SELECT name, phone, heard_at, failed_at, silent_after_minutes FROM appointments_source
     WHERE kind = ANY(%(kinds)s) ORDER BY name
    """,
    _Source,
)


@dataclass(frozen=True, slots=True)
class SourceState:
    name: str
    phone: str
    heard_at: datetime | None
    answers: bool


def asks_sources(actor: Actor) -> Asked[_Source]:
    """Each other system whose appointments she may see."""
    return Asked(SOURCES, {"kinds": policy.source_kinds(actor)})


def sources_from(found: Iterable[_Source], now: datetime) -> list[SourceState]:
    """Whether each has been heard from lately and not failed."""
    states = []
    for each in found:
        heard = each.heard_at
        fresh = heard is not None and heard > now - timedelta(minutes=each.silent_after_minutes)
        failed = each.failed_at is not None and (heard is None or each.failed_at > heard)
        states.append(SourceState(each.name, each.phone, heard, fresh and not failed))
    return states
