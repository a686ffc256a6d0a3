"""Found by procrastinate."""

from django.db import close_old_connections
from django.utils import timezone
from procrastinate.contrib.django import app

from legedialog.audit import partitions, sealing


@app.periodic(cron="* * * * *")
@app.task(name="audit.seal", queueing_lock="audit.seal")
def seal(timestamp: int = 0) -> None:
    """Every minute: seal the rows that are complete."""
    try:
        sealing.seal_all(timezone.now())
    finally:
        close_old_connections()


@app.periodic(cron="23 3 * * *")
@app.task(name="audit.partitions", queueing_lock="audit.partitions")
def make_partitions(timestamp: int = 0) -> None:
    """Every night: see partitions.make."""
    try:
        partitions.make()
    finally:
        close_old_connections()
