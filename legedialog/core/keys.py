"""Private keys in files: one JWK or PEM each, readable by the server's user only."""

import json
import os
import secrets
from functools import lru_cache
from pathlib import Path

from joserfc.jwk import ECKey, Key, import_key

ALGORITHMS = {"RSA": "RS256", "EC": "ES256"}  # the usual one of each type


def load(path: str) -> Key:
    """The key in the file, with its own `kid` or its thumbprint. Raises OSError, or ValueError for what is no key."""
    return _load(path, os.stat(path).st_mtime_ns)


@lru_cache(maxsize=8)
def _load(path: str, changed: int) -> Key:
    text = Path(path).read_text(encoding="utf-8")
    if not text.lstrip().startswith(("{", "-----BEGIN ")):
        raise ValueError("neither a JWK nor PEM")  # any text would be a secret that both sides know
    key = import_key(json.loads(text)) if text.lstrip().startswith("{") else import_key(text)
    key.ensure_kid()
    return key


def algorithm(key: Key) -> str:
    """What the key signs with: its own `alg`, else the usual one of its type."""
    return str(key.get("alg") or ALGORITHMS[key.key_type])


def ensure(path: str) -> Key:
    """The key in the file; a new one if there is none. Of several processes at once all get the same."""
    if not os.path.exists(path):
        folder = Path(path).parent
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        draft = folder / f".{secrets.token_hex(8)}"
        draft.touch(mode=0o600)
        draft.write_text(json.dumps(ECKey.generate_key("P-256", auto_kid=True).as_dict(private=True)), encoding="utf-8")
        try:
            os.link(draft, path)  # fails when another was first, so nobody ever reads half a key
        except FileExistsError:
            pass
        finally:
            draft.unlink()
    return load(path)


def temporary() -> Key:
    """For one exchange, never stored."""
    return ECKey.generate_key("P-256")
