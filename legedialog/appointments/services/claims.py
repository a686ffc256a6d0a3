"""Taking a time and letting it go. PostgreSQL decides who gets it: see the exclusion constraint on Claim."""

from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import connection, transaction
from django.db.backends.postgresql.psycopg_any import DateTimeTZRange

from legedialog.appointments import rules
from legedialog.appointments.models import (
    Calendar,
    Channel,
    Claim,
    VisitType,
)
from legedialog.core import writing
from legedialog.core.errors import NotFound, Refused
from legedialog.core.times import local_day
from legedialog.patients import queries as patients
from legedialog.patients.queries import Gp
from legedialog.practices import policy as practices
from legedialog.practices.models import Service


def one_window_at_a_time(patient_id: UUID | None) -> None:
    """Until the transaction ends, no other window of the same person holds or books: they all count the same."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [f"bookings:{patient_id}"])


def practice_of(patient_id: UUID, clinician_id: UUID, now: datetime) -> UUID:
    """The office of the patient's list, when the doctor serves it or stands in there today. Raises NotFound."""
    gp = patients.gp_of(patient_id, local_day(now))
    if gp is None or clinician_id not in gp.serving_ids:
        raise NotFound
    return gp.practice.id


def bookable(
    patient_id: UUID, calendar_id: UUID, visit_type_id: UUID, channel: str, now: datetime
) -> tuple[Calendar, VisitType]:
    """The calendar and visit type, when this patient may book them herself today."""
    today = local_day(now)
    calendar = Calendar.objects.select_related("clinician").filter(pk=calendar_id, is_active=True).first()
    gp = patients.gp_of(patient_id, today)
    if calendar is None or gp is None or calendar.practice_id != gp.practice.id:
        raise NotFound
    if calendar.clinician_id not in gp.serving_ids:
        raise NotFound
    for service in (Service.BOOK, Service.VIDEO) if channel == Channel.VIDEO else (Service.BOOK,):
        _check_offered(gp, calendar.clinician_id, service, today)
    visit_type = VisitType.objects.filter(
        pk=visit_type_id, practice=calendar.practice_id, is_active=True, is_bookable_by_citizens=True
    ).first()
    if visit_type is None or channel not in visit_type.channels:
        raise Refused(rules.NOT_BOOKABLE)
    return calendar, visit_type


def _check_offered(gp: Gp, clinician_id: UUID, service: Service, today: date) -> None:
    """Of her own doctors it is known already; who stands in for one of them is asked for."""
    doctor = next((each for each in gp.doctors if each.clinician_id == clinician_id), None)
    if doctor is None:
        practices.check_offered(gp.practice.id, clinician_id, service, today)
    else:
        practices.check_open(doctor.offers_on(service))


def period_of(visit_type: VisitType, starts_at: datetime, minutes: int | None = None) -> DateTimeTZRange:
    """What a visit takes: itself, as long as its kind or `minutes`, and what is kept free after it."""
    return DateTimeTZRange(
        starts_at, starts_at + timedelta(minutes=(minutes or visit_type.minutes) + visit_type.buffer_minutes)
    )


def take(claim: Claim, now: datetime) -> bool:
    """Take the time, or tell that someone has it. PostgreSQL decides: see the exclusion constraint on Claim.

    Ended holds on the time are removed first, so that they never block anyone.
    """
    remove_holds(
        "calendar_id = %s AND expires_at <= %s AND period && %s::tstzrange", claim.calendar_id, now, claim.period
    )
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO appointments_claim (id, calendar_id, period, kind, is_active, is_overbooked, holder_id,"
            " visit_type_id, channel, expires_at, note)"
            " VALUES (%s, %s, %s, %s, true, false, %s, %s, %s, %s, %s) ON CONFLICT DO NOTHING",
            [
                claim.id,
                claim.calendar_id,
                claim.period,
                claim.kind,
                claim.holder_id,
                claim.visit_type_id,
                claim.channel,
                claim.expires_at,
                Claim._meta.get_field("note").pre_save(claim, add=True),
            ],
        )
        return bool(cursor.rowcount == 1)


def remove_holds(condition: str, *values: Any) -> list[UUID]:
    """Remove holds and tell whose calendars they stood in, by office.

    In SQL, as PostgreSQL then looks again at a row it waited for: a hold that was booked meanwhile is left alone.
    """
    with transaction.atomic(savepoint=False), connection.cursor() as cursor:
        cursor.execute(
            "SELECT c.id, k.practice_id FROM appointments_claim c"  # noqa: S608 - the conditions are ours
            " JOIN appointments_calendar k ON k.id = c.calendar_id"
            f" WHERE c.kind = 'hold' AND c.{condition} FOR UPDATE OF c",
            values,
        )
        found = cursor.fetchall()
        if found:
            writing.remove_by(Claim, "pk", [claim_id for claim_id, _ in found])
        return [practice_id for _, practice_id in found]
