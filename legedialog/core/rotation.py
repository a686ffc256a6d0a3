"""New data keys while everything runs: the old ones are retired, what they sealed is sealed anew, and they are removed.

Every SealedField of every table is found by itself. Nothing is locked: a value is replaced only where it still is as it
was read, in small transactions, so a stop at any moment loses nothing and the next call goes on. Runs as the owner of
the tables, who may also change rows that the web role may only add. See docs/operator.md.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.apps import apps
from django.db import connections, models, transaction
from psycopg import sql

from legedialog.core import broken, crypto, master
from legedialog.core.crypto import SealedField
from legedialog.core.ids import new_id
from legedialog.core.models import DataKey, KeyPurpose

OWNER = "owner"
ROWS = 200  # in one transaction; of files fewer
FILES = 4
SETTLED = timedelta(hours=1)  # after which nothing that began under a retired key can still be on its way
KEY_AT = 2  # where the key's id stands in a sealed value, counted from 1; it is 16 bytes long

Say = Callable[[int, int], None]  # done, total


@dataclass(frozen=True, slots=True)
class Column:
    """One sealed column."""

    table: str
    name: str
    key: str  # the table's primary key
    field: SealedField

    @property
    def context(self) -> str:
        return self.field.context

    @property
    def holds_files(self) -> bool:
        return self.field.clear is bytes


@dataclass(frozen=True, slots=True)
class KeyUse:
    """A data key and how many values it seals. `scope` is the office, None for the platform."""

    id: UUID
    purpose: str
    scope: UUID | None
    wrapped_by: str
    created_at: datetime
    retired_at: datetime | None
    values: int


def columns() -> list[Column]:
    return [
        Column(
            table=model._meta.db_table,
            name=str(field.column),
            key=str(model._meta.pk.column),
            field=field,
        )
        for model in apps.get_models(include_auto_created=True)
        if model._meta.managed and not model._meta.proxy
        for field in model._meta.local_concrete_fields
        if isinstance(field, SealedField)
    ]


def retire(*, now: datetime, scopes: set[UUID | None] | None = None) -> int:
    """Give each scope, or those named, a new key for what is sealed from now on. Answers how many."""
    made = 0
    for old in _keys().filter(purpose=KeyPurpose.SEAL, retired_at=None).order_by("created_at"):
        if scopes is not None and old.scope not in scopes:
            continue
        key_id, by = new_id(), master.current()
        wrapped = by.wrap(crypto.new_key(), key_id.bytes)
        with transaction.atomic(using=OWNER):
            if not _keys().filter(pk=old.pk, retired_at=None).update(retired_at=now):
                continue  # somebody else was first
            DataKey.objects.using(OWNER).create(
                id=key_id, purpose=old.purpose, scope=old.scope, wrapped=wrapped, wrapped_by=by.name, created_at=now
            )
        made += 1
    crypto.forget_current()
    return made


def waiting() -> int:
    """Values that a retired key seals, or that are bound to no row."""
    retired = [key.bytes for key in _successors()]
    query = sql.SQL("SELECT count(*) FROM {t} WHERE {waits}")
    found = 0
    for column in columns():
        with connections[OWNER].cursor() as cursor:
            cursor.execute(_named(query, column), {"retired": retired})
            found += cursor.fetchone()[0]
    return found


def reseal(say: Say = lambda done, total: None) -> int:
    """Seal anew what retired keys seal, and what is bound to no row. Answers how many values.

    Call again: others may have sealed meanwhile.
    """
    successors = _successors()
    total, done = waiting(), 0
    if not total:
        return 0
    say(0, total)
    for column in columns():
        for changed in _reseal(column, successors):
            done += changed
            say(min(done, total), total)
    return done


def status() -> list[KeyUse]:
    """All keys, the platform's first, each scope's newest first. Reads every sealed value's first bytes."""
    used: dict[UUID, int] = {}
    for column in columns():
        for key, count in _used(column).items():
            used[key] = used.get(key, 0) + count
    rows = [
        KeyUse(
            row.pk, row.purpose, row.scope, row.wrapped_by, row.created_at, row.retired_at, values=used.get(row.pk, 0)
        )
        for row in _keys().order_by("purpose", "scope", "-created_at")
    ]
    return sorted(rows, key=lambda row: (row.purpose, row.scope is not None, str(row.scope)))


