"""A transit engine in one process, for tests and for trying things without a server: a WSGI application.

`httpx.WSGITransport(app=FakeTransit())` puts it behind the client; any WSGI server puts it on a port.
"""

import json
import os
from base64 import b64decode, b64encode
from wsgiref.types import StartResponse, WSGIEnvironment

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

TOKEN = "fake-token"  # noqa: S105  for nothing real


class FakeTransit:
    """Keeps every version of its key. 403 without the token, 400 for what it cannot open."""

    def __init__(self) -> None:
        self.versions = [os.urandom(32)]
        self.asked: list[str] = []  # paths, in order
        self.is_down = False

    def rotate(self) -> None:
        self.versions.append(os.urandom(32))

    def __call__(self, environment: WSGIEnvironment, start_response: StartResponse) -> list[bytes]:
        path = environment["PATH_INFO"]
        self.asked.append(path)
        status, answer = self._answer(path, environment)
        start_response(status, [("Content-Type", "application/json")])
        return [json.dumps(answer).encode()]

    def _answer(self, path: str, environment: WSGIEnvironment) -> tuple[str, dict[str, object]]:
        if self.is_down:
            return "503 Service Unavailable", {"errors": ["Vault is sealed"]}
        if environment.get("HTTP_X_VAULT_TOKEN") != TOKEN:
            return "403 Forbidden", {"errors": ["permission denied"]}
        given = json.loads(environment["wsgi.input"].read())
        aad = b64decode(given["associated_data"])
        if "/encrypt/" in path:
            nonce, version = os.urandom(12), len(self.versions)
            sealed = nonce + AESGCM(self.versions[-1]).encrypt(nonce, b64decode(given["plaintext"]), aad)
            return "200 OK", {"data": {"ciphertext": f"vault:v{version}:{b64encode(sealed).decode()}"}}
        try:
            _, version_text, text = given["ciphertext"].split(":")
            sealed = b64decode(text)
            opened = AESGCM(self.versions[int(version_text[1:]) - 1]).decrypt(sealed[:12], sealed[12:], aad)
        except (ValueError, IndexError, InvalidTag):
            return "400 Bad Request", {"errors": ["invalid ciphertext: unable to decrypt"]}
        return "200 OK", {"data": {"plaintext": b64encode(opened).decode()}}
