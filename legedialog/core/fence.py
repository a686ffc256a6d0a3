"""Whom the database works for: the second fence, behind the policies in the code.

PostgreSQL shows a row only when one of those it belongs to is in the scope of the transaction. The scope is a set of
ids: the citizen and whom she acts for, or the office and the employee. Middleware sets it from the actor; without one
nothing is seen. It travels with the first statement of each transaction, signed, so that SQL that slipped in cannot
widen it. Which table belongs to whom: the contexts' `about.py`. Why so: docs/adr/0009-row-level-security.md.
"""

import hashlib
from collections.abc import Iterable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from contextvars import ContextVar
from functools import lru_cache
from typing import Any, TypeVar
from uuid import UUID

from django.conf import settings
from psycopg import ClientCursor, sql
from psycopg.pq import TransactionStatus

EVERYONE = UUID(int=0)  # in a scope: all rows
SETTING = "legedialog.scope"

Part = TypeVar("Part")

_nobody = ""
_of_process = _nobody  # what holds where nothing else was said
_scope: ContextVar[str | None] = ContextVar("fence", default=None)


@contextmanager
def works_for(*ids: UUID | None) -> Iterator[None]:
    """For the rows of these persons, employees, logins and offices, and no others. None says nothing."""
    with _within(",".join(sorted({str(each) for each in ids if each}))):
        yield


@contextmanager
def system(why: str) -> Iterator[None]:
    """For all rows, because `why`. Also a decorator. Keep it around as little as you can."""
    if not why:
        raise ValueError("say why")
    with _within(str(EVERYONE)):
        yield


def process_is_system(why: str) -> None:
    """The worker, commands and tests work for everyone where nothing else is said. Never the web server."""
    global _of_process
    if not why:
        raise ValueError("say why")
    _of_process = str(EVERYONE)


def carried(parts: Iterable[Part]) -> Iterator[Part]:
    """`parts` made in the scope of now, however late they are asked for: for answers that are streamed."""
    scope, parts = current(), iter(parts)

    def each() -> Iterator[Part]:
        while True:
            with _within(scope):
                try:
                    part = next(parts)
                except StopIteration:
                    return
            yield part

    return each()


def current() -> str:
    """The ids in force, with commas between."""
    said = _scope.get()
    return _of_process if said is None else said


@contextmanager
def _within(scope: str) -> Iterator[None]:
    before = _scope.set(scope)
    try:
        yield
    finally:
        _scope.reset(before)


def key() -> bytes:
    """Known to our processes and, out of the web role's reach, to PostgreSQL."""
    return hashlib.sha256(f"fence:{settings.MASTER_KEY}".encode()).digest()


@lru_cache(maxsize=4096)
def signed(scope: str, backend: int) -> str:
    """The scope with its proof. It holds in one connection only, so one that was overheard is of no use in another."""
    if scope == _nobody:
        return ""
    inner = hashlib.sha256(key() + f"{backend}:{scope}".encode()).digest()
    return f"{hashlib.sha256(key() + inner).hexdigest()}:{scope}"


class FencedCursor(ClientCursor[Any]):
    """Says the scope at the beginning of each transaction, and again when it changes, in the same round trip.

    It holds until the transaction ends and is gone with it: no connection remembers whom it worked for.
    """

    def execute(self, query: Any, params: Any = None, **options: Any) -> Any:
        words = self._words(query)
        if not words:
            return super().execute(query, params, **options)
        said = current()
        self._in_force = None  # until it has succeeded
        if isinstance(query, sql.Composable):
            query = sql.SQL(words) + query  # the words are ours
        else:
            query = words.encode() + query if isinstance(query, bytes) else words + query
        super().execute(query, params, **options)
        self.nextset()
        self._in_force = said
        return self

    def executemany(self, query: Any, params_seq: Any, **options: Any) -> None:
        with self._transaction():
            self.execute("SELECT")
            super().executemany(query, params_seq, **options)

    @contextmanager
    def copy(self, statement: Any, params: Any = None, **options: Any) -> Iterator[Any]:
        with self._transaction():
            self.execute("SELECT")
            with super().copy(statement, params, **options) as copy:
                yield copy

    def stream(self, query: Any, params: Any = None, **options: Any) -> Iterator[Any]:
        raise NotImplementedError("Read with execute: it goes through the fence.")

    @property
    def _in_force(self) -> str | None:
        """What was said in this transaction, None when that is not known."""
        said: str | None = self.connection.__dict__.get("fence")
        return said

    @_in_force.setter
    def _in_force(self, scope: str | None) -> None:
        self.connection.__dict__["fence"] = scope

    def _words(self, query: Any) -> str:
        """What must be said before the query."""
        server = self.connection.pgconn
        if server.transaction_status == TransactionStatus.IDLE:
            self._in_force = _nobody  # every transaction begins so
        elif server.transaction_status != TransactionStatus.INTRANS or _is_rollback(query):
            self._in_force = None  # a savepoint takes what was said after it along
            return ""
        if self._in_force == current():
            return ""
        return f"SET LOCAL {SETTING} = '{signed(current(), server.backend_pid)}';"

    def _transaction(self) -> AbstractContextManager[Any]:
        idle = self.connection.pgconn.transaction_status == TransactionStatus.IDLE
        if not (idle and self.connection.autocommit):
            return nullcontext()
        self._in_force = None
        return self.connection.transaction()


def _is_rollback(query: Any) -> bool:
    return isinstance(query, str) and query.startswith("ROLLBACK")