def remove_unused(now: datetime) -> int:
    """Remove retired keys that seal nothing any more. Answers how many."""
    settled = {row.id for row in status() if row.retired_at and row.retired_at <= now - SETTLED and not row.values}
    _keys().filter(pk__in=settled, retired_at__isnull=False).delete()
    return len(settled)


def rewrap(say: Say = lambda done, total: None) -> int:
    """Wrap every data key by the current master. Answers how many were wrapped by another."""
    by, done = master.current(), 0
    rows = list(_keys().exclude(wrapped_by=by.name))
    for at, row in enumerate(rows, start=1):
        key = master.opening(row.wrapped_by).unwrap(bytes(row.wrapped), row.pk.bytes)
        wrapped = by.wrap(key, row.pk.bytes)
        done += _keys().filter(pk=row.pk, wrapped_by=row.wrapped_by).update(wrapped=wrapped, wrapped_by=by.name)
        say(at, len(rows))
    return done


def _keys() -> "models.QuerySet[DataKey]":
    return DataKey.objects.using(OWNER)


def _successors() -> dict[UUID, UUID]:
    """Each retired key, and the current one of its scope."""
    current = {(row.purpose, row.scope): row.pk for row in _keys().filter(retired_at=None)}
    retired = _keys().filter(purpose=KeyPurpose.SEAL, retired_at__isnull=False)
    return {row.pk: current[row.purpose, row.scope] for row in retired if (row.purpose, row.scope) in current}


def _used(column: Column) -> dict[UUID, int]:
    query = sql.SQL("SELECT substring({c} from {at} for 16), count(*) FROM {t} WHERE {c} IS NOT NULL GROUP BY 1")
    with connections[OWNER].cursor() as cursor:
        cursor.execute(_named(query, column))
        return {UUID(bytes=bytes(key)): count for key, count in cursor.fetchall()}


def _reseal(column: Column, successors: dict[UUID, UUID]) -> Iterator[int]:
    """How many values each transaction changed."""
    read = sql.SQL(
        "SELECT {k}, {row}, {c} FROM {t} WHERE {waits} AND ({first} OR {k} > %(last)s) ORDER BY {k} LIMIT {rows}"
    )
    write = _named(sql.SQL("UPDATE {t} SET {c} = %s WHERE {k} = %s AND {c} = %s"), column)
    retired, last = [key.bytes for key in successors], None
    while True:
        query = _named(read, column, first=sql.Literal(last is None), rows=FILES if column.holds_files else ROWS)
        with transaction.atomic(using=OWNER), connections[OWNER].cursor() as cursor:
            cursor.execute(query, {"retired": retired, "last": last})
            rows = [(key, bytes(row), bytes(value)) for key, row, value in cursor.fetchall()]
            if not rows:
                return
            changed = 0
            for key, row, old in rows:
                used = crypto.key_of(old)
                try:
                    new = crypto.sealed_anew(old, by=successors.get(used, used), context=column.context, row=row)
                except crypto.NotOpened:  # it stays as it is, with its key, and the others go on
                    broken.instead(column.context, row)
                    continue
                cursor.execute(write, [new, key, old])
                changed += cursor.rowcount
        last = rows[-1][0]
        yield changed


_WAITS = sql.SQL(
    "{c} IS NOT NULL AND (substring({c} for 1) = {old} OR substring({c} from {at} for 16) = ANY(%(retired)s))"
)


def _named(query: sql.SQL, column: Column, **parts: object) -> sql.Composed:
    return query.format(
        t=sql.Identifier(column.table),
        c=sql.Identifier(column.name),
        k=sql.Identifier(column.key),
        at=sql.Literal(KEY_AT),
        row=sql.SQL(column.field.row_sql(f'"{column.table}"')),
        waits=_WAITS.format(c=sql.Identifier(column.name), at=sql.Literal(KEY_AT), old=sql.Literal(crypto.VERSION)),
        **parts,
    )
