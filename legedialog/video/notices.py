"""Whether the doctor still waits in the video room, and the words. See journeys/telling.py."""

from datetime import datetime

from django.utils.translation import gettext as _

from legedialog.appointments.models import Appointment, Status
from legedialog.appointments.rules import JOIN_AFTER
from legedialog.outbox.rules import Reason, Skip, Told, Words


def ready(row: Appointment, told: Told, now: datetime) -> Words | Skip:
    """The doctor is there and she is not. At once or not at all."""
    if row.status == Status.CANCELLED:
        return Skip(Reason.CANCELLED)
    if row.status != Status.BOOKED or now >= row.ends_at + JOIN_AFTER:
        return Skip(Reason.OVER)
    return Words(_("Timen din i dag er klar. Logg inn på Legedialog for å møte."), about_at=now, office_tells=True)
