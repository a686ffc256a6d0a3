"""Jobs that a killed worker has left, and how many wait: plain queries, for the worker and for those who watch.

Every job may run twice: it looks at what there is to do, and does nothing when it is done (a test runs each twice).
"""

from dataclasses import dataclass

import structlog
from django.db import IntegrityError, connection, transaction

SILENT = 60  # seconds without a word after which a worker is gone; it says one every ten
TRIES = 3  # a job that ends its worker again and again is given up

STALLED = """
SELECT job.id, job.task_name, job.attempts FROM procrastinate_jobs job
LEFT JOIN procrastinate_workers worker ON worker.id = job.worker_id
WHERE job.status = 'doing'
  AND (worker.id IS NULL OR worker.last_heartbeat < now() - make_interval(secs => %(silent)s))
ORDER BY job.id
"""
log = structlog.get_logger("legedialog.jobs")


@dataclass(frozen=True, slots=True)
class Stalled:
    id: int
    task: str
    attempts: int


def stalled() -> list[Stalled]:
    """Begun by workers that are gone. One query."""
    with connection.cursor() as cursor:
        cursor.execute(STALLED, {"silent": SILENT})
        return [Stalled(*row) for row in cursor.fetchall()]


def return_stalled() -> int:
    """They begin again; those that ended a worker several times are given up, as is one whose like waits already."""
    returned = 0
    for job in stalled():
        if job.attempts + 1 >= TRIES:
            _finish(job, "failed")
            continue
        try:
            with transaction.atomic(), connection.cursor() as cursor:
                cursor.execute("SELECT procrastinate_retry_job_v1(%s, now(), NULL, NULL, NULL)", [job.id])
            returned += 1
        except IntegrityError:  # its queueing lock
            _finish(job, "aborted")
            continue
        log.warning("stalled job begins again", task=job.task)
    return returned


def _finish(job: Stalled, status: str) -> None:
    log.error("stalled job ended", task=job.task, status=status)
    with connection.cursor() as cursor:
        cursor.execute("SELECT procrastinate_finish_job_v1(%s, %s::procrastinate_job_status, false)", [job.id, status])
