"""Text sealed before it reaches the database, and keyed indexes for what must be found again.

Sealed text is `version (1) | key id (16) | nonce (12) | AES-256-GCM ciphertext and tag`. A column's is bound to its
table, its column, its row and those the row belongs to, so that it is opened nowhere else: version 2, and
docs/adr/0064-sealed-to-its-row.md. Version 1 is bound to its context alone. The data keys are rows of core.DataKey,
each sealed by the master key (core/master.py); core/rotation.py replaces them. See docs/adr/0005-encryption.md.
"""

import hashlib
import hmac
import logging
import os
import re
import threading
import time
from collections import deque
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.apps import apps
from django.conf import settings
from django.core.exceptions import ObjectDoesNotExist
from django.db import connection, models, transaction
from django.utils import timezone
from django.utils.functional import cached_property

from legedialog.core import broken, contexts, fence, master, outside
from legedialog.core.ids import new_id
from legedialog.core.models import DataKey, KeyPurpose

VERSION, OF_A_ROW = b"\x01", b"\x02"
ID = 16  # bytes of each id that a value is bound to
NOBODY = bytes(ID)  # where the row names nobody
NONCE = 12  # bytes. Source: NIST SP 800-38D section 8.2
FRESH = 30  # seconds after which a process asks again which key is current: so long may a retired one still seal

OPENED_EVERY = 10.0  # seconds: keys that other processes made are opened before a transaction needs them
SPARES = 3  # new keys that the key server has wrapped before anybody needs one

_COLUMN = re.compile(r'("[^"]+"|\w+)\."[^"]+"')
_NOBODY = f"'\\x{NOBODY.hex()}'::bytea"

logger = logging.getLogger(__name__)

_opened: dict[UUID, bytes] = {}
_current: dict[tuple[str, UUID | None], tuple[UUID, float]] = {}  # with the monotonic second it was read
_uncommitted: set[UUID] = set()  # made here in a transaction that may still roll back


def seal(text: str, *, scope: UUID | None, context: str, row: bytes = b"") -> bytes:
    """Encrypt under the scope's current key. `context` (table and column) must be given again to open it, and `row`,
    the ids that a column's value is bound to: SealedField.row_of."""
    return seal_bytes(text.encode(), scope=scope, context=context, row=row)


def seal_bytes(data: bytes, *, scope: UUID | None, context: str, row: bytes = b"") -> bytes:
    return _seal_by(_current_key(KeyPurpose.SEAL, scope), data, context, row)


def _seal_by(key_id: UUID, data: bytes, context: str, row: bytes) -> bytes:
    broken.check_kept(data)
    nonce = os.urandom(NONCE)
    version = OF_A_ROW if row else VERSION
    return version + key_id.bytes + nonce + AESGCM(_key(key_id)).encrypt(nonce, data, _bound_to(context, row))


class NotOpened(InvalidTag):
    """This value was changed, moved from another column or row, or its key is gone. Another may be as it should."""


_old_ones_open: ContextVar[bool] = ContextVar("old_ones_open", default=False)


@contextmanager
def old_seals_open() -> Iterator[None]:
    """While migrations run: they read what has not been bound to its row yet."""
    token = _old_ones_open.set(True)
    try:
        yield
    finally:
        _old_ones_open.reset(token)


def _bound_to(context: str, row: bytes) -> bytes:
    return context.encode() + (b"\x00" + row if row else b"")


def unseal(sealed: bytes, *, context: str, row: bytes = b"") -> str:
    """Raises NotOpened, and cryptography's InvalidTag where the master key is another."""
    return unseal_bytes(sealed, context=context, row=row).decode()


def unseal_bytes(sealed: bytes, *, context: str, row: bytes = b"") -> bytes:
    if row and sealed[:1] == VERSION:
        if not (settings.OPEN_OLD_SEALS or _old_ones_open.get()):
            raise NotOpened("sealed to no row: run `legedialog migrate`")
        row = b""
    return _unseal(sealed, context, row)


