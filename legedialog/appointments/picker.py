"""The picker's state: what may be chosen, what is chosen, and the free times of one week, ready for the template.

What is chosen stands in the address, so that back and forward work; none of it tells what the visit is about.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from itertools import groupby
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from legedialog.access.actor import Actor
from legedialog.appointments import free, free_rules, queries, wait_rules
from legedialog.appointments.free import FreeDay, FreeTime, Wanted
from legedialog.appointments.models import Channel, VisitType
from legedialog.appointments.queries import AppointmentRow, Hold
from legedialog.appointments.recalls import Asks
from legedialog.appointments.rules import HALF_DAYS
from legedialog.core import reading
from legedialog.core.errors import Refusal
from legedialog.core.sql import Asked, ask_as_one
from legedialog.core.times import local_day
from legedialog.patients import queries as patients
from legedialog.practices.queries import Doctor, PracticeRow
from legedialog.practices.rules import Offered, Service


@dataclass(frozen=True, slots=True)
class Office:
    """The citizen's own office, and what its doctors for her list offer today."""

    practice: PracticeRow
    bookable: list[Doctor]
    colleagues: list[Doctor]  # others at the office, for the kinds that may be booked with anybody
    on_video: frozenset[UUID]
    takes_requests: list[Doctor]
    closed: Offered | None  # why booking is closed, when no doctor has it
    requests_closed: Offered | None
    held: Hold | None  # a time there that is kept for her


def office_of(actor: Actor, person_id: UUID, now: datetime, *, to_book: bool = False) -> Office | None:
    """None for one without a GP. `to_book`: with its other doctors and the time that is kept for her. One query."""
    today = local_day(now)
    whose = {"person_id": person_id, "today": today}
    booking: list[Asked[Any]] = [Asked(queries.OTHERS, whose), *queries.hold_asked(actor, now)] if to_book else []
    serving, *more = ask_as_one(Asked(patients.GP, whose), *booking)
    gp = patients.gp_from(serving, today)
    if gp is None:
        return None
    others, held, its_kind = more or ([], [], [])
    colleagues = queries.others_from(others, gp.practice, gp.clinician_ids, today)
    everyone = [*gp.clinician_ids, *(each.clinician_id for each in colleagues)]
    offers = [(doctor, offer) for doctor in (*gp.doctors, *colleagues) for offer in doctor.offers]

    def who(service: Service, of: Collection[UUID]) -> list[Doctor]:
        return [
            doctor
            for doctor, offer in offers
            if offer.service is service and offer.is_open and doctor.clinician_id in of
        ]

    def why_none(service: Service) -> Offered | None:
        own = (offer for doctor, offer in offers if doctor.clinician_id in gp.clinician_ids)
        none = not who(service, gp.clinician_ids)
        return next((offer for offer in own if offer.service is service), None) if none else None

    return Office(
        practice=gp.practice,
        bookable=who(Service.BOOK, gp.clinician_ids),
        colleagues=who(Service.BOOK, [each.clinician_id for each in colleagues]),
        on_video=frozenset(doctor.clinician_id for doctor in who(Service.VIDEO, everyone)),
        takes_requests=who(Service.REQUEST, gp.clinician_ids),
        closed=why_none(Service.BOOK),
        requests_closed=why_none(Service.REQUEST),
        held=queries.hold_from(held, its_kind, now),
    )


