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


def test_migrate_refuses_what_it_cannot_make_good_and_takes_it_when_it_is_said() -> None:
    as_owner("ALTER TABLE audit_event DROP CONSTRAINT a_line_is_of_these_times")
    with pytest.raises(CannotMigrate, match=r"constraint a_line_is_of_these_times on public\.audit_event is gone"):
        migrate._left(owner(), as_it_stands=False)
    assert migrate._left(owner(), as_it_stands=True)


def test_a_record_that_somebody_else_wrote_is_none() -> None:
    as_owner("ALTER TABLE audit_event DROP CONSTRAINT a_line_is_of_these_times")
    as_owner("UPDATE fence.standing SET said = replace(said, 'a_line_is_of_these_times', 'x')")
    assert standing.faults() == [standing.OF_NO_RECORD]
