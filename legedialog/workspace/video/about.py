"""What this place says about itself to the rest. See core/contexts."""

from django.utils.translation import gettext_lazy as _

from legedialog.core.contexts import About, Place, RowOf
from legedialog.core.sql import heap
from legedialog.core.times import local_day
from legedialog.video import office

ABOUT = About(
    statements={
        "workspace:video-room": 11,
    },
    silent={
        "workspace:video-room": "the door says whose visit it is, as the list does; going in is logged",
        "workspace:video-postpone": "an empty form with the time that the calendar shows",
    },
    parameters={
        "workspace:video appointment_id": RowOf(
            "appointments.Appointment",
            patient="patient",
            practice="practice",
            states=(("channel", "video"), ("status__in", ("booked", "arrived")), ("room__guests__isnull", False)),
            is_hers=True,
        ),
    },
    office_menu=Place(
        40,
        "workspace:video",
        _("Videotimer"),
        "video",
        page="video",
        pages=("workspace:video", "workspace:video-room", "workspace:video-postpone"),
        counts=lambda actor, now: heap(office.at_the_door(actor, now), local_day(now)),
    ),
)
