"""Found by procrastinate."""

from django.db import close_old_connections
from django.utils import timezone
from procrastinate.contrib.django import app

from legedialog.journeys import birthdays


@app.periodic(cron="20 6 * * *")
@app.task(name="journeys.birthdays")
def warn_of_birthdays(timestamp: int = 0) -> None:
    """Every morning: see birthdays.warn."""
    try:
        birthdays.warn(timezone.now())
    finally:
        close_old_connections()
