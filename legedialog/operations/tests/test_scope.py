"""The scope of the fence: it cannot be opened from inside, and lasts one turn of one connection. See docs/adr/0038."""

from collections.abc import Callable, Iterator
from contextlib import suppress
from threading import Thread
from typing import Any
from uuid import UUID, uuid4

import psycopg
import pytest
from django.apps import apps
from django.db import DatabaseError, connection, transaction
from django.test import Client
from psycopg.pq import TransactionStatus
from psycopg_pool import ConnectionPool

from legedialog.appointments.models import Appointment
from legedialog.core import fence
from legedialog.core.ids import new_id
from legedialog.operations import fence as policies
from legedialog.operations import pytest_plugin
from legedialog.operations.tests.attacks import COPY, STRANGER, ask, run, seen

pytestmark = pytest.mark.django_db


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
                    run((forget,), *words)
    connection.connection.__dict__.pop("fence")
    return True


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
            run(("SELECT 1",))
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
def test_a_pooled_connection_remembers_nothing_and_no_look_at_it_floods_the_servers_log(hers: Appointment) -> None:
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
