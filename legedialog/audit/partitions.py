"""The months of the log, ahead of time. The tables belong to the owner; the web role asks for them by a function."""

from django.db import connections


def make(alias: str = "default") -> int:
    """Those of the last month, this one and the next three that are missing; how many were made.

    Rows that came before their month had a table wait in the default partition and are moved into it.
    """
    with connections[alias].cursor() as cursor:
        cursor.execute("SELECT audit_make_partitions()")
        return int(cursor.fetchone()[0])
