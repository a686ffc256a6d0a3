"""What an appointment costs, as its own pages and the video room tell it."""

from collections.abc import Sequence
from dataclasses import replace
from uuid import UUID

from legedialog.appointments.items import Item
from legedialog.appointments.models import Status, TimeRequest
from legedialog.appointments.queries import AppointmentRow
from legedialog.fees import queries as fees
from legedialog.fees import texts


def kept(row: AppointmentRow) -> texts.Shown | None:
    """What she was told when it was booked. `row` is of queries.one. Nothing when it is cancelled: it costs nothing
    then, or has a charge of its own."""
    return None if row.status == Status.CANCELLED else told(row.id)


def told(appointment_id: UUID) -> texts.Shown | None:
    """What she was told of one that stands."""
    return texts.kept_shown(fees.promised(appointment_id))


def beside_join(found: Sequence[Item]) -> list[Item]:
    """With what each costs that she may join now. Two at once are rare, and nothing is asked where there is none."""
    return [replace(each, price=shown.line) if each.can_join and (shown := told(each.id)) else each for each in found]


def may_cost_late(appointment_id: UUID) -> bool:
    """Whether who cancels too late, or does not come, may be asked for something: not who was told that she is not."""
    told = fees.promised(appointment_id)
    return told is None or told.missed != 0


def asked(sent: TimeRequest) -> texts.Shown | None:
    """What she was told when she asked for a time, until she has one with a price of its own."""
    return texts.kept_shown(fees.promised(sent.pk))
