"""What opens the data keys: a master key of 32 bytes from a file or the environment, or a key server (KMS).

A data key names the master that wrapped it. To change masters both are given for a while: `current` wraps, every one
of `known` opens, and `legedialog keys rewrap` moves what is left. See docs/operator.md.
"""

import hashlib
import os
from functools import lru_cache
from typing import Protocol

from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.conf import settings
from django.utils.module_loading import import_string

NONCE = 12  # bytes. Source: NIST SP 800-38D section 8.2
SIZE = 32  # bytes of a master key


class Master(Protocol):
    """`context` must be given again to open: the data key's id, so that no wrapped key can take another's place."""

    name: str  # told to operators and stored with the data key; no secret

    def wrap(self, key: bytes, context: bytes) -> bytes: ...

    def unwrap(self, wrapped: bytes, context: bytes) -> bytes:
        """Raises cryptography's InvalidTag, or KeyServerFailed, when it cannot."""
        ...


class KeyServerFailed(Exception):
    """The key server did not answer, or said no. Nothing can be opened that is not open already."""


class MasterUnknown(Exception):
    """A data key was wrapped by a master that is not given here."""


class Local:
    """A key in this process's memory."""

    def __init__(self, hexadecimal: str) -> None:
        self._key = bytes.fromhex(hexadecimal)
        if len(self._key) != SIZE:
            raise ValueError("LEGEDIALOG_MASTER_KEY must be 32 bytes as 64 hex digits")
        self.name = f"local-{hashlib.sha256(b'master:' + self._key).hexdigest()[:12]}"

    def wrap(self, key: bytes, context: bytes) -> bytes:
        nonce = os.urandom(NONCE)
        return nonce + AESGCM(self._key).encrypt(nonce, key, context)

    def unwrap(self, wrapped: bytes, context: bytes) -> bytes:
        return AESGCM(self._key).decrypt(wrapped[:NONCE], wrapped[NONCE:], context)


def current() -> Master:
    """The one that wraps new data keys."""
    return known()[0]


def known() -> list[Master]:
    """Those that may open, the current one first."""
    return _known(settings.KMS["url"], settings.MASTER_KEY, settings.PREVIOUS_MASTER_KEY)


@lru_cache(maxsize=4)
def _known(kms: str, key: str, previous: str) -> list[Master]:
    remote: list[Master] = [import_string(settings.KMS["client"])()] if kms else []
    return [*remote, *(Local(each) for each in (key, previous) if each)]


def opening(name: str) -> Master:
    """The one that wrapped it. Keys from before names were stored were wrapped by a local one."""
    found = next((each for each in known() if each.name == name), None)
    if found is None and name == "":
        found = next((each for each in reversed(known()) if isinstance(each, Local)), None)
    if found is None:
        raise MasterUnknown(f"a data key was wrapped by {name or 'a local master key'}, which is not given here")
    return found
