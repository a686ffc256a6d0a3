"""Row-level security, attacked with the connection that serves pages. What it is for: docs/adr/0009."""

from typing import Any

import pytest
from django.apps import apps
from django.db import DatabaseError, ProgrammingError, connection, connections, transaction
from django.db.models import ForeignKey, Model
from django.utils import timezone

from legedialog.access.models import Login
from legedialog.appointments.tests.factories import office
from legedialog.core import contexts, crypto, fence
from legedialog.core.contexts import Rows
from legedialog.core.ids import new_id
from legedialog.operations import data_register, health
from legedialog.operations import fence as policies
from legedialog.operations.fence import RECIPE, fenced, unfenced
from legedialog.operations.tests.attacks import NOT_HERS, STRANGER, ask, run
from legedialog.patients.models import Person
from legedialog.practices.models import Employee

pytestmark = pytest.mark.django_db
PERSONAL = {"patients.Person", "access.Login"}  # a column that points there tells of a person


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
        *("audit_make_partitions", "become", "move", "office_knows", "patients_number_is_in_use_or_was"),
        *("remove", "say", "scope", "seal", "turn"),
    ]


# ---- every table, with rows in it, attacked by one they do not belong to


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
    _no_new_row_opens_a_person_to_an_office_that_does_not_know_her()


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


def _no_new_row_opens_a_person_to_an_office_that_does_not_know_her() -> None:
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
        row: dict[str, Any] = {columns[name]: value for name, value in given.items()}
        row |= {columns[field.attname]: b"x" for field in crypto.sealed_fields(model) if given[field.attname]}
        row |= (
            dict.fromkeys(persons, stranger) | dict.fromkeys(offices, practice_id) | {model._meta.pk.column: new_id()}
        )
        names, marks = ", ".join(f'"{name}"' for name in row), ", ".join(["%s"] * len(row))
        with fence.works_for(practice_id), transaction.atomic():
            try:
                run((f"INSERT INTO {model._meta.db_table} ({names}) VALUES ({marks})", *row.values()))
            except DatabaseError as error:
                refused += [label] if "row-level security" in str(error) else []
            assert not Person.objects.filter(pk=stranger).exists(), label
            assert ask("SELECT fence.office_knows(%s)", stranger) == [(False,)], label
            transaction.set_rollback(True)
        assert label in refused or rows.opens_nobody, f"{label}: refused for another reason, or not at all"
    assert {"appointments.Appointment", "prescriptions.Prescription", "dialogues.Dialogue"} <= set(refused)


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


def test_what_follows_a_person_is_hers_too() -> None:
    """An office knows her by her list; she herself is in no list of her own. Her exemption card once was the office's
    alone, and she was told the price of those who have none."""
    for label, table in contexts.tables().items():
        rows, model = table.rows, apps.get_model(label)
        if rows.follows and model._meta.get_field(rows.follows).related_model is Person:
            assert rows.follows in rows.of, f"{label} follows {rows.follows}, who does not see it herself"
