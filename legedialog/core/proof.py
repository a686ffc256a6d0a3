"""A row counts only when ours wrote it: what it says is signed with a key that the database's owner does not have.

See docs/adr/0095-a-login-is-ours.md.
"""

import hashlib
import hmac

from django.conf import settings


def proof(context: str, *said: object) -> bytes:
    """Of the values that `context`'s row stands for, by the master key of now."""
    return _proof(settings.MASTER_KEY, context, said)


def is_ours(given: bytes | None, context: str, *said: object) -> bool:
    """Also by the master key before, while it is being replaced."""
    keys = filter(None, (settings.MASTER_KEY, settings.PREVIOUS_MASTER_KEY))
    return any(hmac.compare_digest(bytes(given or b""), _proof(key, context, said)) for key in keys)


def _proof(master_key: str, context: str, said: tuple[object, ...]) -> bytes:
    key = hashlib.sha256(f"proof:{master_key}".encode()).digest()
    return hmac.digest(key, repr((context, *map(str, said))).encode(), hashlib.sha256)
