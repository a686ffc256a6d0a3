"""What an appointment costs, as its own pages and the video room tell it."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from uuid import UUID

from legedialog.appointments.items import Item
from legedialog.appointments.models import Calendar, Status, TimeRequest, VisitType
from legedialog.appointments.picker import Chosen
from legedialog.appointments.queries import AppointmentRow
from legedialog.appointments.waitlist import Waiting
from legedialog.fees import queries as fees
from legedialog.fees import services as keeping
from legedialog.fees import texts
from legedialog.fees.rules import Stated


def kept(row: AppointmentRow) -> texts.Shown | None:
    """What she was told when it was booked. `row` is of queries.one. Nothing when it is cancelled: it costs nothing
    then, or has a charge of its own."""
    return None if row.status == Status.CANCELLED else told(row.id)


def told(appointment_id: UUID) -> texts.Shown | None:
    """What she was told of one that stands."""
    return texts.kept_shown(fees.promised(appointment_id))


def if_moved(
    row: AppointmentRow,
    *,
    person_id: UUID,
    calendar_id: UUID,
    visit_type: VisitType,
    channel: str,
    starts_at: datetime,
    now: datetime,
) -> texts.Shown:
    """What it costs her at another time: never more than she was told of the one that she has."""
    _kept, found = keeping.unraised(
        object_id=row.id,
        patient_id=person_id,
        practice_id=row.practice_id,
        service=channel,
        clinician_id=Calendar.objects.values_list("clinician", flat=True).get(pk=calendar_id),
        starts_at=starts_at,
        stated=visit_type.stated,
        now=now,
    )
    return texts.shown(found)


def kept_and_offered(
    row: AppointmentRow, person_id: UUID, wait: Waiting | None, now: datetime
) -> tuple[texts.Shown | None, texts.Shown | None]:
    """What she was told when it was booked, and what the earlier time costs that is offered to her, if one is."""
    if wait is None or wait.offer_clinician_id is None or wait.offer_starts_at is None:
        return kept(row), None
    before, found = keeping.unraised(
        object_id=row.id,
        patient_id=person_id,
        practice_id=row.practice_id,
        service=row.channel,
        clinician_id=wait.offer_clinician_id,
        starts_at=wait.offer_starts_at,
        stated=Stated(wait.exemption, wait.own_price_id, wait.is_own_price_alone, wait.laboratory),
        now=now,
    )
    return texts.kept_shown(before), texts.shown(found)


def of_kind(chosen: Chosen, person_id: UUID, now: datetime) -> texts.Shown:
    """What a kind of visit costs her while the time is not chosen: a range over the hours."""
    found = fees.price(
        patient_id=person_id,
        practice_id=chosen.office.practice.id,
        service=chosen.channel,
        clinician_id=chosen.doctor.clinician_id if chosen.doctor else None,
        stated=chosen.visit_type.stated,
        now=now,
    )
    return texts.shown(found)


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
