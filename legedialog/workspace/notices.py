"""What an employee who is away is told of her work: that it waits, never what it is, whose, or where."""

from datetime import datetime

from django.utils.translation import gettext as _

from legedialog.outbox.rules import Reason, Skip, Told, Words
from legedialog.practices import rules
from legedialog.practices.queries import ReachRow
from legedialog.practices.rules import Mode
from legedialog.workspace.reach import away


def work_waits(row: ReachRow, told: Told, now: datetime) -> Words | Skip:
    if not rules.may_tell(row, now):
        return Skip(Reason.OVER)
    waits = away.waiting(row, now)
    if not waits.is_worth(row.mode):  # somebody has logged in, or has done it
        return Skip(Reason.CHANGED)
    if row.mode == Mode.DIGEST:
        text = _("Dette venter på deg i Legedialog: %(number)s. Over fristen: %(late)s. Logg inn for å se hva.")
        return Words(text % {"number": waits.number, "late": waits.late})
    return Words(_("Noe som venter på deg i Legedialog, nærmer seg fristen. Logg inn for å se hva."))
