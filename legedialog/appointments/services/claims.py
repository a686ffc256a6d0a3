"""Taking a time and letting it go. PostgreSQL decides who gets it: see the exclusion constraint on Claim."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any
from uuid import UUID

from django.db import connection, transaction
from django.db.backends.postgresql.psycopg_any import DateTimeTZRange

from legedialog.appointments import rules
from legedialog.appointments.models import (
    Calendar,
    Channel,
    Claim,
    ClaimKind,
    VisitType,
)
from legedialog.consent import policy as consent
from legedialog.core import fence, writing
from legedialog.core.errors import NotFound, Refused
from legedialog.core.sql import Asked, Statement, ask_all, known
from legedialog.core.times import local_day
from legedialog.patients import queries as patients
from legedialog.patients.queries import Gp
from legedialog.practices import policy as practices
from legedialog.practices import rules as practice_rules
from legedialog.practices.models import Clinician, Service


@dataclass(frozen=True, slots=True)
class Locked:
    locked: str


ONE_WINDOW = Statement(
    "one window", "SELECT pg_advisory_xact_lock(hashtextextended(%(bookings)s, 0))::text AS locked", Locked
)


def one_window(patient_id: UUID | None) -> Asked[Locked]:
    return Asked(ONE_WINDOW, {"bookings": f"bookings:{patient_id}"})


def one_window_at_a_time(patient_id: UUID | None) -> None:
    """Until the transaction ends, no other window of the same person holds or books: they all count the same."""
    ask_all(one_window(patient_id))


def practice_of(patient_id: UUID, clinician_id: UUID, now: datetime) -> UUID:
    """The office of the patient's list, when the doctor serves it or stands in there today. Raises NotFound."""
    gp = patients.gp_of(patient_id, local_day(now))
    if gp is None or clinician_id not in gp.serving_ids:
        raise NotFound
    return gp.practice.id


@dataclass(frozen=True, slots=True)
class _Place:
    """A calendar with its doctor and, when citizens may book it there on the channel, the kind of visit."""

    calendar_id: UUID
    practice_id: UUID
    clinician_id: UUID
    clinician_name: str
    type_id: UUID | None
    name: str
    minutes: int
    buffer_minutes: int
    lead_minutes: int
    horizon_days: int
    release_clock: time | None
    max_coming: int
    cutoff_hours: int
    is_with_anybody: bool
    needs_order: bool

    @property
    def calendar(self) -> Calendar:
        row = known(Calendar, id=self.calendar_id, practice_id=self.practice_id, clinician_id=self.clinician_id)
        row.clinician = known(Clinician, id=self.clinician_id, name=self.clinician_name)
        return row

    @property
    def visit_type(self) -> VisitType | None:
        names = ("name", "minutes", "buffer_minutes", "lead_minutes", "horizon_days", "release_clock", "max_coming")
        given = {name: getattr(self, name) for name in (*names, "cutoff_hours", "is_with_anybody", "needs_order")}
        return known(VisitType, id=self.type_id, practice_id=self.practice_id, **given) if self.type_id else None


PLACE = Statement(
    "place",
    """
    SELECT k.id AS calendar_id, k.practice_id, k.clinician_id, d.name AS clinician_name, t.id AS type_id, t.name,
           t.minutes, t.buffer_minutes, t.lead_minutes, t.horizon_days, t.release_clock, t.max_coming, t.cutoff_hours,
           t.is_with_anybody, t.needs_order
      FROM appointments_calendar k
      JOIN practices_clinician d ON d.id = k.clinician_id
      LEFT JOIN appointments_visittype t ON t.id = %(visit_type)s AND t.practice_id = k.practice_id
            AND t.is_active AND t.is_bookable_by_citizens AND %(channel)s = ANY (t.channels)
     WHERE k.id = %(calendar)s AND k.is_active
    """,
    _Place,
)


