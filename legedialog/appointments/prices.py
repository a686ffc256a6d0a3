"""What an appointment costs, as its own pages and the video room tell it."""

from datetime import datetime
from uuid import UUID

from legedialog.appointments.models import Status, TimeRequest
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


def may_cost_late(appointment_id: UUID) -> bool:
    """Whether who cancels too late, or does not come, may be asked for something: not who was told that she is not."""
    told = fees.promised(appointment_id)
    return told is None or told.missed != 0


def asked(sent: TimeRequest, now: datetime) -> texts.Shown | None:
    """What she was told when she asked for a time, until she has one with a price of its own."""
    return texts.kept_shown(fees.promised_and_now(sent.pk, clinician_id=sent.clinician_id, now=now))