@dataclass(frozen=True, slots=True)
class Chosen:
    """What the address says, or the first that is offered. `day` is None until she asks for one."""

    office: Office
    types: list[VisitType]
    visit_type: VisitType
    channels: list[str]
    channel: str
    doctor: Doctor | None
    day: date | None
    moving: AppointmentRow | None = None  # the one that gets another time
    half: str = ""  # "am" or "pm" when she wants only those
    asked: Asks | None = None  # the office asks her to book this kind, in those days

    def query(self) -> str:
        """For addresses: the same choice again."""
        values = {"type": self.visit_type.pk, "channel": self.channel}
        if self.doctor:
            values["doctor"] = self.doctor.clinician_id
        if self.moving:
            values["move"] = self.moving.id
        if self.asked:
            values["innkalling"] = self.asked.id
        if self.half:
            values["half"] = self.half
        if self.day:
            values["day"] = self.day.isoformat()
        return urlencode(values)

    def on(self, day: date | None) -> "Chosen":
        return replace(self, day=day)

    def days(self, now: datetime) -> tuple[date, date]:
        """The first and last day to look in: what can be booked at all and, when she is asked to book, those days as
        far as they can be."""
        today = local_day(now)
        last = free_rules.last_day(now, self.visit_type.horizon_days, self.visit_type.release_clock)
        if self.asked is None:
            return today, last
        first = min(max(today, self.asked.first_date), last)
        return first, max(first, min(last, self.asked.last_date))

    @property
    def doctors(self) -> list[Doctor]:
        """With whom this kind may be booked."""
        return [*self.office.bookable, *(self.office.colleagues if self.visit_type.is_with_anybody else ())]

    @property
    def takes_any(self) -> bool:
        """Whoever is free gets it, chosen when it is held."""
        return self.doctor is None and self.moving is None

    @property
    def clinician_ids(self) -> list[UUID]:
        doctors = [self.doctor] if self.doctor else self.doctors
        ids = [doctor.clinician_id for doctor in doctors]
        return [each for each in ids if each in self.office.on_video] if self.channel == Channel.VIDEO else ids


def choose(
    query: Mapping[str, str], office: Office, moving: AppointmentRow | None = None, asked: Asks | None = None
) -> Chosen | None:
    """Never stops on an old or wrong address: what is not offered falls back to the first. None when nothing is.

    Of one that is moved all comes along until something else is chosen; so does what the office asks for.
    """
    if asked:
        wanted_by_office = {"type": asked.visit_type_id, "doctor": asked.clinician_id or ""}
        query = {name: str(value) for name, value in wanted_by_office.items()} | dict(query.items())
    if moving:
        kept = {"type": moving.visit_type_id, "channel": moving.channel, "doctor": moving.clinician_id}
        query = {name: str(value) for name, value in kept.items()} | dict(query.items())
    everyone = [*office.bookable, *office.colleagues]
    doctor = next((each for each in everyone if str(each.clinician_id) == query.get("doctor")), None)
    wanted = [doctor] if doctor else everyone
    video = any(each.clinician_id in office.on_video for each in wanted)
    own = [each.clinician_id for each in wanted if each in office.bookable]
    types = [
        each
        for each in queries.bookable_visit_types(office.practice.id, [each.clinician_id for each in wanted], own)
        if video or set(each.channels) != {Channel.VIDEO.value}
    ]
    if not types:
        return None
    visit_type = next((each for each in types if str(each.pk) == query.get("type")), types[0])
    channels = [
        each for each in Channel.values if each in visit_type.channels and (video or each != Channel.VIDEO.value)
    ]
    channel = query.get("channel", "")
    half = query.get("half", "")
    return Chosen(
        half=half if half in HALF_DAYS else "",
        moving=moving,
        asked=asked if asked and asked.visit_type_id == visit_type.pk else None,
        office=office,
        types=types,
        visit_type=visit_type,
        channels=channels,
        channel=channel if channel in channels else channels[0],
        doctor=doctor,
        day=reading.day(query.get("day")),
    )


@dataclass(frozen=True, slots=True)
class Button:
    value: str
    starts_at: datetime
    clinician_name: str
    clinician_ids: Sequence[UUID]  # who may turn out to have it


@dataclass(frozen=True, slots=True)
class Row:
    """A day with its times, or the days from `day` to `last_day` with none."""

    day: date
    last_day: date
    times: list[Button]


@dataclass(frozen=True, slots=True)
class Week:
    """Monday to Sunday as far as it is not over. Queries for addresses are empty where there is nothing to look for."""

    first_day: date
    last_day: date
    number: int  # ISO
    rows: list[Row]
    count: int
    earlier: str
    later: str
    next_free: date | None  # after this week, when this week has none
    next_free_query: str
    earliest: date  # for the date field
    latest: date
    is_beyond: bool  # she asked for a day that cannot be booked, and sees the nearest week that can
    release: time | None  # when the next day is out
    limit: Refusal | None  # why she may book none at all now


