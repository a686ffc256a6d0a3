"""Found by procrastinate."""

from uuid import UUID

from django.utils import timezone
from procrastinate.contrib.django import app

from legedialog.core import broken
from legedialog.core.lanes import EXPORTS, KEEPING, NOW
from legedialog.dialogues import services as dialogues
from legedialog.journeys import birthdays, deaths, handing_over, own_data, staffing


@app.task(name=own_data.MAKE, queue=EXPORTS)
def make(export_id: str) -> None:
    own_data.make(UUID(export_id), timezone.now())


@app.task(name=handing_over.GO_ON, queue=NOW)
def hand_over(handover_id: str) -> None:
    handing_over.go_on(timezone.now())


@app.periodic(cron="* * * * *")
@app.task(name="journeys.handovers", queue=KEEPING, queueing_lock="journeys.handovers")
def hand_over_what_is_left(timestamp: int = 0) -> None:
    """Go on with what somebody has begun, also what a restart broke off."""
    handing_over.go_on(timezone.now())


@app.periodic(cron="20 6 * * *")
@app.task(name="journeys.birthdays", queue=KEEPING)
def warn_of_birthdays(timestamp: int = 0) -> None:
    """Every morning: see birthdays.warn."""
    birthdays.warn(timezone.now())


@app.periodic(cron="*/10 * * * *")
@app.task(name="journeys.deaths", queue=KEEPING)
def follow_deaths(timestamp: int = 0) -> None:
    """Every ten minutes: see deaths.follow."""
    deaths.follow(timezone.now())


@app.periodic(cron="12 * * * *")
@app.task(name="journeys.dialogues", queue=KEEPING)
@broken.reading()
def watch_dialogues(timestamp: int = 0) -> None:
    """Every hour: absences that begin or end, and employees who have left, move what waits; what nears its date is
    shown to more."""
    staffing.follow(now=timezone.now())
    dialogues.follow_absences(now=timezone.now())
    dialogues.escalate(timezone.now())
