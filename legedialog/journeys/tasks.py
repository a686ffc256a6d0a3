"""Found by procrastinate."""

from uuid import UUID

from django.db import close_old_connections
from django.utils import timezone
from procrastinate.contrib.django import app

from legedialog.journeys import birthdays, own_data


@app.task(name=own_data.MAKE)
def make(export_id: str) -> None:
    try:
        own_data.make(UUID(export_id), timezone.now())
    finally:
        close_old_connections()


@app.periodic(cron="20 6 * * *")
@app.task(name="journeys.birthdays")
def warn_of_birthdays(timestamp: int = 0) -> None:
    """Every morning: see birthdays.warn."""
    try:
        birthdays.warn(timezone.now())
    finally:
        close_old_connections()
