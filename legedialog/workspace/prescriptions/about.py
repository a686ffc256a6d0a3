"""What this place says about itself to the rest. See core/contexts.py."""

from django.utils.translation import gettext_lazy as _

from legedialog.core.contexts import About, Place

ABOUT = About(
    office_menu=Place(
        30,
        "workspace:prescriptions",
        _("Resepter"),
        "prescription",
        page="prescriptions",
        pages=(
            "workspace:prescriptions",
            "workspace:prescription-order",
            "workspace:prescriptions-summary",
            "workspace:medicine-list",
        ),
    ),
)
