"""Tell open pages that something changed, when the transaction commits. PostgreSQL carries it to every web process.

A topic names a place, never a person's data: "calendar:<office id>", "requests:<office id>", "person:<person id>".
"""

from django.db import connection

CHANNEL = "legedialog"


def publish(*topics: str) -> None:
    """Inside the transaction of the change: PostgreSQL sends on commit and drops on rollback."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_notify(%s, topic) FROM unnest(%s::text[]) AS topic", [CHANNEL, list(topics)])
