"""Found by procrastinate."""

from django.utils import timezone
from procrastinate.contrib.django import app

from legedialog.audit import partitions, sealing
from legedialog.core.lanes import KEEPING


@app.periodic(cron="* * * * *")
@app.task(name="audit.seal", queueing_lock="audit.seal", queue=KEEPING)
def seal(timestamp: int = 0) -> None:
    """Every minute: seal the rows that are complete."""
    sealing.seal_all(timezone.now())


@app.periodic(cron="23 3 * * *")
@app.task(name="audit.partitions", queueing_lock="audit.partitions", queue=KEEPING)
def make_partitions(timestamp: int = 0) -> None:
    """Every night: see partitions.make."""
    partitions.make()
