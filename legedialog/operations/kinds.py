"""What the value of a setting must be. Every text in the environment is read as one of these (env.py): a setting
without a kind cannot be read, and config/tests/test_settings.py gives each of them nonsense.

A kind takes the value and answers "", or how the sentence goes on that begins with the variable's name.
"""

import ipaddress
import os
import re
from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path
from urllib.parse import parse_qsl, urlsplit

import psycopg
from joserfc.errors import JoseError

from legedialog.core import keys

Kind = Callable[[str], str]

LABEL = r"(?!-)[A-Za-z0-9-]{1,63}(?<!-)"
HOST = re.compile(rf"{LABEL}(\.{LABEL})*\.?")
PERSON = r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}"
MAIL = re.compile(rf"{PERSON}@{LABEL}(\.{LABEL})*")
RELAY = re.compile(rf"(stuns?|turns?):({LABEL}(\.{LABEL})*|\[[0-9A-Fa-f:.]+\])(:[0-9]{{1,5}})?(\?transport=(udp|tcp))?")
NO_KEY = "names a file that holds no private key (RSA or EC), as JWK or PEM"
MODES = ("disable", "allow", "prefer", "require", "verify-ca", "verify-full")  # sslmode
UNREADABLE = "is no address: its host or its port cannot be read"


def words(value: str) -> str:
    """Free, in one line: a name, a password, a key."""
    return ""


def number(value: str) -> str:
    return "" if re.fullmatch("[0-9]{1,12}", value) else "must be a whole number"


def flag(value: str) -> str:
    good = value.lower() in ("0", "1", "false", "true", "no", "yes")
    return "" if good else "must be true or false"


def one_of(allowed: tuple[str, ...]) -> Kind:
    return lambda value: "" if value in allowed else f"must be one of: {', '.join(allowed)}"


def several(kind: Kind) -> Kind:
    """Separated by commas."""
    return lambda value: next(
        (fault for each in value.split(",") if each.strip() and (fault := kind(each.strip()))), ""
    )


def token(value: str) -> str:
    """Stands in a header or in an address."""
    return "" if re.fullmatch("[!-~]+", value) else "must be one word of ASCII signs"


def address(value: str) -> str:
    """Of a page or a service."""
    try:
        parts = urlsplit(value)
        port = parts.port
    except ValueError:
        return UNREADABLE
    if parts.scheme not in ("https", "http"):
        return "must begin with https:// (or http://)"
    if not parts.hostname:
        return "must name a host, such as https://lege.example.no"
    return "" if _is_host(parts.hostname) and port != 0 and token(value) == "" else UNREADABLE


def origin(value: str) -> str:
    """Of a whole site."""
    bare = not urlsplit(value).path.strip("/") and not re.search("[?#@]", value) if not address(value) else True
    return address(value) or ("" if bare else "must be a site's address and no more, such as https://lege.example.no")


def machine(value: str) -> str:
    return "" if _is_host(value) else "must be the name or the address of a machine, such as mail.example.no"


def own_address(value: str) -> str:
    """Where a server listens."""
    return (
        "" if value == "localhost" or _is_ip(value) else "must be an address of this machine, such as 127.0.0.1 or ::"
    )


def site(value: str) -> str:
    """As in Django's ALLOWED_HOSTS."""
    good = value == "*" or _is_host(value.removeprefix(".")) or (value[:1] == "[" and _is_ip(value[1:-1]))
    return "" if good else "must be host names without scheme, port and path, such as lege.example.no"


def mail(value: str) -> str:
    return "" if MAIL.fullmatch(value) else "must be an e-mail address, such as lege@example.no"


def sender(value: str) -> str:
    """`lege@example.no`, or `Legedialog <lege@example.no>`."""
    match = re.fullmatch(r'("[^"<>@]*" *|[^"<>@,;:()]*)<([^<>]+)>', value)
    return mail(match[2] if match else value)


def sms_sender(value: str) -> str:
    good = re.fullmatch(r"[A-Za-z0-9 ]{1,11}|\+?[0-9]{3,15}", value)
    return "" if good else "must be 11 letters or digits at most, or a number"


def telephone(value: str) -> str:
    return "" if re.fullmatch(r"\+?[0-9][0-9 ]{2,19}", value) else "must be a telephone number, such as 80000000"


def relay(value: str) -> str:
    good = RELAY.fullmatch(value)
    return (
        "" if good else "must be servers such as stun:turn.example.no:3478 or turn:turn.example.no:3478?transport=udp"
    )


def scanner(value: str) -> str:
    try:
        parts = urlsplit(value)
        is_tcp = bool(parts.port) and parts.scheme == "tcp" and _is_host(parts.hostname or "") and not parts.path
    except ValueError:
        return UNREADABLE
    if is_tcp or re.fullmatch("unix:///.+", value):
        return ""
    return "must look like tcp://host:3310 or unix:///run/clamav/clamd.ctl"


def database(value: str) -> str:
    try:
        parts = urlsplit(value)
        parts.port  # noqa: B018  it is read when it is asked for
        query = dict(parse_qsl(parts.query))
    except ValueError:
        return UNREADABLE
    if parts.scheme not in ("postgresql", "postgres") or not parts.path.strip("/"):
        return "must look like postgresql://user:password@host:5432/name"
    try:
        psycopg.conninfo.conninfo_to_dict(value)
    except psycopg.ProgrammingError as error:
        return f"is no address of PostgreSQL: {str(error).strip().splitlines()[0]}"
    return "" if query.get("sslmode", MODES[0]) in MODES else f"has a sslmode that is none of {', '.join(MODES)}"


def folder(value: str) -> str:
    """That is there, or can be made."""
    there = next((each for each in (Path(value), *Path(value).parents) if os.path.lexists(each)), Path.cwd())
    return "" if there.is_dir() else f"must be a folder, and {there} is none"


def own_folder(value: str) -> str:
    """That we write to."""
    there = next((each for each in (Path(value), *Path(value).parents) if each.exists()), Path.cwd())
    return folder(value) or ("" if os.access(there, os.W_OK | os.X_OK) else f"cannot be written to: {there}")


def programs(value: str) -> str:
    return "" if Path(value).is_dir() else "must be a folder that is there"


def key_file(value: str) -> str:
    if not Path(value).is_file():
        return "must be a file that is there"
    try:
        key = keys.load(value)
        return "" if key.is_private and key.key_type in keys.ALGORITHMS else NO_KEY
    except OSError as error:
        return f"names a file that cannot be read: {error.strerror}"
    except (ValueError, TypeError, KeyError, RecursionError, JoseError):
        return NO_KEY


def recipient(value: str) -> str:
    return "" if re.match("age1|ssh-", value) else "must be a public key of `age` (age1…) or of SSH (ssh-…)"


def class_path(value: str) -> str:
    """Whether it holds such a class is known when Django is set up: environment.py looks."""
    module = value.rpartition(".")[0]
    try:
        is_there = all(part.isidentifier() for part in value.split(".")) and bool(module) and find_spec(module)
    except (ImportError, ValueError):
        is_there = False
    return "" if is_there else "names no class: it must be module.Class, of a module that is installed"


def _is_host(value: str) -> bool:
    return bool(HOST.fullmatch(value)) or _is_ip(value)


def _is_ip(value: str) -> bool:
    try:
        ipaddress.ip_address(value)
    except ValueError:
        return False
    return True
