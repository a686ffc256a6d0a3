"""Found by procrastinate."""

from django.utils import timezone
from procrastinate.contrib.django import app

from legedialog.core import broken
from legedialog.core.lanes import NOW
from legedialog.video import conduct


@app.periodic(cron="*/5 * * * *")
@app.task(name="video.close", queue=NOW)
@broken.reading()
def close(timestamp: int = 0) -> None:
    """Rooms that nobody ended, and those of appointments that were cancelled or completed elsewhere."""
    conduct.close_what_is_over(timezone.now())
