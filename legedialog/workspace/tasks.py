"""Found by procrastinate."""

from django.utils import timezone
from procrastinate.contrib.django import app

from legedialog.core.lanes import KEEPING
from legedialog.workspace.reach import away


@app.periodic(cron="*/10 * * * *")
@app.task(name="workspace.away", queue=KEEPING, queueing_lock="workspace.away")
def tell_who_is_away(timestamp: int = 0) -> None:
    """Every ten minutes: employees who have asked to be told when work waits and they are away."""
    away.tell(timezone.now())