def _unseal(sealed: bytes, context: str, row: bytes) -> bytes:
    nonce = sealed[17 : 17 + NONCE]
    try:
        key = _key(key_of(sealed))
    except (ValueError, ObjectDoesNotExist) as error:
        raise NotOpened(str(error)) from error
    try:
        return AESGCM(key).decrypt(nonce, sealed[17 + NONCE :], _bound_to(context, row))
    except (ValueError, InvalidTag) as error:
        raise NotOpened from error


def key_of(sealed: bytes) -> UUID:
    """The data key that seals it."""
    if sealed[:1] not in (VERSION, OF_A_ROW):
        raise ValueError("sealed by an unknown version")
    return UUID(bytes=sealed[1:17])


def sealed_anew(sealed: bytes, *, by: UUID, context: str, row: bytes, was: bytes | None = None) -> bytes:
    """The same content under another data key, bound to `row` also where it was to none or to what the row `was`."""
    old = row if was is None else was
    return _seal_by(by, _unseal(sealed, context, old if sealed[:1] == OF_A_ROW else b""), context, row)


def blind_index(text: str, *, purpose: str) -> bytes:
    """32 bytes that are equal for equal texts and tell nothing to those without the key."""
    return hmac.digest(_key(_current_key(KeyPurpose.INDEX, None)), f"{purpose}:{text}".encode(), hashlib.sha256)


def open_index() -> None:
    """Open the key that finds persons, when there is one: who can do that can open all. Raises as `master` does."""
    key_id = DataKey.objects.filter(purpose=KeyPurpose.INDEX, retired_at=None).values_list("id", flat=True).first()
    if key_id is not None:
        _key(key_id)


def create_key(purpose: KeyPurpose, scope: UUID | None) -> UUID:
    """Make the current key for a scope unless there is one. Safe to call from several nodes at once."""
    new = _spares.popleft() if _spares and _spares[0].by == master.current().name else _wrapped()
    with fence.system("a key is made for whoever needs it first"), connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO core_datakey (id, purpose, scope, wrapped, wrapped_by, created_at)"
            " VALUES (%s, %s, %s, %s, %s, %s) ON CONFLICT DO NOTHING",
            [new.id, purpose, scope, new.wrapped, new.by, timezone.now()],
        )
    # Not by the count of rows: what is sent together with other statements has none yet.
    current = DataKey.objects.values_list("id", flat=True).get(purpose=purpose, scope=scope, retired_at=None)
    if current == new.id:
        _opened[new.id] = new.key
        _uncommitted.add(new.id)
        transaction.on_commit(_Committed(new.id, purpose, scope))
    return current


def new_key() -> bytes:
    return os.urandom(32)


def forget_current() -> None:
    """This process asks anew which keys are current; others do within FRESH seconds."""
    _current.clear()


def forget_keys() -> None:
    """Empty this process's memory of keys, when the database under it was replaced."""
    _current.clear()
    _opened.clear()
    _spares.clear()


def _current_key(purpose: KeyPurpose, scope: UUID | None) -> UUID:
    known = _current.get((purpose, scope))
    if known and time.monotonic() - known[1] < FRESH:
        return known[0]
    if _uncommitted and (made := _made_here(purpose, scope)):
        return made
    found = DataKey.objects.filter(purpose=purpose, scope=scope, retired_at=None).values_list("id", flat=True).first()
    key_id = found or create_key(purpose, scope)
    if key_id not in _uncommitted:  # a key whose transaction rolls back must not be used again
        _current[purpose, scope] = key_id, time.monotonic()
    return key_id


@dataclass(frozen=True, slots=True)
class _Committed:
    """What is done once the transaction that made a key has committed. Until then it stands with the connection."""

    key_id: UUID
    purpose: KeyPurpose
    scope: UUID | None

    def __call__(self) -> None:
        _uncommitted.discard(self.key_id)


def _made_here(purpose: KeyPurpose, scope: UUID | None) -> UUID | None:
    """The key that this transaction has made: a rollback, also to a savepoint, takes it from what waits to be done."""
    waits = (each[1] for each in connection.run_on_commit)
    made = (each for each in waits if isinstance(each, _Committed) and (each.purpose, each.scope) == (purpose, scope))
    return next((each.key_id for each in made), None)


