"""The office's columns that are no doctor: nurse, laboratory, vaccine, intern, room. Each is a calendar (ADR 295)."""

from datetime import datetime
from uuid import UUID

from django.db import transaction

from legedialog.access.actor import Actor
from legedialog.appointments import policy, rules
from legedialog.appointments.models import Appointment, Calendar, Status
from legedialog.audit import services as audit
from legedialog.core import events, seen, writing
from legedialog.core.errors import NotFound, Refused
from legedialog.core.times import local_day
from legedialog.practices import policy as practices
from legedialog.practices.models import Clinician


@transaction.atomic
def save_column(
    *,
    actor: Actor,
    practice_id: UUID,
    column_id: UUID | None,
    name: str,
    column: str,
    responsible_id: UUID,
    is_active: bool,
    mark: str | None = None,
    now: datetime,
) -> Calendar:
    """Add a column with its calendar, or change one. `mark` is of what she saw of it (core/seen.py).

    Raises NotFound, Denied, or Refused: "changed-since-seen", or "column-in-use" when it is closed with visits to come.
    """
    practices.find(actor, practice_id, lock=True)
    policy.check_manages(actor, practice_id)
    if responsible_id not in practices.clinicians_at(practice_id, local_day(now)):
        raise NotFound
    if column_id is None:
        row = Clinician(practice_id=practice_id)
        calendar = Calendar(practice_id=practice_id, clinician=row)
    else:
        calendar = policy.find_column(actor, column_id, lock=True)
        row = calendar.clinician
        seen.check(mark, *rules.seen_of_column(calendar))
        coming = Appointment.objects.filter(calendar=calendar, status__in=[Status.BOOKED, Status.ARRIVED])
        if not is_active and coming.filter(ends_at__gt=now).exists():
            raise Refused(rules.COLUMN_IN_USE)
    row.name, row.column, row.responsible_id = name, column, responsible_id
    calendar.is_active = is_active
    writing.save(row)
    writing.save(calendar)
    audit.record(actor, "column.saved", calendar.pk, at=now, practice_id=practice_id)
    events.publish(f"calendar:{practice_id}")
    return calendar
