"""What a test prepares by itself is the owner's: it reaches what the product never makes. What the product does is not.

A test's own `update`, `save` or `delete`, through the ORM and as the system, is run by a function of the owner's. All
that goes through a function of the product, or by a cursor, is the web role's, with its grants and its fence.
"""

import re
import sys
from collections.abc import Callable, Iterable
from typing import Any

from django.db import connection, transaction
from django.db.transaction import Atomic
from psycopg import ClientCursor

from legedialog.core import fence

SQL = """
CREATE SCHEMA testing;
GRANT USAGE ON SCHEMA testing TO {role};
CREATE FUNCTION testing.as_owner(words text) RETURNS bigint LANGUAGE plpgsql SECURITY DEFINER
  AS $$ DECLARE hit bigint; BEGIN EXECUTE words; GET DIAGNOSTICS hit = ROW_COUNT; RETURN hit; END $$;
-- Of a hundred tables a test has filled ten, and to look is a hundredth of what TRUNCATE of all takes. Who still holds
-- one is waited for, as TRUNCATE does.
CREATE FUNCTION testing.empty(tables text[]) RETURNS void LANGUAGE plpgsql SECURITY DEFINER
  AS $$
  DECLARE each text; is_filled boolean;
  BEGIN
    EXECUTE 'LOCK TABLE ' || array_to_string(tables, ', ');
    FOREACH each IN ARRAY tables LOOP
      EXECUTE format('SELECT EXISTS (SELECT FROM %s)', each) INTO is_filled;
      IF is_filled THEN EXECUTE format('DELETE FROM %s', each); END IF;
    END LOOP;
  END $$;
-- Tests stand still in time; what is written in them is not of now.
CREATE OR REPLACE FUNCTION public.audit_leeway() RETURNS interval LANGUAGE sql STABLE
  AS $$ SELECT interval '1000 years' $$;
"""


def prepares(execute: Callable[..., Any], words: str, values: Any, many: bool, context: dict[str, Any]) -> Any:
    """For `connection.execute_wrapper`."""
    is_change = words.startswith(("UPDATE", "DELETE")) and not many
    if not is_change or fence.current() != str(fence.EVERYONE) or not _is_said_by_a_test():
        return execute(words, values, many, context)
    context["cursor"].cursor._rowcount = run(words, values)  # as the statement itself would have told
    return None


def run(words: str, values: Any = None) -> int:
    """How many rows it reached."""
    with connection.cursor() as cursor:
        whole = ClientCursor(connection.connection).mogrify(words, values)
        cursor.execute("SELECT testing.as_owner(%s)", [whole])
        return int(cursor.fetchone()[0])


def damage(table: str, column: str, row: object) -> None:
    """What is sealed there is opened by nothing any more; in every row when `row` is None."""
    run(
        f"UPDATE {table} SET {column} = substring({column} for 29) || decode(repeat('ba', 18), 'hex')"
        f" WHERE {column} IS NOT NULL AND (%s IS NULL OR id::text = %s)",
        [row and str(row)] * 2,
    )


def told(words: str) -> Any:
    """The one value it tells of one row, as it is stored."""
    with connection.cursor() as cursor:
        cursor.execute(words)
        (value,) = cursor.fetchone()
    return value


def flush(statements: Iterable[str]) -> None:
    """Empty tables, between tests with real transactions. Keys stay: what a process has opened is there."""
    tables = {name for each in statements for name in re.findall(r'"\w+"', each)} - {'"core_datakey"'}
    with connection.cursor() as cursor:
        cursor.execute("SELECT testing.empty(%s)", [sorted(tables)])


def _is_said_by_a_test() -> bool:
    """The ORM was called by a test, and no function of the product stands between."""
    frame, through_orm = sys._getframe(2), False
    while frame.f_back:
        frame = frame.f_back
        file = frame.f_code.co_filename
        if "/django/db/models/" in file:
            through_orm = True
        elif ("/site-packages/" not in file and "/legedialog/" in file) or file.endswith("conftest.py"):
            return through_orm and "/tests/" in file
    return False


def rolled_back() -> Atomic:
    """A transaction of the test's own, which is none of the product's: core/outside.py looks past it."""
    block = transaction.atomic()
    block._from_testcase = True  # type: ignore[attr-defined]
    return block
