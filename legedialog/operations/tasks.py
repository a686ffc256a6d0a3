"""Data that nobody needs any more goes away by itself. What and when: docs/data-register.md. Found by procrastinate."""

from collections.abc import Callable
from datetime import datetime

import structlog
from django.utils import timezone
from procrastinate import JobContext
from procrastinate.contrib.django import app

from legedialog.core import contexts
from legedialog.core.lanes import KEEPING, NOW
from legedialog.operations import jobs

JOBS_KEPT = 72  # hours after a job was done

log = structlog.get_logger("legedialog.retention")


@app.periodic(cron="7 * * * *")
@app.task(name="retention", queue=KEEPING)
def forget(timestamp: int = 0) -> None:
    """Every hour."""
    forget_what_is_over(timezone.now())


def tidiers() -> list[Callable[[datetime], None]]:
    """What removes the rows of some table, each once."""
    return list(dict.fromkeys(table.kept.removed_by for table in contexts.tables().values() if table.kept.removed_by))


def forget_what_is_over(now: datetime) -> None:
    """A fault in one context does not keep the others' data."""
    for tidy in tidiers():
        try:
            tidy(now)
        except Exception:
            log.exception("data not removed", context=tidy.__module__)


@app.periodic(cron="37 * * * *")
@app.task(name="retention.jobs", pass_context=True, queue=KEEPING)
async def forget_jobs(context: JobContext, timestamp: int = 0) -> None:
    """Every hour: jobs hold ids and codes, never content."""
    await context.app.job_manager.delete_old_jobs(nb_hours=JOBS_KEPT, include_failed=True, include_cancelled=True)


@app.periodic(cron="* * * * *")
@app.task(name="jobs.return", queueing_lock="jobs.return", queue=NOW)
def return_stalled(timestamp: int = 0) -> None:
    """Every minute: what a killed worker had begun."""
    jobs.return_stalled()
