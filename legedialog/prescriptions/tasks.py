"""Found by procrastinate."""

from django.utils import timezone
from procrastinate.contrib.django import app

from legedialog.core import broken
from legedialog.core.lanes import KEEPING
from legedialog.prescriptions import duties


@app.periodic(cron="40 6 * * *")
@app.task(name="prescriptions.duties", queue=KEEPING)
@broken.reading()
def every_morning(timestamp: int = 0) -> None:
    """Before the office opens: what lapses, what is about to, and who only looked. See duties.py."""
    now = timezone.now()
    duties.lapse(now)
    duties.warn(now)
    duties.nudge(now)


@app.periodic(cron="*/5 * * * *")
@app.task(name="prescriptions.charge", queue=KEEPING)
@broken.reading()
def charge(timestamp: int = 0) -> None:
    """What a renewal costs is proposed to the office."""
    duties.charge(timezone.now())
