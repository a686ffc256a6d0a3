"""Text sealed before it reaches the database, and keyed indexes for what must be found again.

Sealed text is `version (1) | key id (16) | nonce (12) | AES-256-GCM ciphertext and tag`, bound to its table and column.
The data keys are rows of core.DataKey, each sealed by the master key (core/master.py). core/rotation.py replaces them.
See docs/adr/0005-encryption.md.
"""

import hashlib
import hmac
import logging
import os
import threading
import time
from collections import deque
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.db import connection, models, transaction
from django.utils import timezone

from legedialog.core import fence, master, outside
from legedialog.core.ids import new_id
from legedialog.core.models import DataKey, KeyPurpose

VERSION = b"\x01"
NONCE = 12  # bytes. Source: NIST SP 800-38D section 8.2
FRESH = 30  # seconds after which a process asks again which key is current: so long may a retired one still seal

OPENED_EVERY = 10.0  # seconds: keys that other processes made are opened before a transaction needs them
SPARES = 3  # new keys that the key server has wrapped before anybody needs one

logger = logging.getLogger(__name__)

_opened: dict[UUID, bytes] = {}
_current: dict[tuple[str, UUID | None], tuple[UUID, float]] = {}  # with the monotonic second it was read
_uncommitted: set[UUID] = set()  # made here in a transaction that may still roll back


def seal(text: str, *, scope: UUID | None, context: str) -> bytes:
    """Encrypt under the scope's current key. `context` (table and column) must be given again to open it."""
    return seal_bytes(text.encode(), scope=scope, context=context)


def seal_bytes(data: bytes, *, scope: UUID | None, context: str) -> bytes:
    return _seal_by(_current_key(KeyPurpose.SEAL, scope), data, context)


def _seal_by(key_id: UUID, data: bytes, context: str) -> bytes:
    nonce = os.urandom(NONCE)
    return VERSION + key_id.bytes + nonce + AESGCM(_key(key_id)).encrypt(nonce, data, context.encode())


def unseal(sealed: bytes, *, context: str) -> str:
    """Raises cryptography's InvalidTag when the text was changed or moved from another column."""
    return unseal_bytes(sealed, context=context).decode()


def opened(sealed: bytes | None, *, context: str) -> str:
    """Of a column that may be empty: "" for nothing."""
    return "" if sealed is None else unseal(sealed, context=context)


def unseal_bytes(sealed: bytes, *, context: str) -> bytes:
    nonce = sealed[17 : 17 + NONCE]
    return AESGCM(_key(key_of(sealed))).decrypt(nonce, sealed[17 + NONCE :], context.encode())


def key_of(sealed: bytes) -> UUID:
    """The data key that seals it."""
    if sealed[:1] != VERSION:
        raise ValueError("sealed by an unknown version")
    return UUID(bytes=sealed[1:17])


def sealed_anew(sealed: bytes, *, by: UUID, context: str) -> bytes:
    """The same content under another data key."""
    return _seal_by(by, unseal_bytes(sealed, context=context), context)


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
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO core_datakey (id, purpose, scope, wrapped, wrapped_by, created_at)"
            " VALUES (%s, %s, %s, %s, %s, %s) ON CONFLICT DO NOTHING",
            [new.id, purpose, scope, new.wrapped, new.by, timezone.now()],
        )
    _opened[new.id] = new.key
    _uncommitted.add(new.id)
    transaction.on_commit(lambda: _uncommitted.discard(new.id))
    return DataKey.objects.values_list("id", flat=True).get(purpose=purpose, scope=scope, retired_at=None)


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
    found = DataKey.objects.filter(purpose=purpose, scope=scope, retired_at=None).values_list("id", flat=True).first()
    key_id = found or create_key(purpose, scope)
    if key_id not in _uncommitted:  # a key whose transaction rolls back must not be used again
        _current[purpose, scope] = key_id, time.monotonic()
    return key_id


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

    `scope` names the attribute of the row that holds its office's id; without it the platform's key is used.
    Rows are saved through instances (`save`, `bulk_create`): `update(field=...)` cannot know the key and stops.
    """

    clear: type[str] | type[bytes]

    def __init__(self, *args: Any, scope: str = "", **kwargs: Any) -> None:
        self.scope = scope
        kwargs["editable"] = True
        super().__init__(*args, **kwargs)

    def deconstruct(self) -> Any:
        name, path, args, kwargs = super().deconstruct()
        if self.scope:
            kwargs["scope"] = self.scope
        return name, path, args, kwargs

    @property
    def context(self) -> str:
        return f"{self.model._meta.db_table}.{self.column}"

    def pre_save(self, model_instance: models.Model, add: bool) -> Any:
        value = getattr(model_instance, self.attname)
        if value is None:
            return None
        scope = getattr(model_instance, self.scope) if self.scope else None
        data = value.encode() if isinstance(value, str) else value
        return _Ciphertext(seal_bytes(data, scope=scope, context=self.context))

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
        return self.get_default() if value is None else unseal(bytes(value), context=self.context)


class EncryptedBytesField(SealedField):
    """A file or another value in bytes."""

    clear = bytes

    def from_db_value(self, value: Any, expression: Any, connection: Any) -> bytes | None:
        return None if value is None else unseal_bytes(bytes(value), context=self.context)
