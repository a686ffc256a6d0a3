"""Whose turn it is to have a file read. Two programs at a time in this process, and two files at a time of one person.

Files come on threads of their own (config/asgi.py), so who waits here holds no page. See docs/adr/0047-turns.md.
"""

import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from uuid import UUID

from legedialog.attachments import rules
from legedialog.core.errors import Refused

AT_ONCE = 2  # programs
EACH = 2  # files of one person, those that wait counted
WAITING = 4  # in all
PATIENCE = 20  # seconds a file waits for its turn

_programs = threading.BoundedSemaphore(AT_ONCE)
_guard = threading.Lock()
_theirs: Counter[UUID | None] = Counter()


@contextmanager
def turn(who: UUID | None) -> Iterator[None]:
    """Raises Refused: rules.TWO_AT_ONCE at once, rules.BUSY when many wait or when its turn does not come."""
    with _guard:
        if _theirs[who] >= EACH:
            raise Refused(rules.TWO_AT_ONCE)
        if _theirs.total() >= AT_ONCE + WAITING:
            raise Refused(rules.BUSY)
        _theirs[who] += 1
    try:
        if not _programs.acquire(timeout=PATIENCE):
            raise Refused(rules.BUSY)
        try:
            yield
        finally:
            _programs.release()
    finally:
        with _guard:
            _theirs[who] -= 1
            if not _theirs[who]:
                del _theirs[who]
