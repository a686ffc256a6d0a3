"""Free times to choose among, for a wish and for an answer: of the patient's doctor until another is chosen."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from uuid import UUID

from django.utils import timezone

from legedialog.access.actor import Actor
from legedialog.appointments import free, office
from legedialog.appointments.free import FreeDay, Wanted
from legedialog.core.times import local_day
from legedialog.workspace.common import read_day, visit_type_choices
from legedialog.workspace.forms import FreeTimesForm

SHOWN_DAYS = 7
FIELDS = ("calendar", "visit_type", "channel", "day")


@dataclass(frozen=True, slots=True)
class Free:
    """`prefix` and a start make the value that a time's button or box sends; forms.AssignForm reads it."""

    search: FreeTimesForm
    days: list[FreeDay]
    prefix: str
    last_day: date | None


def find(
    actor: Actor, chosen: Mapping[str, str], clinician_id: UUID, channels: list[str], *, for_citizen: bool = False
) -> Free:
    """`chosen` is what was sent of FIELDS; the rest is filled in. `for_citizen`: only what she can book herself."""
    now = timezone.now()
    today = local_day(now)
    calendars = office.calendars(actor)
    visit_types = visit_type_choices(actor, for_citizen=for_citizen)
    own = next((each for each in calendars if each.clinician_id == clinician_id), None)
    data = {
        "calendar": str(own.pk) if own else str(calendars[0].pk) if calendars else "",
        "visit_type": visit_types[0][0] if visit_types else "",
        "channel": channels[0] if channels else "attendance",
        "day": today.isoformat(),
        **{name: chosen[name] for name in FIELDS if name in chosen},
    }
    choices = {"calendar": [(str(each.pk), each.clinician.name) for each in calendars], "visit_type": visit_types}
    form = FreeTimesForm(data, choices=choices)
    if not form.is_valid():
        return Free(form, [], "", None)
    first = max(read_day(data["day"], today), today)
    calendar = next(each for each in calendars if str(each.pk) == data["calendar"])
    wanted = Wanted(
        calendar.practice_id,
        [calendar.clinician_id],
        office.visit_type(actor, UUID(data["visit_type"])),
        data["channel"],
        now,
        for_citizen=for_citizen,
    )
    days = free.days(wanted, first, first + timedelta(days=SHOWN_DAYS - 1))
    return Free(
        search=form,
        days=[day for day in days if day.times],
        prefix=f"{calendar.pk}|{data['visit_type']}|{data['channel']}|",
        last_day=first + timedelta(days=SHOWN_DAYS - 1),
    )
