from datetime import timedelta

import pytest
from django.db import IntegrityError, connection, transaction
from django.db.backends.postgresql.psycopg_any import DateTimeTZRange

from legedialog.appointments.models import Appointment, Claim, ClaimKind
from legedialog.appointments.tests.factories import NOW, office

pytestmark = pytest.mark.django_db


def test_postgresql_refuses_two_active_claims_on_the_same_time() -> None:
    at = office()
    period = DateTimeTZRange(NOW, NOW + timedelta(minutes=20))
    later = DateTimeTZRange(NOW + timedelta(minutes=19), NOW + timedelta(minutes=39))
    Claim.objects.create(calendar=at.calendar, period=period, kind=ClaimKind.BLOCK)
    with pytest.raises(IntegrityError, match="no_two_active_claims_on_the_same_time"), transaction.atomic():
        Claim.objects.create(calendar=at.calendar, period=later, kind=ClaimKind.BLOCK)
    Claim.objects.create(calendar=at.calendar, period=later, kind=ClaimKind.BLOCK, is_active=False)
    Claim.objects.create(calendar=at.calendar, period=later, kind=ClaimKind.BLOCK, is_overbooked=True)


def test_postgresql_refuses_a_claim_without_an_end() -> None:
    at = office()
    with pytest.raises(IntegrityError, match="claim_has_a_start_and_an_end"):
        Claim.objects.create(calendar=at.calendar, period=DateTimeTZRange(NOW, None), kind=ClaimKind.BLOCK)


def test_postgresql_refuses_a_hold_of_nobody() -> None:
    at = office()
    with pytest.raises(IntegrityError, match="a_hold_has_a_holder_and_an_end"):
        Claim.objects.create(
            calendar=at.calendar, period=DateTimeTZRange(NOW, NOW + timedelta(minutes=5)), kind=ClaimKind.HOLD
        )


def test_postgresql_refuses_a_cancelling_by_nobody() -> None:
    at = office()
    appointment = at.booked(at.patient())
    with pytest.raises(IntegrityError, match="a_cancelled_appointment_tells_by_whom"):
        Appointment.objects.filter(pk=appointment.pk).update(status="cancelled")


def test_the_reason_is_sealed_in_the_table() -> None:
    at = office()
    appointment = at.booked(at.patient(), reason="Vondt i kneet")
    with connection.cursor() as cursor:
        cursor.execute("SELECT reason FROM appointments_appointment WHERE id = %s", [appointment.pk])
        stored = bytes(cursor.fetchone()[0])
    assert b"kneet" not in stored
    assert Appointment.objects.get(pk=appointment.pk).reason == "Vondt i kneet"
