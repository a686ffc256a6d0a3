"""A database for this run: a copy of a template that was migrated once for this state of the migrations."""

import gc
import hashlib
import secrets
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from datetime import UTC, datetime
from pathlib import Path

import psycopg
import pytest
from django.apps import apps
from django.conf import settings
from django.db import connections, router
from django.utils import translation
from hypothesis import settings as hypothesis
from psycopg import sql
from pytest_django.plugin import DjangoDbBlocker

from legedialog.access.tests import inside
from legedialog.core import contexts, crypto, events, fence
from legedialog.core.models import KeyPurpose
from legedialog.core.tests import owner
from legedialog.demo import engine as demo
from legedialog.operations import fence as policies
from legedialog.operations import grants, migrate, pytest_plugin, standing

ALIASES = ("default", "owner")
TEMPLATE = pytest.StashKey[str]()
FILLED = "_filled"
Filled = Callable[[], AbstractContextManager[None]]

# Thousands of tests and all of the product stay to the end: to look through them for what may go is a tenth of a run.
gc.set_threshold(100_000, 20, 100)

# What an example costs says how busy the machine is, not whether the code is right.
hypothesis.register_profile("legedialog", deadline=None)
hypothesis.load_profile("legedialog")

# Rows are made by whoever needs them; a page that is asked for sees what its reader sees.
fence.process_is_system("tests")


def pytest_collection_finish() -> None:
    inside.asked_by_actors()


@pytest.fixture(autouse=True)
def bokmal() -> Iterator[None]:
    """Every test begins in bokmål: Django's test client leaves the language of its last answer behind."""
    with translation.override("nb"):
        yield


@pytest.fixture(autouse=True, scope="session")  # before the worlds that a module shares
def prepared_by_the_owner() -> Iterator[None]:
    """See core/tests/owner.py."""
    with connections["default"].execute_wrapper(owner.prepares):
        yield


@pytest.fixture(scope="session")
def django_db_setup(request: pytest.FixtureRequest, django_db_blocker: DjangoDbBlocker) -> Iterator[None]:
    """`default` is the web role, as in production: a test that needs more than its grants fails."""
    pytest_plugin.start_server()
    name = f"legedialog_test_{secrets.token_hex(6)}"
    admin = psycopg.connect(pytest_plugin.SERVER_URL, autocommit=True, application_name=name)
    try:
        with django_db_blocker.unblock():
            admin.execute("SELECT pg_advisory_lock(%s)", [migrate.LOCK + 1])  # one run at a time makes templates
            _drop_leftovers(admin)
            template = request.config.stash[TEMPLATE] = _template(admin)
            _copy(admin, template, name)
            admin.execute("SELECT pg_advisory_unlock_all()")
            _use(name)
            # Django empties only tables the router lets a connection migrate; here the owner does it for the web role.
            router.routers = []
            connections["default"].ops.execute_sql_flush = owner.flush  # type: ignore[assignment,method-assign]
        yield
        with django_db_blocker.unblock():
            for alias in ALIASES:
                connections[alias].close()
        _drop(admin, name)
        _drop(admin, name + FILLED)
    finally:
        admin.close()
        pytest_plugin.stop_server()


@contextmanager
def _inside(name: str) -> Iterator[None]:
    """Another database than this run's, with its own keys."""
    own = connections["default"].settings_dict["NAME"]
    _use(name)
    crypto.forget_keys()
    teller, events._teller = events._teller, events.Teller()  # it stays with the database it first told in
    try:
        yield
    finally:
        events._teller = teller
        crypto.forget_keys()
        _use(own)


