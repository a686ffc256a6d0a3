"""How an appointment may change, and until when it is cancelled in time. No database, no clock."""

from collections.abc import Iterable, Mapping
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID

from django.utils.translation import gettext_lazy as _

from legedialog.core.errors import Refusal, Refused
from legedialog.core.times import CLINIC, at_local, local_day, local_period
from legedialog.core.workdays import add_working_days, is_working_day, last_working_day_before

HOLD = timedelta(minutes=10)
REGRET = timedelta(minutes=30)  # so long after booking nothing is late
TAKEN_BACK = timedelta(minutes=2)  # so long the office may move it back before the patient is told
REMIND = timedelta(hours=48)  # before the start. Source: docs/facts.md#appointments
# Source: docs/facts.md#video
JOIN_BEFORE = timedelta(minutes=15)  # the waiting room on video opens so long before the start
JOIN_AFTER = timedelta(hours=1)  # and stays open so long after the planned end: a doctor may be late
ARRIVE_BEFORE = timedelta(minutes=30)  # she may say that she is here so long before the start, and until the end
CODE_DIGITS = 4  # on the office's wall
DELAYS = (10, 20, 30, 45, 60)  # minutes: what the office may say that a calendar is behind, about
NOTE_LENGTH = 200  # characters, of a calendar's day: it stands above the day
NOTE_KEPT = timedelta(days=30)  # after the day
FEED_KEPT = timedelta(days=90)  # that nothing reads
FEED_READ_TO = timedelta(days=1)  # how exactly it is told when a feed was read
REASON_LENGTH = 1000  # characters. Source: docs/facts.md#fhir, description in the appointment profile
ANSWER_DAYS = 5  # working days in which the office answers a wish for a time, as it does a message
MOST_PROPOSED = 5  # times that the office names for a wish at once
WINDOW_DAYS = 62  # the longest window of days asked for at once

HALF_DAYS = ("am", "pm")
WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday")
COARSE_TIMES = tuple(f"{day}-{half}" for day in WEEKDAYS for half in HALF_DAYS)

MOVES: Mapping[str, frozenset[str]] = {
    "booked": frozenset({"arrived", "completed", "cancelled", "no-show"}),
    "arrived": frozenset({"completed", "booked"}),  # back again: reception pressed the wrong row
    "completed": frozenset({"arrived"}),
    "no-show": frozenset({"booked"}),
    "cancelled": frozenset(),  # its time may already be another's
}
REQUEST_MOVES: Mapping[str, frozenset[str]] = {
    "sent": frozenset({"proposed", "assigned", "refused", "withdrawn", "ended"}),
    # None suited, and it is sent again; or the office names others, gives one or says no.
    "proposed": frozenset({"accepted", "sent", "proposed", "assigned", "refused", "withdrawn", "ended"}),
    "accepted": frozenset(),
    "assigned": frozenset({"declined"}),
    "refused": frozenset(),
    "declined": frozenset(),
    "withdrawn": frozenset(),
    "ended": frozenset({"sent"}),  # her death was a mistake
}

HOLD_ENDED = Refusal(
    code="hold-ended",
    to_patient=_(
        "Timen er ikke holdt av til deg lenger. Vi holder bare den siste du valgte, i ti minutter. Velg på nytt."
    ),
)
NOT_BOOKABLE = Refusal(
    code="not-bookable",
    to_patient=_("Denne timen kan ikke bestilles her. Velg en annen, eller ring legekontoret."),
    to_practice=_("Timetypen eller kontaktformen passer ikke for denne kalenderen."),
)
CANNOT_CHANGE = Refusal(
    code="cannot-change",
    to_patient=_("Denne timen kan ikke endres lenger. Ring legekontoret hvis du trenger hjelp."),
    to_practice=_("Timen kan ikke endres slik nå. Noen kan ha endret den før deg."),
)
TOO_LATE_TO_MOVE = Refusal(
    code="too-late-to-move",
    to_patient=_("Fristen for å flytte timen er ute. Ring legekontoret hvis du ikke kan komme."),
)
TOO_MANY_PROPOSED = Refusal(
    code="too-many-proposed",
    to_patient=_("Velg fra én til fem tider."),
    to_practice=_("Velg fra én til fem tider."),
)
TOO_EARLY = Refusal(
    code="too-early",
    to_patient=_("Dette kan ikke gjøres før timen."),
    to_practice=_("Dette kan ikke registreres før dagen timen er."),
)
NOT_BEGUN = Refusal(
    code="visit-not-begun",
    to_patient=_("Dette kan ikke gjøres før timen."),
    to_practice=_("Timen kan fullføres fra en halvtime før den begynner. Flytt den først hvis pasienten er her nå."),
)
NOT_YET_HERE = Refusal(
    code="not-yet-here",
    to_patient=_("Du kan si fra at du er kommet fra 30 minutter før timen."),
)
ARRIVAL_IS_OVER = Refusal(
    code="arrival-is-over",
    to_patient=_("Timen er over, så du kan ikke si fra her. Snakk med resepsjonen, eller ring legekontoret."),
)
NOT_THE_CODE = Refusal(
    code="not-the-code",
    to_patient=_("Koden er ikke den som henger på legekontoret nå. Se på plakaten og prøv igjen."),
)
COLUMN_IN_USE = Refusal(
    code="column-in-use",
    to_patient=_("Denne timen kan ikke bestilles her. Velg en annen, eller ring legekontoret."),
    to_practice=_("Kolonnen har timer som kommer. Flytt eller avlys dem først."),
)
REQUEST_OPEN = Refusal(
    code="request-open",
    to_patient=_("Du har allerede et timeønske som ikke er besvart. Trekk det tilbake før du sender et nytt."),
)


