"""Row-level security, attacked with the connection that serves pages. What it is for: docs/adr/0009."""

from collections.abc import Callable, Iterator
from contextlib import suppress
from datetime import timedelta
from threading import Thread
from typing import Any
from uuid import UUID, uuid4

import psycopg
import pytest
from django.apps import apps
from django.db import DatabaseError, ProgrammingError, connection, connections, transaction
from django.db.models import ForeignKey, Model
from django.test import Client
from django.utils import timezone
from psycopg.pq import TransactionStatus
from psycopg_pool import ConnectionPool

from legedialog.access.models import KeptForm, Lock, Login
from legedialog.appointments.models import Appointment, Taken
from legedialog.appointments.tests.factories import Office, office
from legedialog.attachments.models import Attachment, Chunk
from legedialog.audit.models import Concern, SealedBatch, StatedPurpose
from legedialog.core import fence
from legedialog.core.contexts import Rows
from legedialog.core.ids import new_id
from legedialog.demo import engine as demo
from legedialog.journal.models import Entry
from legedialog.journeys.models import Export, RegisterChange
from legedialog.operations import data_register, health, pytest_plugin
from legedialog.operations import fence as policies
from legedialog.operations.fence import RECIPE, fenced, unfenced
from legedialog.patients.models import Guardianship, Membership, Person
from legedialog.practices.models import Employee, OpeningException

NOT_HERS = r"row-level security|permission denied|another partition"
pytestmark = pytest.mark.django_db

PERSONAL = {"patients.Person", "access.Login"}  # a column that points there tells of a person
STRANGER = UUID("99999999-9999-7999-8999-999999999999")


def ask(statement: str, *values: Any) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
        return cursor.fetchall() if cursor.description else []


# ---- nothing is forgotten


def test_every_table_of_the_models_is_behind_the_fence() -> None:
    known = fenced().keys() | {
        model._meta.label for model in data_register.models() if model._meta.db_table in unfenced()
    }
    assert {model._meta.label for model in data_register.models()} <= known, "\n".join(data_register.faults())


def test_every_relation_of_the_database_is_behind_the_fence() -> None:
    """Also those that no model knows of."""
    assert policies.faults() == []


def test_what_stands_in_the_lists_is_there() -> None:
    tables = {model._meta.db_table for model in apps.get_models(include_auto_created=True)}
    known = tables | {"django_migrations"}
    assert set(unfenced()) <= known
    assert all(len(reason) > 20 for reason in unfenced().values())


def test_nothing_that_points_at_a_person_is_open_or_public() -> None:
    for model in apps.get_models(include_auto_created=True):
        rows = fenced().get(model._meta.label)
        if model._meta.db_table in unfenced() or (rows and rows.is_public):
            names = [
                field.name
                for field in model._meta.concrete_fields
                if (isinstance(field, ForeignKey) and field.related_model._meta.label in PERSONAL)
                or field.name in ("patient_id", "person_id")
            ]
            assert not names, f"{model._meta.label}.{names[0]} tells of a person. {RECIPE}"


def test_the_policies_in_the_database_are_those_in_the_code() -> None:
    there: dict[str, set[str]] = {}
    for table, name in ask("SELECT relname, polname FROM pg_policy JOIN pg_class c ON c.oid = polrelid"):
        there.setdefault(table, set()).add(name)
    wanted = {
        apps.get_model(label)._meta.db_table: set(policies.policies(apps.get_model(label), rows))
        for label, rows in fenced().items()
    }
    assert there == wanted


def test_functions_that_run_as_the_owner_are_few_and_known() -> None:
    """Each of them is a way through the fence."""
    names = ask("SELECT proname FROM pg_proc WHERE prosecdef AND pronamespace <> 'testing'::regnamespace ORDER BY 1")
    assert [name for (name,) in names] == [
        *("audit_make_partitions", "move", "office_knows", "patients_number_is_in_use_or_was"),
        *("remove", "say", "scope", "seal", "turn"),
    ]