def _key(key_id: UUID) -> bytes:
    """Raises KeyServerFailed when it is not opened yet and a transaction is: no key server is asked then."""
    found = _opened.get(key_id)
    if found is None:
        wrapped, by = DataKey.objects.values_list("wrapped", "wrapped_by").get(pk=key_id)
        found = _opened[key_id] = _open(key_id, bytes(wrapped), by)
    return found


def _open(key_id: UUID, wrapped: bytes, by: str) -> bytes:
    try:
        return master.opening(by).unwrap(wrapped, key_id.bytes)
    except outside.TransactionOpen as error:
        _wanted.set()
        raise master.KeyServerFailed("the key is not opened yet") from error


@dataclass(frozen=True, slots=True, repr=False)
class _New:
    id: UUID
    key: bytes
    wrapped: bytes
    by: str


_spares: deque[_New] = deque()
_wanted = threading.Event()


def _wrapped() -> _New:
    key_id, key, by = new_id(), new_key(), master.current()
    try:
        return _New(key_id, key, by.wrap(key, key_id.bytes), by.name)
    except outside.TransactionOpen as error:
        _wanted.set()
        raise master.KeyServerFailed("no new key is ready") from error


@fence.system("every process opens all keys")
def open_known() -> None:
    """Open the keys that are not open here yet, and have spare ones ready. Raises KeyServerFailed.

    Outside a transaction: so that no transaction has to ask a key server. Twice is as once.
    """
    for key_id, wrapped, by in DataKey.objects.exclude(pk__in=list(_opened)).values_list("id", "wrapped", "wrapped_by"):
        _opened[key_id] = _open(key_id, bytes(wrapped), by)
    while len(_spares) < SPARES:
        _spares.append(_wrapped())


def keep_open() -> None:
    """With a key server: `open_known` now, and in a thread every OPENED_EVERY seconds. A fault is tried again."""
    if all(isinstance(each, master.Local) for each in master.known()):
        return
    _try_to_open()
    threading.Thread(target=_keep_open, name="keys", daemon=True).start()


def _keep_open() -> None:
    while True:
        _wanted.wait(OPENED_EVERY)
        _wanted.clear()
        _try_to_open()


def _try_to_open() -> None:
    try:
        open_known()
    except Exception as error:
        logger.warning("data keys not opened: %s", type(error).__name__)
    finally:
        connection.close()


