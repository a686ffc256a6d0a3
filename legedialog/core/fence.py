"""Whom the database works for: the second fence, behind the policies in the code.

PostgreSQL shows a row only when one of those it belongs to is in the scope of the transaction. The scope is a set of
ids: the citizen and whom she acts for, or the office and the employee. Middleware sets it from the actor; without one
nothing is seen. It travels with the first statement of each transaction, as a parameter, signed for that one turn, so
that SQL that slipped in cannot widen it and nobody can use it again. Which table belongs to whom: the contexts'
`about.py`. Why so: docs/adr/0038-the-scope-is-said-once.md.
"""

import hashlib
from collections.abc import Iterable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Any, TypeVar
from uuid import UUID

import psycopg
from django.conf import settings
from django.db.models.expressions import RawSQL
from psycopg import Cursor
from psycopg.pq import TransactionStatus

BECOME = "SELECT unnest(%s::uuid[]) UNION ALL SELECT fence.become(%s::uuid[])"

EVERYONE = UUID(int=0)  # in a scope: all rows
PREPARED = 300  # statements that one connection keeps parsed and planned

Part = TypeVar("Part")

_nobody = ""
_of_process = _nobody  # what holds where nothing else was said
_scope: ContextVar[str | None] = ContextVar("fence", default=None)


@contextmanager
def works_for(*ids: UUID | None) -> Iterator[None]:
    """For the rows of these persons, employees, logins and offices, and no others. None says nothing.

    Ids come from rows, so EVERYONE is none of them: only `system` says it.
    """
    with _within(",".join(sorted({str(each) for each in ids if each and each != EVERYONE}))):
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
    return key_of(settings.MASTER_KEY)


def key_of(master_key: str) -> bytes:
    return hashlib.sha256(f"fence:{master_key}".encode()).digest()


def signed(scope: str, backend: int, turn: int) -> str:
    """The scope with its proof: for this connection and this turn, so it is taken once and nowhere else."""
    inner = hashlib.sha256(key() + f"say:{backend}:{turn}:{scope}".encode()).digest()
    return f"{hashlib.sha256(key() + inner).hexdigest()}:{scope}"


@dataclass(slots=True)
class _Said:
    """What a connection was told."""

    scope: str | None = None  # in this transaction; None when that is not known
    last: Cursor[Any] | None = None  # its answer is the next turn


class FencedCursor(Cursor[Any]):
    """Says the scope at the beginning of each transaction, and again when it changes, in the same round trip.

    It holds until the transaction ends and is gone with it: no connection remembers whom it worked for.
    """

    def execute(self, query: Any, params: Any = None, **options: Any) -> Any:
        with self._scoped(query):
            return super().execute(query, params, **options)

    def executemany(self, query: Any, params_seq: Any, **options: Any) -> None:
        with self._scoped(query):
            super().executemany(query, params_seq, **options)

    @contextmanager
    def copy(self, statement: Any, params: Any = None, **options: Any) -> Iterator[Any]:
        with self._transaction():
            self.execute("SELECT")  # COPY cannot share a round trip
            with super().copy(statement, params, **options) as copy:
                yield copy

    def stream(self, query: Any, params: Any = None, **options: Any) -> Iterator[Any]:
        raise TypeError("Read with execute: rows that come one by one outlive the scope that was said for them.")

    @contextmanager
    def _scoped(self, query: Any) -> Iterator[None]:
        """The scope is said before what is executed inside, when it must be."""
        said, scope = self._said, current()
        if not self._must_say(query, said, scope):
            yield
            return
        said.scope = None  # until it has succeeded
        turn = self._turn(said)
        server = self.connection.pgconn
        # Between two Syncs all is one transaction, also where none was begun.
        with nullcontext() if server.pipeline_status else self.connection.pipeline():
            said.last = Cursor(self.connection)
            said.last.execute("SELECT fence.say(%s)", [signed(scope, server.backend_pid, turn)], prepare=True)
            yield
        said.scope = scope

    def _must_say(self, query: Any, said: _Said, scope: str) -> bool:
        server = self.connection.pgconn
        match server.transaction_status:
            case TransactionStatus.IDLE:
                said.scope = _nobody  # every transaction begins so
            case TransactionStatus.INTRANS:
                pass
            case TransactionStatus.ACTIVE if server.pipeline_status:
                pass
            case _:
                said.scope = None
                return False
        if isinstance(query, str) and query.startswith(("SAVEPOINT", "RELEASE", "ROLLBACK")):
            if query.startswith("ROLLBACK"):
                said.scope = None  # a savepoint takes what was said after it along
            return False
        return bool(query) and said.scope != scope  # the pool looks whether a connection lives by saying nothing

    def _turn(self, said: _Said) -> int:
        """What the database waits for. It tells with each answer; a new connection, or one that failed, must ask."""
        last, said.last = said.last, None
        try:
            row = last.fetchone() if last else None
        except psycopg.Error:
            row = None
        if row is None:
            self.connection.prepared_max = PREPARED
            row = Cursor(self.connection).execute("SELECT fence.turn()").fetchone()
        assert row  # noqa: S101  a function always answers
        return int(row[0])

    @property
    def _said(self) -> _Said:
        said: _Said = self.connection.__dict__.setdefault("fence", _Said())
        return said

    def _transaction(self) -> AbstractContextManager[Any]:
        idle = self.connection.pgconn.transaction_status == TransactionStatus.IDLE
        return self.connection.transaction() if idle and self.connection.autocommit else nullcontext()


def with_those_they_became(ids: Iterable[UUID]) -> RawSQL:
    """For `pk__in` of persons: these ids, and those of the rows that have taken their place. Never by an overlap of
    `former_ids`: behind a policy no index is asked by it, and every person there is would be read."""
    found = list(ids)
    return RawSQL(BECOME, (found, found))  # noqa: S611 - a text of our own
