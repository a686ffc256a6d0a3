"""Found by procrastinate."""

from uuid import UUID

from django.db import close_old_connections
from django.utils import timezone
from procrastinate.contrib.django import app

from legedialog.journeys import own_data


@app.task(name=own_data.MAKE)
def make(export_id: str) -> None:
    try:
        own_data.make(UUID(export_id), timezone.now())
    finally:
        close_old_connections()
