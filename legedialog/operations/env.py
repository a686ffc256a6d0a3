"""Typed readers for the environment. A bad or missing value stops the start with one clear line.

Every reader takes what the variable is `about`: docs/settings.md is made from these lines.
"""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

ADDRESSES = ("_URL", "_ISSUER", "_PAGES", "_CLAMAV")  # how variables end that hold addresses

ABOUT: dict[str, str] = {}  # every variable the product reads → what it is about, in the order of reading


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


def is_address(value: str) -> bool:
    """Whether its parts can be told from each other."""
    try:
        urlsplit(value).port  # noqa: B018  it is read when it is asked for
    except ValueError:
        return False
    return True


def _usable(name: str, value: str) -> bool:
    if not name.endswith(ADDRESSES) or all(is_address(each.strip()) for each in value.split(",")):
        return True
    problem(f"{name} is no address: its host or its port cannot be read.")
    return False


def text(name: str, default: str | None = None, *, about: str) -> str:
    ABOUT[name] = about
    value = os.environ.get(name, "")
    if value:
        return value if _usable(name, value) else default or ""
    if default is None:
        problem(f"{name} is not set. Set it in the environment, or see docs/operator.md.")
        return ""
    return default


def secret(name: str, default: str | None = None, *, about: str) -> str:
    """From the file named by NAME_FILE, or from NAME itself."""
    file = os.environ.get(f"{name}_FILE", "")
    if not file:
        return text(name, default, about=f"{about} Or `{name}_FILE`: a file that holds it.")
    ABOUT[name] = f"{about} Or `{name}_FILE`: a file that holds it."
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
    return value if value and _usable(name, value) else default or ""


def flag(name: str, default: bool = False, *, about: str) -> bool:
    value = text(name, "yes" if default else "no", about=about).lower()
    if value not in ("0", "1", "false", "true", "no", "yes"):
        problem(f"{name} must be true or false.")
    return value in ("1", "true", "yes")


def number(name: str, default: int, *, about: str, least: int = 0, most: int = 2**31) -> int:
    value = text(name, str(default), about=about)
    if not value.isdecimal() or not least <= int(value) <= most:
        problem(f"{name} must be a whole number from {least} to {most}.")
        return default
    return int(value)


def words(name: str, default: str = "", *, about: str) -> list[str]:
    """Comma-separated."""
    return [word.strip() for word in text(name, default, about=about).split(",") if word.strip()]


def choice(name: str, default: str, allowed: tuple[str, ...], *, about: str) -> str:
    value = text(name, default, about=about)
    if value not in allowed:
        problem(f"{name} must be one of: {', '.join(allowed)}.")
        return default
    return value
