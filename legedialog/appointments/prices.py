"""What an appointment costs, as its own pages and the video room tell it."""

from datetime import datetime

from legedialog.appointments.models import Status
from legedialog.appointments.queries import AppointmentRow
from legedialog.fees import queries as fees
from legedialog.fees import texts


def kept(row: AppointmentRow, now: datetime) -> texts.Shown | None:
    """What she was told when it was booked, and why it is so much. `row` is of queries.one. Nothing when it is
    cancelled: it costs nothing then, or has a charge of its own."""
    if row.status == Status.CANCELLED:
        return None
    told = fees.promised_and_now(
        row.id,
        clinician_id=row.clinician_id,
        starts_at=row.starts_at,
        stated=row.stated,
        now=now,
    )
    return texts.kept_shown(told)
