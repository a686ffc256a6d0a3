"""Found by procrastinate."""

from uuid import UUID

from django.db import close_old_connections
from django.utils import timezone
from procrastinate.contrib.django import app

from legedialog.dialogues import services as dialogues
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


@app.periodic(cron="12 * * * *")
@app.task(name="journeys.dialogues")
def watch_dialogues(timestamp: int = 0) -> None:
    """Every hour: absences that begin or end move what waits, and what nears its date is shown to more."""
    try:
        dialogues.follow_absences(now=timezone.now())
        dialogues.escalate(timezone.now())
    finally:
        close_old_connections()
