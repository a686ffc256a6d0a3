"""A time that the office gives is kept until the patient may be told of it: see pending/services.py."""

from datetime import datetime, timedelta
from uuid import UUID

from django.db.backends.postgresql.psycopg_any import DateTimeTZRange

from legedialog.access.actor import Actor
from legedialog.appointments import free_rules, policy
from legedialog.appointments.models import Claim, ClaimKind, VisitType
from legedialog.appointments.services.claims import take
from legedialog.core import writing
from legedialog.core.errors import NotFound, Refused


def keep_time(
    *, actor: Actor, calendar_id: UUID, visit_type_id: UUID, starts_at: datetime, now: datetime, **_given: object
) -> UUID:
    """So that nobody takes it meanwhile. Raises NotFound, or Refused "time-taken"."""
    calendar = policy.find_calendar(actor, calendar_id)
    policy.check_books(actor, calendar.practice_id)
    visit_type = VisitType.objects.filter(pk=visit_type_id, practice=calendar.practice_id).first()
    if visit_type is None:
        raise NotFound
    period = DateTimeTZRange(starts_at, starts_at + timedelta(minutes=visit_type.minutes))
    claim = Claim(calendar=calendar, period=period, kind=ClaimKind.BLOCK, note="Gis til en pasient")
    if not take(claim, now):
        raise Refused(free_rules.TAKEN)
    return claim.pk


def let_go_of_time(*, actor: Actor, kept_id: UUID, now: datetime) -> None:
    """Nothing, when somebody at the office has opened it by hand."""
    writing.remove(Claim.objects.filter(pk=kept_id, kind=ClaimKind.BLOCK, calendar__practice__in=actor.practices))