def week(chosen: Chosen, *, person_id: UUID, now: datetime) -> Week:
    """The week of the chosen day. Before she has chosen one: the first week with a free time."""
    earliest, latest = chosen.days(now)
    day = min(max(chosen.day or earliest, earliest), latest)
    wanted = _wanted(chosen, person_id, now)
    monday = day - timedelta(days=day.weekday())
    found = free.find(wanted, max(monday, earliest), min(monday + timedelta(days=6), _end(chosen, latest)))
    days = found.days()
    next_free = None
    if not any(each.times for each in days):
        following = [each for each in free.next_week(wanted, days[-1].day) if each.day <= _end(chosen, latest)]
        if not any(each.times for each in following):
            following = []
        if following and chosen.day:
            next_free = next(each.day for each in following if each.times)
        elif following:
            days = following
    rows = list(_rows(days, chosen))
    first_day, last_day = days[0].day, days[-1].day
    earlier = max(first_day - timedelta(days=7), earliest)
    later = last_day + timedelta(days=1)
    return Week(
        first_day=first_day,
        last_day=last_day,
        number=first_day.isocalendar().week,
        rows=rows,
        count=sum(len(row.times) for row in rows),
        earlier=chosen.on(earlier).query() if first_day > earliest else "",
        later=chosen.on(later).query() if later <= latest else "",
        next_free=next_free,
        next_free_query=chosen.on(next_free).query() if next_free else "",
        earliest=earliest,
        latest=latest,
        is_beyond=bool(chosen.day and chosen.day != day),
        release=chosen.visit_type.release_clock,
        limit=found.limit,
    )


def _end(chosen: Chosen, latest: date) -> date:
    """Weeks are shown to their end, though nothing is free after the latest day; of what she is asked for, no more."""
    return latest if chosen.asked else date.max


def _wanted(chosen: Chosen, person_id: UUID, now: datetime) -> Wanted:
    wanted = Wanted(
        chosen.office.practice.id,
        chosen.clinician_ids,
        chosen.visit_type,
        chosen.channel,
        now,
        person_id,
        half=chosen.half,
    )
    if not chosen.moving:
        return wanted
    same_kind = chosen.visit_type.pk == chosen.moving.visit_type_id
    return replace(wanted, moving_id=chosen.moving.id, minutes=chosen.moving.minutes if same_kind else None)


INSTEAD = 6


def instead(actor: Actor, row: AppointmentRow, *, person_id: UUID, now: datetime) -> list[tuple[FreeTime, str]]:
    """Free times of the same kind, for one that the office has cancelled, each with the choice its address says.

    None of them is kept. Empty where she may not book that kind herself, or has no more.
    """
    office = office_of(actor, person_id, now, to_book=True)
    chosen = choose({"type": str(row.visit_type_id), "channel": row.channel}, office) if office else None
    if chosen is None or chosen.visit_type.pk != row.visit_type_id or not chosen.clinician_ids:
        return []
    times = free.next_times(_wanted(chosen, person_id, now), max(now, row.starts_at - timedelta(hours=4)), INSTEAD * 3)
    alone = list({each.starts_at: each for each in times}.values())[:INSTEAD]
    return [(each, chosen.on(local_day(each.starts_at)).query()) for each in alone]


def earlier(chosen: Chosen, *, person_id: UUID, now: datetime) -> list[tuple[FreeTime, str]]:
    """Free times that are earlier than the one that is moved, each with the choice its address says. One statement."""
    if chosen.moving is None:
        return []
    own = chosen.moving.starts_at
    days = free.days(_wanted(chosen, person_id, now), local_day(now), local_day(own))
    times = [each for day in days for each in day.times if wait_rules.is_earlier(each.starts_at, own)]
    doctors = {each.clinician_id: each for each in chosen.doctors}
    return [
        (each, replace(chosen, doctor=doctors.get(each.clinician_id), day=local_day(each.starts_at)).query())
        for each in times
    ]


