"""What is said in a room, and what is refused."""

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest

from legedialog.access.actor import Actor
from legedialog.audit.models import Event
from legedialog.core.errors import LegedialogError
from legedialog.video import queries, services
from legedialog.video.models import Seat
from legedialog.video.policy import Visitor
from legedialog.video.tests.factories import DURING, Video

MOMENT = timedelta(seconds=1)


def refused(work: Callable[[], object]) -> str:
    with pytest.raises(LegedialogError) as error:
        work()
    return error.value.code


def actions(visit: Video) -> list[str]:
    rows = Event.objects.filter(patient_id=visit.patient.pk, action__startswith="video.").order_by("at", "id")
    return list(rows.values_list("action", flat=True))


def send(visit: Video, sender: Seat, to: Seat, actor: Actor | None = None, now: datetime = DURING) -> None:
    services.signal(
        visitor=Visitor(actor or visit.citizen),
        seat_id=sender.pk,
        tab=sender.tab,
        to=to.pk,
        data={"candidate": "a"},
        now=now,
    )


def seats_of(seat: Seat) -> dict[str, dict[str, object]]:
    fresh = Seat.objects.select_related("room__appointment").get(pk=seat.pk)
    return {each["role"]: each for each in queries.state_of(fresh, DURING)["seats"]}
