"""Whole databases for tests that migrate, back up and restore: made empty, filled from a release, asked by commands."""

import lzma
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from uuid import uuid4

import psycopg
from psycopg import sql

from legedialog.operations import pytest_plugin


@contextmanager
def empty() -> Iterator[str]:
    """The address of a new, empty database on the tests' server."""
    name = f"legedialog_empty_{uuid4().hex[:12]}"
    with psycopg.connect(pytest_plugin.SERVER_URL, autocommit=True) as admin:
        admin.execute(sql.SQL("CREATE DATABASE {} TEMPLATE template0").format(sql.Identifier(name)))
        address, _, query = pytest_plugin.SERVER_URL.partition("?")
        try:
            yield f"{address.rpartition('/')[0]}/{name}?{query}"
        finally:
            admin.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))


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