# ---- every table, with rows in it, attacked by one they do not belong to


@pytest.fixture
def populated() -> None:
    """Every table has a row: the demo's, and what its people have not done."""
    demo.populate(lambda done, total: None)
    person, employee = Person.objects.first(), Employee.objects.first()
    assert person
    assert employee
    now, ids = timezone.now(), {"patient_id": person.pk, "practice_id": employee.practice_id}
    login = Login.objects.create(
        token_hash=b"x",
        kind="citizen",
        assurance="high",
        person=person,
        issuer="x",
        provider_sub="x",
        created_at=now,
        seen_at=now,
    )
    KeptForm.objects.create(
        browser_hash=b"x", login=login, acting_for_id=login.person_id, path="/", fields="[]", created_at=now
    )
    Lock.objects.create(person=person, locked_at=now)
    StatedPurpose.objects.create(
        login_id=login.pk, employee_id=employee.pk, code="other", note="x", stated_at=now, ends_at=now, **ids
    )
    Concern.objects.create(event_id=new_id(), event_at=now, text="x", sent_at=now, answer_by=now.date(), **ids)
    SealedBatch.objects.create(
        number=1,
        from_position=0,
        until_position=1,
        month=now.date(),
        category="care",
        count=1,
        first_id=new_id(),
        last_id=new_id(),
        leaves=b"x",
        previous=b"x",
        root=b"x",
        sealed_at=now,
    )
    RegisterChange.objects.create(practice_id=employee.practice_id, person=person, kind="death", at=now)
    Export.objects.create(person=person, asked_at=now, ends_at=now + timedelta(days=1), pdf="x", fhir="x")
    Entry.objects.create(
        kind="note",
        contact_type="phone",
        at=now,
        by_employee=employee,
        title="x",
        text="x",
        object_id=new_id(),
        content="note",
        thing_id=new_id(),
        **ids,
    )
    file = Attachment.objects.create(
        by_employee=employee, name="x", media_type="image/png", size=1, is_scanned=True, received_at=now, **ids
    )
    Chunk.objects.create(attachment=file, practice_id=employee.practice_id, number=0, data=b"x")
    OpeningException.objects.create(practice_id=employee.practice_id, date=now.date())
    Guardianship.objects.create(guardian=person, person=Person.objects.exclude(pk=person.pk)[0], starts_date=now.date())


def test_a_stranger_gets_and_changes_nothing_anywhere(populated: None) -> None:
    empty = []
    for label, rows in fenced().items():
        model = apps.get_model(label)
        if not model._default_manager.exists():
            empty.append(label)
            continue
        for who, scope in {"nobody": (), "a stranger": (STRANGER,)}.items():
            with fence.works_for(*scope):
                _attack(model, rows, who)
    assert len(empty) < len(fenced()) / 4, f"{empty}: add rows to the demo or to the fixture `populated`"


def _attack(model: type[Model], rows: Rows, who: str) -> None:
    table, key = model._meta.db_table, model._meta.pk.column
    columns = ", ".join(f'"{field.column}"' for field in model._meta.concrete_fields)
    seen = ask(f"SELECT count(*) FROM {table}")[0][0]
    assert (seen > 0) is rows.is_public, f"{who} sees {seen} rows of {table}"
    writes = {
        "UPDATE": f"WITH hit AS (UPDATE {table} SET {key} = {key} RETURNING 1) SELECT count(*) FROM hit",
        "DELETE": f"WITH hit AS (DELETE FROM {table} RETURNING 1) SELECT count(*) FROM hit",
        "SELECT FOR UPDATE": f"WITH hit AS (SELECT 1 FROM {table} FOR UPDATE) SELECT count(*) FROM hit",
    }
    for what, statement in writes.items():
        assert _harm(statement) == 0, f"{who} may {what} {table}"
    with fence.system("a row to copy"):
        values = ask(f"SELECT {columns} FROM {table} LIMIT 1")[0]
    marks = ", ".join(["%s"] * len(values))
    with pytest.raises(DatabaseError, match=NOT_HERS), transaction.atomic():
        ask(f"INSERT INTO {table} ({columns}) VALUES ({marks})", *values)