class SealedField(models.BinaryField):  # type: ignore[type-arg]
    """Sealed bytes in the database; what they are in Python is the subclass's.

    `scope` names the attribute of the row that holds its office's id; without it the platform's key is used. `beside`
    names one more link that stays, for what is not bound to all that says where it is shown: bound_to.
    Rows are saved through instances (`save`, `bulk_create`): `update(field=...)` cannot know the key and stops.
    """

    clear: type[str] | type[bytes]

    def __init__(self, *args: Any, scope: str = "", beside: str = "", **kwargs: Any) -> None:
        self.scope, self.beside = scope, beside
        kwargs["editable"] = True
        super().__init__(*args, **kwargs)

    def deconstruct(self) -> Any:
        name, path, args, kwargs = super().deconstruct()
        if self.scope:
            kwargs["scope"] = self.scope
        if self.beside:
            kwargs["beside"] = self.beside
        return name, path, args, kwargs

    @property
    def context(self) -> str:
        return f"{self.model._meta.db_table}.{self.column}"

    @cached_property
    def bound_to(self) -> list["models.Field[Any, Any]"]:
        """The row's id and the links that say whose it is, as far as they stay: a value is opened nowhere else."""
        meta = self.model._meta
        found = [meta.pk] if isinstance(meta.pk, models.UUIDField) else []  # a number is not known before it is stored
        if table := contexts.tables().get(meta.label):
            names = dict.fromkeys((*table.rows.of, table.rows.follows))
            links = [name for name in names if name and "." not in name and name not in table.changeable]
            links += [self.beside] if self.beside else []  # the last: core/sealing.py
            found += [field for name in links if (field := meta.get_field(name)) is not meta.pk]  # type: ignore[misc]
        return found  # type: ignore[return-value]

    def row_of(self, values: Mapping[str, UUID | None]) -> bytes:
        """What binds a value, by the names of the row's attributes."""
        ids = (values[field.attname] for field in self.bound_to)
        return b"".join(each.bytes if each else NOBODY for each in ids)

    def row_sql(self, alias: str) -> str:
        """SQL of the same, where `alias` stands for the table."""
        ids = ((f'pg_catalog.uuid_send({alias}."{field.column}")', field.null) for field in self.bound_to)
        return " || ".join(f"coalesce({id}, {_NOBODY})" if may_be_nobody else id for id, may_be_nobody in ids)

    def select_format(self, compiler: Any, sql: str, params: Any) -> Any:
        """The row comes with the value, so that it is opened as this row's."""
        if column := _COLUMN.fullmatch(sql):
            sql = f"{self.row_sql(column[1])} || {sql}"
        return sql, params

    def opened(self, value: Any) -> bytes | None:
        """What `select_format` asked for."""
        if value is None:
            return None
        at = ID * len(self.bound_to)
        return unseal_bytes(bytes(value[at:]), context=self.context, row=bytes(value[:at]))

    def sealed(self, row: models.Model) -> bytes | None:
        value = getattr(row, self.attname)
        if value is None:
            return None
        scope = getattr(row, self.scope) if self.scope else None
        data = value.encode() if isinstance(value, str) else value
        bound = self.row_of({field.attname: getattr(row, field.attname) for field in self.bound_to})
        return seal_bytes(data, scope=scope, context=self.context, row=bound)

    def pre_save(self, model_instance: models.Model, add: bool) -> Any:
        sealed = self.sealed(model_instance)
        return None if sealed is None else _Ciphertext(sealed)

    def get_db_prep_value(self, value: Any, connection: Any, prepared: bool = False) -> Any:
        if isinstance(value, str | bytes) and not isinstance(value, _Ciphertext):
            raise TypeError("a sealed value is saved through its row, so that the row's key is known")
        return super().get_db_prep_value(value, connection, prepared)

    def to_python(self, value: Any) -> Any:
        return value

    def get_default(self) -> Any:
        return None if self.null else self.clear()


class _Ciphertext(bytes):
    """Sealed by its row, so it may go to the database."""


class EncryptedTextField(SealedField):
    """Text in Python."""

    clear = str

    def from_db_value(self, value: Any, expression: Any, connection: Any) -> Any:
        """Nothing is empty text where there must be text: a row that old code wrote (core/sealing.py)."""
        if value is None:
            return self.get_default()
        at = ID * len(self.bound_to)
        return self._text(bytes(value[at:]), bytes(value[:at]))

    def read(self, value: Any, **ids: UUID | None) -> str:
        """What a statement of our own selected as it stands, with the ids that it is bound to by their attributes."""
        return self._text(bytes(value), self.row_of(ids)) if value else ""

    def _text(self, sealed: bytes, row: bytes) -> str:
        """Where a page is read, a sentence stands for what cannot be opened (core/broken.py). Else raises NotOpened."""
        try:
            return unseal(sealed, context=self.context, row=row)
        except NotOpened:
            if not broken.is_reading():
                raise
            return broken.instead(self.context, row)

    def writer(self, scope: UUID | None) -> Callable[..., bytes]:
        """The same for what a statement of our own writes: `(text, **ids)`. The key is asked for once."""
        key_id = _current_key(KeyPurpose.SEAL, scope)
        return lambda text, **ids: _seal_by(key_id, text.encode(), self.context, self.row_of(ids))


def sealed_fields(model: type[models.Model]) -> "list[SealedField]":
    return [field for field in model._meta.concrete_fields if isinstance(field, SealedField)]


def text_of(model: str, name: str) -> EncryptedTextField:
    """The field, for statements of our own: its `read`."""
    found = apps.get_model(model)._meta.get_field(name)
    assert isinstance(found, EncryptedTextField)  # noqa: S101  names of ours
    return found


class EncryptedBytesField(SealedField):
    """A file or another value in bytes."""

    clear = bytes

    def from_db_value(self, value: Any, expression: Any, connection: Any) -> bytes | None:
        return self.opened(value)
