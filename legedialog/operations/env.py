"""Typed readers for the environment. A bad or missing value stops the start with one clear line.

Every reader takes what the variable is `about`: docs/settings.md is made from these lines.
"""

import os
from pathlib import Path

ABOUT: dict[str, str] = {}  # every variable the product reads → what it is about, in the order of reading


class BadSetting(Exception):
    """A setting is missing or cannot be read. The text names the variable and what to do."""


def text(name: str, default: str | None = None, *, about: str) -> str:
    ABOUT[name] = about
    value = os.environ.get(name, "")
    if value:
        return value
    if default is None:
        raise BadSetting(f"{name} is not set. Set it in the environment, or see docs/operator.md.")
    return default


def secret(name: str, default: str | None = None, *, about: str) -> str:
    """From the file named by NAME_FILE, or from NAME itself."""
    file = os.environ.get(f"{name}_FILE", "")
    if not file:
        return text(name, default, about=f"{about} Or `{name}_FILE`: a file that holds it.")
    ABOUT[name] = f"{about} Or `{name}_FILE`: a file that holds it."
    try:
        return Path(file).read_text(encoding="utf-8").strip()
    except OSError as error:
        raise BadSetting(f"{name}_FILE points to a file that cannot be read: {error.strerror}.") from error


def flag(name: str, default: bool = False, *, about: str) -> bool:
    value = text(name, "yes" if default else "no", about=about).lower()
    if value not in ("0", "1", "false", "true", "no", "yes"):
        raise BadSetting(f"{name} must be true or false.")
    return value in ("1", "true", "yes")


def number(name: str, default: int, *, about: str, least: int = 0, most: int = 2**31) -> int:
    value = text(name, str(default), about=about)
    if not value.isdecimal() or not least <= int(value) <= most:
        raise BadSetting(f"{name} must be a whole number from {least} to {most}.")
    return int(value)


def words(name: str, default: str = "", *, about: str) -> list[str]:
    """Comma-separated."""
    return [word.strip() for word in text(name, default, about=about).split(",") if word.strip()]


def choice(name: str, default: str, allowed: tuple[str, ...], *, about: str) -> str:
    value = text(name, default, about=about)
    if value not in allowed:
        raise BadSetting(f"{name} must be one of: {', '.join(allowed)}.")
    return value
