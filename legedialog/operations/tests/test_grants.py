"""Every verb on every table, tried as the role that serves pages. Why so: docs/adr/0040."""

from collections.abc import Iterator
from uuid import UUID

import pytest
from django.db import DatabaseError, connection, transaction

from legedialog.core import fence
from legedialog.core.ids import new_id
from legedialog.operations import grants

pytestmark = pytest.mark.django_db

LOCKS = {  # and what it takes
    "ACCESS SHARE": "SELECT",
    "ROW SHARE": "INSERT",
    "ROW EXCLUSIVE": "INSERT",
    **dict.fromkeys(
        ("SHARE UPDATE EXCLUSIVE", "SHARE", "SHARE ROW EXCLUSIVE", "EXCLUSIVE", "ACCESS EXCLUSIVE"), "DELETE"
    ),
}
RELATIONS = """
SELECT relname, array(SELECT attname::text FROM pg_attribute WHERE attrelid = c.oid AND attnum > 0
  AND NOT attisdropped AND attidentity <> 'a')
FROM pg_class c WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p', 'v', 'm', 'f') ORDER BY 1
"""


def relations() -> list[tuple[str, list[str]]]:
    with connection.cursor() as cursor:
        cursor.execute(RELATIONS)
        return list(cursor.fetchall())


def may(statement: str) -> bool:
    """Tried, and taken back."""
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("SET LOCAL statement_timeout = 0")
            cursor.execute("SET LOCAL lock_timeout = '1min'")  # the server itself may be tidying the table
            cursor.execute(statement)
            transaction.set_rollback(True)
    except DatabaseError as error:
        if not any(words in str(error) for words in ("permission denied", "is not a table", "view")):
            raise
        return False
    return True


def wrong(name: str, columns: list[str], allowed: dict[str, list[str]]) -> Iterator[str]:
    for verb, statement in {
        "SELECT": f"SELECT FROM {name} WHERE false",
        "INSERT": f"INSERT INTO {name} OVERRIDING SYSTEM VALUE SELECT * FROM {name} WHERE false",
        "DELETE": f"DELETE FROM {name} WHERE false",
        "TRUNCATE": f"TRUNCATE {name}",
        **{mode: f"LOCK TABLE {name} IN {mode} MODE" for mode in LOCKS},
    }.items():
        if may(statement) is not (LOCKS.get(verb, verb) in allowed):
            yield f"{verb} {name}"
    changes = allowed.get("UPDATE", [])
    for column in columns:
        is_allowed = "UPDATE" in allowed and (not changes or column in changes)
        if may(f'UPDATE {name} SET "{column}" = "{column}" WHERE false') is not is_allowed:
            yield f"UPDATE {name} ({column})"


@pytest.mark.parametrize("scope", [None, fence.EVERYONE], ids=["without a scope", "as the system"])
def test_the_web_role_may_what_is_declared_and_nothing_else(scope: UUID | None) -> None:
    declared = grants.declared()
    with fence.works_for(scope):
        found = [line for name, columns in relations() for line in wrong(name, columns, declared.get(name, {}))]
    assert found == []


def test_what_is_declared_is_little() -> None:
    """What this is about, read aloud."""
    declared = grants.declared()
    assert declared["core_datakey"] == {"SELECT": [], "INSERT": []}
    assert declared["django_migrations"] == {"SELECT": []}
    assert declared["appointments_taken"] == {"SELECT": []}
    assert declared["api_apiclient"]["UPDATE"] == ["is_active", "minute_at", "minute_count"]
    assert declared["access_tally"]["UPDATE"] == ["number"]
    for table in ("api_accesstoken", "api_usedassertion", "access_usedtoken", "audit_event", "audit_sealedbatch"):
        assert "UPDATE" not in declared[table]
    assert all("DELETE" not in verbs for name, verbs in declared.items() if not name.startswith("procrastinate_"))
    moved = [
        f"{table}.{column}"
        for table, verbs in declared.items()
        for column in verbs.get("UPDATE", [])
        if column in ("patient_id", "person_id", "owner_id", "recipient_id", "giver_id", "dialogue_id")
    ]
    assert moved == []


@pytest.mark.parametrize(
    ("scope", "table"),
    [
        (None, "access_login"),
        (None, "access_tally"),
        (None, "access_usedtoken"),
        (new_id(), "dialogues_draft"),
        (fence.EVERYONE, "core_datakey"),
        (fence.EVERYONE, "practices_practice"),
        (fence.EVERYONE, "audit_event"),
    ],
)
def test_rows_are_removed_by_the_system_alone_and_not_everywhere(scope: UUID | None, table: str) -> None:
    with (
        fence.works_for(scope),
        pytest.raises(DatabaseError, match="permission denied"),
        connection.cursor() as cursor,
    ):
        cursor.execute("SELECT fence.remove(%s, 'id', '{}')", [table])


def test_a_key_cannot_be_slipped_into_the_removal() -> None:
    with fence.system("an attack"), pytest.raises(DatabaseError), connection.cursor() as cursor:
        cursor.execute("SELECT fence.remove('dialogues_draft', 'id = id OR id', '{}')")