def _harm(statement: str) -> int:
    """How many rows it reached. What the role may not do at all reaches none."""
    with transaction.atomic():
        try:
            with transaction.atomic():
                return int(ask(statement)[0][0])
        except ProgrammingError:  # permission denied
            return 0


def test_no_new_row_opens_a_person_to_an_office_that_does_not_know_her(populated: None) -> None:
    """For each table that names a person and an office: an INSERT with a stranger is refused, or opens nothing."""
    practice_id = Employee.objects.values_list("practice_id", flat=True)[0]
    stranger = office("Bakkebyen legesenter", "Odd Lund").patient("Per Testvik").pk
    refused = []
    for label, rows in fenced().items():
        model = apps.get_model(label)
        persons = [
            field.column
            for field in model._meta.concrete_fields
            if (isinstance(field, ForeignKey) and field.related_model is Person) or field.name == "patient_id"
        ]
        offices = [field.column for field in model._meta.concrete_fields if field.column == "practice_id"]
        with fence.system("a row to copy"):
            given = model._default_manager.values().first()
        if not (persons and offices and given):
            continue
        columns = {field.attname: field.column for field in model._meta.concrete_fields}
        row = {columns[name]: value for name, value in given.items()}
        row |= (
            dict.fromkeys(persons, stranger) | dict.fromkeys(offices, practice_id) | {model._meta.pk.column: new_id()}
        )
        names, marks = ", ".join(f'"{name}"' for name in row), ", ".join(["%s"] * len(row))
        with fence.works_for(practice_id), transaction.atomic():
            try:
                _run((f"INSERT INTO {model._meta.db_table} ({names}) VALUES ({marks})", *row.values()))
            except DatabaseError as error:
                refused += [label] if "row-level security" in str(error) else []
            assert not Person.objects.filter(pk=stranger).exists(), label
            assert ask("SELECT fence.office_knows(%s)", stranger) == [(False,)], label
            transaction.set_rollback(True)
        assert label in refused or rows.opens_nobody, f"{label}: refused for another reason, or not at all"
    assert {"appointments.Appointment", "prescriptions.Prescription", "dialogues.Dialogue"} <= set(refused)


# ---- two citizens and two offices, by every way SQL knows


@pytest.fixture
def here(db: None) -> Office:
    return office()


@pytest.fixture
def there(db: None) -> Office:
    return office("Bakkebyen legesenter", "Odd Lund")


@pytest.fixture
def hers(here: Office) -> Appointment:
    return here.booked(here.patient("Kari Testdal"))


@pytest.fixture
def others(there: Office) -> Appointment:
    return there.booked(there.patient("Per Testvik"))


def seen() -> set[UUID]:
    return {row for (row,) in ask("SELECT id FROM appointments_appointment")}


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


COPY = "COPY (SELECT id FROM appointments_appointment) TO STDOUT"


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


# ---- it cannot be opened from inside


