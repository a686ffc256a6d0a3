"""What this place says about itself to the rest. See core/contexts."""

from django.utils.translation import gettext_lazy as _

from legedialog.appointments import requested
from legedialog.core.contexts import DOCTORS, About, Place
from legedialog.workspace import policy

ABOUT = About(
    statements={
        "workspace:change": 9,
    },
    finer={
        "POST workspace:delays": ("secretary", "substitute", *DOCTORS),
        "POST workspace:blocked": ("secretary", "substitute", *DOCTORS),
    },
    office_menu=Place(
        20,
        "workspace:calendar",
        _("Kalender"),
        "calendar",
        page="calendar",
        pages=(
            *("workspace:calendar", "workspace:visit", "workspace:change", "workspace:book"),
            *("workspace:absences", "workspace:absence", "workspace:leaver", "workspace:waitlist", "workspace:delays"),
            "workspace:day-note",
        ),
        counts=lambda actor, now: requested.how_many(actor, now) if policy.may(actor, "requests") else None,
    ),
)
