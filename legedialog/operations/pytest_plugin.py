"""Loaded before Django's settings (`-p` in pyproject.toml): tests get their own mode and their own server.

The data lives in `.var/test` and is shared by all runs on this machine; the last run out stops the server.
`DATABASE_URL` in the environment takes another server instead; its role must be allowed to create databases.
"""

import os
import sys
from pathlib import Path

import pytest

from legedialog.operations import database

ROOT = Path(__file__).resolve().parents[2]
FOLDER = ROOT / ".var" / "test" / "postgres"
# A worker of a run in parallel inherits the address that the run gave it.
EMBEDDED = os.environ.get("DATABASE_URL") in (None, "", database.url(FOLDER))

for name in [name for name in os.environ if name.startswith("LEGEDIALOG_") and name != "LEGEDIALOG_PG_BIN"]:
    del os.environ[name]  # a person's own settings decide nothing here
# Where no compiled code is kept, each process of a run and each command that a test starts compiles the product and
# writes all asserts anew: a third of what it takes to find the tests.
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
sys.dont_write_bytecode = False
os.environ["LEGEDIALOG_MODE"] = "test"
os.environ["LEGEDIALOG_REGRET"] = "0"  # done at once, but where a test is about the wait
os.environ["LEGEDIALOG_VAR"] = str(ROOT / ".var" / "test")
if EMBEDDED:
    os.environ["DATABASE_URL"] = database.url(FOLDER)
SERVER_URL = os.environ["DATABASE_URL"]


def pytest_sessionstart(session: pytest.Session) -> None:
    """In a fresh clone: one line, not a failure for each page."""
    package = ROOT / "legedialog"
    if not (package / "ui/static/build").is_dir() or not any(package.glob("*/locale/*/LC_MESSAGES/*.mo")):
        pytest.exit("Styles, scripts and translations are not made yet. Type `make test T=legedialog/core` once.", 3)


_users = 0  # fixtures of this process that need the server


def start_server() -> None:
    global _users
    _users += 1
    if EMBEDDED and _users == 1:
        try:
            database.start(FOLDER, durable=False)
        except database.DatabaseProblem as problem:
            pytest.exit(str(problem), returncode=3)


def stop_server() -> None:
    global _users
    _users -= 1
    if EMBEDDED and not _users:
        database.stop(FOLDER)
