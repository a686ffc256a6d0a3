"""Found by procrastinate."""

from django.db import close_old_connections
from django.utils import timezone
from procrastinate.contrib.django import app

from legedialog.access import services


@app.periodic(cron="7 * * * *")
@app.task(name="access.tidy")
def tidy(timestamp: int = 0) -> None:
    """Every hour: see services.tidy."""
    try:
        services.tidy(timezone.now())
    finally:
        close_old_connections()
