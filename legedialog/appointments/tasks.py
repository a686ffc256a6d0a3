"""Found by procrastinate."""

from django.utils import timezone
from procrastinate.contrib.django import app

from legedialog.appointments import services
from legedialog.core.lanes import NOW


@app.periodic(cron="* * * * *")
@app.task(name="appointments.offers", queue=NOW, queueing_lock="appointments.offers")
def offer(timestamp: int = 0) -> None:
    """Every minute: see services.offer_freed."""
    services.offer_freed(timezone.now())
