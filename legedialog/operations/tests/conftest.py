from collections.abc import Iterator

import pytest

from legedialog.operations.tests import databases


@pytest.fixture
def empty_database(django_db_setup: None) -> Iterator[str]:
    """The address of a new, empty database on the tests' server."""
    with databases.empty() as address:
        yield address
