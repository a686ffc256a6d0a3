"""Jobs that ask another machine. Procrastinate finds them here."""

from django.utils import timezone
from procrastinate.contrib.django import app

from legedialog.core.lanes import NETWORK
from legedialog.integrations.registers import refreshing

REFRESH = "registers.refresh"


@app.periodic(cron="*/10 * * * *")
@app.task(name=REFRESH, lock=REFRESH, queueing_lock=REFRESH, queue=NETWORK)
def refresh_facts(timestamp: int = 0) -> None:
    """Every ten minutes: who lives, who acts for whom, who is reserved, and whose list; the longest unasked first."""
    refreshing.gently(timezone.now())