@pytest.mark.parametrize(
    "statement",
    [
        "DO $$ BEGIN SET LOCAL row_security = off; PERFORM id FROM appointments_appointment; END $$",
        "SELECT nextval('fence.turns')",
        "SELECT setval('fence.turns', 1)",
        "SELECT currval('fence.turns')",
        "ALTER TABLE appointments_appointment DISABLE ROW LEVEL SECURITY",
        "CREATE POLICY mine ON appointments_appointment USING (true)",
        "SELECT key FROM fence.keys",
        "INSERT INTO fence.keys (key) VALUES ('')",
        "CREATE OR REPLACE FUNCTION fence.scope() RETURNS uuid[] LANGUAGE sql AS 'SELECT NULL::uuid[]'",
        "CREATE FUNCTION public.mine() RETURNS int LANGUAGE sql AS 'SELECT 1'",
        "SET ROLE postgres",
        "GRANT pg_read_all_data TO CURRENT_USER",
        "COPY appointments_appointment TO PROGRAM 'cat'",
        "SELECT pg_read_file('/etc/hostname')",
        "SELECT * FROM audit_event_default",
        "TRUNCATE fence.keys",
    ],
)
def test_sql_that_slipped_in_does_not_open_it(statement: str, hers: Appointment) -> None:
    with (
        fence.works_for(STRANGER),
        pytest.raises(DatabaseError, match=r"permission denied|must be owner|would be affected|does not exist"),
        transaction.atomic(),
    ):
        ask(statement)


@pytest.mark.parametrize(
    "forged",
    [
        str(fence.EVERYONE),
        f"{'0' * 64}:{fence.EVERYONE}",
        f":{fence.EVERYONE}",
        "x",
        f"(),{fence.EVERYONE}",  # what is in force, and one more
    ],
)
def test_a_scope_that_is_not_signed_opens_nothing(forged: str, hers: Appointment) -> None:
    with fence.works_for(STRANGER), transaction.atomic():
        in_force = ask("SELECT current_setting('legedialog.scope')")[0][0]
        ask("SELECT set_config('legedialog.scope', %s, true)", forged.replace("()", in_force))
        with pytest.raises(DatabaseError, match="not signed"), transaction.atomic():
            ask("SELECT id FROM appointments_appointment")


@pytest.fixture
def overheard(hers: Appointment, monkeypatch: pytest.MonkeyPatch) -> Callable[[], tuple[str, str]]:
    """Makes the application say the widest scope there is; what it sent, and what it left in the setting."""
    sent: list[str] = []
    real = fence.signed

    def signed(scope: str, backend: int, turn: int) -> str:
        sent.append(real(scope, backend, turn))
        return sent[-1]

    def listen() -> tuple[str, str]:
        monkeypatch.setattr(fence, "signed", signed)
        with fence.works_for(STRANGER):
            assert seen() == set()
        with fence.system("to be overheard"):
            assert hers.pk in seen()
            left = ask("SELECT current_setting('legedialog.scope')")[0][0]
        monkeypatch.setattr(fence, "signed", real)
        return sent[-1], left

    return listen


REFUSED = r"not signed|not yet defined in this session"


def _is_refused(sent: str, left: str) -> bool:
    """Each way to put it to use, in a stranger's scope."""
    for forget in ("SELECT", "DISCARD SEQUENCES", "SELECT fence.turn()"):
        for words in (
            [("SELECT fence.say(%s)", sent)],
            [("SELECT set_config('legedialog.scope', %s, true)", left), ("SELECT fence.scope()",)],
        ):
            connection.connection.__dict__.pop("fence", None)  # so that our own cursor begins anew each time
            with fence.works_for(STRANGER):
                with transaction.atomic():
                    assert seen() == set()
                with pytest.raises(DatabaseError, match=REFUSED):
                    _run((forget,), *words)
    connection.connection.__dict__.pop("fence")
    return True


@transaction.atomic
def _run(*words: tuple[str, ...]) -> None:
    for word in words:
        ask(*word)


def test_a_scope_overheard_in_the_same_transaction_is_of_no_use_once_another_is_said(
    overheard: Callable[[], tuple[str, str]],
) -> None:
    with transaction.atomic():
        assert _is_refused(*overheard())


@pytest.mark.django_db(transaction=True)
def test_a_scope_overheard_is_of_no_use_after_its_transaction_on_the_same_backend(
    overheard: Callable[[], tuple[str, str]],
) -> None:
    with transaction.atomic():
        told = overheard()
        backend = connection.connection.info.backend_pid
    with fence.works_for(), transaction.atomic():  # nothing is said for nobody: the turn is still the same one
        ask("SELECT set_config('legedialog.scope', %s, true)", told[1])
        with pytest.raises(DatabaseError, match="not signed"), transaction.atomic():
            seen()
    assert _is_refused(*told)
    assert connection.connection.info.backend_pid == backend


