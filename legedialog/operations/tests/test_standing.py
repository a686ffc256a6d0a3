"""What the owner of the tables changes past the product is told, and made good where the product can."""

from typing import Any

import psycopg
import pytest
from django.db import connections

from legedialog.operations import fence, grants, migrate, standing
from legedialog.operations.migrate import CannotMigrate

pytestmark = pytest.mark.django_db(databases=["default", "owner"])

HARM = {
    "CREATE SCHEMA postgres; CREATE VIEW postgres.audit_event AS SELECT * FROM public.audit_event": "stranger postgres",
    "CREATE POLICY hides ON audit_event AS RESTRICTIVE USING (kind <> 'read')": "policy hides on public.audit_event",
    "DROP TRIGGER the_database_says_the_position ON audit_event": "trigger the_database_says_the_position",
    "DROP TRIGGER a_login_is_made_by_the_system ON access_login": "trigger a_login_is_made_by_the_system",
    "ALTER TABLE access_login DISABLE TRIGGER a_login_is_made_by_the_system": "trigger a_login_is_made_by_the_system",
    "ALTER TABLE audit_event DROP CONSTRAINT a_line_is_of_these_times": "constraint a_line_is_of_these_times",
    "ALTER TABLE journal_entry DISABLE ROW LEVEL SECURITY": "security public.journal_entry",
    "ALTER TABLE journal_entry RENAME TO journal_hers; CREATE VIEW journal_entry AS SELECT * FROM journal_hers": (
        "relation public.journal_entry"
    ),
    "CREATE OR REPLACE FUNCTION fence.scope() RETURNS uuid[] LANGUAGE sql STABLE AS 'SELECT ARRAY[]::uuid[]'": (
        "function fence.scope()"
    ),
    "CREATE OR REPLACE FUNCTION audit_position() RETURNS bigint LANGUAGE sql VOLATILE AS 'SELECT 1::bigint'": (
        "function public.audit_position()"
    ),
    "GRANT DELETE ON audit_event TO PUBLIC": "grant of public.audit_event to PUBLIC",
    "GRANT UPDATE (action) ON audit_event TO PUBLIC": "grant of public.audit_event.action to PUBLIC",
    "CREATE RULE hides AS ON INSERT TO audit_event DO INSTEAD NOTHING": "rule hides on public.audit_event",
    "CREATE FUNCTION public.uuid_send(text) RETURNS bytea LANGUAGE sql AS 'SELECT NULL::bytea'": "public.uuid_send",
}


HARM |= {
    "GRANT SELECT ON audit_event_default TO PUBLIC": "stranger grant on public.audit_event_default",
    "GRANT SELECT (action) ON audit_event_default TO PUBLIC": "stranger grant of a column on",
    "CREATE TRIGGER quiet BEFORE UPDATE ON audit_event_default FOR EACH ROW"
    " EXECUTE FUNCTION suppress_redundant_updates_trigger()": "stranger trigger quiet on public.audit_event_default",
    "CREATE RULE quiet AS ON INSERT TO audit_event_default DO INSTEAD NOTHING": "stranger rule quiet on",
    "ALTER DEFAULT PRIVILEGES IN SCHEMA public GRANT SELECT ON TABLES TO PUBLIC": "makes in public is another",
    "REVOKE EXECUTE ON FUNCTION audit_position() FROM PUBLIC": "access to public.audit_position() is another",
    "GRANT CREATE ON SCHEMA public TO PUBLIC": "access to schema public is another",
    "DROP INDEX one_lock_in_force": "index public.one_lock_in_force is gone",
    "ALTER TABLE journal_entry ALTER patient_id DROP NOT NULL": "columns of public.journal_entry is another",
    "ALTER TABLE audit_event ALTER at SET DEFAULT '2010-01-01'": "columns of public.audit_event is another",
    "ALTER VIEW appointments_taken SET (security_barrier = false)": "nature of public.appointments_taken is another",
    "ALTER FUNCTION audit_position() STRICT": "nature of public.audit_position() is another",
    "CREATE FUNCTION public.never(uuid, uuid) RETURNS boolean LANGUAGE sql AS 'SELECT false';"
    " CREATE OPERATOR public.=== (LEFTARG = uuid, RIGHTARG = uuid, FUNCTION = never)": "stranger operator public.===",
}


def as_owner(words: str) -> None:
    with connections["owner"].cursor() as cursor:
        cursor.execute(words)


def owner() -> "psycopg.Connection[Any]":
    with connections["owner"].cursor():
        return connections["owner"].connection  # type: ignore[no-any-return]


def test_an_untouched_database_stands_as_it_was_left() -> None:
    assert standing.faults() == []


@pytest.mark.parametrize("harm", HARM, ids=HARM.values())
def test_what_the_owner_changes_is_named(harm: str) -> None:
    as_owner(harm)
    assert any(HARM[harm] in line for line in standing.faults()), standing.faults()


def test_a_policy_of_the_same_name_with_another_text_is_found_and_put_up_again() -> None:
    with connections["owner"].cursor() as cursor:
        cursor.execute(
            "SELECT polname FROM pg_policy WHERE polrelid = 'journal_entry'::regclass AND polcmd IN ('*', 'r')"
        )
        name = cursor.fetchone()[0]
        cursor.execute(f"ALTER POLICY {name} ON journal_entry USING (true)")
        cursor.execute("DROP TRIGGER a_login_is_made_by_the_system ON access_login")
        cursor.execute("CREATE POLICY hides ON core_datakey AS RESTRICTIVE USING (false)")
    assert len(standing.faults()) == 3
    known = standing.left(owner())
    assert known
    there = standing.now(owner().cursor(), standing.web_role())
    fence.put_up(owner(), standing.web_role(), lambda each: there.get(each) == known.get(each) and each in there)
    grants.give(owner(), standing.web_role())
    assert standing.faults() == []


def test_a_role_that_is_let_in_as_another_is_named() -> None:
    as_owner(f"GRANT {standing.web_role()} TO pg_monitor")
    assert standing.faults() == [f"access of pg_monitor as {standing.web_role()} is not known"]


def test_a_record_of_an_earlier_version_is_compared_by_what_it_knows() -> None:
    there = standing.now(owner().cursor(), standing.web_role())
    known = {name: said for name, said in there.items() if not name.startswith(standing.LATER)}
    assert standing.changed(there, known) == []
    del known["relation public.journal_entry"]
    assert standing.changed(there, known) == ["relation public.journal_entry is not known"]


def test_migrate_refuses_what_it_cannot_make_good_and_takes_it_when_it_is_said() -> None:
    as_owner("ALTER TABLE audit_event DROP CONSTRAINT a_line_is_of_these_times")
    with pytest.raises(CannotMigrate, match=r"constraint a_line_is_of_these_times on public\.audit_event is gone"):
        migrate._left(owner(), as_it_stands=False)
    assert migrate._left(owner(), as_it_stands=True)


def test_a_record_that_somebody_else_wrote_is_none() -> None:
    as_owner("ALTER TABLE audit_event DROP CONSTRAINT a_line_is_of_these_times")
    as_owner("UPDATE fence.standing SET said = replace(said, 'a_line_is_of_these_times', 'x')")
    assert standing.faults() == [standing.OF_NO_RECORD]
