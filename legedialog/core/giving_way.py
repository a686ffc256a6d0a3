"""Work of the system that takes many rows at once, and waits for nobody meanwhile.

Whoever serves people takes rows in the order of her task: a draft, then the person. Work that has the person and comes
to the draft would wait for her, who waits for it, and the database would stop one of the two. So such work gives way:
it stops at once where a row is taken, lets go of everything and begins again a moment later. See docs/adr/0063.
"""

import random
import time
from collections.abc import Callable
from functools import wraps
from typing import ParamSpec, TypeVar

import psycopg
from django.db import DatabaseError, connection, transaction

PATIENCE = 20.0  # seconds, before the work fails and is done another time
WAITS = "20ms"  # for a row; far below the second after which PostgreSQL looks for who waits in a ring
PAUSE = (0.02, 0.2)  # seconds

Args = ParamSpec("Args")
Answer = TypeVar("Answer")


def gives_way(work: Callable[Args, Answer]) -> Callable[Args, Answer]:
    """Decorates a whole unit of work: it is done in one transaction, and begun again where others are in its way."""

    @wraps(work)
    def done(*args: Args.args, **kwargs: Args.kwargs) -> Answer:
        until = time.monotonic() + PATIENCE
        while True:
            try:
                return _once(work, *args, **kwargs)
            except DatabaseError as error:
                if not _is_in_the_way(error) or time.monotonic() > until:
                    raise
            time.sleep(random.uniform(*PAUSE))  # noqa: S311  so that two do not meet again

    return done


def _once(work: Callable[Args, Answer], *args: Args.args, **kwargs: Args.kwargs) -> Answer:
    is_inside = connection.in_atomic_block
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(f"SET LOCAL lock_timeout = '{WAITS}'")
        answer = work(*args, **kwargs)
        if is_inside:  # what goes on waits as before; else the commit's own checks give way too
            cursor.execute("SET LOCAL lock_timeout = DEFAULT")
    return answer


def _is_in_the_way(error: DatabaseError) -> bool:
    return isinstance(error.__cause__, (psycopg.errors.LockNotAvailable, psycopg.errors.DeadlockDetected))