def test_a_scope_overheard_is_of_no_use_in_another_backend(overheard: Callable[[], tuple[str, str]]) -> None:
    sent, left = overheard()
    parameters = {key: value for key, value in connection.get_connection_params().items() if key != "cursor_factory"}
    with psycopg.connect(**parameters) as other:

        def use(first: str, word: str, value: str) -> None:
            with other.transaction():
                other.execute(first)
                other.execute(word, [value])
                other.execute("SELECT fence.scope()")

        for first in ("SELECT", "SELECT fence.turn()"):
            with pytest.raises(psycopg.Error, match=REFUSED):
                use(first, "SELECT fence.say(%s)", sent)
            with pytest.raises(psycopg.Error, match=REFUSED):
                use(first, "SELECT set_config('legedialog.scope', %s, true)", left)


def test_what_is_said_before_its_turn_is_refused_and_the_connection_goes_on(hers: Appointment) -> None:
    """Somebody who may run SQL takes the turns: a page fails, and the next is as it should be."""
    with fence.works_for(hers.patient_id):
        assert seen() == {hers.pk}
        ask("SELECT fence.turn()")
        with pytest.raises(DatabaseError, match="not signed"), fence.works_for(STRANGER):
            _run(("SELECT 1",))
        assert seen() == {hers.pk}


def test_nobody_who_watches_the_server_sees_whom_it_works_for(hers: Appointment) -> None:
    """Its list of statements, and its log when a statement fails."""
    who = new_id()
    parameters = connection.get_connection_params()
    with psycopg.connect(**parameters) as other, fence.works_for(who):
        assert other.execute("SELECT count(*) FROM appointments_appointment").fetchone() == (0,)
        seen_there = ask("SELECT query FROM pg_stat_activity WHERE pid = %s", other.info.backend_pid)
        assert seen_there == [("",)]  # not even the statement
        with pytest.raises(psycopg.Error, match="made to fail"):
            other.execute("DO $$ BEGIN RAISE 'made to fail %', pg_backend_pid(); END $$")
        said = f"made to fail {other.info.backend_pid}"
    log = pytest_plugin.FOLDER.with_name(f"{pytest_plugin.FOLDER.name}.log")
    if pytest_plugin.EMBEDDED:
        text = log.read_text(encoding="utf-8", errors="replace")
        assert said in text
        assert str(who) not in text
    assert policies.advice() == []


def test_a_server_that_would_write_values_into_its_log_is_told_of(hers: Appointment) -> None:
    assert not policies.advice()
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
    # The web role itself may not turn it on again.
    for name in ("track_activities", "log_parameter_max_length"):
        with pytest.raises(DatabaseError, match="permission denied"), transaction.atomic():
            ask(f"SET LOCAL {name} = {'on' if name.startswith('track') else '-1'}")


def test_nobody_puts_a_table_in_the_way(hers: Appointment) -> None:
    """Whoever serves pages makes none, not even for her session; and names mean our tables first."""
    assert ask("SHOW search_path") == [("public,pg_temp",)]
    for words in ("CREATE TEMP TABLE patients_membership (id uuid)", "CREATE SCHEMA legedialog_test_web"):
        with pytest.raises(DatabaseError, match="permission denied"), fence.works_for(STRANGER), transaction.atomic():
            ask(words)


