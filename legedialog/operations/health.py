"""For load balancers and people on call. Nothing here tells of persons, versions or addresses.

Answered beside the pages, for any host and with any cookies: `/health/live` by the process itself, `/health/ready` by a
thread that nobody else uses, so that neither waits for a page.
"""

import asyncio
import json
import time
from collections.abc import Awaitable, Callable, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any

import structlog
from cryptography.exceptions import InvalidTag
from django.conf import settings
from django.db import (
    DatabaseError,
    InterfaceError,
    OperationalError,
    close_old_connections,
    connection,
    connections,
)
from django.db.migrations.executor import MigrationExecutor
from django.utils import timezone

from legedialog.attachments import intake, sandbox
from legedialog.core import crypto, master
from legedialog.operations import fence, watch
from legedialog.operations.measures import SILENT

Found = dict[str, Any]

log = structlog.get_logger("legedialog.health")

KEPT = 1.0  # seconds for which an answer holds, however many ask
PATIENCE = 5.0  # seconds, then it says that the database is silent

NOT_DONE = dict.fromkeys(("database", "migrations", "fence", "keys", "worker"), "unknown")
AWAY = (OperationalError, InterfaceError)
HEARTBEAT = "worker_heartbeat_age_seconds"
GOOD = {"database": "up", "migrations": "applied", "fence": "up", "keys": "open", "disk": "free"}

_migrated = False  # once true for this code, always true


def _own_connection() -> None:
    """Outside the pool and kept, so that it answers even while pages hold all of them."""
    own = connections.create_connection("default")
    options = {name: value for name, value in own.settings_dict["OPTIONS"].items() if name != "pool"}
    own.settings_dict = {**own.settings_dict, "CONN_MAX_AGE": None, "OPTIONS": options}
    connections["default"] = own


_thread = ThreadPoolExecutor(1, thread_name_prefix="health", initializer=_own_connection)
_asked: Future[Found] | None = None
_asked_at = 0.0
_last = ""


async def application(
    scope: Mapping[str, Any],
    receive: Callable[[], Awaitable[Any]],
    send: Callable[[Mapping[str, Any]], Awaitable[None]],
) -> None:
    """`/health/…`, always in JSON."""
    status, found = 404, {"status": "not found"}
    if scope["method"] not in ("GET", "HEAD"):
        status, found = 405, {"status": "only GET"}
    elif scope["path"] == "/health/live":
        status, found = 200, {"status": "ok"}
    elif scope["path"] == "/health/ready":
        found = await _ready()
        status = 503 if found["status"] == "unavailable" else 200
    body = json.dumps(found).encode()
    headers = [
        (b"content-type", b"application/json"),
        (b"content-length", str(len(body)).encode()),
        (b"cache-control", b"no-store"),
        (b"x-content-type-options", b"nosniff"),
    ]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": b"" if scope["method"] == "HEAD" else body})


async def _ready() -> Found:
    """One look at a time, shared by all who ask meanwhile."""
    global _asked, _asked_at
    if _asked is None or (_asked.done() and time.monotonic() - _asked_at > KEPT):
        _asked, _asked_at = _thread.submit(_look), time.monotonic()
    try:
        return await asyncio.wait_for(asyncio.shield(asyncio.wrap_future(_asked)), PATIENCE)
    except TimeoutError:
        return {"status": "unavailable", **NOT_DONE, "database": "silent"}


def _look() -> Found:
    global _last
    try:
        close_old_connections()  # one that was lost is replaced before it is asked
        found = ready()
    except Exception as fault:  # of ours, or of the machine: whether the database answers is not known then
        log.exception("health cannot be told")
        found = {"status": "unavailable", **NOT_DONE, "fault": type(fault).__name__}
    if found["status"] != _last:
        said = {name: word for name, word in found.items() if name != "status"}
        (log.info if found["status"] == "ok" else log.warning)("health", status=found["status"], **said)
        _last = found["status"]
    return found


def ready() -> Found:
    """A word for each part, the measures, and `status`: ok; degraded, when somebody should look; or unavailable,
    without the database, the keys or room on the disk, with migrations waiting, or with row-level security off.

    A silent worker, a queue that stands, or files that are not taken are no reason to take the pages away.
    """
    found, measures = state(), watch.here(timezone.now())
    found["disk"] = "full" if watch.disk_is_full() else "free"
    if found["database"] == "up" and found["migrations"] == "applied":
        try:
            measures |= watch.queues()
        except DatabaseError as error:
            found["database"] = _why(error)
    found["files"] = _files()
    good = all(found[name] == word for name, word in GOOD.items())
    late = [each.name for each in watch.worries(measures)] + (["files"] if found["files"] != "up" else [])
    late += [each.name for each in watch.never(measures)] if good and not settings.DEMO else []
    if good:
        silent = measures.get(HEARTBEAT, watch.NEVER) > SILENT
        found["worker"] = "silent" if silent else "up"
    status = "unavailable" if not good else "degraded" if late else "ok"
    return {"status": status, **found, "worries": late, **measures}


def state() -> dict[str, str]:
    """Database up, down (nobody answers) or failing (it answers with an error), migrations applied or waiting,
    the fence up or down, keys open or closed; else unknown."""
    found = dict(NOT_DONE)
    try:
        found["migrations"] = "applied" if _is_migrated() else "waiting"
        found["database"] = "up"
        if found["migrations"] == "applied":
            found["fence"] = "up" if _holds() else "down"
            found["keys"] = "open" if _opens() else "closed"
    except (DatabaseError, InterfaceError) as error:
        found["database"] = _why(error)
        connection.close()
    return found


def jobs() -> dict[str, int]:
    """How many jobs are in each state, by the queue's own words."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT status::text, count(*) FROM procrastinate_jobs GROUP BY 1 ORDER BY 1")
        return dict(cursor.fetchall())


def _is_migrated() -> bool:
    global _migrated
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
    if not _migrated:
        executor = MigrationExecutor(connection)
        _migrated = not executor.migration_plan(executor.loader.graph.leaf_nodes())
    return _migrated


def _holds() -> bool:
    faults = fence.faults()
    for fault in faults:
        log.error("the fence is down", fault=fault)
    return not faults


def _why(error: DatabaseError | InterfaceError) -> str:
    if isinstance(error, AWAY):
        return "down"
    log.error("the database answers with an error", problem=type(error.__cause__ or error).__name__)
    return "failing"


def _files() -> str:
    """Up, unguarded where the demo does without a sandbox, or the first reason of intake.ADVICE why none is taken."""
    faults = intake.faults()
    return faults[0] if faults else "unguarded" if sandbox.fault() else "up"


def _opens() -> bool:
    """Asks the key server only until it has answered once."""
    try:
        crypto.open_index()
    except (master.KeyServerFailed, master.MasterUnknown, InvalidTag) as problem:
        log.error("the keys cannot be opened", problem=type(problem).__name__)
        return False
    return True
