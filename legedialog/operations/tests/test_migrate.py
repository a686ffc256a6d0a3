import pytest
from django.db import connection, connections


@pytest.mark.django_db
def test_tests_connect_as_the_web_role() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_user, pg_has_role(current_user, 'legedialog', 'member')")
        assert cursor.fetchone() == ("legedialog_test_web", False)


@pytest.mark.django_db(databases=["default", "owner"])
def test_both_aliases_see_the_same_database() -> None:
    names = set()
    for alias in ("default", "owner"):
        with connections[alias].cursor() as cursor:
            cursor.execute("SELECT current_database()")
            names.add(cursor.fetchone()[0])
    assert len(names) == 1


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("turn", [1, 2])
def test_tables_are_emptied_after_a_test_with_real_transactions(turn: int) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM procrastinate_jobs")
        assert cursor.fetchone() == (0,)
