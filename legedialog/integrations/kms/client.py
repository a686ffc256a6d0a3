"""The transit engine of OpenBao or HashiCorp Vault: the master key never leaves the server.

POST {url}/encrypt/{key} and {url}/decrypt/{key}, with `associated_data`. The contract is in docs/integrator.md.
"""

from base64 import b64decode, b64encode
from typing import Any

import httpx
from django.conf import settings

from legedialog.core import outside
from legedialog.core.master import KeyServerFailed

SECONDS = 5.0  # for a whole answer


class Transit:
    """A Master (core/master.py). The server keeps old versions of its key, so it may rotate that by itself."""

    def __init__(self, transport: httpx.BaseTransport | None = None) -> None:
        self.name = f"kms-{settings.KMS['key']}"[:100]
        self._transport = transport

    def wrap(self, key: bytes, context: bytes) -> bytes:
        given = {"plaintext": _text(key), "associated_data": _text(context)}
        return self._ask("encrypt", given, "ciphertext").encode()

    def unwrap(self, wrapped: bytes, context: bytes) -> bytes:
        given = {"ciphertext": wrapped.decode("ascii", "replace"), "associated_data": _text(context)}
        try:
            return b64decode(self._ask("decrypt", given, "plaintext"), validate=True)
        except ValueError as error:
            raise KeyServerFailed("the key server's answer is not base64") from error

    def _ask(self, what: str, given: dict[str, str], wanted: str) -> str:
        """Raises KeyServerFailed, without what was asked or answered in its text."""
        try:
            answer = outside.ask(
                *("POST", f"{settings.KMS['url']}/{what}/{settings.KMS['key']}"),
                seconds=SECONDS,
                transport=self._transport,
                json=given,
                headers={"X-Vault-Token": settings.KMS["token"]},
            )
        except (httpx.HTTPError, outside.TooMuch) as error:
            raise KeyServerFailed("the key server does not answer") from error
        if answer.status_code != 200:
            raise KeyServerFailed(f"the key server answered {answer.status_code}")
        try:
            content: Any = answer.json()
            return str(content["data"][wanted])
        except (ValueError, KeyError, TypeError, RecursionError) as error:
            raise KeyServerFailed("the key server's answer is not as agreed") from error


def _text(data: bytes) -> str:
    return b64encode(data).decode()