def bookable(
    patient_id: UUID, calendar_id: UUID, visit_type_id: UUID, channel: str, now: datetime
) -> tuple[Calendar, VisitType]:
    """The calendar and visit type, when this patient may book them herself today. Until the transaction ends no other
    window of hers does. One round trip. Raises Refused when consent is missing, as consent.check_full."""
    today = local_day(now)
    full, places, serving, _ = ask_all(
        Asked(consent.FULL, {"person_id": patient_id}),
        Asked(PLACE, {"calendar": calendar_id, "visit_type": visit_type_id, "channel": channel}),
        Asked(patients.GP, {"person_id": patient_id, "today": today}),
        one_window(patient_id),
    )
    consent.check_is_full(full)
    gp = patients.gp_from(serving, today)
    place: _Place | None = next(iter(places), None)
    if place is None or gp is None or place.practice_id != gp.practice.id:
        raise NotFound
    visit_type = place.visit_type
    is_hers = place.clinician_id in gp.serving_ids
    if not is_hers and not (visit_type and visit_type.is_with_anybody):
        raise NotFound
    for service in (Service.BOOK, Service.VIDEO) if channel == Channel.VIDEO else (Service.BOOK,):
        _check_offered(gp, place.clinician_id, service, today)
    if visit_type is None:
        raise Refused(rules.NOT_BOOKABLE)
    return place.calendar, visit_type


@dataclass(frozen=True, slots=True)
class _Held(_Place):
    claim_id: UUID
    kind: str
    period: DateTimeTZRange
    channel: str
    holder_id: UUID | None
    expires_at: datetime | None
    is_overbooked: bool

    @property
    def claim(self) -> Claim:
        row = known(
            Claim,
            id=self.claim_id,
            kind=self.kind,
            period=self.period,
            channel=self.channel,
            holder_id=self.holder_id,
            expires_at=self.expires_at,
            is_overbooked=self.is_overbooked,
            calendar_id=self.calendar_id,
            visit_type_id=self.type_id,
        )
        row.calendar, row.visit_type = self.calendar, self.visit_type
        return row


HELD = Statement(
    "held",
    """
    SELECT c.id AS claim_id, c.kind, c.period, c.channel, c.holder_id, c.expires_at, c.is_overbooked,
           k.id AS calendar_id, k.practice_id, k.clinician_id, d.name AS clinician_name, t.id AS type_id, t.name,
           t.minutes, t.buffer_minutes, t.lead_minutes, t.horizon_days, t.release_clock, t.max_coming, t.cutoff_hours,
           t.is_with_anybody, t.needs_order
      FROM appointments_claim c
      JOIN appointments_calendar k ON k.id = c.calendar_id
      JOIN practices_clinician d ON d.id = k.clinician_id
      LEFT JOIN appointments_visittype t ON t.id = c.visit_type_id
     WHERE c.id = %(hold)s
       FOR UPDATE OF c
    """,
    _Held,
)


def held(patient_id: UUID | None, hold_id: UUID) -> tuple[Claim | None, Sequence[consent.Full]]:
    """The claim, locked, and what consent.check_is_full asks of her. No other window of hers holds or books until the
    transaction ends. One round trip."""
    _, claims, full = ask_all(
        one_window(patient_id), Asked(HELD, {"hold": hold_id}), Asked(consent.FULL, {"person_id": patient_id})
    )
    return (claims[0].claim if claims else None), full


def _check_offered(gp: Gp, clinician_id: UUID, service: Service, today: date) -> None:
    """Of her own doctors it is known already; who stands in for one of them is asked for."""
    doctor = next((each for each in gp.doctors if each.clinician_id == clinician_id), None)
    if doctor is None:
        practices.check_offered(gp.practice.id, clinician_id, service, today)
    else:
        practices.check_open(doctor.offers_on(service))


def bookable_with_any(
    patient_id: UUID, visit_type_id: UUID, channel: str, now: datetime
) -> tuple[UUID, list[UUID], VisitType]:
    """The office, whom of it she may book today, and the kind. Raises NotFound or Refused when that is nobody."""
    today = local_day(now)
    gp = patients.gp_of(patient_id, today)
    if gp is None:
        raise NotFound
    visit_type = _bookable_type(gp.practice.id, visit_type_id, channel)
    if visit_type is None:
        raise Refused(rules.NOT_BOOKABLE)
    calendars = Calendar.objects.filter(practice=gp.practice.id, is_active=True)
    if not visit_type.is_with_anybody:
        calendars = calendars.filter(clinician__in=gp.serving_ids)
    everyone = list(calendars.order_by("pk").values_list("clinician", flat=True))
    offers = practices.offers_of(gp.practice.id, everyone, today)
    needs = {Service.BOOK, Service.VIDEO} if channel == Channel.VIDEO else {Service.BOOK}
    open_with = [each for each in everyone if needs <= {offer.service for offer in offers[each] if offer.is_open}]
    if not open_with:
        raise Refused(practice_rules.SERVICE_CLOSED)
    return gp.practice.id, open_with, visit_type


