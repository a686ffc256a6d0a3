"""Typed readers for the environment. A bad or missing value stops the start with one clear line.

Every reader takes what the variable is `about`: docs/settings.md is made from these lines.
"""

import difflib
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from legedialog.operations import kinds
from legedialog.operations.kinds import Kind

ABOUT: dict[str, str] = {}  # every variable the product reads → what it is about, in the order of reading
KINDS: dict[str, Kind] = {}  # and what it must be
SECRETS: set[str] = set()  # those that a file may hold: NAME_FILE
OURS = "LEGEDIALOG_"


class BadSetting(Exception):
    """A setting is missing or cannot be read. The text names the variable and what to do."""


_collected: list[str] | None = None  # None: the first problem stops the start


def problem(words: str) -> None:
    """What cannot be started with: raised, or kept with the others while all are collected."""
    if _collected is None:
        raise BadSetting(words)
    _collected.append(words)


@contextmanager
def collecting() -> Iterator[list[str]]:
    """All problems of the settings that are read meanwhile, one line each. Nothing may start with such settings."""
    global _collected
    _collected = []
    try:
        yield _collected
    finally:
        _collected = None


def given(name: str) -> str:
    """What the environment or the file says, "" when nothing does."""
    file = os.environ.get(f"{name}_FILE", "")
    if not file:
        return os.environ.get(name, "")
    try:
        return Path(file).read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError):
        return ""


def _checked(name: str, value: str, kind: Kind, instead: str) -> str:
    """The value, or `instead` after its fault was told."""
    fault = kind(value) if value.isprintable() else "must be one line of signs that can be seen"
    if fault:
        problem(f"{name} {fault}.")
    return instead if fault else value


def text(name: str, default: str | None = None, *, kind: Kind, about: str) -> str:
    """`kind` is of kinds.py."""
    ABOUT[name], KINDS[name] = about, kind
    value = os.environ.get(name, "")
    if value:
        return _checked(name, value, kind, default or "")
    if default is None:
        problem(f"{name} is not set. Set it in the environment, or see docs/operator.md.")
        return ""
    return default


def secret(name: str, default: str | None = None, *, kind: Kind = kinds.words, about: str) -> str:
    """From the file named by NAME_FILE, or from NAME itself."""
    SECRETS.add(name)
    file = os.environ.get(f"{name}_FILE", "")
    about = f"{about} Or `{name}_FILE`: a file that holds it."
    if not file:
        return text(name, default, kind=kind, about=about)
    ABOUT[name], KINDS[name] = about, kind
    try:
        value = Path(file).read_text(encoding="utf-8").strip()
    except OSError as error:
        problem(f"{name}_FILE points to a file that cannot be read: {error.strerror}.")
        return default or ""
    except UnicodeDecodeError:
        problem(f"{name}_FILE points to a file that is not text.")
        return default or ""
    if not value and default is None:
        problem(f"{name}_FILE points to a file that is empty.")
    return _checked(name, value, kind, default or "") if value else default or ""


def flag(name: str, default: bool = False, *, about: str) -> bool:
    value = text(name, "yes" if default else "no", kind=kinds.flag, about=about)
    return value.lower() in ("1", "true", "yes")


def number(name: str, default: int, *, about: str, least: int = 0, most: int = 2**31) -> int:
    value = int(text(name, str(default), kind=kinds.number, about=about))
    if not least <= value <= most:
        problem(f"{name} must be a whole number from {least} to {most}.")
        return default
    return value


def words(name: str, default: str = "", *, kind: Kind, about: str) -> list[str]:
    """Comma-separated, each of `kind`."""
    value = text(name, default, kind=kinds.several(kind), about=about)
    KINDS[name] = kind
    return split(value)


def unknown() -> list[str]:
    """A line for each variable that is called as ours are and that nothing reads. After the settings were read."""
    known = [*ABOUT, *(f"{name}_FILE" for name in SECRETS)]
    lines = []
    for name in sorted(name for name in os.environ if name.startswith(OURS) and name not in known):
        near = difflib.get_close_matches(name, known, 1, 0.8)
        lines.append(f"{name} is no setting." + (f" Is {near[0]} meant?" if near else " See docs/settings.md."))
    return lines


def split(value: str) -> list[str]:
    return [word.strip() for word in value.split(",") if word.strip()]


def choice(name: str, default: str, allowed: tuple[str, ...], *, about: str) -> str:
    return text(name, default, kind=kinds.one_of(allowed), about=about)
