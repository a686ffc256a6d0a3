"""Found by procrastinate."""

from django.db import close_old_connections
from django.utils import timezone
from procrastinate.contrib.django import app

from legedialog.video import conduct


@app.periodic(cron="*/5 * * * *")
@app.task(name="video.close")
def close(timestamp: int = 0) -> None:
    """Rooms that nobody ended, and those of appointments that were cancelled or completed elsewhere."""
    try:
        conduct.close_what_is_over(timezone.now())
    finally:
        close_old_connections()