def _bookable_type(practice_id: UUID, visit_type_id: UUID, channel: str) -> VisitType | None:
    rows = VisitType.objects.filter(practice=practice_id, is_active=True, is_bookable_by_citizens=True)
    return rows.filter(pk=visit_type_id, channels__contains=[channel]).first()


def period_of(visit_type: VisitType, starts_at: datetime, minutes: int | None = None) -> DateTimeTZRange:
    """What a visit takes: itself, as long as its kind or `minutes`, and what is kept free after it."""
    return DateTimeTZRange(
        starts_at, starts_at + timedelta(minutes=(minutes or visit_type.minutes) + visit_type.buffer_minutes)
    )


def take(claim: Claim, now: datetime) -> bool:
    """Take the time, or tell that someone has it. PostgreSQL decides: see the exclusion constraint on Claim.

    Ended holds on the time are removed first, so that they never block anyone, and with a hold the one she had.
    """
    return take_one([claim], now) is not None


def take_one(claims: Sequence[Claim], now: datetime) -> Claim | None:
    """The first of them that nobody else has, chosen and taken by one statement. None when all are taken.

    They are alike but for their calendar. Several are holds of one person: that she holds one time at once is a
    constraint too, so when one is hers the rest are passed by.
    """
    one = claims[0]
    ids, calendars = [claim.id for claim in claims], [claim.calendar_id for claim in claims]
    remove_holds(
        "c.kind = 'hold' AND holder_id = %s OR calendar_id = ANY(%s) AND expires_at <= %s AND period && %s::tstzrange",
        *(one.holder_id if one.kind == ClaimKind.HOLD else None, calendars, now, one.period),
    )
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO appointments_claim (id, calendar_id, period, kind, is_active, is_overbooked, holder_id,"
            " visit_type_id, channel, expires_at, note)"
            " SELECT given.id, given.calendar, %s, %s, true, false, %s, %s, %s, %s, %s"
            " FROM unnest(%s::uuid[], %s::uuid[]) WITH ORDINALITY AS given (id, calendar, place) ORDER BY given.place"
            " ON CONFLICT DO NOTHING RETURNING id",
            [
                *(one.period, one.kind, one.holder_id, one.visit_type_id, one.channel, one.expires_at),
                Claim._meta.get_field("note").pre_save(one, add=True),
                *(ids, calendars),
            ],
        )
        taken = [claim_id for (claim_id,) in cursor.fetchall()]
    return next((claim for claim in claims if claim.id in taken), None)


def keep(claim: Claim) -> None:
    """A hold, which the caller has locked, is a booking's time from now on, and no longer anybody's."""
    claim.kind, claim.holder_id, claim.expires_at = ClaimKind.BOOKING, None, None
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE appointments_claim SET kind = 'booking', holder_id = NULL, expires_at = NULL WHERE id = %s",
            [claim.pk],
        )


def remove_holds(condition: str, *values: Any) -> list[UUID]:
    """Remove holds, and times that are offered, and tell whose calendars they stood in, by office.

    In SQL, as PostgreSQL then looks again at a row it waited for: a hold that was booked meanwhile is left alone. For
    all rows, as an ended hold is seen by her alone whose it was, and stands in everybody's way.
    """
    with (
        fence.system("an ended hold stands in nobody's way"),
        transaction.atomic(savepoint=False),
        connection.cursor() as cursor,
    ):
        cursor.execute(
            "SELECT c.id, k.practice_id FROM appointments_claim c"  # noqa: S608 - the conditions are ours
            " JOIN appointments_calendar k ON k.id = c.calendar_id"
            f" WHERE c.kind IN ('hold', 'offer') AND c.is_active AND ({condition}) FOR UPDATE OF c",
            values,
        )
        found = cursor.fetchall()
        if found:
            writing.remove_by(Claim, "pk", [claim_id for claim_id, _ in found])
        return [practice_id for _, practice_id in found]
