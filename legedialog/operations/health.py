"""For load balancers and people on call. Nothing here tells of persons, versions or addresses."""

from datetime import datetime, timedelta

import structlog
from django.db import DatabaseError, connection
from django.db.migrations.executor import MigrationExecutor
from django.http import HttpRequest, JsonResponse
from django.utils import timezone
from django.views.decorators.http import require_safe

from legedialog.operations import fence

log = structlog.get_logger("legedialog.health")

SILENT = timedelta(seconds=90)  # a worker reports every ten seconds

_migrated = False  # once true for this code, always true


@require_safe
def live(request: HttpRequest) -> JsonResponse:
    """This process answers."""
    return JsonResponse({"status": "ok"})


@require_safe
def ready(request: HttpRequest) -> JsonResponse:
    """This process can do its work: 503 without the database, with migrations waiting, or with row-level security off.

    A silent worker is reported and no reason to take the pages away.
    """
    found = state(timezone.now())
    good = found["database"] == "up" and found["migrations"] == "applied" and found["fence"] == "up"
    return JsonResponse({"status": "ok" if good else "unavailable", **found}, status=200 if good else 503)


def state(now: datetime) -> dict[str, str]:
    """A word for each part, else unknown: database up or down, migrations applied or waiting, the fence up or down, and
    the worker up or silent.
    """
    found = {"database": "down", "migrations": "unknown", "fence": "unknown", "worker": "unknown"}
    try:
        found["migrations"] = "applied" if _is_migrated() else "waiting"
        found["database"] = "up"
        if found["migrations"] == "applied":
            found["fence"] = "up" if _holds() else "down"
        found["worker"] = _worker(now)
    except DatabaseError:
        pass
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


def _worker(now: datetime) -> str:
    with connection.cursor() as cursor:
        cursor.execute("SELECT max(last_heartbeat) FROM procrastinate_workers")
        (last,) = cursor.fetchone()
    return "up" if last is not None and now - last < SILENT else "silent"
