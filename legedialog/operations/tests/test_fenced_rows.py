"""Row-level security between two citizens and two offices, by every way SQL knows. See docs/adr/0009."""

from typing import Any
from uuid import UUID

import psycopg
import pytest
from django.db import DatabaseError, connection, transaction

from legedialog.appointments.models import Appointment, Taken
from legedialog.appointments.tests.factories import Office
from legedialog.core import fence
from legedialog.core.ids import new_id
from legedialog.operations.tests.attacks import COPY, NOT_HERS, ask, seen
from legedialog.patients.models import Membership, Person

pytestmark = pytest.mark.django_db


def test_a_citizen_sees_hers_and_an_office_its_own(hers: Appointment, others: Appointment) -> None:
    for scope, expected in [
        ((), set()),
        ((hers.patient_id,), {hers.pk}),
        ((hers.practice_id,), {hers.pk}),
        ((others.practice_id,), {others.pk}),
        ((hers.patient_id, others.patient_id), {hers.pk, others.pk}),
    ]:
        with fence.works_for(*scope):
            assert seen() == expected


def test_an_office_knows_those_on_its_lists_and_those_its_rows_name(
    here: Office, there: Office, hers: Appointment, others: Appointment
) -> None:
    attorney = there.patient("Grethe Testås")
    Appointment.objects.filter(pk=hers.pk).update(booked_by_person=attorney)
    with fence.works_for(here.practice.pk):
        assert set(Person.objects.values_list("pk", flat=True)) == {hers.patient_id, attorney.pk}
    Membership.objects.filter(person=hers.patient_id).delete()
    with fence.works_for(here.practice.pk):
        assert Person.objects.filter(pk=hers.patient_id).exists()  # her visit is still in its calendar
        assert not Person.objects.filter(pk=others.patient_id).exists()
    with fence.works_for(hers.patient_id):
        assert set(Person.objects.values_list("pk", flat=True)) == {hers.patient_id}


ATTACKS = [
    "SELECT 1 FROM appointments_appointment WHERE id = %(id)s",
    "SELECT 1 FROM practices_practice o JOIN appointments_appointment a ON a.practice_id = o.id WHERE a.id = %(id)s",
    "SELECT 1 FROM appointments_appointment a RIGHT JOIN appointments_calendar c ON c.id = a.calendar_id"
    " WHERE a.id = %(id)s",
    "SELECT 1 WHERE EXISTS (SELECT FROM appointments_appointment WHERE id = %(id)s)",
    "WITH a AS MATERIALIZED (SELECT * FROM appointments_appointment) SELECT 1 FROM a WHERE id = %(id)s",
    "SELECT 1 FROM (SELECT * FROM appointments_appointment UNION ALL SELECT * FROM appointments_appointment) a"
    " WHERE id = %(id)s",
    "SELECT 1 FROM appointments_appointment WHERE id = %(id)s FOR UPDATE",
    "SELECT 1 FROM appointments_appointment WHERE id = %(id)s FOR KEY SHARE",
    "UPDATE appointments_appointment SET is_late = true WHERE id = %(id)s RETURNING 1",
    "UPDATE appointments_appointment a SET is_late = true FROM practices_practice o WHERE a.id = %(id)s RETURNING 1",
    "MERGE INTO appointments_appointment a USING (SELECT %(id)s::uuid AS id) s ON a.id = s.id"
    " WHEN MATCHED THEN UPDATE SET is_late = true",
    "SELECT 1 FROM patients_person WHERE id = %(person)s",
    "SELECT 1 FROM patients_membership WHERE person_id = %(person)s",
    "SELECT 1 FROM consent_consent WHERE person_id = %(person)s",
    "SELECT 1 FROM appointments_claim WHERE id = %(claim)s",
    "SELECT 1 FROM outbox_notification WHERE recipient_id = %(person)s",
    "SELECT 1 FROM audit_event WHERE patient_id = %(person)s",
]


@pytest.mark.parametrize("attack", ATTACKS)
@pytest.mark.parametrize("who", ["nobody", "another citizen", "another office"])
def test_what_is_not_theirs_is_out_of_reach(attack: str, who: str, hers: Appointment, others: Appointment) -> None:
    values = {"id": hers.pk, "person": hers.patient_id, "claim": hers.claim_id}
    scope = {"nobody": (), "another citizen": (others.patient_id,), "another office": (others.practice_id,)}[who]
    before = Appointment.objects.values().get(pk=hers.pk)
    with fence.works_for(*scope), connection.cursor() as cursor:
        cursor.execute(attack, values)
        assert cursor.rowcount == 0
    assert Appointment.objects.values().get(pk=hers.pk) == before