def test_nobody_is_an_office_or_makes_keys_or_takes_anothers_time(hers: Appointment, others: Appointment) -> None:
    new = uuid4()
    attacks = (
        ("INSERT INTO core_datakey (id, purpose, wrapped, created_at) VALUES (%s, 'seal', '', now())", [new]),
        (
            "INSERT INTO practices_practice SELECT (jsonb_populate_record(p, jsonb_build_object('id', %s::uuid,"
            " 'organisation_number', '1', 'her_id', NULL))).* FROM practices_practice p LIMIT 1",
            [others.patient_id],
        ),
        (
            "INSERT INTO appointments_appointment SELECT (jsonb_populate_record(a, jsonb_build_object('id', %s::uuid,"
            " 'claim_id', %s::uuid))).* FROM appointments_appointment a",
            [new, hers.claim_id],
        ),
    )
    for words, values in attacks:
        who = fence.works_for(others.patient_id)
        with pytest.raises(DatabaseError, match="row-level security"), who, transaction.atomic():
            ask(words, *values)


# ---- whose scope, and until when


def test_the_scope_follows_every_turn_of_a_transaction(hers: Appointment, others: Appointment) -> None:
    with fence.works_for(hers.patient_id), transaction.atomic():
        assert seen() == {hers.pk}
        with fence.system("inside"):
            assert seen() == {hers.pk, others.pk}
        assert seen() == {hers.pk}
        with suppress(ZeroDivisionError), fence.works_for(others.patient_id), transaction.atomic():
            assert seen() == {others.pk}
            raise ZeroDivisionError  # the savepoint takes the scope along
        assert seen() == {hers.pk}
        with pytest.raises(DatabaseError), fence.works_for(others.patient_id), transaction.atomic():
            ask("SELECT 1 / 0")
        assert seen() == {hers.pk}
        with fence.works_for(), transaction.atomic():
            assert seen() == set()
        with connection.cursor() as cursor:  # opened in one scope, used in another
            with fence.works_for(others.patient_id):
                cursor.execute("SELECT id FROM appointments_appointment")
                assert cursor.fetchall() == [(others.pk,)]
            cursor.executemany("UPDATE appointments_appointment SET is_late = %s", [(True,)])
    assert set(Appointment.objects.filter(is_late=True).values_list("pk", flat=True)) == {hers.pk}


@pytest.mark.django_db(transaction=True)
def test_no_transaction_inherits_from_the_one_before(hers: Appointment, others: Appointment) -> None:
    """Each statement outside `atomic` is a transaction of its own."""
    connection.close()
    for _ in range(2):
        with fence.works_for(hers.patient_id):
            assert seen() == {hers.pk}
            with transaction.atomic():
                assert seen() == {hers.pk}
            assert seen() == {hers.pk}
        with fence.works_for():
            assert seen() == set()
            with transaction.atomic():
                assert seen() == set()
        with fence.works_for(others.patient_id), suppress(ZeroDivisionError), transaction.atomic():
            assert seen() == {others.pk}
            raise ZeroDivisionError
        with fence.works_for(hers.patient_id):
            raw = connection.connection.pgconn  # what goes round Django's cursors has no scope
            assert raw.exec_(b"SELECT count(*) FROM appointments_appointment").get_value(0, 0) == b"0"
            assert raw.exec_(b"SELECT current_setting('legedialog.scope', true)").get_value(0, 0) == b""
    with fence.works_for(hers.patient_id), connection.cursor() as cursor:
        with cursor.copy(COPY) as copy:
            assert len(list(copy)) == 1
        cursor.executemany("UPDATE appointments_appointment SET is_late = %s", [(True,)])
        assert cursor.connection.pgconn.transaction_status == TransactionStatus.IDLE
    assert Appointment.objects.filter(is_late=True).count() == 1


