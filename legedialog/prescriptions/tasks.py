"""Found by procrastinate."""

from django.db import close_old_connections
from django.utils import timezone
from procrastinate.contrib.django import app

from legedialog.prescriptions import duties


@app.periodic(cron="40 6 * * *")
@app.task(name="prescriptions.duties")
def every_morning(timestamp: int = 0) -> None:
    """Before the office opens: what lapses, what is about to, and who only looked. See duties.py."""
    try:
        now = timezone.now()
        duties.lapse(now)
        duties.warn(now)
        duties.nudge(now)
    finally:
        close_old_connections()
