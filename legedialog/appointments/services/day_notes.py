"""What the office writes of a calendar's day, for itself. It tells no patient, so it is done at once and taken back."""

from datetime import date, datetime
from uuid import UUID

from django.db import transaction

from legedialog.access.actor import Actor
from legedialog.appointments import policy, rules
from legedialog.appointments.models import DayNote
from legedialog.audit import services as audit
from legedialog.core import events, seen, writing
from legedialog.core.errors import NotFound, Refused
from legedialog.core.times import local_day


@transaction.atomic
def write_day_note(
    *, actor: Actor, calendar_id: UUID, day: date, text: str, was: str | None = None, now: datetime
) -> DayNote:
    """`text` "" takes it away. `was`: the mark of what the page showed.

    Raises NotFound, Denied, or Refused "changed-since-seen".
    """
    calendar = policy.find_calendar(actor, calendar_id)
    policy.check_books(actor, calendar.practice_id)
    assert actor.employee_id  # noqa: S101  for types: who books works there
    row = DayNote.objects.select_for_update().filter(calendar=calendar, day=day).first()
    seen.check(was, *rules.seen_of_note(row.text if row else ""))
    if row:
        row.before, row.text, row.written_by_id, row.written_at = row.text, text, actor.employee_id, now
        writing.save(row)
    else:
        row = DayNote(calendar=calendar, day=day, text=text, before="", written_by_id=actor.employee_id, written_at=now)
        writing.add(row, or_leave=True)
        if not DayNote.objects.filter(pk=row.pk).exists():  # of two who write the first at once, one is told
            raise Refused(seen.CHANGED)
    audit.record(actor, "day-note.written", calendar.pk, at=now)
    events.publish(f"calendar:{calendar.practice_id}")
    return row


@transaction.atomic
def take_back_day_note(*, actor: Actor, note_id: UUID, was: str, now: datetime) -> date:
    """What stood there before. Its day. Raises NotFound, Denied, or Refused when somebody has written another since."""
    row = DayNote.objects.select_related("calendar").filter(pk=note_id, calendar__practice__in=actor.practices).first()
    if row is None:
        raise NotFound
    write_day_note(actor=actor, calendar_id=row.calendar_id, day=row.day, text=row.before, was=was, now=now)
    return row.day


def tidy_day_notes(now: datetime) -> None:
    """Those of days long over: run by a job every hour (operations/tasks.py)."""
    writing.remove(DayNote.objects.filter(day__lt=local_day(now) - rules.NOTE_KEPT))