def test_a_statement_prepared_in_one_scope_shows_nothing_of_it_in_another(populated: None) -> None:
    """For each table: the plan is made, and kept, while everything may be seen."""
    ask("SET LOCAL plan_cache_mode = force_generic_plan")
    for number, (label, rows) in enumerate(policies.fenced().items()):
        model = apps.get_model(label)
        with fence.system("the plan is made here"):
            ask(f"PREPARE each_{number} AS SELECT count(*) FROM {model._meta.db_table}")
            everything = ask(f"EXECUTE each_{number}")
            assert everything == ask(f"EXECUTE each_{number}")
        for scope in ((), (STRANGER,)):
            with fence.works_for(*scope):
                assert ask(f"EXECUTE each_{number}") == (everything if rows.is_public else [(0,)]), label
    assert ask("SELECT max(generic_plans) >= 4 FROM pg_prepared_statements") == [(True,)]


def test_what_our_cursor_prepares_by_itself_follows_the_scope(hers: Appointment, others: Appointment) -> None:
    statement = "SELECT id FROM appointments_appointment WHERE is_late = %s"
    for _ in range(8):
        for each in (hers, others):
            with fence.works_for(each.patient_id):
                assert ask(statement, False) == [(each.pk,)]
    with fence.works_for():
        assert ask(statement, False) == []
    assert ask(
        "SELECT generic_plans + custom_plans > 8 FROM pg_prepared_statements WHERE statement LIKE %s", "%is_late%"
    )


@pytest.mark.django_db(transaction=True)
def test_a_pooled_connection_remembers_nothing_and_is_looked_at_without_a_word(hers: Appointment) -> None:
    said: list[str] = []

    def listen(each: psycopg.Connection) -> None:
        each.add_notice_handler(lambda notice: said.append(str(notice.message_primary)))

    parameters = connection.get_connection_params() | {"autocommit": True}
    count = "SELECT count(*) FROM appointments_appointment"
    with ConnectionPool(
        kwargs=parameters, min_size=1, max_size=1, configure=listen, check=ConnectionPool.check_connection
    ) as pool:
        backends = set()
        for scope, expected in (((hers.patient_id,), 1), ((), 0), ((STRANGER,), 0), ((hers.patient_id,), 1), ((), 0)):
            with pool.connection() as pooled, fence.works_for(*scope):
                backends.add(pooled.info.backend_pid)
                assert pooled.execute(count).fetchone() == (expected,)
                raw = pooled.pgconn.exec_(b"SELECT current_setting('legedialog.scope', true)")
                assert raw.get_value(0, 0) == b""
    assert len(backends) == 1
    assert said == []  # PostgreSQL's log was once full of warnings: one for each look


def test_several_statements_in_one_round_trip_have_one_scope(hers: Appointment, others: Appointment) -> None:
    for each in (hers, others):
        with fence.works_for(each.patient_id), connection.cursor() as first, connection.cursor() as second:
            with connection.connection.pipeline():
                first.execute("SELECT id FROM appointments_appointment")
                second.execute("SELECT id FROM patients_person")
            assert (first.fetchall(), second.fetchall()) == ([(each.pk,)], [(each.patient_id,)])


def test_an_answer_that_is_streamed_keeps_its_scope(hers: Appointment, others: Appointment) -> None:
    def rows() -> Iterator[set[UUID]]:
        yield seen()
        yield seen()

    with fence.works_for(hers.patient_id):
        parts = fence.carried(rows())
    with fence.works_for(others.patient_id):
        first = next(parts)
        assert seen() == {others.pk}
        assert [first, *parts] == [{hers.pk}, {hers.pk}]


def test_a_scope_stays_in_its_thread() -> None:
    found: list[str] = []
    with fence.works_for(STRANGER):
        thread = Thread(target=lambda: found.append(fence.current()))
        thread.start()
        thread.join()
    assert found == [str(fence.EVERYONE)]  # what tests have where nothing else is said; the web server has nothing


def test_nothing_is_said_for_nobody(client: Client, django_assert_num_queries: Any) -> None:
    with django_assert_num_queries(0):
        assert client.get("/finnes-ikke/").status_code == 404


# ---- it is proved at the start


