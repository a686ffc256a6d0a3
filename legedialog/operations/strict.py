"""What production refuses to start with, one line each. `legedialog check` shows all of them without starting.

Every address in the settings is meant, also one that is added tomorrow, by its kind (kinds.py).
"""

import os
import re
from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from legedialog.operations import env, kinds

REAL = re.compile(r"//([^/]*\.)?(idporten|nhn|maskinporten)\.no")
HERE = ("localhost", "127.0.0.1", "::1", "")
SECRET = 50  # characters of LEGEDIALOG_SECRET_KEY,
VARIED = 10  # among which are at least so many different ones; random hexadecimal digits of this length have more
SAFE = ("require", "verify-ca", "verify-full")  # sslmode


def problems(settings: Mapping[str, Any]) -> Iterator[str]:
    """`settings` are the names and values of config/settings.py."""
    yield from _keys(settings)
    if settings["METRICS_PORT"] == settings["PORT"]:
        yield "LEGEDIALOG_METRICS_PORT and PORT must differ."
    if settings["MODE"] != "production":
        yield from _real_counterparts(settings["MODE"])
        return
    secret, master = settings["SECRET_KEY"], settings["MASTER_KEY"]  # what is missing has been named already
    if secret and (len(secret) < SECRET or _is_plain(secret)):
        yield f"LEGEDIALOG_SECRET_KEY is too weak: {SECRET} random characters, such as from `openssl rand -hex 32`."
    if master and _is_plain(master):
        yield "LEGEDIALOG_MASTER_KEY is too weak: make one with `openssl rand -hex 32`."
    if master and master == secret:
        yield "LEGEDIALOG_MASTER_KEY and LEGEDIALOG_SECRET_KEY must differ."
    yield from _addresses()
    if "*" in settings["ALLOWED_HOSTS"]:
        yield "LEGEDIALOG_HOSTS must name the hosts: * lets anybody choose the address in our links."
    if settings["SMTP_SECURITY"] == "none" and settings["SMTP_HOST"] not in HERE:
        yield "LEGEDIALOG_SMTP_SECURITY may be none only for a server on the same machine."


def _is_plain(key: str) -> bool:
    """A few signs, or the same again and again: nobody drew it at random."""
    return len(set(key)) < VARIED or (key + key).find(key, 1) < len(key)


def _keys(settings: Mapping[str, Any]) -> Iterator[str]:
    for name in ("MASTER_KEY", "PREVIOUS_MASTER_KEY"):
        if settings[name] and not re.fullmatch("[0-9a-fA-F]{64}", settings[name]):
            yield f"LEGEDIALOG_{name} must be 32 bytes as 64 hexadecimal digits."


def _real_counterparts(mode: str) -> Iterator[str]:
    """The demo's login lets everybody in: never where real ones are configured."""
    for name, value in sorted(os.environ.items()):
        if name.startswith("LEGEDIALOG_") and REAL.search(value):
            yield f"{name} names a real counterpart, and LEGEDIALOG_MODE is {mode}. Remove one of them."


def _addresses() -> Iterator[str]:
    for name, kind in sorted(env.KINDS.items()):
        if kind is kinds.database:
            yield from _database(name, env.given(name))
        elif kind in (kinds.address, kinds.origin):
            for value in env.split(env.given(name)):
                is_known = not kind(value)  # else it has been named already
                address = urlsplit(value) if is_known else None
                is_shown = name.endswith(("BASE_URL", "_ISSUER", "_PAGES"))  # to people's browsers, or said of us
                if address and address.scheme != "https" and (is_shown or address.hostname not in HERE):
                    yield f"{name} must begin with https:// in production."


def _database(name: str, value: str) -> Iterator[str]:
    if not value or kinds.database(value):
        return
    address = urlsplit(value)
    query = dict(parse_qsl(address.query))
    host = query.get("host", address.hostname or "")
    if host not in HERE and not host.startswith("/") and query.get("sslmode") not in SAFE:
        yield f"{name} reaches another machine: add ?sslmode=verify-full (or require)."
