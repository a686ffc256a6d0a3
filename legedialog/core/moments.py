"""Points in time that PostgreSQL tells are read by Python's own reader of ISO 8601, which is written in C.

Django's loader is Python that takes the text apart, and a page reads a hundred of them.
"""

from datetime import UTC, datetime
from typing import Any

from django.conf import settings
from django.db.backends.postgresql.psycopg_any import BaseTzLoader, get_adapters_template


class Moments(BaseTzLoader):  # type: ignore[misc]  # Django has no types
    timezone = UTC

    def load(self, data: Any) -> datetime:
        try:
            return datetime.fromisoformat(bytes(data).decode())
        except ValueError:  # before Christ, after 9999, endless: as Django says it
            return super().load(data)  # type: ignore[no-any-return]


def read_by_c() -> None:
    """On every connection whose zone is UTC, which ours are."""
    get_adapters_template(settings.USE_TZ, UTC).register_loader("timestamptz", Moments)
