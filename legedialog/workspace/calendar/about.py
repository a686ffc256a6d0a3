"""What this place says about itself to the rest. See core/contexts.py."""

from django.utils.translation import gettext_lazy as _

from legedialog.core.contexts import DOCTORS, About, Place

ABOUT = About(
    finer={
        "POST workspace:blocked": ("secretary", "substitute", *DOCTORS),
    },
    office_menu=Place(
        20,
        "workspace:calendar",
        _("Kalender"),
        "calendar",
        page="calendar",
        pages=("workspace:calendar", "workspace:visit", "workspace:change", "workspace:book"),
    ),
)
