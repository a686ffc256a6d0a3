"""A time that the office gives is kept until the patient may be told of it: see pending/services.py."""

from datetime import datetime
from uuid import UUID

from django.db.backends.postgresql.psycopg_any import DateTimeTZRange

from legedialog.access.actor import Actor
from legedialog.appointments import free_rules, policy
from legedialog.appointments.models import Calendar, Claim, ClaimKind, VisitType
from legedialog.appointments.services.claims import period_of, take
from legedialog.core import writing
from legedialog.core.errors import NotFound, Refused


def keep_time(
    *,
    actor: Actor,
    calendar_id: UUID,
    visit_type_id: UUID,
    starts_at: datetime,
    overbook_reason: str = "",
    now: datetime,
    **_given: object,
) -> UUID | None:
    """So that nobody takes it meanwhile. What is overbooked needs no time. Raises NotFound, or Refused "time-taken"."""
    calendar, visit_type = _found(actor, calendar_id, visit_type_id)
    if overbook_reason:
        return None
    return _keep(calendar, period_of(visit_type, starts_at), now)


def keep_new_time(
    *,
    actor: Actor,
    appointment_id: UUID,
    calendar_id: UUID,
    visit_type_id: UUID,
    starts_at: datetime,
    minutes: int | None = None,
    overbook_reason: str = "",
    now: datetime,
    **_given: object,
) -> UUID | None:
    """The same for one that is moved: as much of the new time as is not its own already."""
    calendar, visit_type = _found(actor, calendar_id, visit_type_id)
    appointment = policy.find(actor, appointment_id)
    if overbook_reason:
        return None
    period, own = period_of(visit_type, starts_at, minutes), appointment.claim.period
    lower, upper = period.lower, period.upper
    if appointment.calendar_id == calendar.pk and own.lower < upper and lower < own.upper:
        if upper > own.upper:
            lower = max(lower, own.upper)
        elif lower < own.lower:
            upper = own.lower
        else:
            return None
    return _keep(calendar, DateTimeTZRange(lower, upper), now)


def _found(actor: Actor, calendar_id: UUID, visit_type_id: UUID) -> tuple[Calendar, VisitType]:
    calendar = policy.find_calendar(actor, calendar_id)
    policy.check_books(actor, calendar.practice_id)
    visit_type = VisitType.objects.filter(pk=visit_type_id, practice=calendar.practice_id).first()
    if visit_type is None:
        raise NotFound
    return calendar, visit_type


def _keep(calendar: Calendar, period: DateTimeTZRange, now: datetime) -> UUID:
    claim = Claim(calendar=calendar, period=period, kind=ClaimKind.BLOCK, note="Gis til en pasient")
    if not take(claim, now):
        raise Refused(free_rules.TAKEN)
    return claim.pk


def let_go_of_time(*, actor: Actor, kept_id: UUID, now: datetime) -> None:
    """Nothing, when somebody at the office has opened it by hand."""
    writing.remove(Claim.objects.filter(pk=kept_id, kind=ClaimKind.BLOCK, calendar__practice__in=actor.practices))
