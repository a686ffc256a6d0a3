"""Tell open pages and the worker that something changed, after it is committed. PostgreSQL carries it to every process.

A topic names a place, never a person's data: "calendar:<office id>", "requests:<office id>", "person:<person id>".

`pg_notify` inside a transaction takes a lock of the whole server to the end of its commit, so a second could hold only
as many commits as the disk can flush one by one. Here one connection of the process tells, many topics at once, when
the change is there to be read. A process that is killed between the commit and the telling tells nobody: pages that
hung on it come back and ask, and the worker looks every minute. See docs/adr/0059-live-events.md.
"""

import atexit
import logging
import threading
from typing import Any

import psycopg
from django.db import connections, transaction

CHANNEL = "legedialog"
WAKE = "legedialog_worker"
NOTICES, ACTS = "notices", "acts"  # what the worker is woken for
NAME = "legedialog events"  # of the connection, for who looks at the server
MOST = 10_000  # topics kept while the database is away; beyond that pages are told when they come back
RETRY_SECONDS = 1.0
LAST_SECONDS = 3.0  # how long the end of a process waits until all is told
# The time of the telling, by the database's clock: a page that was drawn later has seen the change.
TELL = """
SELECT pg_notify(channel, topic || ' ' || extract(epoch FROM clock_timestamp()))
FROM unnest(%s::text[], %s::text[]) AS told (channel, topic)
"""

logger = logging.getLogger(__name__)


def publish(*topics: str) -> None:
    """When the transaction commits; nothing when it rolls back. Without one at once."""
    transaction.on_commit(lambda: _teller.tell(CHANNEL, topics))


def wake(what: str = NOTICES) -> None:
    """A notice is there for the worker to send, or an act to do, when the transaction commits."""
    transaction.on_commit(lambda: _teller.tell(WAKE, (what,)))


def parameters(name: str) -> dict[str, Any]:
    """For a connection of our own beside Django's, to the same database."""
    known = connections["default"].get_connection_params()
    own = {key: value for key, value in known.items() if key not in ("cursor_factory", "context", "prepare_threshold")}
    return own | {"application_name": name}


class Teller:
    """The one connection of this process that tells. It is opened by the first thing to be told."""

    def __init__(self) -> None:
        self._waiting: set[tuple[str, str]] = set()
        self._changed = threading.Condition()
        self._thread: threading.Thread | None = None
        self._is_telling = False

    def tell(self, channel: str, topics: tuple[str, ...]) -> None:
        with self._changed:
            if len(self._waiting) < MOST:
                self._waiting |= {(channel, topic) for topic in topics}
            if self._thread is None or not self._thread.is_alive():
                self._thread = threading.Thread(target=self._run, args=(parameters(NAME),), name="events", daemon=True)
                self._thread.start()
            self._changed.notify_all()

    def finish(self, seconds: float = LAST_SECONDS) -> bool:
        """Wait until all is told. False when it took too long."""
        with self._changed:
            return self._changed.wait_for(lambda: not (self._waiting or self._is_telling), seconds)

    def _run(self, where: dict[str, Any]) -> None:
        while True:
            try:
                with psycopg.connect(**where, autocommit=True) as connection:
                    connection.execute("SET synchronous_commit = off")  # there is nothing to be kept
                    while True:
                        self._tell_next(connection)
            except psycopg.Error as error:
                logger.warning("events: lost the database, trying again: %s", type(error).__name__)
            if not self._rest():
                return

    def _tell_next(self, connection: psycopg.Connection) -> None:
        with self._changed:
            self._changed.wait_for(lambda: self._waiting)
            told, self._waiting, self._is_telling = self._waiting, set(), True
        try:
            connection.execute(TELL, [[channel for channel, _ in told], [topic for _, topic in told]])
        except psycopg.Error:
            with self._changed:
                self._waiting |= told
            raise
        finally:
            with self._changed:
                self._is_telling = False
                self._changed.notify_all()

    def _rest(self) -> bool:
        """Before the next try. False: nothing waits, so the thread ends and what comes next begins another."""
        threading.Event().wait(RETRY_SECONDS)
        with self._changed:
            if self._waiting:
                return True
            self._thread = None
            return False


_teller = Teller()
atexit.register(_teller.finish)