@pytest.mark.parametrize("attack", ATTACKS)
def test_the_same_statements_reach_what_is_theirs(attack: str, hers: Appointment) -> None:
    """So the attacks above fail because of the fence, and not for a slip in the SQL."""
    values = {"id": hers.pk, "person": hers.patient_id, "claim": hers.claim_id}
    with fence.works_for(hers.patient_id), connection.cursor() as cursor:
        cursor.execute(attack, values)
        assert cursor.rowcount > 0


def test_a_function_that_sees_all_answers_only_for_the_office_that_asks(hers: Appointment, others: Appointment) -> None:
    Membership.objects.all().delete()
    for scope, answer in [((), False), ((others.practice_id,), False), ((hers.practice_id,), True)]:
        with fence.works_for(*scope):
            assert ask("SELECT fence.office_knows(%s)", hers.patient_id) == [(answer,)]


def test_a_row_cannot_be_given_away_or_made_for_another(hers: Appointment, others: Appointment) -> None:
    copied = "INSERT INTO journeys_export (id, person_id, asked_at, step, ends_at, pdf, fhir) VALUES"
    row = "(%s, %s, now(), 0, now() + interval '1 day', '', '')"
    update = "ON CONFLICT (person_id) DO UPDATE SET step = 3"
    with fence.works_for(hers.patient_id):
        ask(f"{copied} {row} {update}", new_id(), hers.patient_id)
    attempts: list[tuple[str, list[Any]]] = [
        (
            "UPDATE appointments_appointment SET patient_id = %s, practice_id = %s WHERE id = %s",
            [others.patient_id, others.practice_id, hers.pk],
        ),
        *((f"{copied} {row} {end}", [new_id(), others.patient_id]) for end in ("", "ON CONFLICT DO NOTHING", update)),
    ]
    for statement, values in attempts:
        with (
            fence.works_for(hers.patient_id),
            pytest.raises(DatabaseError, match=NOT_HERS),
            transaction.atomic(),
        ):
            ask(statement, *values)


def test_an_office_may_lock_its_patient_to_decide_on_her_and_not_change_her(hers: Appointment) -> None:
    with fence.works_for(hers.practice_id):
        assert ask("SELECT 1 FROM patients_person WHERE id = %s FOR UPDATE", hers.patient_id) == [(1,)]
        for statement in (
            "UPDATE patients_person SET is_reserved = true WHERE id = %s",
            "UPDATE patients_membership SET ends_date = '2040-01-01' WHERE person_id = %s",
            "UPDATE consent_consent SET level = 'none' WHERE person_id = %s",
        ):
            with pytest.raises(DatabaseError, match=NOT_HERS), transaction.atomic():
                ask(statement, hers.patient_id)


def test_copy_is_fenced_both_ways(hers: Appointment, others: Appointment) -> None:
    def copied(*scope: UUID) -> int:
        with fence.works_for(*scope), connection.cursor() as cursor, cursor.copy(COPY) as copy:
            return len(list(copy))

    assert [copied(), copied(hers.patient_id), copied(hers.patient_id, others.practice_id)] == [0, 1, 2]
    with (
        fence.works_for(hers.patient_id),
        pytest.raises(psycopg.Error, match="not supported with row-level security"),
        transaction.atomic(),
        connection.cursor() as cursor,
        cursor.copy("COPY appointments_appointment FROM STDIN"),
    ):
        pass


def test_nobody_writes_into_the_log_in_anothers_name(hers: Appointment, others: Appointment) -> None:
    statement = (
        "INSERT INTO audit_event (id, at, category, kind, action, actor_kind, person_id, patient_id, role, purpose,"
        " legal_ground, facts) VALUES (%s, now(), 'care', 'read', 'x', 'citizen', %s, %s, '', '', '', '{}')"
    )
    with fence.works_for(hers.patient_id):
        ask(statement, new_id(), hers.patient_id, others.patient_id)  # she gave another a power of attorney
        with pytest.raises(DatabaseError, match="row-level security"), transaction.atomic():
            ask(statement, new_id(), others.patient_id, hers.patient_id)


def test_free_time_is_told_without_whose_it_is(hers: Appointment, others: Appointment) -> None:
    with fence.works_for(others.patient_id):
        assert Taken.objects.filter(pk=hers.claim_id).exists()
        for statement in ("DELETE FROM appointments_taken", "UPDATE appointments_taken SET expires_at = NULL"):
            with pytest.raises(DatabaseError, match="permission denied"), transaction.atomic():
                ask(statement)
    columns = ask("SELECT attname FROM pg_attribute WHERE attrelid = 'appointments_taken'::regclass AND attnum > 0")
    assert {name for (name,) in columns} == {"id", "calendar_id", "period", "expires_at"}