def answer_by(sent_on: date) -> date:
    """The last day for the office's answer to a wish. Reception answers, so a doctor's absence moves nothing."""
    return add_working_days(sent_on, ANSWER_DAYS)


def cancel_by(starts_at: datetime, cutoff_hours: int) -> datetime:
    """The last moment that is not late. Aware UTC.

    The cut-off counts back from the start by the wall clock; when it lands on a weekend or holiday, the deadline is the
    same clock time on the last working day before, as someone must be there to use the time.
    Source: docs/facts.md#appointments.
    """
    local = starts_at.astimezone(CLINIC).replace(tzinfo=None) - timedelta(hours=cutoff_hours)
    day = local.date()
    if not is_working_day(day):
        day = last_working_day_before(day)
    return min(at_local(day, local.time()), starts_at)


def free_until(starts_at: datetime, cutoff_hours: int, booked_at: datetime) -> datetime:
    """The last moment that is not late for this one: she may regret what she has just booked, until it begins."""
    return min(max(cancel_by(starts_at, cutoff_hours), booked_at + REGRET), starts_at)


def check_move(now_status: str, status: str, moves: Mapping[str, frozenset[str]] = MOVES) -> None:
    if status not in moves[now_status]:
        raise Refused(CANNOT_CHANGE)


def check_day_has_come(starts_at: datetime, now: datetime) -> None:
    """Arrival and what follows belong to the appointment's own day or later."""
    if local_day(now) < local_day(starts_at):
        raise Refused(TOO_EARLY)


def may_complete(starts_at: datetime, now: datetime) -> bool:
    """Who has come early may be seen early; hours before, it is another's row that somebody pressed, and a charge."""
    return now >= arrives_from(starts_at)


def remind_at(starts_at: datetime, now: datetime) -> datetime | None:
    """When to remind, or None when the appointment is so near that the confirmation is reminder enough."""
    at = starts_at - REMIND
    return at.astimezone(UTC) if at > now else None


def arrives_from(starts_at: datetime) -> datetime:
    return starts_at - ARRIVE_BEFORE


def check_may_arrive(*, channel: str, starts_at: datetime, ends_at: datetime, now: datetime) -> None:
    """She herself, on her telephone: only where she is to come, and about the time when she is to be there."""
    if channel != "attendance":
        raise Refused(CANNOT_CHANGE)
    if now < arrives_from(starts_at):
        raise Refused(NOT_YET_HERE)
    if now >= ends_at:
        raise Refused(ARRIVAL_IS_OVER)


def end_of_day(now: datetime) -> datetime:
    return local_period(local_day(now))[1]


def joins_at(starts_at: datetime) -> datetime:
    return starts_at - JOIN_BEFORE


def can_join(*, channel: str, status: str, starts_at: datetime, ends_at: datetime, now: datetime) -> bool:
    """Whether the room of a video appointment is open to its patient: the server says so, never the browser's clock."""
    is_open = joins_at(starts_at) <= now < ends_at + JOIN_AFTER
    return channel == "video" and status in ("booked", "arrived") and is_open


def seen_of_appointment(row: Any) -> tuple[object, ...]:
    """What a page that moves it has shown of it."""
    return row.starts_at, row.ends_at, row.calendar_id, row.visit_type_id, row.channel, row.reason, row.status


def seen_of_code(row: Any) -> tuple[object, ...]:
    """What the manager's page has shown of the code on the wall: when it was drawn, if there is one."""
    return (row.drawn_at if row else None,)


def seen_of_note(text: str) -> tuple[object, ...]:
    """What the calendar has shown as written of a day."""
    return (text,)


def seen_of_request(row: Any) -> tuple[object, ...]:
    """What the office's page has shown of a wish: its words never change, but for how far it has come."""
    return row.status, row.rounds


def seen_of_place(row: Any) -> tuple[object, ...]:
    """What a list has shown of it: where it stands, and that nobody has changed anything of it since."""
    return row.starts_at, row.ends_at, row.calendar_id, row.visit_type_id, row.channel, row.status, row.sequence


def seen_of_visit_type(row: Any) -> tuple[object, ...]:
    """What a page of settings has shown of it (core/seen.py), here and below."""
    return (
        *(row.name, row.name_nn, row.name_en, row.kind, row.minutes, row.channels, row.is_bookable_by_citizens),
        *(row.is_with_anybody, row.needs_order),
        *(row.horizon_days, row.lead_minutes, row.release_clock, row.buffer_minutes),
        *(row.cutoff_hours, row.max_coming, row.preparation, row.exemption),
        *(row.own_price_id, row.is_own_price_alone, row.laboratory),
        *(row.is_active, row.position),
    )


def seen_of_column(calendar: Any) -> tuple[object, ...]:
    row = calendar.clinician
    return row.name, row.column, row.responsible_id, calendar.is_active


def seen_of_block(row: Any, visit_type_ids: Iterable[UUID]) -> tuple[object, ...]:
    return (
        *(row.weekday, row.starts, row.ends, row.step_minutes, row.channels, row.is_online),
        *(row.first_date, row.last_date, sorted(str(each) for each in visit_type_ids)),
    )
