"""Wishes for a time (Be om time), what the office has named for them, and whom they wait for."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from legedialog.access.actor import Actor
from legedialog.access.queries import name_of
from legedialog.appointments import free, rules
from legedialog.appointments.free import Wanted
from legedialog.appointments.models import (
    ProposedTime,
    RequestStatus,
    TimeRequest,
)
from legedialog.core.sql import Asked, Heap, Statement, ask_for
from legedialog.core.times import local_day
from legedialog.fees.rules import Stated
from legedialog.visibility import policy as visibility
from legedialog.visibility.rules import Content


@dataclass(frozen=True, slots=True)
class Wished:
    """A wish as she has it in her lists. `visit_status` and `visit_at` are of the time that it became."""

    id: UUID
    status: str
    sent_at: datetime
    status_at: datetime
    doctor: str
    visit_status: str | None
    visit_at: datetime | None


# What policy.requests_visible_to says, for her whose they are or who acts for her.
WISHES = Statement(
    "her wishes for a time",
    """
    SELECT r.id, r.status, r.sent_at, r.status_at, c.name AS doctor, a.status AS visit_status, a.starts_at AS visit_at
      FROM appointments_timerequest r
      JOIN practices_clinician c ON c.id = r.clinician_id
      LEFT JOIN appointments_appointment a ON a.id = r.appointment_id
     WHERE r.patient_id = %(person_id)s AND r.patient_id = ANY(%(patients)s)
       AND (a.restriction IS NULL OR a.restriction <> ALL(%(hidden)s))
       AND (%(writers)s::uuid[] IS NULL OR r.sent_by_id = ANY(%(writers)s))
     ORDER BY r.sent_at DESC LIMIT 20
    """,
    Wished,
)


def wishes(actor: Actor, person_id: UUID) -> Asked[Wished]:
    """The latest wishes for a time, newest first."""
    return Asked(WISHES, {"person_id": person_id, **visibility.values(actor, Content.WISH)})


def requests_of(actor: Actor, person_id: UUID) -> list[Wished]:
    """One query."""
    return ask_for(wishes(actor, person_id))


@dataclass(frozen=True, slots=True)
class AtOffice:
    """A wish in the office's lists, without its words: those are read one at a time."""

    id: UUID
    patient_id: UUID
    sent_at: datetime
    status_at: datetime
    coarse_times: list[str]
    channels: list[str]
    doctor: str
    given_name: bytes
    family_name: bytes

    @property
    def patient_name(self) -> str:
        return name_of(self.patient_id, self.given_name, self.family_name)


# What policy.requests_visible_to says, for somebody at the office: what is not answered, or named in vain.
AND_WAITS = """r.practice_id = %(practice_id)s AND r.practice_id = ANY(%(practices)s) AND 'wish' = ANY(%(whole)s)
       AND r.status IN ('sent', 'proposed')
       AND %(waits)s = (r.status = 'sent' OR NOT EXISTS (
           SELECT FROM appointments_proposedtime t
            WHERE t.request_id = r.id AND t.round = r.rounds AND t.starts_at > %(now)s))"""
AT_OFFICE = Statement(
    "wishes at the office",
    f"""
    SELECT r.id, r.patient_id, r.sent_at, r.status_at, r.coarse_times, r.channels, c.name AS doctor, p.given_name,
           p.family_name
      FROM appointments_timerequest r
      JOIN practices_clinician c ON c.id = r.clinician_id
      JOIN patients_person p ON p.id = r.patient_id
     WHERE {AND_WAITS}
     ORDER BY r.sent_at, r.id LIMIT 200
    """,  # noqa: S608  of constants
    AtOffice,
)


def at_office(actor: Actor, practice_id: UUID, now: datetime, *, waits: bool = True) -> Asked[AtOffice]:
    """What waits for the office's answer, the oldest first; not `waits`: for the patient, who has got times to choose
    among."""
    values = {"practice_id": practice_id, "now": now, "waits": waits}
    return Asked(AT_OFFICE, values | visibility.office_values(actor, [Content.WISH], knows=True))


HOW_MANY = Statement(
    "how many wishes wait for the office",
    f"""
    SELECT count(*) AS number, 0 AS late, NULL::date AS nearest FROM appointments_timerequest r
     WHERE {AND_WAITS}
    """,  # noqa: S608  of constants
    Heap,
)


def how_many(actor: Actor, now: datetime) -> Asked[Heap]:
    """What waits for the office's answer."""
    values = {"practice_id": actor.practice_id, "now": now, "waits": True}
    return Asked(HOW_MANY, values | visibility.office_values(actor, [Content.WISH], knows=True))


@dataclass(frozen=True, slots=True)
class Proposal:
    """A time that the office has named for a wish, and whether it is free now."""

    id: UUID
    starts_at: datetime
    ends_at: datetime
    visit_name: str
    stated: Stated
    clinician_id: UUID
    clinician_name: str
    channel: str
    is_free: bool


def proposals(request: TimeRequest, now: datetime) -> list[Proposal]:
    """Those of the last round that are still to come, the first first, also those that somebody has taken since."""
    if request.status != RequestStatus.PROPOSED:
        return []
    rows = ProposedTime.objects.select_related("calendar__clinician", "visit_type").filter(
        request=request, round=request.rounds, starts_at__gt=now
    )
    found = list(rows.order_by("starts_at", "pk"))
    free_ones = _free_ones(found, request, now)
    return [
        Proposal(
            id=row.pk,
            starts_at=row.starts_at,
            ends_at=row.starts_at + timedelta(minutes=row.visit_type.minutes),
            visit_name=row.visit_type.label,
            stated=row.visit_type.stated,
            clinician_id=row.calendar.clinician_id,
            clinician_name=row.calendar.clinician.name,
            channel=row.channel,
            is_free=row.pk in free_ones,
        )
        for row in found
    ]


def _free_ones(rows: Iterable[ProposedTime], request: TimeRequest, now: datetime) -> set[UUID]:
    """One statement for each kind and way among them, and for each two months."""
    groups: dict[tuple[UUID, str, int], list[ProposedTime]] = defaultdict(list)
    for row in rows:
        months = (local_day(row.starts_at) - local_day(now)).days // rules.WINDOW_DAYS
        groups[row.visit_type_id, row.channel, months].append(row)
    ones = set()
    for (_kind, channel, _months), group in groups.items():
        doctors = list({row.calendar.clinician_id for row in group})
        days = [local_day(row.starts_at) for row in group]
        wanted = Wanted(
            *(request.practice_id, doctors, group[0].visit_type, channel, now, request.patient_id), for_citizen=False
        )
        found = free.find(wanted, min(days), max(days))
        ones |= {row.pk for row in group if found.refusal(row.calendar_id, row.starts_at) is None}
    return ones
