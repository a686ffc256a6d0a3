"""Found by procrastinate."""

from django.utils import timezone
from procrastinate.contrib.django import app

from legedialog.core.lanes import KEEPING
from legedialog.fees import billing


@app.periodic(cron="* * * * *")
@app.task(name="fees.invoices", queue=KEEPING, queueing_lock="fees.invoices")
def invoices(timestamp: int = 0) -> None:
    """Go on with runs that somebody has started, also those that a restart broke off."""
    billing.go_on(timezone.now())