@pytest.fixture(scope="session")
def filled_template(request: pytest.FixtureRequest, django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> str:
    """The name of a database in which the demo's people stand, to be copied: filled once for this code and this hour,
    by whichever process of a run comes first."""
    with django_db_blocker.unblock(), psycopg.connect(pytest_plugin.SERVER_URL, autocommit=True) as admin:
        admin.execute("SELECT pg_advisory_lock(%s)", [migrate.LOCK + 1])
        return _filled(admin, request.config.stash[TEMPLATE])


@pytest.fixture(scope="session")
def filled(filled_template: str, django_db_blocker: DjangoDbBlocker) -> Filled:
    """A database beside this run's in which the demo's people stand, for all tests that begin there."""
    name = connections["default"].settings_dict["NAME"] + FILLED
    with psycopg.connect(pytest_plugin.SERVER_URL, autocommit=True) as admin:
        admin.execute("SELECT pg_advisory_lock(%s)", [migrate.LOCK + 1])
        _copy(admin, filled_template, name)

    @contextmanager
    def inside() -> Iterator[None]:
        with django_db_blocker.unblock(), _inside(name):
            yield

    return inside


@pytest.fixture(scope="class")  # of one test, and before its transaction begins
def begins_filled(filled: Filled) -> Iterator[None]:
    with filled():
        yield


def _template(admin: psycopg.Connection) -> str:
    told = sorted(str(file) for file in Path(contexts.__file__).parents[2].glob("**/about.py"))
    makers = [str(each.__file__) for each in (migrate, grants, policies, standing, fence, owner)]
    makers += sorted(map(str, Path(contexts.__file__).parent.glob("*.py")))
    state = hashlib.sha256(b"".join(Path(file).read_bytes() for file in (*makers, __file__, *told)))
    for app in sorted(apps.get_app_configs(), key=lambda app: app.label):
        for file in sorted(Path(app.path, "migrations").glob("*.*")):
            state.update(app.label.encode() + file.name.encode() + file.read_bytes())
    name = f"legedialog_template_{state.hexdigest()[:16]}"
    databases = {row[0] for row in admin.execute("SELECT datname FROM pg_database")}
    if name in databases:
        return name
    for other in databases:
        if other.startswith("legedialog_template_"):
            _drop(admin, other)
    new = f"{name}_new"  # so that a template with the right name is always whole
    admin.execute(sql.SQL("CREATE DATABASE {} TEMPLATE template0").format(sql.Identifier(new)))
    _use(new)
    migrate.prepare()
    with connections["owner"].cursor() as cursor:  # only here: what tests prepare and the product never does
        cursor.execute(owner.SQL.format(role=settings.DATABASES["default"]["USER"]))
        with connections["owner"].connection.transaction():
            standing.record(connections["owner"].connection)
    for purpose in KeyPurpose:  # the platform's: otherwise each test would make them
        crypto.create_key(purpose, None)
    crypto.forget_keys()
    for alias in ALIASES:
        connections[alias].close()
    admin.execute(sql.SQL("ALTER DATABASE {} RENAME TO {}").format(sql.Identifier(new), sql.Identifier(name)))
    return name


def _filled(admin: psycopg.Connection, template: str) -> str:
    code = Path(contexts.__file__).parents[2]
    state = hashlib.sha256(f"{template} {datetime.now(UTC):%Y-%m-%d %H}".encode())
    for file in sorted(each for each in code.rglob("*.py") if "tests" not in each.parts):
        state.update(file.read_bytes())
    name = f"legedialog_filled_{state.hexdigest()[:16]}"
    databases = {row[0] for row in admin.execute("SELECT datname FROM pg_database")}
    if name in databases:
        return name
    for other in databases:
        if other.startswith("legedialog_filled_"):
            _drop(admin, other)
    new = f"{name}_new"
    _copy(admin, template, new)
    with _inside(new):
        demo.populate(lambda done, total: None)
    # The connection that tells of events stays, and nobody may be in what is renamed or copied.
    admin.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s", [new])
    admin.execute(sql.SQL("ALTER DATABASE {} RENAME TO {}").format(sql.Identifier(new), sql.Identifier(name)))
    return name


def _copy(admin: psycopg.Connection, template: str, name: str) -> None:
    admin.execute(sql.SQL("CREATE DATABASE {} TEMPLATE {}").format(*map(sql.Identifier, (name, template))))
    # As migrate.prepare does; the right to a database does not come with its template.
    admin.execute(sql.SQL("REVOKE TEMPORARY, CREATE ON DATABASE {} FROM PUBLIC").format(sql.Identifier(name)))


def _use(name: str) -> None:
    for alias in ALIASES:
        connections[alias].close()
        connections[alias].settings_dict["NAME"] = name


def _drop_leftovers(admin: psycopg.Connection) -> None:
    """Databases of killed runs: a living run keeps a connection that carries its database's name."""
    for (name,) in admin.execute(
        f"SELECT datname FROM pg_database WHERE datname LIKE 'legedialog_test_%' AND replace(datname, '{FILLED}', '')"
        " NOT IN (SELECT application_name FROM pg_stat_activity)"
    ).fetchall():
        _drop(admin, name)


def _drop(admin: psycopg.Connection, name: str) -> None:
    admin.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name)))
