"""What this place says about itself to the rest. See core/contexts.py."""

from legedialog.core.contexts import About, RowOf

ABOUT = About(
    silent={
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
)
