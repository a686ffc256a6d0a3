"""Whole databases for tests that migrate, back up and restore: made empty, filled from a release, asked by commands."""

import lzma
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from uuid import uuid4

import psycopg
from psycopg import sql

from legedialog.operations import database, pytest_plugin


def signal_all(folder: Path, number: int) -> None:
    """A signal to each process of the folder's server. A helper of the server's may end meanwhile."""
    for process in database._living(folder):
        with suppress(ProcessLookupError):
            os.kill(process, number)


def postmaster(folder: Path) -> str:
    return (folder / "postmaster.pid").read_text(encoding="utf-8").split()[0]


@contextmanager
def empty(template: str = "template0") -> Iterator[str]:
    """The address of a new database on the tests' server: an empty one, or a copy."""
    name = f"legedialog_empty_{uuid4().hex[:12]}"
    with psycopg.connect(pytest_plugin.SERVER_URL, autocommit=True) as admin:
        admin.execute(sql.SQL("CREATE DATABASE {} TEMPLATE {}").format(*map(sql.Identifier, (name, template))))
        address, _, query = pytest_plugin.SERVER_URL.partition("?")
        try:
            yield f"{address.rpartition('/')[0]}/{name}?{query}"
        finally:
            admin.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))


@contextmanager
def migrated() -> Iterator[str]:
    """The address of a new database of this version: a copy of what this run's tests began with."""
    with psycopg.connect(pytest_plugin.SERVER_URL) as admin:
        found = admin.execute("SELECT datname FROM pg_database WHERE datname ~ '^legedialog_template_[0-9a-f]{16}$'")
        (template,) = found.fetchone() or ("",)
    with empty(template) as address:
        yield address


RELEASES = sorted((Path(__file__).parent / "releases").glob("*.sql.xz"))


def run(url: str, *arguments: str, **environment: str) -> tuple[int, str]:
    done = subprocess.run(
        [sys.executable, *arguments],
        env={**os.environ, "DATABASE_URL": url, **environment},
        capture_output=True,
        text=True,
        check=False,
        timeout=600,
    )
    return done.returncode, done.stdout + done.stderr


def load(url: str, release: Path) -> None:
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(lzma.decompress(release.read_bytes()).decode())


READ_ALL = """
import django
django.setup()
from django.apps import apps
from legedialog.core import fence
with fence.system("every row is read and unsealed"):
    for model in apps.get_models():
        if model._meta.managed and model.__module__.startswith("legedialog"):
            list(model.objects.all())
"""
