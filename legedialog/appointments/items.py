"""Appointments as the citizen's pages show them: the doctor's and the hospital's alike, with all words ready."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.urls import reverse
from django.utils.functional import Promise

from legedialog.appointments.elsewhere import Elsewhere
from legedialog.appointments.models import OPEN_REQUESTS, RequestStatus, Status
from legedialog.appointments.queries import PAGE, AppointmentRow, Hold
from legedialog.appointments.requested import Wished
from legedialog.appointments.texts import CANCELLED_BY, CHANNELS, EXTERNAL_WHERE, REQUEST_STATUSES, STATUSES
from legedialog.practices.queries import PracticeRow

GOING_TO_HAPPEN = {Status.BOOKED.value, Status.ARRIVED.value}
ABOUT_AN_HOUR = timedelta(hours=1)  # some sources do not say when it ends
ANSWER_SHOWN = timedelta(days=14)  # on Timeavtaler; later only from the notice's link


@dataclass(frozen=True, slots=True)
class Item:
    """`url` is its own page here, `join_url` the source's own video page; each empty when there is none."""

    id: UUID
    starts_at: datetime
    ends_at: datetime
    heading: str | Promise
    about: str  # the kind of visit, in the office's words
    with_whom: str
    place: str
    where: str | Promise
    icon: str
    preparation: str
    directions: str
    status: str | Promise
    color: str
    is_going_to_happen: bool
    can_move: bool = False
    url: str = ""
    join_url: str = ""
    source: str = ""
    source_phone: str = ""  # whom to call who wants to move or cancel it: that is not done here
    joins_at: datetime | None = None  # its own room here opens; None when it has none
    can_join: bool = False
    joins_in: int | None = None  # seconds until it can
    price: str = ""  # beside the button that joins: prices.beside_join


def own(row: AppointmentRow) -> Item:
    channel = CHANNELS[row.channel]
    word, color = STATUSES[row.status]
    visits = row.channel == "attendance"
    return Item(
        id=row.id,
        starts_at=row.starts_at,
        ends_at=row.ends_at,
        heading=channel.visit,
        about=row.visit_name,
        with_whom=row.clinician_name,
        place=", ".join(part for part in (row.practice_name, row.practice_address) if part) if visits else "",
        where=channel.where,
        icon=channel.icon,
        preparation=row.preparation,
        directions=row.directions if visits else "",
        status=CANCELLED_BY.get(row.cancelled_by, word),
        color=color,
        is_going_to_happen=row.status in GOING_TO_HAPPEN,
        can_move=row.can_move,
        url=reverse("appointments:show", args=[row.id]),
        joins_at=row.joins_at,
        can_join=row.can_join,
        joins_in=row.joins_in,
    )


def held(hold: Hold, practice: PracticeRow) -> Item:
    """The time that is held, as the appointment it will be."""
    channel = CHANNELS[hold.channel]
    visits = hold.channel == "attendance"
    return Item(
        id=hold.id,
        starts_at=hold.starts_at,
        ends_at=hold.ends_at,
        heading=channel.visit,
        about=hold.visit_type.label,
        with_whom=hold.clinician_name,
        place=", ".join(part for part in (practice.name, practice.address) if part) if visits else "",
        where=channel.where,
        icon=channel.icon,
        preparation=hold.visit_type.preparation,
        directions=practice.directions if visits else "",
        status="",
        color="",
        is_going_to_happen=True,
    )


def external(row: Elsewhere) -> Item:
    word, color = STATUSES[row.status]
    return Item(
        id=row.id,
        starts_at=row.starts_at,
        ends_at=row.ends_at or row.starts_at,
        heading=row.title or CHANNELS[row.channel].visit,
        about="",
        with_whom="",
        place=row.place,
        where=EXTERNAL_WHERE[row.channel],
        icon=CHANNELS[row.channel].icon,
        preparation=row.instruction,
        directions="",
        status=word,
        color=color,
        is_going_to_happen=row.status in GOING_TO_HAPPEN,
        join_url=row.join_url if row.join_url.startswith("https://") else "",
        source=row.source_name,
        source_phone=row.source_phone,
    )


def coming(own_rows: Iterable[AppointmentRow], others: Iterable[Elsewhere], now: datetime) -> list[Item]:
    """All that is going to happen, from every source, the next first."""
    items = [own(row) for row in own_rows]
    items += [external(row) for row in others if _is_coming(row, now)]
    return sorted(items, key=lambda item: item.starts_at)


def wakes_in(items: Iterable[Item]) -> int | None:
    """Seconds until the first of them can be joined: then the page asks again. At most an hour, as clocks stand still
    in a telephone that sleeps; None when nothing opens within a day."""
    soon = [item.joins_in for item in items if item.joins_in and item.joins_in < 24 * 3600]
    return min(*soon, 3600) if soon else None


def past(
    own_rows: list[AppointmentRow], others: Iterable[Elsewhere], now: datetime, before: datetime | None
) -> tuple[list[Item], datetime | None]:
    """What is over or called off, the latest first, and where the next page starts (None when this is the last)."""
    more = own_rows[-1].starts_at if len(own_rows) == PAGE else None
    items = [own(row) for row in own_rows]
    items += [
        external(row)
        for row in others
        if not _is_coming(row, now)
        and (before is None or row.starts_at < before)
        and (more is None or row.starts_at >= more)
    ]
    return sorted(items, key=lambda item: item.starts_at, reverse=True), more


def _is_coming(row: Elsewhere, now: datetime) -> bool:
    ends_at = row.ends_at or row.starts_at + timedelta(hours=1)  # some sources do not say when it ends
    return row.status in GOING_TO_HAPPEN and ends_at > now


def _is_assigned(sent: Wished) -> bool:
    """A time that the office has not cancelled since."""
    return sent.status == RequestStatus.ASSIGNED and sent.visit_status != "cancelled"


@dataclass(frozen=True, slots=True)
class Wish:
    url: str
    sent_at: datetime
    doctor: str
    status: str | Promise
    color: str


def wishes(sent: Iterable[Wished], now: datetime) -> list[Wish]:
    """Those that wait, and answers that are new."""
    return [
        Wish(
            url=reverse("appointments:request-show", args=[each.id]),
            sent_at=each.sent_at,
            doctor=each.doctor,
            status=REQUEST_STATUSES[each.status][0],
            color=REQUEST_STATUSES[each.status][1],
        )
        for each in sent
        if each.status in OPEN_REQUESTS
        or (each.status == RequestStatus.REFUSED and each.status_at > now - ANSWER_SHOWN)
        or (_is_assigned(each) and each.status_at > now - ANSWER_SHOWN)
    ]