HOLES = [
    ("ALTER TABLE {table} DISABLE ROW LEVEL SECURITY", "appointments_appointment has no row-level security"),
    ("CREATE TABLE forgotten (person_id uuid); GRANT SELECT ON forgotten TO {role}", "forgotten has no row-level"),
    ("CREATE VIEW seen AS SELECT * FROM {table}; GRANT SELECT ON seen TO {role}", "seen has no row-level security"),
    ("GRANT SELECT ON fence.keys TO {role}", "may read the key"),
    ("GRANT CREATE ON SCHEMA public TO {role}", "may create tables"),
    ("GRANT UPDATE ON appointments_taken TO {role}", "may write through the view appointments_taken"),
    ("GRANT CREATE ON SCHEMA public TO {role}; ALTER TABLE {table} OWNER TO {role}", "owns appointments_appointment"),
    ("DELETE FROM fence.keys", "does not know the key"),
]


@pytest.mark.django_db(databases=["default", "owner"])
@pytest.mark.parametrize(("harm", "fault"), HOLES)
def test_a_hole_in_the_fence_is_found(harm: str, fault: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Made in a transaction that is rolled back, so the owner looks, with the web role's eyes."""
    owner = connections["owner"]
    owner.ensure_connection()
    monkeypatch.setattr(owner.connection, "cursor_factory", fence.FencedCursor)
    monkeypatch.setattr(policies, "connection", owner)
    role = connections["default"].settings_dict["USER"]
    with owner.cursor() as cursor:
        cursor.execute(f"GRANT {role} TO CURRENT_USER")
        cursor.execute(harm.format(table="appointments_appointment", role=role))
        cursor.execute(f"SET LOCAL ROLE {role}")
    assert [each for each in policies.faults() if fault in each]


@pytest.mark.parametrize("kind", ["rolsuper", "rolbypassrls"])
def test_a_role_that_no_policy_binds_is_found(kind: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """The tests' owner may not make one, so the answer is changed instead."""
    monkeypatch.setattr(policies, "ROLE", policies.ROLE.replace(kind, "true"))
    assert "no policy binds it" in policies.faults()[0]


def test_a_server_with_a_hole_in_its_fence_takes_no_pages(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(policies, "faults", lambda: ["a hole"])
    found = health.ready()
    assert (found["status"], found["fence"]) == ("unavailable", "down")


@pytest.mark.django_db
def test_nobody_makes_herself_another_by_the_rows_that_a_scope_is_read_from() -> None:
    """A login, and the ids that a person had before."""
    here, now = office(), timezone.now()
    kari, per = here.patient(), here.patient("Per Testvik")
    login = Login.objects.create(
        kind="citizen", person=kari, token_hash=b"z" * 32, assurance="high", issuer="x", created_at=now, seen_at=now
    ).pk
    attempts: list[tuple[str, list[Any]]] = [
        ("UPDATE patients_person SET former_ids = ARRAY[%s]::uuid[] WHERE id = %s", [here.practice.pk, kari.pk]),
        ("UPDATE access_login SET person_id = %s WHERE id = %s", [per.pk, login]),
        ("UPDATE access_login SET token_hash = %s WHERE id = %s", [b"x" * 32, login]),
        (
            "INSERT INTO access_login (id, token_hash, kind, assurance, issuer, provider_sid, provider_sub, device,"
            " created_at, seen_at, ended_why, person_id)"
            " VALUES (%s, %s, 'citizen', 'high', '', '', '', '', now(), now(), '', %s)",
            [kari.pk, b"y" * 32, kari.pk],
        ),
    ]
    for words, values in attempts:
        with (
            fence.works_for(kari.pk, login),
            pytest.raises(DatabaseError, match="permission denied"),
            transaction.atomic(),
            connection.cursor() as cursor,
        ):
            cursor.execute(words, values)


def test_everybody_is_never_said_by_a_row() -> None:
    with fence.works_for(fence.EVERYONE, STRANGER):
        assert fence.current() == str(STRANGER)
