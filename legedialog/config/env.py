"""Typed readers for the environment. A bad or missing value stops the start with one clear line."""

import os
from pathlib import Path


class BadSetting(Exception):
    """A setting is missing or cannot be read. The text names the variable and what to do."""


def text(name: str, default: str | None = None) -> str:
    value = os.environ.get(name, "")
    if value:
        return value
    if default is None:
        raise BadSetting(f"{name} is not set. Set it in the environment, or see docs/operator.md.")
    return default


def secret(name: str, default: str | None = None) -> str:
    """From the file named by NAME_FILE, or from NAME itself."""
    file = os.environ.get(f"{name}_FILE", "")
    if not file:
        return text(name, default)
    try:
        return Path(file).read_text(encoding="utf-8").strip()
    except OSError as error:
        raise BadSetting(f"{name}_FILE points to a file that cannot be read: {error.strerror}.") from error


def flag(name: str, default: bool = False) -> bool:
    value = os.environ.get(name, "").lower()
    if value in ("", "0", "1", "false", "true", "no", "yes"):
        return value in ("1", "true", "yes") if value else default
    raise BadSetting(f"{name} must be true or false.")


def number(name: str, default: int, *, least: int = 0, most: int = 2**31) -> int:
    value = os.environ.get(name, "") or str(default)
    if not value.isdecimal() or not least <= int(value) <= most:
        raise BadSetting(f"{name} must be a whole number from {least} to {most}.")
    return int(value)


def words(name: str, default: str = "") -> list[str]:
    """Comma-separated."""
    return [word.strip() for word in text(name, default).split(",") if word.strip()]


def choice(name: str, default: str, allowed: tuple[str, ...]) -> str:
    value = text(name, default)
    if value not in allowed:
        raise BadSetting(f"{name} must be one of: {', '.join(allowed)}.")
    return value