@dataclass(frozen=True, slots=True)
class MonthDay:
    day: date
    count: int  # of different free times
    query: str  # empty where there is none


@dataclass(frozen=True, slots=True)
class Month:
    """Weeks of seven days, Monday first; None is a day of another month."""

    first_day: date
    weeks: list[list[MonthDay | None]]
    count: int  # days with a free time
    weekdays: list[date]  # a Monday and the six days after it, for their names
    earlier: str
    later: str


def month(chosen: Chosen, *, person_id: UUID, now: datetime) -> Month:
    """Which days of the chosen day's month have free times. One statement."""
    earliest, latest = chosen.days(now)
    first = min(max(chosen.day or earliest, earliest), latest).replace(day=1)
    following = (first + timedelta(days=32)).replace(day=1)
    days = [
        MonthDay(free_day.day, count, chosen.on(free_day.day).query() if count else "")
        for free_day in free.days(_wanted(chosen, person_id, now), first, following - timedelta(days=1))
        for is_in in [earliest <= free_day.day <= latest]
        for count in [len({each.starts_at for each in free_day.times}) if is_in else 0]
    ]
    cells: list[MonthDay | None] = [*[None] * first.weekday(), *days]
    cells += [None] * (-len(cells) % 7)
    return Month(
        first_day=first,
        weeks=[cells[at : at + 7] for at in range(0, len(cells), 7)],
        count=sum(each.count > 0 for each in days),
        weekdays=[first - timedelta(days=first.weekday() - at) for at in range(7)],
        earlier=chosen.on(max(first - timedelta(days=1), earliest)).query() if first > earliest else "",
        later=chosen.on(following).query() if following <= latest else "",
    )


def _rows(days: list[FreeDay], chosen: Chosen) -> Iterator[Row]:
    for has_times, group in groupby(days, key=lambda free: bool(free.times)):
        members = list(group)
        if has_times:
            yield from (Row(each.day, each.day, _buttons(each, chosen)) for each in members)
        else:
            yield Row(members[0].day, members[-1].day, [])


def _buttons(free_day: FreeDay, chosen: Chosen) -> list[Button]:
    """One for each clock time. Where she takes anybody, it names nobody unless only one is free then."""
    who: dict[datetime, list[FreeTime]] = {}
    for each in free_day.times:
        who.setdefault(each.starts_at, []).append(each)
    return [
        Button(
            time_value(None if chosen.takes_any else found[0].calendar_id, at),
            at,
            found[0].clinician_name if len(found) == 1 or not chosen.takes_any else "",
            [each.clinician_id for each in found],
        )
        for at, found in who.items()
    ]


@dataclass(frozen=True, slots=True)
class Notice:
    """Why a chosen time was not given, and the same time again when it is free after all."""

    message: str | Promise
    again: Button | None = None


ANY = "any"


def time_value(calendar_id: UUID | None, starts_at: datetime) -> str:
    """What a button sends; web.forms.TimeField reads it. None: with whoever is free."""
    return f"{calendar_id or ANY}@{starts_at.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"


def same_time(shown: Week, value: str) -> Button | None:
    """The button for that time, with the same calendar or with anybody."""
    _calendar, _at, start = value.partition("@")
    wanted = {value, f"{ANY}@{start}"}
    return next((button for row in shown.rows for button in row.times if button.value in wanted), None)


def first(shown: Week, chosen: Chosen) -> Button | None:
    """The first free time of all, while no day is asked for: then the week that is shown begins with it."""
    return None if chosen.day else next((button for row in shown.rows for button in row.times), None)


HALVES = (("", _("Hele dagen")), ("am", _("Formiddag")), ("pm", _("Ettermiddag")))


def halves(chosen: Chosen) -> list[tuple[str | Promise, str, bool]]:
    """Text, query and whether it is what is shown now."""
    return [(text, replace(chosen, half=half).query(), half == chosen.half) for half, text in HALVES]
