"""What a command needs before Django's settings can be read: secrets in the demo, and a database."""

import importlib
import os
import secrets
import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from types import FrameType

import django
from django.utils.module_loading import import_string

from legedialog.core import fence
from legedialog.operations import database, env, kinds

MADE_BY_THE_DEMO = ("LEGEDIALOG_SECRET_KEY", "LEGEDIALOG_MASTER_KEY")


def folder() -> Path:
    return Path(os.environ.get("LEGEDIALOG_VAR") or Path(__file__).resolve().parents[2] / ".var")


def embedded() -> Path | None:
    """The folder of our own server's data, or None when DATABASE_URL names another server."""
    given = os.environ.get("DATABASE_URL") or os.environ.get("DATABASE_URL_FILE")
    return None if given else folder() / "postgres"


@contextmanager
def ready(*, with_database: bool = True, serves_pages: bool = False) -> Iterator[None]:
    """Settings can be read and, unless told otherwise, the database answers. Stops an embedded server at the end."""
    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, _end)
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "legedialog.config.settings")
    if os.environ.get("LEGEDIALOG_MODE") == "demo":
        _make_secrets()
    data = embedded()
    try:
        if data:
            os.environ["DATABASE_URL"] = database.start(data) if with_database else database.url(data)
        django.setup()
        if missing := _without_class():
            raise env.BadSetting(missing[0])
        for line in env.unknown():  # what a later version reads may be set before it comes: docs/adr/0181
            print(line, file=sys.stderr)  # noqa: T201
        if not serves_pages:  # there each request says for whom
            fence.process_is_system("a command works for the whole installation")
            if with_database:
                import_string("legedialog.core.crypto.keep_open")()  # only now: Django is set up
        yield
    finally:
        if data:
            database.stop(data)
            os.environ.pop("DATABASE_URL", None)


def problems() -> list[str]:
    """Why nothing would start with this environment, one line each. Starts nothing."""
    if data := embedded():
        os.environ["DATABASE_URL"] = database.url(data)
    if os.environ.get("LEGEDIALOG_MODE") == "demo":
        for name in MADE_BY_THE_DEMO:  # at its first start
            if not (os.environ.get(name) or os.environ.get(f"{name}_FILE")):
                os.environ[name] = secrets.token_hex(32)
    with env.collecting() as found:
        settings = importlib.import_module("legedialog.config.settings")
    if settings.MODE == "production" and (missing := without_files(settings.STATIC_ROOT)):
        found.append(missing)
    found += env.unknown()
    with suppress(Exception):  # with settings such as these Django may be unable to begin: they have been named then
        os.environ.setdefault("DJANGO_SETTINGS_MODULE", "legedialog.config.settings")
        django.setup()
        found += _without_class()
    return list(dict.fromkeys(found))


def without_files(folder: str) -> str | None:
    """Pages would be made without their style: each of them would fail."""
    if (Path(folder) / "staticfiles.json").is_file():
        return None
    return f"LEGEDIALOG_STATIC: {folder} holds no collected CSS and scripts. Run `legedialog static`."


def _without_class() -> list[str]:
    """A line for each setting that names a class which is not there. Django is set up."""
    lines = []
    for name, kind in env.KINDS.items():
        value = env.given(name) if kind is kinds.class_path else ""
        try:
            if value:
                import_string(value)
        except ImportError as error:
            lines.append(f"{name} names no class: {error}.")
    return lines


def _end(number: int, frame: FrameType | None) -> None:
    raise SystemExit(128 + number)  # so that every `finally` runs


def _make_secrets() -> None:
    kept = folder() / "secrets"
    for name in MADE_BY_THE_DEMO:
        if os.environ.get(name) or os.environ.get(f"{name}_FILE"):
            continue
        file = kept / name.removeprefix("LEGEDIALOG_").lower()
        if not file.exists():
            kept.mkdir(mode=0o700, parents=True, exist_ok=True)
            new = kept / f"{file.name}.new"
            new.touch(mode=0o600)
            new.write_text(secrets.token_hex(32), encoding="utf-8")
            new.rename(file)
        os.environ[f"{name}_FILE"] = str(file)
